//! What is answered.

use crate::member::Model;

/// A forecast, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Which of the values is the first that was used.
    pub begin: usize,
    /// The expected values, one a step of the horizon.
    pub points: Vec<f64>,
    /// One a level asked for, in that order.
    pub intervals: Vec<Interval>,
    /// Whose forecast it is.
    pub model: Model,
    /// Why this model.
    pub why: Why,
    /// How it did at earlier origins.
    pub backtest: Backtest,
    /// What a reader must know before using it.
    pub warnings: Vec<Warning>,
}

/// Bounds around the points.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The share of outcomes that it should hold.
    pub level: f64,
    /// One a step.
    pub lower: Vec<f64>,
    /// One a step.
    pub upper: Vec<f64>,
}

/// Forecasts from points in the past, compared to what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// From how many points: 0 where the series is too short for any.
    pub origins: usize,
    /// Mean absolute scaled error; none without origins, or for a series that never changed.
    pub mase: Option<f64>,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: Option<f64>,
    /// The yardsticks from the same origins, the seasonal one first where the series has seasons.
    pub baselines: Vec<Score>,
    /// One a level asked for.
    pub coverage: Vec<Coverage>,
}

/// The errors of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Which.
    pub model: Model,
    /// Mean absolute scaled error.
    pub mase: Option<f64>,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: Option<f64>,
}

/// How often intervals held what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// The share they should hold.
    pub level: f64,
    /// The share they held; none where there were too few origins to make intervals from.
    pub measured: Option<f64>,
}

/// Why a model was chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// The caller named it.
    Asked,
    /// No yardstick did so much better at earlier origins than the trimmed mean of these that it replaces it.
    Ensemble {
        /// Who votes.
        members: Vec<Model>,
    },
    /// The mean of who won without it and the network, which did clearly better at earlier origins.
    Joined {
        /// Who votes in the ensemble, or the one yardstick that won.
        members: Vec<Model>,
        /// The mean absolute scaled error of those there.
        without: Option<f64>,
        /// The network's.
        network: Option<f64>,
    },
    /// The ensemble of these, without a contest: the series is too short for three origins.
    Untested {
        /// Who votes.
        members: Vec<Model>,
    },
    /// A yardstick did clearly better than the ensemble at earlier origins.
    YardstickWins {
        /// The ensemble's mean absolute scaled error, to compare with that of the backtest; infinite where the series
        /// repeats itself exactly.
        ensemble: f64,
    },
    /// The series never changed.
    Constant,
}

/// What a reader must know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Warning {
    /// Seasons cannot be told from chance: none are forecast.
    FewerThanTwoSeasons {
        /// Observations there are.
        observations: usize,
        /// Steps a year.
        period: usize,
    },
    /// The level changed at `index` of the values, within the last year, by `size`: little is known of the new one.
    LevelShift {
        /// The first value on the new level.
        index: usize,
        /// How far it moved.
        size: f64,
    },
    /// The last value is far from what was expected; a mistake or something new.
    LastValueUnusual {
        /// The value.
        value: f64,
        /// What was expected.
        expected: f64,
    },
    /// More steps ahead than there are observations.
    HorizonBeyondHistory {
        /// Steps asked for.
        horizon: usize,
        /// Observations there are.
        observations: usize,
    },
    /// Missing values between observed ones were filled by interpolation.
    Gaps {
        /// How many.
        count: usize,
    },
    /// Nothing before this index was used: a gap of more than a year ends there.
    CutAtGap {
        /// The first value used.
        index: usize,
    },
    /// So few points in the past to try from that the measured errors say little.
    FewOrigins {
        /// How many.
        origins: usize,
    },
    /// A yardstick did better at earlier origins than who forecasts: the model that was asked for, or the ensemble where the
    /// yardstick does not win by enough to replace it.
    WorseThanYardstick {
        /// The best yardstick.
        model: Model,
        /// Its mean absolute scaled error.
        mase: f64,
        /// That of who forecasts.
        own: f64,
    },
    /// Intervals made at earlier origins held far less of what came than they should.
    NarrowIntervals {
        /// The share they should have held.
        level: f64,
        /// The share they held.
        measured: f64,
    },
    /// The series never changed: its intervals have no width and say nothing.
    Constant,
    /// This share of the values is 0: single events dominate.
    ManyZeros {
        /// 0 to 1.
        share: f64,
    },
    /// Values are sums over steps that overlap: there are far fewer independent observations.
    Overlapping {
        /// Steps a sum.
        window: usize,
    },
}
