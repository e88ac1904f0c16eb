//! Forecasts as pure numbers: models, ensemble, intervals. Same input, same output.
#![expect(
    clippy::cast_precision_loss,
    reason = "counts of observations are far below what a double holds exactly"
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::float_cmp,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "tests stop at the first surprise and know their numbers"
    )
)]

mod auto;
mod calibration;
pub mod ces;
pub mod decompose;
mod ensemble;
mod error;
pub mod ets;
mod interval;
mod least_squares;
pub mod loess;
mod member;
pub mod metrics;
pub mod naive;
pub mod prophet;
pub mod theta;

pub use auto::{Forecast, auto};
pub use ensemble::Ensemble;
pub use error::ForecastError;
pub use member::{Fitted, Model};
