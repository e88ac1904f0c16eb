//! Prophet (Taylor and Letham 2018) through augurs, with an optimiser of our own.
//!
//! augurs prepares the features and predicts; its own optimisers are Stan's, compiled to WebAssembly or
//! outside of the process, and weigh more than everything else here together.

mod dated;
mod limited_memory;
mod posterior;

use augurs_prophet::{
    PositiveFloat,
    optimizer::{Data, Error, InitialParams, OptimizeOpts, OptimizedParams, Optimizer},
};

use limited_memory::minimise;
use posterior::Posterior;

pub use dated::Dated;

/// Finds the maximum a posteriori of the model that [`Data`] describes, the density of Prophet's Stan
/// program: normal errors and priors, a Laplace prior on the changes of the slope.
///
/// Linear and flat growth; logistic growth is an error. The options are not looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct MaximumPosterior;

impl Optimizer for MaximumPosterior {
    fn optimize(
        &self,
        init: &InitialParams,
        data: &Data,
        _: &OptimizeOpts,
    ) -> Result<OptimizedParams, Error> {
        let posterior = Posterior::new(data)
            .ok_or_else(|| Error::static_str("growth is linear or flat here, not logistic"))?;
        let mut parameters = Posterior::packed(init);
        minimise(
            &mut parameters,
            posterior.changes(),
            1.0 / *data.tau,
            |parameters, gradient| posterior.cost(parameters, gradient),
        );
        let found = posterior.unpacked(&parameters);
        let sigma_obs = PositiveFloat::try_new(found.sigma).map_err(Error::custom)?;
        Ok(OptimizedParams {
            k: found.k,
            m: found.m,
            sigma_obs,
            delta: found.delta.to_vec(),
            beta: found.beta.to_vec(),
            trend: posterior.trend(&found),
        })
    }
}

#[cfg(test)]
mod tests {
    use augurs_prophet::{
        PredictionData, Prophet, ProphetOptions, SeasonalityOption, TrainingData,
    };

    use super::*;

    /// Seconds of the first of each month from January 2000 on.
    fn months(count: usize) -> Vec<i64> {
        let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut at = 946_684_800;
        (0..count)
            .map(|index| {
                let start = at;
                let (year, month) = (index / 12, index % 12);
                let leap = i64::from(month == 1 && year.is_multiple_of(4));
                at += (days[month] + leap) * 86_400;
                start
            })
            .collect()
    }

    fn fitted(values: &[f64]) -> Prophet<MaximumPosterior> {
        let options = ProphetOptions {
            uncertainty_samples: 0,
            weekly_seasonality: SeasonalityOption::Manual(false),
            daily_seasonality: SeasonalityOption::Manual(false),
            ..ProphetOptions::default()
        };
        let mut prophet = Prophet::new(options, MaximumPosterior);
        let data = TrainingData::new(months(values.len()), values.to_vec()).unwrap();
        prophet.fit(data, OptimizeOpts::default()).unwrap();
        prophet
    }

    #[test]
    fn a_trend_with_seasons_is_continued() {
        let known = |index: usize| {
            let angle = std::f64::consts::TAU * index as f64 / 12.0;
            200.0 + 1.5 * index as f64 + 20.0 * angle.sin() + 7.0 * (2.0 * angle).cos()
        };
        let values: Vec<f64> = (0..120).map(known).collect();
        let prophet = fitted(&values);
        let later = PredictionData::new(months(132)[120..].to_vec());
        let predicted = prophet.predict(later).unwrap().yhat.point;
        for (step, value) in predicted.iter().enumerate() {
            let known = known(120 + step);
            assert!(
                (value / known - 1.0).abs() < 0.02,
                "step {step}: {value} for {known}"
            );
        }
    }

    #[test]
    fn the_same_series_gives_the_same_numbers() {
        let values: Vec<f64> = (0..60).map(|i| 10.0 + f64::from(i * 7919 % 31)).collect();
        let later = || PredictionData::new(months(66)[60..].to_vec());
        assert_eq!(
            fitted(&values).predict(later()).unwrap().yhat.point,
            fitted(&values).predict(later()).unwrap().yhat.point
        );
    }
}
