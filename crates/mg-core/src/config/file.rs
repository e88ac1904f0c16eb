//! The whole schema of `mg.toml`, one file for all servers; unknown keys are refused.

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::{Environment, HttpSection};
use crate::{ConfigError, Language, Role};

/// `mg.toml`. Everything is optional.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    /// As `MG_ROLE`.
    pub role: Option<Role>,
    /// As `MG_LANG`.
    pub lang: Option<Language>,
    /// As `MG_LOG`.
    pub log: Option<String>,
    /// As `MG_DATA_DIR`; relative to the file's folder.
    pub data_dir: Option<PathBuf>,
    /// Accounts of the analytics database.
    pub database: DatabaseSection,
    /// Signed tokens.
    pub auth: AuthSection,
    /// Sizes and rates every server keeps.
    pub limits: LimitsSection,
    /// Settings of mg-sql.
    pub sql: SqlSection,
    /// Settings of mg-kpi.
    pub kpi: KpiSection,
    /// Settings of mg-scrape.
    pub scrape: ScrapeSection,
    /// Settings of mg-airflow.
    pub airflow: AirflowSection,
    /// The territory that is meant when none is named.
    pub territory: TerritorySection,
    /// The audit trail.
    pub audit: AuditSection,
    /// Serving over HTTP.
    pub http: HttpSection,
}

/// `[database]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSection {
    /// The account that reads; `MG_DATABASE_URL`.
    pub url: Option<SecretString>,
    /// The account that may write; `MG_DATABASE_WRITE_URL`.
    pub write_url: Option<SecretString>,
    /// The account that reads for editors, where it differs.
    pub editor_url: Option<SecretString>,
    /// Serve although the reading account may do more than read; every answer then says so.
    pub allow_privileged_account: bool,
}

/// `[auth]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthSection {
    /// Ed25519 public key: PEM text, or the path of a PEM file. Once set, every caller needs a token.
    pub public_key: Option<String>,
}

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSection {
    /// Characters of one answer, text and structured content together.
    pub answer_chars: usize,
    /// Calls that run at once.
    pub concurrent: usize,
    /// Calls that may wait for their turn.
    pub queued: usize,
    /// Calls a second, on average.
    pub per_second: u32,
    /// Calls that may come at once before the average counts.
    pub burst: u32,
}

impl Default for LimitsSection {
    fn default() -> Self {
        Self {
            answer_chars: 40_000,
            concurrent: 8,
            queued: 64,
            per_second: 100,
            burst: 500,
        }
    }
}

/// `[sql]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SqlSection {
    /// Cap of `max_rows`.
    pub max_rows: usize,
    /// Seconds one statement may run.
    pub statement_timeout_s: u64,
    /// Characters of one cell; longer ones are cut.
    pub cell_chars: usize,
    /// Megabytes of results a process may keep for paging.
    pub spool_mb: u64,
    /// Columns viewers may not read: `table.column`, `*` at the end of the column's name stands for any ending. `None`: the default list.
    pub hidden: Option<Vec<String>>,
}

impl Default for SqlSection {
    fn default() -> Self {
        Self {
            max_rows: 10_000,
            statement_timeout_s: 20,
            cell_chars: 4_000,
            spool_mb: 200,
            hidden: None,
        }
    }
}

/// `[kpi]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KpiSection {
    /// mg-kpi's own reading account, where the viewers' account lacks columns.
    pub database_url: Option<SecretString>,
    /// Averages, medians and ratios over fewer permits in one commune are withheld.
    pub min_cell: u32,
}

impl Default for KpiSection {
    fn default() -> Self {
        Self {
            database_url: None,
            min_cell: 3,
        }
    }
}

/// `[scrape]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScrapeSection {
    /// Hosts that may be read beside those of the loaded spiders; never opens private addresses.
    pub allow_hosts: Vec<String>,
    /// The browser's program for pages made by scripts; without it, what is installed.
    pub browser: Option<PathBuf>,
}

/// `[airflow]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AirflowSection {
    /// Base address; `MG_AIRFLOW_URL`.
    pub url: Option<String>,
    /// PEM file of a certificate authority of one's own; `MG_AIRFLOW_CA`.
    pub ca: Option<PathBuf>,
    /// Workflows that may be seen and run; `*` stands for any text.
    pub allow_dags: Vec<String>,
    /// The service account for viewers.
    pub viewer: Option<AirflowAccount>,
    /// The service account for editors.
    pub editor: Option<AirflowAccount>,
}

impl Default for AirflowSection {
    fn default() -> Self {
        Self {
            url: None,
            ca: None,
            allow_dags: vec!["*".into()],
            viewer: None,
            editor: None,
        }
    }
}

/// `[airflow.viewer]`, `[airflow.editor]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AirflowAccount {
    /// Login name.
    pub username: String,
    /// Password.
    pub password: SecretString,
}

/// `[territory]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TerritorySection {
    /// SIREN or INSEE code.
    pub default: String,
}

impl Default for TerritorySection {
    fn default() -> Self {
        Self {
            default: "247700594".into(),
        }
    }
}

/// `[audit]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSection {
    /// The trail's path, rotated as `name.DATE.extension`; default `audit/audit.jsonl` in the data folder.
    pub file: Option<PathBuf>,
    /// Days the files are kept.
    pub retention_days: u32,
}

impl Default for AuditSection {
    fn default() -> Self {
        Self {
            file: None,
            retention_days: 180,
        }
    }
}

impl ConfigFile {
    /// Reads the text of `mg.toml`; `${NAME}` takes a secret from the environment.
    ///
    /// # Errors
    ///
    /// One sentence with the line or the key and the reason; never a value that came from the environment.
    pub fn parse(text: &str, environment: &Environment) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(0, |span| text[..span.start].lines().count().max(1));
            ConfigError::new(format!("mg.toml line {line}: {}", error.message()))
        })?;
        let mut replaced = BTreeMap::new();
        for (_, value) in &mut table {
            substitute(value, environment, &mut replaced)?;
        }
        table.try_into().map_err(|error: toml::de::Error| {
            let mut sentence = without_value(error.to_string().trim_end()).replace('\n', " ");
            for (value, name) in replaced {
                sentence = sentence.replace(&value, &format!("${{{name}}}"));
            }
            ConfigError::new(format!("mg.toml: {sentence}"))
        })
    }
}

/// `invalid type: integer `7`, expected a string` without the value, which may be a secret.
fn without_value(sentence: &str) -> String {
    let Some((before, rest)) = sentence
        .split_once("invalid type: ")
        .or_else(|| sentence.split_once("invalid value: "))
    else {
        return sentence.to_owned();
    };
    match rest.split_once(", expected") {
        Some((found, expected)) => {
            let kind = found.split([' ', '`', '"']).next().unwrap_or_default();
            format!("{before}invalid type: {kind}, expected{expected}")
        }
        None => format!("{before}invalid type"),
    }
}

fn substitute(
    value: &mut toml::Value,
    environment: &Environment,
    replaced: &mut BTreeMap<String, String>,
) -> Result<(), ConfigError> {
    match value {
        toml::Value::String(text) => {
            let (mut done, mut rest) = (String::new(), text.as_str());
            while let Some((before, name, after)) = reference(rest) {
                let secret = environment.raw(name).ok_or_else(|| {
                    ConfigError::new(format!(
                        "mg.toml refers to ${{{name}}}, which is not set in the environment"
                    ))
                })?;
                replaced.insert(secret.to_owned(), name.to_owned());
                done += before;
                done += secret;
                rest = after;
            }
            *text = done + rest;
        }
        toml::Value::Array(items) => {
            for item in items {
                substitute(item, environment, replaced)?;
            }
        }
        toml::Value::Table(table) => {
            for (_, item) in table {
                substitute(item, environment, replaced)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn reference(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("${")?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn parse(text: &str) -> Result<ConfigFile, ConfigError> {
        ConfigFile::parse(
            text,
            &Environment::from([("DB_PASSWORD", "p${w"), ("ROWS", "many-secret")]),
        )
    }

    #[test]
    fn the_whole_schema_is_read() {
        let file = parse(include_str!("../../tests/full.toml")).unwrap();
        assert_eq!(
            file.database.url.unwrap().expose_secret(),
            "postgres://reader:p${w@db/mg"
        );
        assert_eq!((file.limits.answer_chars, file.limits.queued), (60_000, 64));
        assert_eq!(file.sql.hidden.unwrap(), ["fact_permis.adr_*"]);
        assert_eq!(file.airflow.editor.unwrap().username, "mg_editor");
        assert_eq!((file.kpi.min_cell, file.audit.retention_days), (5, 90));
        assert_eq!(file.territory.default, "77243");
        assert_eq!(file.http.tls.unwrap().editors, ["ana@example.fr"]);
        assert_eq!(file.http.oauth.unwrap().algorithms, ["ES256"]);
    }

    #[test]
    fn an_empty_file_has_the_defaults_of_the_design() {
        let file = parse("").unwrap();
        assert_eq!((file.limits.concurrent, file.limits.queued), (8, 64));
        assert_eq!((file.limits.per_second, file.limits.burst), (100, 500));
        assert_eq!(
            (
                file.sql.max_rows,
                file.sql.statement_timeout_s,
                file.sql.spool_mb
            ),
            (10_000, 20, 200)
        );
        assert_eq!(
            (file.kpi.min_cell, file.airflow.allow_dags),
            (3, vec!["*".to_owned()])
        );
        assert_eq!(file.territory.default, "247700594");
    }

    #[test]
    fn an_unknown_key_is_refused_by_its_name() {
        let refusal = parse("[sql]\nmax_row = 3").unwrap_err();
        assert!(
            refusal.0.contains("max_row") && refusal.0.contains("max_rows"),
            "{refusal}"
        );
    }

    #[test]
    fn a_syntax_error_names_its_line_and_shows_no_other() {
        let refusal =
            parse("[database]\nurl = \"postgres://a:secret@h/d\"\nwrite_url = ").unwrap_err();
        assert!(
            refusal.0.contains("line 3") && !refusal.0.contains("secret"),
            "{refusal}"
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_told_by_its_type_alone() {
        let files = [
            "[airflow.viewer]\nusername = \"a\"\npassword = 271828",
            "[database]\nurl = 271828",
            "[sql]\nmax_rows = \"271828, expected x\"",
        ];
        for file in files {
            let refusal = parse(file).unwrap_err();
            assert!(
                !refusal.0.contains("271828") && refusal.0.contains("expected"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn an_unset_reference_is_an_error_that_names_it() {
        let refusal = parse("[database]\nurl = \"postgres://a:${NOPE}@h/d\"").unwrap_err();
        assert!(refusal.0.contains("${NOPE}"), "{refusal}");
    }

    #[test]
    fn a_value_from_the_environment_is_never_shown_in_an_error() {
        let refusal = parse("[sql]\nmax_rows = \"${ROWS}\"").unwrap_err();
        assert!(
            !refusal.0.contains("many-secret") && refusal.0.contains("max_rows"),
            "{refusal}"
        );
        let refusal = parse("role = \"${ROWS}\"").unwrap_err();
        assert!(
            !refusal.0.contains("many-secret") && refusal.0.contains("${ROWS}"),
            "{refusal}"
        );
    }
}
