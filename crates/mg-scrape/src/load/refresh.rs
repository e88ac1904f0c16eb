//! The indicators that a load changes: their values are stored before it, with the old release, and after it, with the
//! new one. What differs is the revision report.
//!
//! The sibling program `mg-kpi refresh` does it, as an operator would: the formulas stay in one place, mg-scrape does
//! not carry them (nor their pictures), and a refresh that fails does not take the load with it.

use std::{path::PathBuf, process::Stdio};

use mg_core::{DatabaseTarget, Role, Settings};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

/// The published values of an indicator that a new release changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// The indicator
    pub indicator: String,
    /// Values of the new release that differ from those of the release before it
    pub revised: u64,
    /// Values of periods that no release had before
    pub added: u64,
}

/// How `mg-kpi` is started for the database that is loaded.
#[derive(Clone, Debug)]
pub(super) struct Indicators {
    program: Option<PathBuf>,
    environment: Vec<(&'static str, SecretString)>,
}

/// What `mg-kpi refresh --json` prints, as far as it is read here.
#[derive(Debug, Default, Deserialize)]
struct Told {
    indicators: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    name: String,
    values: Option<Values>,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Values {
    inserted: u64,
    updated: u64,
    revised: u64,
}

impl Indicators {
    /// `mg-kpi` beside this program, else on PATH; with the database, the folders and the file of these settings.
    pub(super) fn beside(settings: &Settings) -> Self {
        let mut environment = Vec::new();
        let database = &settings.file.database;
        if let Ok(DatabaseTarget::Url(url)) = settings.reading_database(Role::Viewer) {
            environment.push(("MG_DATABASE_URL", url));
        }
        if let Some(url) = &database.write_url {
            environment.push(("MG_DATABASE_WRITE_URL", url.clone()));
        }
        if let Ok(folder) = settings.data_dir() {
            environment.push(("MG_DATA_DIR", folder.display().to_string().into()));
        }
        if let Some(file) = &settings.config_file {
            environment.push(("MG_CONFIG", file.display().to_string().into()));
        }
        Self {
            program: program(),
            environment,
        }
    }

    /// Computes and stores the indicators that a spider's tables feed. Answers what was revised, and what could not be
    /// done as a sentence.
    pub(super) async fn refresh(&self, spider: &str) -> (Vec<Revision>, Option<String>) {
        let Some(program) = &self.program else {
            return (
                Vec::new(),
                Some(untold(spider, "mg-kpi is not beside mg-scrape")),
            );
        };
        let output = Command::new(program)
            .args(["refresh", "--spider", spider, "--json"])
            .envs(
                self.environment
                    .iter()
                    .map(|(name, value)| (name, value.expose_secret())),
            )
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await;
        match output {
            Ok(output) => told(spider, &output.stdout, &output.stderr),
            Err(error) => (Vec::new(), Some(untold(spider, &error.to_string()))),
        }
    }
}

fn program() -> Option<PathBuf> {
    let name = format!("mg-kpi{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().ok();
    let beside = own
        .as_deref()
        .and_then(std::path::Path::parent)
        .map(|folder| folder.join(&name));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(&name));
    beside
        .into_iter()
        .chain(on_path)
        .find(|file| file.is_file())
}

fn told(spider: &str, stdout: &[u8], stderr: &[u8]) -> (Vec<Revision>, Option<String>) {
    let Ok(told) = serde_json::from_slice::<Told>(stdout) else {
        let said = String::from_utf8_lossy(stderr);
        return (
            Vec::new(),
            Some(untold(spider, said.lines().next().unwrap_or("no answer"))),
        );
    };
    let failed = told.indicators.iter().find_map(|outcome| {
        let error = outcome.error.as_ref()?;
        Some(untold(spider, &format!("{}: {error}", outcome.name)))
    });
    let revisions = told.indicators.into_iter().filter_map(|outcome| {
        // Values that are stored already are revised no more by being computed again.
        let values = outcome
            .values
            .filter(|values| values.inserted + values.updated > 0)?;
        Some(Revision {
            indicator: outcome.name,
            revised: values.revised,
            added: values.inserted,
        })
    });
    let revisions = revisions.filter(|revision| revision.revised + revision.added > 0);
    (revisions.collect(), failed)
}

fn untold(spider: &str, why: &str) -> String {
    format!("the indicators were not stored ({why}): run `mg-kpi refresh --spider {spider}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mg_kpi_prints_becomes_revisions() {
        let printed = br#"{"indicators":[
            {"name":"a","values":{"inserted":3,"updated":0,"unchanged":9,"revised":2},"forecasts_made":0},
            {"name":"b","values":{"inserted":0,"updated":1,"unchanged":9,"revised":0}},
            {"name":"d","values":{"inserted":0,"updated":0,"unchanged":9,"revised":7}},
            {"name":"c","error":"no answer"}],"failed":1,"elapsed_ms":5}"#;
        let (revisions, note) = told("sitadel", printed, b"");
        assert_eq!(
            revisions,
            [Revision {
                indicator: "a".into(),
                revised: 2,
                added: 3
            }]
        );
        assert!(note.unwrap().contains("c: no answer"));
        let (nothing, note) = told("sitadel", b"", b"mg-kpi: no database\nx");
        assert!(nothing.is_empty() && note.unwrap().contains("no database"));
    }
}
