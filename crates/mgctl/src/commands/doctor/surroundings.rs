//! Settings and where they come from, the data folder, the caller.

use std::path::Path;

use mg_core::{Settings, make_private_folder, serve::Finding};

use crate::context::Context;

/// The variables that settings come from.
const VARIABLES: &[&str] = &[
    "MG_CONFIG",
    "MG_ROLE",
    "MG_TOKEN",
    "MG_DATABASE_URL",
    "MG_DATABASE_WRITE_URL",
    "MG_DATA_DIR",
    "MG_LANG",
    "MG_LOG",
    "MG_TRACE",
    "MG_AIRFLOW_URL",
    "MG_AIRFLOW_USERNAME",
    "MG_AIRFLOW_PASSWORD",
    "MG_AIRFLOW_CA",
];

/// Everything that needs no database.
pub(super) fn examine(settings: &Settings, context: &Context<'_>) -> Vec<Finding> {
    vec![
        sources(settings, context),
        caller(settings, context),
        data_folder(settings),
    ]
}

/// Flag > environment > file > default, told in this order.
fn sources(settings: &Settings, context: &Context<'_>) -> Finding {
    let flags = &context.flags;
    let given = [
        ("--config", flags.config.is_some()),
        ("--data-dir", flags.data_dir.is_some()),
        ("--database-url", flags.database_url.is_some()),
        ("--lang", flags.lang.is_some()),
    ];
    let flags = given
        .iter()
        .filter(|(_, given)| *given)
        .map(|(name, _)| *name);
    let variables = VARIABLES
        .iter()
        .copied()
        .filter(|name| context.environment.raw(name).is_some());
    let mut sources: Vec<String> = flags.chain(variables).map(str::to_owned).collect();
    sources.extend(
        settings
            .config_file
            .as_ref()
            .map(|path| path.display().to_string()),
    );
    let told = if sources.is_empty() {
        "no mg.toml, no variables: all defaults".to_owned()
    } else {
        sources.join(" > ")
    };
    Finding::Good(format!("settings: {told}"))
}

fn caller(settings: &Settings, context: &Context<'_>) -> Finding {
    match settings.authenticate(&context.clock) {
        Err(error) => Finding::Wrong(error.0),
        Ok(caller) => Finding::Good(match caller.expires {
            Some(end) => format!(
                "caller {} as {}, token valid until {end}",
                caller.name,
                caller.role.name()
            ),
            None => format!(
                "caller {} as {}, no token required",
                caller.name,
                caller.role.name()
            ),
        }),
    }
}

fn data_folder(settings: &Settings) -> Finding {
    let folder = match settings.data_dir() {
        Ok(folder) => folder,
        Err(error) => return Finding::Wrong(error.to_string()),
    };
    match try_to_write(folder) {
        Ok(()) => Finding::Good(format!("data folder {}", folder.display())),
        Err(error) => Finding::Wrong(format!(
            "data folder {} cannot be written ({error}): mend its rights, or set MG_DATA_DIR to another one",
            folder.display()
        )),
    }
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    make_private_folder(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

#[cfg(test)]
mod tests {
    use mg_core::{Clock, Environment, Flags};

    use super::*;
    use crate::terminal::Terminal;

    fn examined(variables: &[(&str, &str)], flags: Flags) -> Vec<Finding> {
        let environment = variables
            .iter()
            .fold(Environment::default(), |all, (name, value)| {
                all.with(name, value)
            });
        let mut out = Vec::new();
        let context = Context {
            terminal: Terminal::plain(&mut out, 80),
            flags,
            environment,
            clock: Clock::system(),
        };
        examine(&context.settings().unwrap(), &context)
    }

    #[test]
    fn settings_are_told_with_their_sources_and_never_their_values() {
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags {
            data_dir: Some(folder.path().into()),
            ..Flags::default()
        };
        let findings = examined(&[("MG_DATABASE_URL", "postgres://a:hunter2@h/d")], flags);
        assert_eq!(
            findings[0],
            Finding::Good("settings: --data-dir > MG_DATABASE_URL".into())
        );
        assert!(
            findings.iter().all(|finding| finding.exit_code() == 0),
            "{findings:?}"
        );
    }

    #[test]
    fn a_data_folder_that_is_a_file_is_wrong() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let findings = examined(
            &[("MG_DATA_DIR", file.path().to_str().unwrap())],
            Flags::default(),
        );
        assert!(
            findings[2].to_string().contains("set MG_DATA_DIR"),
            "{findings:?}"
        );
    }
}
