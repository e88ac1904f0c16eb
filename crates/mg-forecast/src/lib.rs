//! Forecasts as pure numbers: models, ensemble, intervals, backtests. Same input, same output.

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
