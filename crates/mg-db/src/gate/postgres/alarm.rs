//! The time limit of one statement after the other.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use tokio::time::{Sleep, sleep_until};

/// A timer that is put off for each statement. One made anew would be the next to ring each time, for which the runtime wakes
/// its own thread once: some hundredths of what a short statement takes.
#[derive(Debug, Default)]
pub(super) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// What the work comes to, if it does within `time`.
    pub(super) async fn limit<F: Future>(&mut self, time: Duration, work: F) -> Option<F::Output> {
        let end = (Instant::now() + time).into();
        let ringing = self.0.get_or_insert_with(|| Box::pin(sleep_until(end)));
        ringing.as_mut().reset(end);
        tokio::select! {
            biased;
            done = work => Some(done),
            () = ringing.as_mut() => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn each_work_has_a_limit_of_its_own_shorter_or_longer_than_the_one_before() {
        let (short, long) = (Duration::from_millis(30), Duration::from_mins(10));
        let mut alarm = Alarm::default();
        for _ in 0..2 {
            assert_eq!(alarm.limit(long, ready(7)).await, Some(7));
            let started = Instant::now();
            assert_eq!(alarm.limit(short, pending::<()>()).await, None);
            assert!(started.elapsed() >= short);
            // It would have rung by now.
            assert_eq!(alarm.limit(long, sleep(2 * short)).await, Some(()));
        }
    }

    #[tokio::test]
    async fn an_alarm_that_rang_while_nothing_was_asked_rings_no_more() {
        let short = Duration::from_millis(10);
        let mut alarm = Alarm::default();
        assert_eq!(alarm.limit(short, ready(1)).await, Some(1));
        sleep(5 * short).await;
        assert_eq!(alarm.limit(100 * short, sleep(short)).await, Some(()));
    }
}
