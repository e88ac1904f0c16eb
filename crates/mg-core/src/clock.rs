//! The clock, which tests can set.

use std::sync::Arc;

use jiff::Timestamp;

/// Tells the time; every part that needs it is given one, none asks the system by itself.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of the system.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that stands still, for tests.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self(Arc::new(move || at))
    }

    /// A clock that somebody moves, for tests.
    #[must_use]
    pub fn told_by(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// The present moment as ISO 8601 in UTC with seconds, `2026-11-22T10:23:57Z`.
    #[must_use]
    pub fn now_iso(&self) -> String {
        self.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Clock").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_tells_one_moment_in_utc() {
        let clock = Clock::fixed("2026-11-22T11:23:57.5+01:00".parse().unwrap());
        assert_eq!(clock.now_iso(), "2026-11-22T10:23:57Z");
        assert_eq!(clock.now(), clock.clone().now());
    }
}
