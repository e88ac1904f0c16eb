//! `mg-scrape list`, `status` and `cancel`.

use std::process::ExitCode;

use mg_core::{ConfigError, Environment, Flags, Settings, ToolError, markdown_table};

use super::{Report, cancel, look, looked_at, print, report::state_word, say};
use crate::{
    config::{ListArguments, OneRun},
    ledger::{Ledger, Run, RunFilter, State},
};

/// A runtime of one thread.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, ToolError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| ToolError::Internal(error.into()))
}

/// Lists runs, newest first.
#[must_use]
pub fn command_list(flags: &Flags, arguments: &ListArguments) -> ExitCode {
    told(flags, async |settings| {
        let state = arguments.state.as_deref().map(str::parse).transpose()?;
        let runs = runs(
            settings,
            arguments.spider.as_deref(),
            state,
            arguments.limit,
        )
        .await?;
        if arguments.json {
            let reports: Vec<_> = runs
                .0
                .into_iter()
                .map(|run| Report::brief(run, true))
                .collect();
            return Ok(serde_json::to_string_pretty(&reports).unwrap_or_default());
        }
        let rows = runs.0.into_iter().map(|run| {
            let pages = run.counters.pages.to_string();
            let state = state_word(run.state, settings.language).to_owned();
            [
                run.run_id,
                run.spider,
                state,
                run.started,
                pages,
                run.counters.items.to_string(),
            ]
        });
        Ok(markdown_table(
            &["run_id", "spider", "state", "started", "pages", "items"],
            rows,
        ))
    })
}

/// Tells how a run is.
#[must_use]
pub fn command_status(flags: &Flags, arguments: &OneRun) -> ExitCode {
    told(flags, async |settings| {
        let (mut ledger, run) = look(settings, &arguments.run_id).await?;
        let report = Report::of(&mut ledger, run, true).await?;
        Ok(shown(&report, settings, arguments.json))
    })
}

/// Stops a run.
#[must_use]
pub fn command_cancel(flags: &Flags, arguments: &OneRun) -> ExitCode {
    told(flags, async |settings| {
        let run = cancel(settings, &arguments.run_id).await?;
        Ok(shown(&Report::brief(run, true), settings, arguments.json))
    })
}

/// Runs as they really are, newest first, and how many there are in all.
///
/// # Errors
///
/// When the ledger cannot be used.
pub(crate) async fn runs(
    settings: &Settings,
    spider: Option<&str>,
    state: Option<State>,
    limit: usize,
) -> Result<(Vec<Run>, usize), ToolError> {
    let Some(mut ledger) = Ledger::existing(settings).await? else {
        return Ok((Vec::new(), 0));
    };
    settle_open(settings, &mut ledger).await?;
    let states: Vec<State> = state.into_iter().collect();
    let filter = RunFilter {
        spider,
        states: &states,
    };
    Ok(ledger.runs(filter, limit).await?)
}

/// Corrects the states of the runs that the ledger has as under way.
async fn settle_open(settings: &Settings, ledger: &mut Ledger) -> Result<(), ToolError> {
    let live = RunFilter {
        spider: None,
        states: &[State::Running, State::Stalled],
    };
    let (open, _) = ledger.runs(live, 1_000).await?;
    for run in open {
        looked_at(settings, ledger, run).await?;
    }
    Ok(())
}

fn shown(report: &Report, settings: &Settings, json: bool) -> String {
    if json {
        serde_json::to_string_pretty(report).unwrap_or_default()
    } else {
        report.text(settings.language)
    }
}

fn told(flags: &Flags, work: impl AsyncFnOnce(&Settings) -> Result<String, ToolError>) -> ExitCode {
    let settings = match Settings::load(flags, &Environment::of_process()) {
        Ok(settings) => settings,
        Err(error) => {
            say(&format!("mg-scrape: {error}"));
            return ExitCode::from(ConfigError::EXIT_CODE);
        }
    };
    let done = match runtime() {
        Ok(runtime) => runtime.block_on(work(&settings)),
        Err(error) => Err(error),
    };
    match done {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("mg-scrape: {error}"));
            ExitCode::FAILURE
        }
    }
}
