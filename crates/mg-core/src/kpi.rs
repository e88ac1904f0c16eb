//! The data model of indicators: periods, territories, definitions, values, series and forecasts.
//!
//! Plain types and pure functions. What decides about a value lives in mg-kpi.

mod anomaly;
mod comparison;
mod date_error;
mod definition;
mod forecast;
mod number;
mod period;
mod period_query;
mod series;
mod territory;
mod value;
mod variant;

pub use anomaly::{Anomalies, Anomaly, AnomalyKind};
pub use comparison::{ComparedRow, Comparison};
pub use date_error::DateError;
pub use definition::{
    Aggregation, Bilingual, Definition, Denominator, Each, Fill, ForecastSettings, Polarity,
    RowsAre, Source, ValidRange,
};
pub use forecast::{
    Backtest, Baseline, Bound, Forecast, ForecastStep, HistoryPoint, MeasuredCoverage,
};
pub use number::Number;
pub use period::{Grain, LabelledPeriod, Period};
pub use period_query::DateQuery;
pub use series::{Point, Series};
pub use territory::{Level, Territory};
pub use value::{IndicatorValue, Input, Observation, Status, Target};
pub use variant::Variant;
