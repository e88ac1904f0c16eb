//! Logs and audit lines go to stderr through a thread of their own: a host that does not read its
//! pipe slows no call down.

use std::{io::Write, sync::OnceLock, time::Duration};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::ConfigError;

/// Lines that may wait for a slow reader; the buffer is allocated at once, so it stays small.
const LINES: usize = 4096;

static STDERR: OnceLock<NonBlocking> = OnceLock::new();

/// Keeps the writing thread; [`Logs::flush`] ends it.
#[derive(Debug)]
pub struct Logs(WorkerGuard);

/// Starts logging to stderr at `levels`: a level, or `target=level` pairs with commas.
///
/// # Errors
///
/// When they are neither.
pub fn start(levels: &str) -> Result<Logs, ConfigError> {
    let filter: Targets = levels.parse().map_err(|_| {
        ConfigError::new(format!(
            "MG_LOG is `{levels}`; write a level (error, warn, info, debug, trace) or pairs like `warn,mg_sql=debug`"
        ))
    })?;
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(LINES)
        .finish(std::io::stderr());
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(writer.clone())
        .with_filter(filter);
    // Both fail only when a process starts logging twice, as tests may: the first one stays.
    let _first_stays = tracing_subscriber::registry().with(layer).try_init();
    let _first_stays = STDERR.set(writer);
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panic")));
    Ok(Logs(guard))
}

/// Writes a line as it is, if logging was started; lines beyond the buffer are dropped, not waited for.
pub(crate) fn write_line(line: &str) {
    if let Some(mut writer) = STDERR.get().cloned() {
        // The writer's buffer is full or its thread has ended: nothing to tell it to.
        let _lost = writer.write_all(line.as_bytes());
    }
}

impl Logs {
    /// Gives the thread a moment to write what it has; a pipe that nobody reads must not hold the exit.
    pub fn flush(self) {
        let (done, waits) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            drop(self.0);
            let _nobody_waits = done.send(());
        });
        let _too_slow = waits.recv_timeout(Duration::from_millis(30));
    }
}
