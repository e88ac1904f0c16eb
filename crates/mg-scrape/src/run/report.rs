//! What is told of a run.

use std::collections::BTreeMap;

use mg_core::{Language, ToolError, envelope};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{
    ledger::{Counted, Ledger, Run, State},
    load::Counts,
};

/// A run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The run
    pub run_id: String,
    /// Its process
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The spider
    pub spider: String,
    /// running, succeeded, failed, cancelled, interrupted (the same launch goes on with it) or stalled (silent for a minute)
    pub state: State,
    /// When it was launched
    pub started: String,
    /// When it ended
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The table that its rows enter; several with commas
    pub table: String,
    /// Pages, files and answers of APIs that were read
    pub pages: u64,
    /// Those that were given up
    pub failed_pages: u64,
    /// Those that were the same in the last run
    pub unchanged_pages: u64,
    /// Those that are known and wait
    pub waiting: u64,
    /// Bytes received, decompressed
    pub bytes: u64,
    /// Rows read
    pub items: u64,
    /// What became of the rows in the table, once they are in it
    pub rows: Counts,
    /// Whether all that belongs to the spider was read
    pub complete: bool,
    /// The limit that ended the crawl, or kept pages out
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Why it failed
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What went wrong, by kind
    pub errors: Vec<Trouble>,
    /// Some rows, as they were read: data from outside
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sample: Vec<BTreeMap<String, Value>>,
    /// What changed in the table
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_report: Option<BTreeMap<String, Value>>,
    /// What happened, newest last
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// Caveats
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A kind of trouble.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Trouble {
    /// Its kind
    pub kind: String,
    /// How often
    pub count: u64,
    /// The first case
    #[serde(skip_serializing_if = "String::is_empty")]
    pub example: String,
}

/// Events that are told.
const EVENTS: usize = 10;

impl Report {
    /// Of a run that was looked at. `shows_rows`: whether the caller may see rows of the spider.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn of(ledger: &mut Ledger, run: Run, shows_rows: bool) -> Result<Self, ToolError> {
        let errors = ledger.failures(run.id).await?;
        let events = ledger.events(run.id).await?;
        let events = events.into_iter().map(|(at, text)| format!("{at} {text}"));
        let mut events: Vec<String> = events.collect();
        events.drain(..events.len().saturating_sub(EVENTS));
        let mut report = Self::brief(run, shows_rows);
        let example = |counted: Counted| Trouble {
            example: if shows_rows {
                counted.example
            } else {
                String::new()
            },
            kind: counted.kind,
            count: counted.count,
        };
        report.errors = errors.into_iter().map(example).collect();
        report.events = events;
        Ok(report)
    }

    /// Without errors and events, for lists.
    #[must_use]
    pub fn brief(run: Run, shows_rows: bool) -> Self {
        let [inserted, updated, unchanged] = run.rows.unwrap_or_default();
        let shown = |json: Option<&str>| json.filter(|_| shows_rows).map(str::to_owned);
        let sample = shown(run.sample.as_deref()).and_then(|json| serde_json::from_str(&json).ok());
        let change_report = shown(run.change_report.as_deref());
        let mut notes: Vec<String> = run
            .notes
            .as_deref()
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        if !shows_rows && run.sample.is_some() {
            notes.push("rows of this spider are for editors".into());
        }
        Self {
            pid: run.pid.filter(|_| run.state.is_live()),
            table: run.tables,
            pages: run.counters.pages,
            failed_pages: run.counters.failed_pages,
            unchanged_pages: run.counters.unchanged_pages,
            waiting: run.waiting,
            bytes: run.counters.bytes,
            items: run.counters.items,
            rows: Counts {
                inserted,
                updated,
                unchanged,
                rejected: run.counters.rejected,
            },
            complete: run.complete && run.state == State::Succeeded,
            stopped: run.stopped,
            message: run.message,
            errors: Vec::new(),
            sample: sample.unwrap_or_default(),
            change_report: change_report.and_then(|json| serde_json::from_str(&json).ok()),
            events: Vec::new(),
            notes,
            run_id: run.run_id,
            spider: run.spider,
            state: run.state,
            started: run.started,
            ended: run.ended,
        }
    }

    /// The run in a sentence or two.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let Self {
            run_id,
            spider,
            pages,
            items,
            waiting,
            failed_pages,
            ..
        } = self;
        let Counts {
            inserted,
            updated,
            unchanged,
            rejected,
        } = self.rows;
        let state = state_word(self.state, language);
        let (done, table) = (self.state == State::Succeeded, &self.table);
        match language {
            Language::French if done => format!(
                "{spider} {run_id}\u{a0}: {state}. {pages} pages lues ({failed_pages} en échec), {items} lignes\u{a0}; dans \
                 {table}\u{a0}: {inserted} ajoutées, {updated} modifiées, {unchanged} inchangées, {rejected} rejetées."
            ),
            Language::English if done => format!(
                "{spider} {run_id}: {state}. {pages} pages read ({failed_pages} failed), {items} rows; in {table}: {inserted} \
                 inserted, {updated} updated, {unchanged} unchanged, {rejected} rejected."
            ),
            Language::French => format!(
                "{spider} {run_id}\u{a0}: {state}. {pages} pages lues, {failed_pages} en échec, {waiting} en attente, {items} lignes, \
                 {rejected} rejetées."
            ),
            Language::English => format!(
                "{spider} {run_id}: {state}. {pages} pages read, {failed_pages} failed, {waiting} waiting, {items} rows, \
                 {rejected} rejected."
            ),
        }
    }

    /// The whole report, to be read.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let mut lines = vec![self.sentence(language)];
        lines.extend(self.message.clone());
        if self.state == State::Succeeded && !self.complete {
            lines.push(
                language
                    .pick(
                        "Incomplet : tout n'a pas pu être lu.",
                        "Not complete: not all of it could be read.",
                    )
                    .into(),
            );
        }
        if let Some(limit) = &self.stopped {
            lines.push(match language {
                Language::French => format!("Limite atteinte\u{a0}: {limit}."),
                Language::English => format!("Limit reached: {limit}."),
            });
        }
        let troubles = self.errors.iter().map(|trouble| {
            format!(
                "- {} × {}: {}",
                trouble.count, trouble.kind, trouble.example
            )
        });
        lines.extend(troubles);
        if let Some(report) = &self.change_report {
            lines.push(serde_json::to_string(report).unwrap_or_default());
        }
        if !self.sample.is_empty() {
            let rows = serde_json::to_string(&self.sample).unwrap_or_default();
            lines.push(envelope(&self.spider, &rows));
        }
        lines.extend(self.notes.iter().map(|note| format!("- {note}")));
        lines.join("\n")
    }
}

/// The word for a state.
pub(super) fn state_word(state: State, language: Language) -> &'static str {
    match (state, language) {
        (State::Running, Language::French) => "en cours",
        (State::Succeeded, Language::French) => "réussi",
        (State::Failed, Language::French) => "échoué",
        (State::Cancelled, Language::French) => "annulé",
        (State::Interrupted, Language::French) => "interrompu",
        (State::Stalled, Language::French) => "sans signe de vie",
        (state, Language::English) => state.name(),
    }
}
