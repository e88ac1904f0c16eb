//! The audit trail: one JSON line a call, to stderr and, for a real database, to rotated files.

mod key;

use std::sync::{Arc, Mutex, OnceLock};

use aws_lc_rs::hmac;
use serde::Serialize;
use tracing_appender::rolling::{RollingFileAppender, Rotation};

use crate::{Caller, Clock, Settings};

/// What a call did, filled in by its tool on the way.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Record {
    /// The statement with its literals as `?`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<String>,
    /// The tables it named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tables: Vec<String>,
    /// Rows that were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<usize>,
}

/// One call as it is told to the trail.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) client: Option<String>,
    pub(crate) tool: &'a str,
    pub(crate) arguments: String,
    pub(crate) record: Record,
    pub(crate) milliseconds: f64,
    pub(crate) outcome: &'static str,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    server: &'a str,
    caller: &'a str,
    role: &'a str,
    client: Option<String>,
    tool: &'a str,
    /// HMAC-SHA-256 of the arguments with the key of the installation.
    arguments: &'a str,
    #[serde(flatten)]
    record: Record,
    ms: f64,
    outcome: &'a str,
}

/// Writes the lines; opened by the first call, so that a start has no side effects.
pub(crate) struct Audit {
    server: &'static str,
    clock: Clock,
    settings: Arc<Settings>,
    key: OnceLock<hmac::Key>,
    file: OnceLock<Option<Mutex<RollingFileAppender>>>,
    stderr: fn(&str),
}

impl Audit {
    pub(crate) fn new(
        server: &'static str,
        settings: Arc<Settings>,
        clock: Clock,
        stderr: fn(&str),
    ) -> Self {
        Self {
            server,
            clock,
            settings,
            key: OnceLock::new(),
            file: OnceLock::new(),
            stderr,
        }
    }

    /// The arguments as they stand in the trail: equal calls look equal, nothing can be read back.
    pub(crate) fn digest(&self, arguments: &str) -> String {
        let key = self
            .key
            .get_or_init(|| key::of_installation(self.settings.data_dir().ok()));
        let tag = hmac::sign(key, arguments.as_bytes());
        let (bytes, _) = tag.as_ref().split_first_chunk().unwrap_or((&[0; 16], &[]));
        format!("{:032x}", u128::from_be_bytes(*bytes))
    }

    pub(crate) fn write(&self, entry: Entry<'_>) {
        let line = Line {
            time: self.clock.now_iso(),
            server: self.server,
            caller: &entry.caller.name,
            role: entry.caller.role.name(),
            client: entry.client,
            tool: entry.tool,
            arguments: &entry.arguments,
            record: entry.record,
            ms: entry.milliseconds,
            outcome: entry.outcome,
        };
        let Ok(mut text) = serde_json::to_string(&line) else {
            return;
        };
        text.push('\n');
        (self.stderr)(&text);
        if let Some(file) = self.file.get_or_init(|| self.open().map(Mutex::new))
            && let Ok(mut file) = file.lock()
            && let Err(error) = std::io::Write::write_all(&mut *file, text.as_bytes())
        {
            tracing::error!(%error, "the audit file cannot be written; the line stands on stderr only");
        }
    }

    /// The rotated file, when the database is a real one.
    fn open(&self) -> Option<RollingFileAppender> {
        if self.settings.uses_embedded_database() {
            return None;
        }
        let section = &self.settings.file.audit;
        let path = match &section.file {
            Some(path) => path.clone(),
            None => self
                .settings
                .data_dir()
                .ok()?
                .join("audit")
                .join("audit.jsonl"),
        };
        let folder = path.parent()?;
        crate::make_private_folder(folder)
            .inspect_err(|error| tracing::error!(%error, "the audit folder cannot be made"))
            .ok()?;
        RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix(path.file_stem()?.to_string_lossy())
            .filename_suffix(path.extension().unwrap_or_default().to_string_lossy())
            .max_log_files(section.retention_days as usize)
            .build(folder)
            .inspect_err(|error| tracing::error!(%error, "the audit file cannot be opened"))
            .ok()
    }
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Audit")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, Flags, Role};

    fn audit(folder: &std::path::Path, database: Option<&str>) -> Audit {
        let flags = Flags {
            data_dir: Some(folder.to_owned()),
            database_url: database.map(Into::into),
            ..Flags::default()
        };
        let settings = Settings::load(&flags, &Environment::default()).unwrap();
        let clock = Clock::fixed("2026-11-22T10:00:00Z".parse().unwrap());
        Audit::new("mg-sql", Arc::new(settings), clock, |_| {})
    }

    fn write(audit: &Audit) {
        audit.write(Entry {
            caller: &Caller::local(Role::Viewer),
            client: Some("inspector".into()),
            tool: "run_sql",
            arguments: audit.digest("{\"query\":\"SELECT 'secret'\"}"),
            record: Record {
                statement: Some("SELECT ?".into()),
                tables: vec![],
                rows: Some(1),
            },
            milliseconds: 1.5,
            outcome: "ok",
        });
    }

    fn files(folder: &std::path::Path) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(folder.join("audit")) else {
            return vec![];
        };
        entries
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect()
    }

    #[test]
    fn a_call_on_a_real_database_leaves_one_json_line_without_its_arguments() {
        let folder = tempfile::tempdir().unwrap();
        let audit = audit(folder.path(), Some("sqlite:/srv/a.db"));
        write(&audit);
        write(&audit);
        let [text] = <[String; 1]>::try_from(files(folder.path())).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains("secret"));
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(
            (&line["tool"], &line["role"], &line["rows"]),
            (&"run_sql".into(), &"viewer".into(), &1.into())
        );
        assert_eq!(
            (&line["statement"], &line["outcome"]),
            (&"SELECT ?".into(), &"ok".into())
        );
        assert_eq!(line["time"], "2026-11-22T10:00:00Z");
    }

    #[test]
    fn the_embedded_database_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        write(&audit(folder.path(), None));
        assert_eq!(files(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn equal_arguments_have_equal_digests_in_one_installation_only() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let digest =
            |folder: &tempfile::TempDir, text: &str| audit(folder.path(), None).digest(text);
        assert_eq!(digest(&one, "a"), digest(&one, "a"));
        assert_ne!(digest(&one, "a"), digest(&one, "b"));
        assert_ne!(digest(&one, "a"), digest(&two, "a"));
        assert_eq!(digest(&one, "a").len(), 32);
    }
}
