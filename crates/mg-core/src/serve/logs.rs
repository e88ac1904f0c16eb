//! Logs and audit lines go to stderr through a thread of their own: a host that does not read its
//! pipe slows no call down.

mod queue;

use std::{
    io::{self, Write},
    sync::{Arc, OnceLock},
};

use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::ConfigError;
use queue::Queue;

static STDERR: OnceLock<Arc<Queue>> = OnceLock::new();

/// What was started; [`Logs::flush`] ends it.
#[derive(Debug)]
pub struct Logs(Arc<Queue>);

/// A line on its way into the queue.
struct Line(Arc<Queue>);

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
    let queue = Queue::start(io::stderr());
    let lines = Arc::clone(&queue);
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || Line(Arc::clone(&lines)))
        .with_filter(filter);
    // Both fail only when a process starts logging twice, as tests may: the first one stays.
    let _first_stays = tracing_subscriber::registry().with(layer).try_init();
    let _first_stays = STDERR.set(Arc::clone(&queue));
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panic")));
    Ok(Logs(queue))
}

/// Writes a line as it is, if logging was started; lines beyond the queue's room are dropped, not waited for.
pub(crate) fn write_line(line: &str) {
    if let Some(queue) = STDERR.get() {
        queue.push(line.as_bytes());
    }
}

impl Logs {
    /// Gives the thread a moment to write what it has; a pipe that nobody reads must not hold the exit.
    pub fn flush(self) {
        self.0.close();
    }
}

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
