//! What models are fitted to: observations without gaps.

use crate::request::Start;

/// A part of a series, from its beginning on.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// In order of time.
    pub values: &'a [f64],
    /// Steps a year.
    pub period: usize,
    /// When the first value was.
    pub start: Option<Start>,
}

impl History<'_> {
    /// The first `count` observations.
    pub(crate) fn until(self, count: usize) -> Self {
        Self {
            values: &self.values[..count],
            ..self
        }
    }

    pub(crate) fn len(self) -> usize {
        self.values.len()
    }
}
