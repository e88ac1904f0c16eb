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

pub mod anomaly;
mod answer;
pub mod arima;
mod backtest;
mod calendar;
mod calibration;
pub mod ces;
mod contest;
mod criterion;
pub mod decompose;
mod ensemble;
pub mod ets;
mod forecast;
mod gaps;
mod guest;
mod history;
mod interval;
mod least_squares;
mod limits;
pub mod loess;
mod member;
pub mod metrics;
pub mod naive;
pub mod prophet;
mod refusal;
mod request;
mod scale;
mod school;
pub mod theta;
mod track;
mod vector;
mod warnings;

pub use answer::{Backtest, Coverage, Forecast, Interval, Score, Warning, Why};
pub use calendar::{Days, days};
pub use forecast::forecast;
pub use guest::Guest;
pub use history::History;
pub use member::Model;
pub use refusal::Refusal;
pub use request::{Choice, Request, Start};
