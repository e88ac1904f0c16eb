//! `mg-scrape check`: whether spiders' files are right, and what one finds in a saved page.

use std::{path::Path, process::ExitCode};

use mg_core::{ConfigError, Environment, Flags, Settings, markdown_table};
use serde::Serialize;
use serde_json::json;
use url::Url;

use crate::{
    CheckArguments,
    definition::{Bound, Catalogue, LimitsGiven, RequestRole, Spider, read, schema},
    extract::{self, Document, Extracted},
    run::{print, say},
    sample::{self, MatchCount, RejectedRow, SampleRow},
};

/// What a spider finds in a saved page.
#[derive(Debug, Serialize)]
struct Found {
    spider: String,
    url: String,
    matches: Vec<MatchCount>,
    items: usize,
    rejected: usize,
    rejections: Vec<RejectedRow>,
    sample: Vec<SampleRow>,
    links: Vec<String>,
    wants_browser: bool,
}

/// Checks files of spiders; exit code 78 where one is wrong.
#[must_use]
pub fn check(flags: &Flags, arguments: &CheckArguments) -> ExitCode {
    match told(flags, arguments) {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(reason) => {
            say(&format!("mg-scrape: {reason}"));
            ExitCode::from(ConfigError::EXIT_CODE)
        }
    }
}

fn told(flags: &Flags, arguments: &CheckArguments) -> Result<String, String> {
    if arguments.schema {
        return schema()
            .map(|text| text.trim_end().to_owned())
            .map_err(|error| error.to_string());
    }
    let settings =
        Settings::load(flags, &Environment::of_process()).map_err(|error| error.to_string())?;
    let catalogue = Catalogue::load(settings.user_folder("spiders").as_deref())
        .map_err(|error| error.to_string())?;
    match (arguments.spiders.as_slice(), &arguments.fixture) {
        ([one], Some(fixture)) => {
            let found = found(&named(&catalogue, one)?, fixture, arguments.url.as_ref())?;
            written(&found, arguments.json)
        }
        (_, Some(_)) => Err(
            "--fixture is read by one spider: `mg-scrape check NAME --fixture page.html --url URL`"
                .into(),
        ),
        ([], None) => all(&catalogue, arguments.json),
        (names, None) => {
            let spiders = names
                .iter()
                .map(|name| named(&catalogue, name))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(listed(spiders.iter(), arguments.json))
        }
    }
}

/// The spider of a name or of a file.
fn named(catalogue: &Catalogue, name: &str) -> Result<Spider, String> {
    let is_file = Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "toml")
        || name.contains('/');
    if is_file {
        return read(Path::new(name)).map_err(|problem| problem.to_string());
    }
    catalogue
        .find(name)
        .cloned()
        .map_err(|error| error.to_string())
}

fn all(catalogue: &Catalogue, json: bool) -> Result<String, String> {
    match catalogue.problems() {
        [] => Ok(listed(catalogue.all(), json)),
        problems => Err(problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")),
    }
}

fn listed<'a>(spiders: impl Iterator<Item = &'a Spider>, json: bool) -> String {
    let tables = |spider: &Spider| {
        spider
            .targets()
            .iter()
            .map(|target| target.table.clone())
            .collect::<Vec<_>>()
    };
    if json {
        let told: Vec<_> = spiders.map(|spider| json!({"name": spider.name(), "tables": tables(spider), "digest": spider.digest()})).collect();
        return json!({"spiders": told}).to_string();
    }
    let told: Vec<_> = spiders
        .map(|spider| {
            format!(
                "{}: good, fills {}",
                spider.name(),
                tables(spider).join(", ")
            )
        })
        .collect();
    told.join("\n")
}

fn found(spider: &Spider, fixture: &Path, url: Option<&Url>) -> Result<Found, String> {
    let body = std::fs::read(fixture)
        .map_err(|error| format!("{} cannot be read: {error}", fixture.display()))?;
    let params = std::collections::BTreeMap::new();
    let bound = spider
        .bind(url.map(Url::as_str), &params, &LimitsGiven::default())
        .map_err(|error| error.to_string())?;
    let request = bound
        .start
        .first()
        .ok_or("this spider starts from nothing; give --url")?;
    let url = Url::parse(&request.url).map_err(|error| error.to_string())?;
    let document = Document {
        url: &url,
        content_type: "",
        body: &body,
    };
    let extracted = extracted(&bound, request.role, &document)?;
    Ok(Found {
        spider: spider.name().to_owned(),
        url: url.to_string(),
        matches: sample::matches(&extracted),
        items: extracted.items.len(),
        rejected: extracted.rejected.len(),
        rejections: sample::rejected(spider, &extracted),
        sample: sample::rows(spider, &extracted),
        links: extracted
            .links
            .iter()
            .map(|link| format!("{} {}", link.role, link.url))
            .collect(),
        wants_browser: extracted.wants_browser,
    })
}

fn extracted(
    bound: &Bound,
    role: RequestRole,
    document: &Document<'_>,
) -> Result<Extracted, String> {
    match role {
        RequestRole::Api { .. } => extract::api(bound, role, document),
        RequestRole::Page => Ok(extract::page(bound, document, &[])),
        other => Err(format!(
            "the first request is a {other}, and a fixture is a page or an answer of an API; give the --url of a page"
        )),
    }
}

fn written(found: &Found, json: bool) -> Result<String, String> {
    if json {
        return serde_json::to_string_pretty(found).map_err(|error| error.to_string());
    }
    let rows = found.matches.iter().map(|one| {
        [
            one.rule.clone(),
            one.selector.clone(),
            one.count.to_string(),
        ]
    });
    let mut lines = vec![
        format!(
            "{} on {}: {} rows, {} rejected, {} links",
            found.spider,
            found.url,
            found.items,
            found.rejected,
            found.links.len()
        ),
        markdown_table(&["rule", "selector", "found"], rows),
    ];
    let sample = found.sample.iter().map(serde_json::to_string);
    lines.extend(sample.map(Result::unwrap_or_default));
    lines.extend(found.rejections.iter().map(|one| {
        format!(
            "rejected: `{}` of {}: {} (`{}`)",
            one.field, one.table, one.reason, one.raw
        )
    }));
    lines.extend(found.links.iter().take(10).map(|link| format!("→ {link}")));
    if found.wants_browser {
        lines.push("engine `auto` would ask a browser for this page".into());
    }
    Ok(lines.join("\n"))
}
