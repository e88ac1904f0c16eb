//! Why there is no forecast.

use thiserror::Error;

use crate::{member::Model, request::Start};

/// A series or a wish that cannot be forecast.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Refusal {
    /// Fewer observations than a forecast, or the model asked for, needs.
    #[error("{have} observations are too few: at least {need} are needed")]
    TooShort {
        /// Observations there are.
        have: usize,
        /// Observations needed.
        need: usize,
    },
    /// Single events are not a process that continues.
    #[error("{:.0} % of the values are 0: too few events to forecast", share * 100.0)]
    MostlyZero {
        /// 0 to 1.
        share: f64,
    },
    /// Not one step.
    #[error("a horizon of 0 asks for nothing: at least one step is needed")]
    HorizonZero,
    /// Farther than the history can carry.
    #[error("{horizon} steps are too far: at most {most} for this series")]
    HorizonTooLong {
        /// Steps asked for.
        horizon: usize,
        /// Steps that can be had.
        most: usize,
    },
    /// More is missing than is there.
    #[error("{missing} values are missing beside {observed} observed ones: too many to fill")]
    TooManyGaps {
        /// Missing between the first and the last observed value.
        missing: usize,
        /// Observed ones.
        observed: usize,
    },
    /// A value that is no finite number.
    #[error("value {index} is no finite number")]
    NotFinite {
        /// Where, from 0.
        index: usize,
    },
    /// A negative value in a series of counts.
    #[error("value {index} is negative in a series that cannot be")]
    Negative {
        /// Where, from 0.
        index: usize,
    },
    /// A level that is no share of outcomes.
    #[error("{level} is no level of an interval: between 0.5 and 0.999, such as 0.95")]
    Level {
        /// The level asked for.
        level: f64,
    },
    /// No calendar has so many steps a year.
    #[error("{period} steps a year: between 1 and 24 can be forecast")]
    Period {
        /// Steps a year.
        period: usize,
    },
    /// The first value is in no month of the calendar.
    #[error("{}-{} is no month", .0.year, .0.month)]
    Start(Start),
    /// The model looks at the calendar, and the date of the first value was not told.
    #[error("{} needs the date of the first value", model.name())]
    StartUnknown {
        /// The model asked for.
        model: Model,
    },
    /// The network was asked for, and none was there to say anything.
    #[error("no trained network has said anything of this series")]
    NoGuest,
    /// The network forecasts fewer steps, or did not see enough of the series.
    #[error("the network does not forecast {horizon} steps of this series")]
    GuestSaysLess {
        /// Steps asked for.
        horizon: usize,
    },
    /// The model cannot describe this series.
    #[error("{} cannot be fitted to this series", model.name())]
    CannotFit {
        /// The model asked for.
        model: Model,
    },
}
