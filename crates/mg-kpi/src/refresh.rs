//! `mg-kpi refresh`: computes indicators for every territory and stores them, release by release.

mod batch;
mod compute;
pub(crate) mod progress;
mod summary;

use std::{io::Write, process::ExitCode, sync::Arc};

use mg_core::{
    Clock, ConfigError, Environment, Flags, Settings, ToolError, kpi::Definition, serve::Server,
};

use crate::{KpiServer, config::RefreshArguments};
pub(crate) use compute::refreshed;
use summary::Summary;

/// EX_UNAVAILABLE of sysexits: the database is not there.
const UNAVAILABLE: u8 = 69;

/// Runs the sub-command to its end: exit code 0 when every indicator was stored, 1 when some were not, 69 when none
/// could be, 78 for a configuration or a name that cannot be served.
#[must_use]
pub fn run(flags: &Flags, arguments: &RefreshArguments) -> ExitCode {
    match prepared(flags, arguments) {
        Ok((server, names)) => finish(&server, arguments, names),
        Err(sentence) => {
            say(&format!("mg-kpi: {sentence}"));
            ExitCode::from(ConfigError::EXIT_CODE)
        }
    }
}

fn prepared(
    flags: &Flags,
    arguments: &RefreshArguments,
) -> Result<(Arc<KpiServer>, Vec<String>), String> {
    let settings =
        Settings::load(flags, &Environment::of_process()).map_err(|error| error.to_string())?;
    let server = KpiServer::new(Arc::new(settings)).map_err(|error| error.to_string())?;
    let chosen = match &arguments.spider {
        Some(spider) => fed_by(&server, spider),
        None if !arguments.all && arguments.names.is_empty() => {
            return Err("name the indicators to refresh, or say --all or --spider NAME".into());
        }
        None => chosen(&server, &arguments.names).map_err(|error| error.to_string())?,
    };
    let names = chosen.iter().map(|known| known.name.clone()).collect();
    Ok((Arc::new(server), names))
}

fn finish(server: &Arc<KpiServer>, arguments: &RefreshArguments, names: Vec<String>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("mg-kpi: cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let now = Clock::system().now_iso();
    let summary = runtime.block_on(batch::run(server, names, arguments.forecast, &now));
    runtime.shutdown_background();
    tell(&summary, arguments.json);
    match (summary.failed, summary.unavailable) {
        (0, _) => ExitCode::SUCCESS,
        (_, true) => ExitCode::from(UNAVAILABLE),
        _ => ExitCode::FAILURE,
    }
}

fn tell(summary: &Summary, json: bool) {
    for failure in summary.failures() {
        say(&failure);
    }
    let text = if json {
        serde_json::to_string_pretty(summary).unwrap_or_default()
    } else {
        summary.to_string()
    };
    // A closed pipe (`| head`) is the reader's choice.
    let _closed = writeln!(std::io::stdout(), "{text}");
}

fn say(sentence: &str) {
    let _closed = writeln!(std::io::stderr(), "{sentence}");
}

/// The indicators whose lineage names a spider of mg-scrape; none for a spider that feeds none.
fn fed_by<'a>(server: &'a KpiServer, spider: &str) -> Vec<&'a Definition> {
    let all = server.catalogue.all();
    all.filter(|definition| is_fed_by(definition, spider))
        .collect()
}

fn is_fed_by(definition: &Definition, spider: &str) -> bool {
    // `mg-scrape, spider sitadel, sitadel_csv`, `mg-scrape, spider lovac : what it fills`
    let named = |text: &String| {
        let told = text.split_once("spider ").map(|(_, rest)| rest);
        let names = told.map(|rest| rest.split(" :").next().unwrap_or(rest));
        names.is_some_and(|names| names.split(", ").any(|name| name == spider))
    };
    definition.lineage.iter().any(named)
}

/// The indicators of these names, each once and in order of name; all of them where none is named.
///
/// # Errors
///
/// [`ToolError::Unknown`] with the nearest names.
pub(crate) fn chosen<'a>(
    server: &'a KpiServer,
    names: &[String],
) -> Result<Vec<&'a Definition>, ToolError> {
    if names.is_empty() {
        return Ok(server.catalogue.all().collect());
    }
    let found = names.iter().map(|name| server.catalogue.find(name));
    let mut found: Vec<_> = found.collect::<Result<_, _>>()?;
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup_by(|one, other| one.name == other.name);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use crate::catalogue::Catalogue;

    #[test]
    fn a_spider_feeds_the_indicators_whose_lineage_names_it() {
        let catalogue = Catalogue::load(None).unwrap();
        let fed = |spider: &str| -> Vec<_> {
            let all = catalogue
                .all()
                .filter(|definition| super::is_fed_by(definition, spider));
            all.map(|definition| definition.name.as_str()).collect()
        };
        assert_eq!(fed("dvf"), ["nb_transactions", "prix_median_m2"]);
        assert!(fed("sitadel").contains(&"logements_autorises"));
        assert_eq!(fed("sitadel_csv"), fed("sitadel"));
        assert!(fed("insee_population").contains(&"construction_pour_1000_hab"));
        assert!(fed("sitade").is_empty() && fed("").is_empty());
    }

    #[test]
    fn what_is_to_be_run_is_a_spider_that_there_is_and_that_the_lineage_names() {
        for definition in Catalogue::load(None).unwrap().all() {
            let load = definition.load.clone().unwrap_or_default();
            let spider = load.strip_prefix("mg-scrape run ").unwrap_or_default();
            assert!(
                super::is_fed_by(definition, spider),
                "{}: {load}",
                definition.name
            );
            // Every file of that folder comes along with mg-scrape, as a test there sees to.
            let file = format!(
                "{}/../mg-scrape/spiders/{spider}.toml",
                env!("CARGO_MANIFEST_DIR")
            );
            assert!(
                std::path::Path::new(&file).is_file(),
                "{}: {load}, and no spider has that name",
                definition.name
            );
        }
    }
}
