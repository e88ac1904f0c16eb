//! `mg-kpi train tft`: makes the weights of the network from all monthly indicators.

use std::{
    io::Write,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use mg_core::{ConfigError, Environment, Flags, Settings, serve::Server};
use mg_tft::{Training, fastest};

use super::{KEPT_APART, Panel, shelf::Files};
use crate::{KpiServer, config::TrainArguments, refresh::progress::Progress};

/// Runs the sub-command to its end: exit code 0 when weights were written, also after Ctrl-C; 1 when not; 78 for a
/// configuration that cannot be served.
#[must_use]
pub fn run(flags: &Flags, arguments: &TrainArguments) -> ExitCode {
    let server = match prepared(flags) {
        Ok(server) => server,
        Err(error) => {
            say(&format!("mg-kpi: {error}"));
            return ExitCode::from(ConfigError::EXIT_CODE);
        }
    };
    match finish(&server, arguments) {
        Ok(sentence) => {
            // A closed pipe is the reader's choice.
            let _closed = writeln!(std::io::stdout(), "{sentence}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            say(&format!("mg-kpi: {sentence}"));
            ExitCode::FAILURE
        }
    }
}

fn prepared(flags: &Flags) -> Result<KpiServer, ConfigError> {
    let settings = Settings::load(flags, &Environment::of_process())?;
    KpiServer::new(Arc::new(settings))
}

fn finish(server: &KpiServer, arguments: &TrainArguments) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    let files = Files::of(&server.settings)?;
    let stop = Arc::new(AtomicBool::new(false));
    let panel = runtime.block_on(Panel::read(server));
    let panel = panel.map_err(|error| error.to_string())?;
    let heard = Arc::clone(&stop);
    runtime.spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            heard.store(true, Ordering::Relaxed);
        }
    });
    let sentence = trained(&panel, arguments, &files, &stop);
    runtime.shutdown_background();
    sentence
}

fn settings(arguments: &TrainArguments) -> mg_tft::Settings {
    mg_tft::Settings {
        seed: arguments.seed,
        steps: arguments.steps,
        round: 25,
        kept_apart: KEPT_APART,
        ..mg_tft::Settings::default()
    }
}

/// Rounds until the network no longer gets better or someone stops it; the best so far is kept after each.
fn trained(
    panel: &Panel,
    arguments: &TrainArguments,
    files: &Files,
    stop: &AtomicBool,
) -> Result<String, String> {
    let told = |error: mg_tft::Failure| error.to_string();
    let (shape, settings) = (panel.shape.clone(), settings(arguments));
    let mut training = if arguments.resume {
        let file = files.checkpoint()?;
        Training::resume(&panel.panel, shape, settings, &file, &fastest())
    } else {
        Training::begin(&panel.panel, shape, settings, &fastest())
    }
    .map_err(told)?;
    let mut progress = Progress::of(arguments.steps);
    while !stop.load(Ordering::Relaxed) {
        let Some(round) = training.round().map_err(told)? else {
            break;
        };
        let words = format!("{:.4} ({:.4})", round.judged, round.learnt);
        progress.reach(round.step, &words);
        files.keep_checkpoint(&training.checkpoint().map_err(told)?)?;
    }
    progress.end();
    if training.progress().0 == 0 {
        return Err("stopped before the first round: no weights were written".into());
    }
    let weights = training.best(&panel.vintage, Some(panel.learnt_until));
    files.keep_weights(&weights.to_bytes().map_err(told)?)?;
    let is_stopped = stop.load(Ordering::Relaxed);
    if !is_stopped {
        files.forget_checkpoint();
    }
    let origin = weights.origin();
    Ok(format!(
        "{}: {} series, vintage {}, step {} of {}, loss {:.4} on the {KEPT_APART} months kept apart, {} parameters{}",
        files.weights().display(),
        origin.series,
        origin.vintage,
        origin.step,
        arguments.steps,
        origin.loss,
        training.parameters(),
        if is_stopped {
            "; stopped, go on with --resume"
        } else {
            ""
        },
    ))
}

fn say(sentence: &str) {
    let _closed = writeln!(std::io::stderr(), "{sentence}");
}
