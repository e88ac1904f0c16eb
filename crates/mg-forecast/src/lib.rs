//! Forecasts as pure numbers: models, ensemble, intervals, backtests. Same input, same output.

pub mod ces;
pub mod decompose;
mod error;
pub mod ets;
mod least_squares;
pub mod loess;
mod member;
pub mod metrics;
pub mod naive;
pub mod theta;

pub use error::ForecastError;
pub use member::{Fitted, Model};
