//! Rows in batches, so that a file of any size takes the same memory.

use aws_lc_rs::digest::{Context, SHA256};

use crate::item::{Item, Rejection};

/// Rows that wait in memory.
pub(crate) const MOST: usize = 1_000;
/// Rejections that are told one by one.
const TOLD: usize = 50;

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Rows that were handed on.
    pub items: u64,
    /// Rows that were left out.
    pub rejected: u64,
    /// The first of them.
    pub rejections: Vec<Rejection>,
    /// A hash of the rows.
    pub hash: u64,
    /// The columns that became rows.
    pub unpivoted: Vec<String>,
}

/// Gathers rows and hands them on.
pub(super) struct Batches<D> {
    deliver: D,
    waiting: Vec<Item>,
    outcome: Outcome,
    digest: Context,
    is_wanted: bool,
    /// The number before that of the first row.
    pub(super) first_number: i64,
}

impl<D: FnMut(i64, Vec<Item>) -> bool> Batches<D> {
    pub(super) fn new(first_number: i64, deliver: D) -> Self {
        Self {
            deliver,
            waiting: Vec::new(),
            outcome: Outcome::default(),
            digest: Context::new(&SHA256),
            is_wanted: true,
            first_number,
        }
    }

    /// A row, or why it is none. Answers whether more are wanted.
    pub(super) fn push(&mut self, row: Result<Item, Rejection>) -> bool {
        match row {
            Ok(item) => {
                for value in &item.values {
                    self.digest.update(value.to_string().as_bytes());
                    self.digest.update(&[0]);
                }
                self.waiting.push(item);
            }
            Err(rejection) => {
                self.outcome.rejected += 1;
                if self.outcome.rejections.len() < TOLD {
                    self.outcome.rejections.push(rejection);
                }
            }
        }
        if self.waiting.len() >= MOST {
            self.flush();
        }
        self.is_wanted
    }

    /// Tells which columns become rows.
    pub(super) fn unpivoted(&mut self, columns: Vec<String>) {
        self.outcome.unpivoted = columns;
    }

    fn flush(&mut self) {
        let rows = std::mem::take(&mut self.waiting);
        let first = self.outcome.items;
        self.outcome.items += rows.len() as u64;
        if !rows.is_empty() && self.is_wanted {
            self.is_wanted = (self.deliver)(i64::try_from(first).unwrap_or(i64::MAX), rows);
        }
    }

    pub(super) fn finish(mut self) -> Outcome {
        self.flush();
        let digest = self.digest.finish();
        self.outcome.hash = digest
            .as_ref()
            .iter()
            .take(8)
            .fold(0, |hash, byte| (hash << 8) | u64::from(*byte));
        self.outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Value;

    #[test]
    fn rows_are_handed_on_in_batches_with_their_numbers() {
        let mut seen = Vec::new();
        let mut batches = Batches::new(0, |first, rows: Vec<Item>| {
            seen.push((first, rows.len()));
            true
        });
        for number in 0..2_500 {
            assert!(batches.push(Ok(Item {
                target: 0,
                values: vec![Value::Integer(number)]
            })));
        }
        let outcome = batches.finish();
        assert_eq!((outcome.items, outcome.rejected), (2_500, 0));
        assert_eq!(seen, [(0, 1_000), (1_000, 1_000), (2_000, 500)]);
    }

    #[test]
    fn nothing_more_is_read_when_nothing_more_is_wanted() {
        let mut batches = Batches::new(0, |_, _| false);
        let row = || {
            Ok(Item {
                target: 0,
                values: Vec::new(),
            })
        };
        assert_eq!(
            (0..3_000).take_while(|_| batches.push(row())).count(),
            MOST - 1
        );
    }
}
