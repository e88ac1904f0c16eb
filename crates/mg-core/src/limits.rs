//! How many calls run at once, wait, and come per second.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicUsize, Ordering},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{ToolError, config::LimitsSection};

/// The gate every call passes: a token bucket, then a queue, then a slot.
#[derive(Debug)]
pub(crate) struct Limits {
    slots: Semaphore,
    waiting: AtomicUsize,
    queued: usize,
    rate: DefaultDirectRateLimiter,
    per_second: u32,
}

/// Counts a call as waiting for as long as it lives, also when the call is cancelled meanwhile.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Limits {
    pub(crate) fn new(section: &LimitsSection) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(section.per_second))
            .allow_burst(at_least_one(section.burst));
        Self {
            slots: Semaphore::new(section.concurrent.max(1)),
            waiting: AtomicUsize::new(0),
            queued: section.queued,
            rate: RateLimiter::direct(quota),
            per_second: section.per_second,
        }
    }

    /// Waits for a slot; the call runs for as long as the permit lives.
    pub(crate) async fn enter(&self) -> Result<SemaphorePermit<'_>, ToolError> {
        if self.rate.check().is_err() {
            return Err(ToolError::Unavailable(format!(
                "too many calls: this server takes {} a second on average; wait a second and call again",
                self.per_second
            )));
        }
        if let Ok(permit) = self.slots.try_acquire() {
            return Ok(permit);
        }
        let waiting = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.queued {
            return Err(ToolError::Unavailable(format!(
                "this server is busy: {} calls are waiting already; wait for an answer before calling again",
                self.queued
            )));
        }
        let permit = self.slots.acquire().await;
        drop(waiting);
        permit.map_err(|closed| ToolError::Internal(closed.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(concurrent: usize, queued: usize, burst: u32) -> Limits {
        Limits::new(&LimitsSection {
            concurrent,
            queued,
            burst,
            per_second: 1,
            ..LimitsSection::default()
        })
    }

    #[tokio::test]
    async fn a_call_beyond_the_slots_waits_and_one_beyond_the_queue_is_refused() {
        let limits = limits(1, 1, 100);
        let first = limits.enter().await.unwrap();
        let mut second = Box::pin(limits.enter());
        assert!(futures::poll!(&mut second).is_pending());
        let refusal = limits.enter().await.unwrap_err();
        assert!(refusal.to_string().contains("busy"), "{refusal}");
        drop(first);
        assert!(second.await.is_ok());
    }

    #[tokio::test]
    async fn a_cancelled_wait_gives_its_place_back() {
        let limits = limits(1, 1, 100);
        let _running = limits.enter().await.unwrap();
        for _ in 0..3 {
            let mut waits = Box::pin(limits.enter());
            assert!(futures::poll!(&mut waits).is_pending());
        }
    }

    #[tokio::test]
    async fn calls_beyond_the_burst_are_told_the_rate() {
        let limits = limits(8, 8, 2);
        drop(limits.enter().await.unwrap());
        drop(limits.enter().await.unwrap());
        let refusal = limits.enter().await.unwrap_err();
        assert!(refusal.to_string().contains("1 a second"), "{refusal}");
    }
}
