//! Why there is no forecast.

use thiserror::Error;

/// A series or a wish that cannot be forecast.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ForecastError {
    /// Fewer observations than the model needs.
    #[error("{given} observations are too few: at least {needed} are needed")]
    TooShort {
        /// Observations needed.
        needed: usize,
        /// Observations given.
        given: usize,
    },
    /// A value that is no finite number.
    #[error("observation {0} is no finite number")]
    NotFinite(usize),
}
