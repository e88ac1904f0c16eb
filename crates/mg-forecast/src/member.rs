//! One fitted model of whatever kind, with what a backtest needs of it.

use std::sync::Arc;

use crate::{
    arima::Arima,
    calibration::Voter,
    ces::Ces,
    ensemble::Ensemble,
    ets::Blend,
    guest::Guest,
    history::History,
    loess::{Loess, Rest},
    naive,
    prophet::Dated,
    refusal::Refusal,
    theta::{Theta, Variant},
};

/// The models that can be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Model {
    /// The last value.
    Naive,
    /// The value one period before.
    SeasonalNaive,
    /// The line through the first and the last value.
    Drift,
    /// The last value without its season.
    Naive2,
    /// Exponential smoothing, the members of the family weighted by AICc.
    Ets,
    /// The Theta method.
    Theta,
    /// The dynamic optimised Theta method.
    DynamicTheta,
    /// Complex exponential smoothing.
    Ces,
    /// Autoregression and moving averages of differences.
    Arima,
    /// Seasons by LOESS, and the Theta methods and exponential smoothing for the rest.
    Mstl,
    /// Prophet with the working days of the French calendar.
    Prophet,
    /// A Temporal Fusion Transformer from outside ([`crate::Guest`]).
    Tft,
    /// A vote of several of the above.
    Ensemble,
}

impl Model {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Naive,
        Self::SeasonalNaive,
        Self::Drift,
        Self::Naive2,
        Self::Ets,
        Self::Theta,
        Self::DynamicTheta,
        Self::Ces,
        Self::Arima,
        Self::Mstl,
        Self::Prophet,
        Self::Tft,
        Self::Ensemble,
    ];

    /// The name in arguments and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::SeasonalNaive => "snaive",
            Self::Drift => "drift",
            Self::Naive2 => "naive2",
            Self::Ets => "ets",
            Self::Theta => "theta",
            Self::DynamicTheta => "dotm",
            Self::Ces => "ces",
            Self::Arima => "arima",
            Self::Mstl => "mstl",
            Self::Prophet => "prophet",
            Self::Tft => "tft",
            Self::Ensemble => "ensemble",
        }
    }

    /// The model of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// Fits the model.
    ///
    /// # Errors
    /// Where the history is too short for it or lacks what it needs.
    pub(crate) fn fit(self, history: History<'_>) -> Result<Fitted, Refusal> {
        let (values, period) = (history.values, history.period);
        Ok(match self {
            Self::Ets => Fitted::Ets(Blend::fit(values, period)?),
            Self::Theta => Fitted::Theta(Box::new(Theta::fit(values, period, Variant::Standard)?)),
            Self::DynamicTheta => Fitted::Theta(Box::new(Theta::fit(
                values,
                period,
                Variant::DynamicOptimised,
            )?)),
            Self::Ces => Fitted::Ces(Box::new(Ces::select(values, period)?)),
            Self::Arima => Fitted::Arima(Box::new(Arima::select(values, period)?)),
            Self::Mstl => Fitted::Mstl(Box::new(Loess::fit(values, period, &Rest::ALL)?)),
            Self::Prophet => Fitted::Prophet(Box::new(Dated::fit(history)?)),
            Self::Ensemble => Fitted::Ensemble(Ensemble::fit(history)?),
            Self::Tft => return Err(Refusal::NoGuest),
            Self::Naive | Self::SeasonalNaive | Self::Drift | Self::Naive2 => {
                Fitted::Yardstick(self, period, values.to_vec())
            }
        })
    }
}

/// A fitted model.
#[derive(Debug, Clone)]
pub(crate) enum Fitted {
    /// Exponential smoothing.
    Ets(Blend),
    /// A Theta method.
    Theta(Box<Theta>),
    /// Complex exponential smoothing.
    Ces(Box<Ces>),
    /// Differences.
    Arima(Box<Arima>),
    /// Seasons by LOESS.
    Mstl(Box<Loess>),
    /// Prophet.
    Prophet(Box<Dated>),
    /// A vote.
    Ensemble(Ensemble),
    /// A model of the logarithms.
    Logarithms(Box<Fitted>),
    /// The last period and a part of its growth: the period and the history.
    Grown(usize, Vec<f64>),
    /// A yardstick, its period and its history: it has nothing to fit.
    Yardstick(Model, usize, Vec<f64>),
    /// A model from outside.
    Guest(Visit),
    /// The mean of two.
    Joined(Box<[Fitted; 2]>),
}

/// A model from outside at one origin.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) guest: Arc<Guest>,
    /// Values of the request before the history.
    pub(crate) before: usize,
    /// Values of the history.
    pub(crate) count: usize,
}

impl Fitted {
    /// Fits a voter of the ensemble, and tells which model it is of.
    ///
    /// # Errors
    /// Where the history is too short for it or not positive.
    pub(crate) fn voter(voter: Voter, history: History<'_>) -> Result<(Model, Self), Refusal> {
        let (values, period) = (history.values, history.period);
        Ok(match voter {
            Voter::Plain(model) => (model, model.fit(history)?),
            Voter::Logarithms(model) => (model, Self::on_logarithms(model, history)?),
            Voter::Loess(ways) => {
                let loess = Loess::fit(values, period, ways)?;
                (Model::Mstl, Self::Mstl(Box::new(loess)))
            }
            Voter::Grown => (Model::SeasonalNaive, Self::Grown(period, values.to_vec())),
        })
    }

    /// A model of the logarithms of a positive series.
    ///
    /// # Errors
    /// [`Refusal::CannotFit`] where a value is not positive, or what the model refuses.
    pub(crate) fn on_logarithms(model: Model, history: History<'_>) -> Result<Self, Refusal> {
        if history.values.iter().any(|value| *value <= 0.0) {
            return Err(Refusal::CannotFit { model });
        }
        logarithms(history, |history| model.fit(history))
    }

    /// What the model says in a vote: more than one thing if it looks in several ways.
    pub(crate) fn votes(&self, horizon: usize) -> Vec<Vec<f64>> {
        match self {
            Self::Mstl(loess) => loess.votes(horizon),
            _ => vec![self.forecast(horizon)],
        }
    }

    /// The next `horizon` values.
    pub(crate) fn forecast(&self, horizon: usize) -> Vec<f64> {
        match self {
            Self::Ets(ets) => ets.forecast(horizon),
            Self::Theta(theta) => theta.forecast(horizon),
            Self::Ces(ces) => ces.forecast(horizon),
            Self::Arima(arima) => arima.forecast(horizon),
            Self::Mstl(loess) => loess.forecast(horizon),
            Self::Prophet(prophet) => prophet.forecast(horizon),
            Self::Ensemble(ensemble) => ensemble.forecast(horizon),
            Self::Logarithms(fitted) => {
                let forecast = fitted.forecast(horizon);
                forecast.into_iter().map(f64::exp).collect()
            }
            Self::Grown(period, values) => naive::grown_seasonal_naive(values, *period, horizon),
            Self::Guest(visit) => visit.guest.forecast(visit.before + visit.count, horizon),
            Self::Joined(both) => {
                let [one, other] = both.each_ref().map(|model| model.forecast(horizon));
                let pairs = one.iter().zip(&other);
                pairs
                    .map(|(one, other)| f64::midpoint(*one, *other))
                    .collect()
            }
            Self::Yardstick(Model::SeasonalNaive, period, values) => {
                naive::seasonal_naive(values, *period, horizon)
            }
            Self::Yardstick(Model::Drift, _, values) => naive::drift(values, horizon),
            Self::Yardstick(Model::Naive2, period, values) => {
                naive::naive2(values, *period, horizon)
            }
            Self::Yardstick(_, _, values) => naive::naive(values, horizon),
        }
    }

    /// The same form of the model, its parameters learnt from an earlier part of the same history.
    ///
    /// # Errors
    /// Where that is too short to learn from: nothing that was learnt later may stand in.
    pub(crate) fn refitted(&self, earlier: History<'_>) -> Result<Self, Refusal> {
        let values = earlier.values;
        Ok(match self {
            Self::Ets(ets) => Self::Ets(ets.refitted(values)?),
            Self::Theta(theta) => Self::Theta(Box::new(theta.refitted(values)?)),
            Self::Ces(ces) => Self::Ces(Box::new(ces.refitted(values)?)),
            Self::Arima(arima) => Self::Arima(Box::new(arima.refitted(values)?)),
            Self::Mstl(loess) => Self::Mstl(Box::new(loess.refitted(values)?)),
            Self::Prophet(_) => Self::Prophet(Box::new(Dated::fit(earlier)?)),
            Self::Ensemble(ensemble) => Self::Ensemble(ensemble.refitted(earlier)?),
            Self::Logarithms(fitted) => logarithms(earlier, |earlier| fitted.refitted(earlier))?,
            Self::Joined(both) => {
                let [one, other] = both.each_ref().map(|model| model.refitted(earlier));
                Self::Joined(Box::new([one?, other?]))
            }
            Self::Grown(..) | Self::Yardstick(..) | Self::Guest(_) => self.carried_to(earlier)?,
        })
    }

    /// The same parameters after another part of the same history, no shorter than what they were learnt from.
    ///
    /// # Errors
    /// Where seasons are found anew in what is too short for them.
    pub(crate) fn carried_to(&self, earlier: History<'_>) -> Result<Self, Refusal> {
        let values = earlier.values;
        Ok(match self {
            Self::Ets(ets) => Self::Ets(ets.carried_to(values)),
            Self::Theta(theta) => Self::Theta(Box::new(theta.carried_to(values))),
            Self::Ces(ces) => Self::Ces(Box::new(ces.carried_to(values))),
            Self::Arima(arima) => Self::Arima(Box::new(arima.carried_to(values))),
            Self::Mstl(loess) => Self::Mstl(Box::new(loess.carried_to(values)?)),
            Self::Prophet(prophet) => Self::Prophet(Box::new(prophet.carried_to(earlier))),
            Self::Ensemble(ensemble) => Self::Ensemble(ensemble.carried_to(earlier)?),
            Self::Logarithms(fitted) => logarithms(earlier, |earlier| fitted.carried_to(earlier))?,
            Self::Grown(period, _) => Self::Grown(*period, values.to_vec()),
            Self::Yardstick(model, period, _) => Self::Yardstick(*model, *period, values.to_vec()),
            Self::Guest(visit) => Self::Guest(Visit {
                count: values.len(),
                ..visit.clone()
            }),
            Self::Joined(both) => {
                let [one, other] = both.each_ref().map(|model| model.carried_to(earlier));
                Self::Joined(Box::new([one?, other?]))
            }
        })
    }
}

/// What is made of the logarithms of a part of a positive series.
fn logarithms(
    history: History<'_>,
    change: impl Fn(History<'_>) -> Result<Fitted, Refusal>,
) -> Result<Fitted, Refusal> {
    let values: Vec<f64> = history.values.iter().map(|value| value.ln()).collect();
    let changed = change(History {
        values: &values,
        ..history
    })?;
    Ok(Fitted::Logarithms(Box::new(changed)))
}
