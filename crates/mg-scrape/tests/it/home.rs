//! A user's home with spiders of their own, and what the binary does in it.

use std::path::Path;

use mg_testkit::{Exit, Process, Site};
use serde_json::Value;
use sqlx::{ConnectOptions, Row, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

/// A home folder: settings, spiders, data.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mg.toml"), "lang = \"en\"\n").unwrap();
        std::fs::create_dir(folder.path().join("spiders")).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A spider of the user's.
    pub(crate) fn spider(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(format!("spiders/{name}.toml")), text).unwrap();
    }

    /// A process in this home.
    pub(crate) fn process(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Process {
        let config = self.path().join("mg.toml");
        let mut all = vec![
            ("MG_CONFIG", config.to_str().unwrap()),
            ("PATH", "/usr/bin:/bin"),
        ];
        all.extend_from_slice(variables);
        Process::start("mg-scrape", arguments, &all, self.path())
    }

    /// A server for an editor, after the handshake.
    pub(crate) fn server(&self) -> Process {
        let mut server = self.process(&[], &[("MG_ROLE", "editor")]);
        server.initialize();
        server
    }

    /// Runs a command to its end; what it printed as JSON.
    pub(crate) fn command(&self, arguments: &[&str]) -> (Exit, Value) {
        self.command_with(arguments, &[])
    }

    /// The same with variables.
    pub(crate) fn command_with(
        &self,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> (Exit, Value) {
        let exit = self.process(arguments, variables).finish();
        let printed = serde_json::from_str(&exit.unread.join("\n")).unwrap_or(Value::Null);
        (exit, printed)
    }

    /// Runs a spider to its end; it must succeed.
    pub(crate) fn success(&self, spider: &str) -> Value {
        let (exit, report) = self.command(&["run", spider, "--json"]);
        assert_eq!(exit.code, Some(0), "{report:#} {}", exit.stderr);
        report
    }

    /// The most memory that the worker of a run held, in kilobytes, as it told at its end.
    pub(crate) fn peak_memory(report: &Value) -> u64 {
        let last = report["events"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .as_str()
            .unwrap();
        let told = last
            .split("peak memory ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        told.unwrap().parse().unwrap()
    }

    /// What a query of the embedded database answers, each row as one text.
    pub(crate) fn rows(&self, query: &'static str) -> Vec<String> {
        let path = self.path().join("mg.db");
        let asked = async move {
            let mut database = SqliteConnectOptions::new()
                .filename(path)
                .read_only(true)
                .connect()
                .await?;
            let rows = sqlx::query(query).fetch_all(&mut database).await?;
            rows.iter()
                .map(|row| row.try_get(0))
                .collect::<Result<Vec<String>, sqlx::Error>>()
        };
        runtime().block_on(asked).unwrap()
    }

    /// The rows of the fiches, in their order: what must be the same however a run came to its end.
    pub(crate) fn fiches(&self) -> Vec<String> {
        self.rows("SELECT id || ' ' || commune || ' ' || surface FROM web_fiche ORDER BY id")
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A spider that reads the fiches of a site; `more` are lines for its sections.
pub(crate) fn fiches(site: &Site, concurrency: usize, start: &str, limits: &str) -> String {
    let host = site.host();
    format!(
        r#"
name = "fiches"
title = "Fiches"
description = "Fiches d'un site local"
[start]
urls = ["http://{host}{start}"]
allow_hosts = ["{host}"]
allow_private = true
[follow]
allow = ['^/']
drop_query = ["utm_*"]
[limits]
{limits}
[politeness]
delay_ms = 0
concurrency = {concurrency}
autothrottle = false
retry = {{ times = 2, max_wait_s = 2 }}
[[page]]
match = '/[a-z0-9]+$'
[[page.item]]
table = "web_fiche"
rows = "dl.fiche"
key = ["id"]
[page.item.fields]
id = {{ url = '/([a-z0-9]+)$', required = true }}
commune = {{ css = "dd.commune" }}
surface = {{ css = "dd.surface", regex = '(\d+)', type = "int" }}
"#
    )
}

/// The limits of a run that may go everywhere.
pub(crate) const FAR: &str = "max_pages = 5000\nmax_depth = 100\nmax_seconds = 300";
