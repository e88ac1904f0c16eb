//! Trying again: seldom, later each time, and not all at once.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use super::Failure;

/// Attempts in all.
const MOST: u32 = 3;
/// Before the second attempt; twice that before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest a server may ask us to wait.
const LONGEST_WAIT: u64 = 3;

/// The attempts of one request.
#[derive(Debug)]
pub(super) struct Attempts {
    made: u32,
    /// One of them had no answer of Airflow's: it may have been carried out.
    is_open: bool,
}

impl Attempts {
    pub(super) const fn new() -> Self {
        Self {
            made: 0,
            is_open: false,
        }
    }

    /// What a failure means after the attempts before it.
    pub(super) fn in_their_light(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Conflict(detail) if self.is_open => Failure::ConflictAgain(detail),
            failure => failure,
        }
    }

    /// Whether to try again after this failure; if so, the pause is over.
    pub(super) async fn again_after(&mut self, failure: &Failure) -> bool {
        self.made += 1;
        self.is_open |= matches!(failure, Failure::Broken | Failure::Busy(502 | 504, _));
        let Some(pause) = pause(self.made, failure, chance()) else {
            return false;
        };
        tracing::debug!(?failure, ?pause, "another attempt");
        tokio::time::sleep(pause).await;
        true
    }
}

/// How long to wait after so many attempts; `chance` is from 0 to 1.
fn pause(made: u32, failure: &Failure, chance: f64) -> Option<Duration> {
    if made >= MOST || !failure.passes() {
        return None;
    }
    if let Failure::Busy(_, Some(asked)) = failure {
        return (*asked <= LONGEST_WAIT)
            .then(|| Duration::from_secs(*asked).mul_f64(1.0 + chance / 4.0));
    }
    let pause = FIRST_PAUSE * 2_u32.pow(made - 1);
    Some(pause.mul_f64(0.5 + chance)) // from half to one and a half, so that clients do not march in step
}

fn chance() -> f64 {
    let random = RandomState::new().hash_one(0_u8);
    f64::from(u16::try_from(random >> 48).unwrap_or_default()) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_attempts_end() {
        let busy = Failure::Busy(502, None);
        assert_eq!(pause(1, &busy, 0.5), Some(Duration::from_millis(250)));
        assert_eq!(pause(2, &busy, 0.5), Some(Duration::from_millis(500)));
        assert_eq!(pause(3, &busy, 0.5), None);
        assert_eq!(pause(1, &Failure::Refused(String::new()), 0.5), None);
    }

    #[test]
    fn a_server_that_names_a_time_is_obeyed_or_left_alone() {
        let wait = |seconds| pause(1, &Failure::Busy(429, Some(seconds)), 0.0);
        assert_eq!(wait(2), Some(Duration::from_secs(2)));
        assert_eq!(wait(60), None);
    }

    #[test]
    fn chance_stays_in_its_range() {
        for _ in 0..100 {
            assert!((0.0..=1.0).contains(&chance()));
        }
    }
}
