//! What a network said lately: the same series is not put to it twice.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use mg_forecast::Guest;
use mg_tft::{Prediction, Series};

/// Series that are remembered: those of a conversation.
const SERIES: usize = 64;

/// What a network said of one series.
#[derive(Debug)]
pub(super) struct Thought {
    /// From every origin, for the backtest and the vote.
    pub(super) guest: Guest,
    /// From the end of the series.
    pub(super) last: Prediction,
}

/// The latest thoughts of one network.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<VecDeque<Entry>>);

#[derive(Debug)]
struct Entry {
    series: Series,
    origins: Vec<usize>,
    thought: Arc<Thought>,
}

impl Memory {
    /// What was said of the very same numbers from the same origins.
    pub(super) fn find(&self, series: &Series, origins: &[usize]) -> Option<Arc<Thought>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |entry: &Entry| entry.series == *series && entry.origins == origins;
        let place = known.iter().position(is_same)?;
        let entry = known.remove(place)?;
        let thought = Arc::clone(&entry.thought);
        known.push_back(entry);
        Some(thought)
    }

    /// Remembers a thought instead of the one that was asked for longest ago.
    pub(super) fn keep(&self, series: Series, origins: Vec<usize>, thought: &Arc<Thought>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() == SERIES {
            known.pop_front();
        }
        known.push_back(Entry {
            series,
            origins,
            thought: Arc::clone(thought),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(value: f64) -> Series {
        Series {
            values: vec![Some(value)],
            ..Series::default()
        }
    }

    fn thought(point: f64) -> Arc<Thought> {
        Arc::new(Thought {
            guest: Guest::new([(1, vec![point])].into()),
            last: Prediction {
                points: vec![point],
                quantiles: Vec::new(),
                statics: Vec::new(),
                past: Vec::new(),
                future: Vec::new(),
                attention: Vec::new(),
            },
        })
    }

    #[test]
    fn only_the_same_numbers_from_the_same_origins_are_remembered() {
        let memory = Memory::default();
        memory.keep(series(1.0), vec![1], &thought(5.0));
        let found = |value, origins: &[usize]| memory.find(&series(value), origins);
        assert_eq!(found(1.0, &[1]).unwrap().last.points, [5.0]);
        assert!(found(2.0, &[1]).is_none() && found(1.0, &[1, 2]).is_none());
    }

    #[test]
    fn what_was_asked_for_longest_ago_is_forgotten_first() {
        let memory = Memory::default();
        for value in 0..64 {
            memory.keep(series(f64::from(value)), vec![1], &thought(0.0));
        }
        assert!(memory.find(&series(0.0), &[1]).is_some());
        memory.keep(series(64.0), vec![1], &thought(0.0));
        assert!(memory.find(&series(0.0), &[1]).is_some());
        assert!(memory.find(&series(1.0), &[1]).is_none());
    }
}
