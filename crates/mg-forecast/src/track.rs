//! What a model would have said at earlier origins.

use crate::{calibration::Calibration, history::History, member::Fitted, naive};

/// What a model is judged on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judging<'a> {
    pub(crate) history: History<'a>,
    pub(crate) calibration: Calibration,
    /// Steps ahead at most.
    pub(crate) horizon: usize,
    /// What nothing can be below: a forecast is judged as it is told.
    pub(crate) floor: f64,
}

/// Forecasts from points in the past, each as far as the history reaches.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    /// Ascending in time.
    pub(crate) origins: Vec<Origin>,
}

/// A forecast from after the first `at` observations.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) at: usize,
    pub(crate) forecast: Vec<f64>,
}

impl Track {
    /// The same form of the model from each of the last origins, its parameters learnt at every so many of them
    /// from what was known there: nothing at an origin knows of what came after. Where that was too little for the
    /// model there is no origin.
    pub(crate) fn of(fitted: &Fitted, judging: &Judging<'_>) -> Self {
        let Judging {
            history,
            calibration,
            horizon,
            floor,
        } = *judging;
        let mut learnt: Option<Fitted> = None;
        let mut origins = Vec::new();
        for (number, at) in points(history, calibration).enumerate() {
            let earlier = history.until(at);
            let now = match &learnt {
                Some(learnt) if !number.is_multiple_of(calibration.refit_every) => {
                    learnt.carried_to(earlier)
                }
                _ => fitted.refitted(earlier),
            };
            let Ok(now) = now else { continue };
            let forecast = now.forecast(horizon.min(history.len() - at));
            // A model from outside need not have been asked everywhere.
            if !forecast.is_empty() {
                let forecast = raised(&forecast, floor);
                origins.push(Origin { at, forecast });
            }
            learnt = Some(now);
        }
        Self { origins }
    }

    /// The last season again, from every point that has one before it.
    pub(crate) fn of_last_season(history: History<'_>, horizon: usize) -> Self {
        let origin = |at: usize| Origin {
            at,
            forecast: naive::seasonal_naive(
                history.until(at).values,
                history.period,
                horizon.min(history.len() - at),
            ),
        };
        Self {
            origins: (history.period..history.len()).map(origin).collect(),
        }
    }

    /// The forecasts from the origins that another has too.
    pub(crate) fn beside(&self, other: &Self) -> Self {
        let shared = |mine: &&Origin| other.origins.iter().any(|theirs| theirs.at == mine.at);
        Self {
            origins: self.origins.iter().filter(shared).cloned().collect(),
        }
    }
}

/// None below `floor`; what is no number stays none.
pub(crate) fn raised(values: &[f64], floor: f64) -> Vec<f64> {
    let raised = |value: &f64| if *value < floor { floor } else { *value };
    values.iter().map(raised).collect()
}

/// Where origins are: the last ones, behind enough observations to judge from.
fn points(history: History<'_>, calibration: Calibration) -> std::ops::Range<usize> {
    let count = history.len();
    let least = Calibration::least_history(history.period)
        .min(count.saturating_sub(1))
        .max(1);
    let origins = count.saturating_sub(least).min(calibration.origins);
    count - origins..count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        arima::Arima,
        calibration::Voter,
        ces::{Ces, Shape},
        ets::{Error, Ets, Form, Season, Trend},
        loess::Rest,
        member::Model,
    };

    fn values(count: usize, seed: usize) -> Vec<f64> {
        let swing = |index: usize| (std::f64::consts::TAU * index as f64 / 12.0).sin();
        let chance = |index: usize| ((index * 7919 + seed * 104_729) % 23) as f64;
        let value = |index| 100.0 + 20.0 * swing(index) + chance(index);
        (0..count).map(value).collect()
    }

    fn history(values: &[f64], period: usize) -> History<'_> {
        History {
            values,
            period,
            start: None,
        }
    }

    fn track(fitted: &Fitted, history: History<'_>) -> Track {
        let judging = Judging {
            history,
            calibration: Calibration::of(history.period, history.len(), None),
            horizon: history.period,
            floor: 0.0,
        };
        Track::of(fitted, &judging)
    }

    /// The models that look the same whatever the series is: only their parameters are learnt.
    const OF_ONE_FORM: [Voter; 6] = [
        Voter::Plain(Model::Theta),
        Voter::Plain(Model::DynamicTheta),
        Voter::Plain(Model::SeasonalNaive),
        Voter::Logarithms(Model::Theta),
        Voter::Loess(&[Rest::Line, Rest::Growth]),
        Voter::Grown,
    ];

    /// What is said of a history from its origins up to `at`.
    fn said(voter: Voter, history: History<'_>, at: usize) -> Vec<(usize, Vec<f64>)> {
        let (_, fitted) = Fitted::voter(voter, history).unwrap();
        let origins = track(&fitted, history).origins.into_iter();
        origins
            .filter(|origin| origin.at <= at)
            .map(|origin| (origin.at, origin.forecast))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn what_comes_after_an_origin_leaves_no_trace_in_its_forecast(
            period in prop::sample::select(vec![4_usize, 12]),
            beyond in 1_usize..50,
            back in 1_usize..12,
            seed in 0_usize..1_000,
            factor in 0.3_f64..3.0,
        ) {
            let known = values(2 * period + beyond, seed);
            let at = known.len() - back.min(beyond);
            let mut other = known.clone();
            for value in &mut other[at..] {
                *value *= factor;
            }
            for voter in OF_ONE_FORM {
                let (one, other) = (history(&known, period), history(&other, period));
                prop_assert_eq!(said(voter, one, at), said(voter, other, at), "{:?}", voter);
            }
        }
    }

    #[test]
    fn parameters_learnt_at_an_origin_do_not_begin_at_those_of_the_whole() {
        let known = values(72, 3);
        let mut other = known.clone();
        for value in &mut other[60..] {
            *value *= 1.01;
        }
        let form = Form {
            error: Error::Multiplicative,
            trend: Trend::Damped,
            season: Season::Multiplicative,
        };
        let at_an_origin = |whole: &[f64]| {
            let arima = Arima::select(whole, 12).unwrap();
            (
                arima.order,
                arima.refitted(&known[..60]).unwrap().forecast(12),
                (Ets::fit(whole, 12, form).unwrap().refitted(&known[..60]))
                    .unwrap()
                    .forecast(12),
                (Ces::fit(whole, 12, Shape::Partial)
                    .unwrap()
                    .refitted(&known[..60]))
                .unwrap()
                .forecast(12),
            )
        };
        assert_eq!(at_an_origin(&known), at_an_origin(&other));
    }

    #[test]
    fn a_model_has_no_origin_where_it_had_too_little_to_learn_from() {
        for (period, length, model, first) in [
            (12, 36, Model::Mstl, 25),
            (4, 20, Model::Mstl, 9),
            (12, 72, Model::Mstl, 25),
            (12, 72, Model::Ensemble, 24),
        ] {
            let values = values(length, 5);
            let history = history(&values, period);
            let origins = track(&model.fit(history).unwrap(), history).origins;
            assert_eq!(origins[0].at, first, "{model:?} of {length}");
            assert_eq!(origins.len(), length - first, "{model:?} of {length}");
        }
    }
}
