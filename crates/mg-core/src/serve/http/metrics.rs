//! `/metrics` in the text format of Prometheus: requests, refusals, connections, calls, memory.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::Timestamp;

/// What the listener and the router count.
#[derive(Debug)]
pub(super) struct Metrics {
    started: Timestamp,
    connections: Arc<AtomicI64>,
    running: Arc<AtomicI64>,
    /// By status.
    requests: Mutex<BTreeMap<u16, u64>>,
    /// By reason.
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

/// Counts for as long as it lives.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicI64>);

impl Counted {
    fn one_more(of: &Arc<AtomicI64>) -> Self {
        of.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(of))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Nothing counted yet.
    pub(super) fn new(started: Timestamp) -> Self {
        Self {
            started,
            connections: Arc::default(),
            running: Arc::default(),
            requests: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    /// A connection is open.
    pub(super) fn connection(&self) -> Counted {
        Counted::one_more(&self.connections)
    }

    /// A request is being answered.
    pub(super) fn running(&self) -> Counted {
        Counted::one_more(&self.running)
    }

    /// A request was answered.
    pub(super) fn answered(&self, status: u16) {
        *lock(&self.requests).entry(status).or_default() += 1;
    }

    /// A caller was not let in.
    pub(super) fn refused(&self, reason: &'static str) {
        *lock(&self.refused).entry(reason).or_default() += 1;
    }

    /// Everything counted here.
    pub(super) fn write(&self, text: &mut String) {
        *text += "# HELP mg_http_requests_total Requests by status.\n# TYPE mg_http_requests_total counter\n";
        for (status, count) in &*lock(&self.requests) {
            let _written = writeln!(
                text,
                "mg_http_requests_total{{status=\"{status}\"}} {count}"
            );
        }
        *text += "# HELP mg_http_refused_total Callers that were not let in, by reason.\n# TYPE mg_http_refused_total counter\n";
        for (reason, count) in &*lock(&self.refused) {
            let _written = writeln!(text, "mg_http_refused_total{{reason=\"{reason}\"}} {count}");
        }
        let gauges = [
            (
                "mg_http_connections",
                "Open connections.",
                self.connections.load(Ordering::Relaxed),
            ),
            (
                "mg_http_running",
                "Requests being answered.",
                self.running.load(Ordering::Relaxed),
            ),
            (
                "process_start_time_seconds",
                "When the process started, in seconds since 1970.",
                self.started.as_second(),
            ),
        ];
        let memory = resident_bytes()
            .map(|bytes| ("process_resident_memory_bytes", "Memory in use.", bytes));
        for (name, help, value) in gauges.into_iter().chain(memory) {
            let _written = writeln!(
                text,
                "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
            );
        }
    }
}

fn lock<T>(counts: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The memory of this process, where the system tells it in a file.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_counted_for_as_long_as_it_lives() {
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        let text = |metrics: &Metrics| {
            let mut text = String::new();
            metrics.write(&mut text);
            text
        };
        let open = metrics.connection();
        metrics.answered(200);
        metrics.answered(200);
        metrics.refused("missing");
        let told = text(&metrics);
        assert!(told.contains("\nmg_http_connections 1\n"), "{told}");
        assert!(told.contains("mg_http_requests_total{status=\"200\"} 2"));
        assert!(told.contains("mg_http_refused_total{reason=\"missing\"} 1"));
        drop(open);
        assert!(text(&metrics).contains("\nmg_http_connections 0\n"));
    }
}
