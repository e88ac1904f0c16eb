//! `mg-scrape run` and `resume`: a run in the foreground, with a bar on a terminal.

use std::{process::ExitCode, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use mg_core::{ConfigError, Environment, Flags, Language, Settings, ToolError};
use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use super::{Launch, Report, found, look, looked_at, print, say, spawn};
use crate::{
    config::{OneRun, RunArguments},
    definition::{Bound, Catalogue, LimitsGiven},
    ledger::{Ledger, Run, State},
};

const PAUSE: Duration = Duration::from_millis(100);
/// EX_TEMPFAIL of sysexits: the run was stopped and can go on.
const INTERRUPTED: u8 = 75;

/// Runs a spider to its end: exit code 0 when it succeeded, 1 when it failed or was cancelled, 75 when it was
/// interrupted, 78 for a configuration or arguments that cannot be served.
#[must_use]
pub fn run(flags: &Flags, arguments: &RunArguments) -> ExitCode {
    in_foreground(flags, async |settings| {
        let catalogue = Catalogue::load(settings.user_folder("spiders").as_deref())
            .map_err(|error| ToolError::Invalid(error.to_string()))?;
        let launch = Launch {
            spider: catalogue.find(&arguments.spider)?,
            url: arguments.url.as_deref(),
            params: &arguments.params(),
            limits: &limits(&arguments.limits)?,
            requested_by: "mg-scrape run",
        };
        let launched = launch.start(settings).await?;
        for note in &launched.notes {
            say(&format!("mg-scrape: {note}"));
        }
        followed(settings, &launched.run_id, arguments.json).await
    })
}

/// Goes on with a run that was interrupted or failed; exit codes as [`run`].
#[must_use]
pub fn resume(flags: &Flags, arguments: &OneRun) -> ExitCode {
    in_foreground(flags, async |settings| {
        let (mut ledger, run) = look(settings, &arguments.run_id).await?;
        match run.state {
            State::Interrupted | State::Failed => {}
            State::Running | State::Stalled => {
                return followed(settings, &run.run_id, arguments.json).await;
            }
            State::Succeeded | State::Cancelled => {
                return Err(ToolError::Invalid(format!(
                    "the run {} has {}; run the spider again instead",
                    run.run_id, run.state
                )));
            }
        }
        if ledger.next_waiting(run.id).await?.is_none() && run.state == State::Failed {
            ledger.restart(run.id).await?;
        }
        let bound = ledger.bound(run.id).await?;
        let bound: Bound =
            serde_json::from_str(&bound).map_err(|error| ToolError::Internal(error.into()))?;
        ledger
            .reopen(&run, Timestamp::now().as_millisecond())
            .await?;
        spawn::worker(settings, &bound.spider, &run.run_id)?;
        followed(settings, &run.run_id, arguments.json).await
    })
}

/// The limits of a command line.
fn limits(given: &[(String, String)]) -> Result<LimitsGiven, ToolError> {
    let mut limits = serde_json::Map::new();
    for (name, value) in given {
        let number: u64 = value.parse().map_err(|_| {
            ToolError::Invalid(format!("the limit {name} is `{value}`; write a number"))
        })?;
        limits.insert(name.clone(), number.into());
    }
    serde_json::from_value(limits.into()).map_err(|error| ToolError::Invalid(error.to_string()))
}

fn in_foreground(
    flags: &Flags,
    work: impl AsyncFnOnce(&Settings) -> Result<ExitCode, ToolError>,
) -> ExitCode {
    let settings = match Settings::load(flags, &Environment::of_process()) {
        Ok(settings) => settings,
        Err(error) => {
            say(&format!("mg-scrape: {error}"));
            return ExitCode::from(ConfigError::EXIT_CODE);
        }
    };
    let done = match super::list::runtime() {
        Ok(runtime) => runtime.block_on(work(&settings)),
        Err(error) => Err(error),
    };
    done.unwrap_or_else(|error| {
        say(&format!("mg-scrape: {error}"));
        match error {
            ToolError::Invalid(_) | ToolError::Unknown { .. } => {
                ExitCode::from(ConfigError::EXIT_CODE)
            }
            _ => ExitCode::FAILURE,
        }
    })
}

async fn followed(settings: &Settings, run_id: &str, json: bool) -> Result<ExitCode, ToolError> {
    let mut ledger = Ledger::open(settings).await?;
    let bar = bar();
    let heard = |kind| signal(kind).map_err(|error| ToolError::Internal(error.into()));
    let (mut interrupt, mut terminate) = (
        heard(SignalKind::interrupt())?,
        heard(SignalKind::terminate())?,
    );
    let run = loop {
        let run = found(&mut ledger, run_id).await?;
        let run = looked_at(settings, &mut ledger, run).await?;
        show(&bar, &run, settings.language);
        if !run.state.is_live() {
            break run;
        }
        tokio::select! {
            _ = interrupt.recv() => stop(&run),
            _ = terminate.recv() => stop(&run),
            () = tokio::time::sleep(PAUSE) => {}
        }
    };
    bar.finish_and_clear();
    let state = run.state;
    let report = Report::of(&mut ledger, run, true).await?;
    if json {
        print(&serde_json::to_string_pretty(&report).unwrap_or_default());
    } else {
        print(&report.text(settings.language));
    }
    if state == State::Interrupted {
        say(&format!(
            "mg-scrape: interrupted; `mg-scrape resume {run_id}` goes on with it"
        ));
    }
    Ok(match state {
        State::Succeeded => ExitCode::SUCCESS,
        State::Interrupted => ExitCode::from(INTERRUPTED),
        _ => ExitCode::FAILURE,
    })
}

/// Stops the worker; the run can go on later.
fn stop(run: &Run) {
    let pid = run
        .pid
        .and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    if let Some(pid) = pid {
        // That it is gone meanwhile is what is wanted.
        let _gone = kill_process(pid, Signal::TERM);
    }
}

/// A bar on stderr where that is a terminal; nothing elsewhere.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, run: &Run, language: Language) {
    let done = run.counters.pages + run.counters.failed_pages;
    bar.set_length(done + run.waiting);
    bar.set_position(done);
    bar.set_message(format!(
        "{} · {} {}",
        run.spider,
        run.counters.items,
        language.pick("lignes", "rows")
    ));
}
