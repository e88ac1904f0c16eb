//! Minus the logarithm of Prophet's posterior density, and its gradient.

use augurs_prophet::optimizer::{Data, InitialParams, TrendIndicator};

/// Standard deviations of the priors of slope and offset.
const SLOPE_PRIOR: f64 = 5.0;
/// Standard deviation of the (half normal) prior of the noise.
const NOISE_PRIOR: f64 = 0.5;
/// Noise below this is not looked for: a series without any would let the density grow without end.
const LEAST_NOISE: f64 = 1e-7;

/// The density for one series.
pub(super) struct Posterior<'a> {
    data: &'a Data,
    flat: bool,
}

/// Parameters by name. They travel as one list: k, m, ln sigma, delta…, beta….
pub(super) struct Parameters<'a> {
    pub(super) k: f64,
    pub(super) m: f64,
    pub(super) sigma: f64,
    pub(super) delta: &'a [f64],
    pub(super) beta: &'a [f64],
}

const BEFORE_DELTA: usize = 3;

impl<'a> Posterior<'a> {
    /// None for logistic growth.
    pub(super) fn new(data: &'a Data) -> Option<Self> {
        let flat = match data.trend_indicator {
            TrendIndicator::Linear => false,
            TrendIndicator::Flat => true,
            TrendIndicator::Logistic => return None,
        };
        Some(Self { data, flat })
    }

    pub(super) fn packed(init: &InitialParams) -> Vec<f64> {
        let head = [init.k, init.m, init.sigma_obs.ln()];
        head.into_iter()
            .chain(init.delta.iter().copied())
            .chain(init.beta.iter().copied())
            .collect()
    }

    pub(super) fn unpacked<'p>(&self, parameters: &'p [f64]) -> Parameters<'p> {
        let (head, tail) = parameters.split_at(BEFORE_DELTA);
        let (delta, beta) = tail.split_at(self.data.t_change.len());
        Parameters {
            k: head[0],
            m: head[1],
            sigma: head[2].exp().max(LEAST_NOISE),
            delta,
            beta,
        }
    }

    /// Where the changes of the slope stand in the list: their prior has a kink at 0.
    pub(super) fn changes(&self) -> std::ops::Range<usize> {
        BEFORE_DELTA..BEFORE_DELTA + self.data.t_change.len()
    }

    /// The trend at each observation.
    pub(super) fn trend(&self, parameters: &Parameters<'_>) -> Vec<f64> {
        if self.flat {
            return vec![parameters.m; self.data.t.len()];
        }
        let at = |t: &f64| {
            let changed = self
                .data
                .t_change
                .iter()
                .zip(parameters.delta)
                .filter(|(change, _)| t >= change);
            let bends: f64 = changed.map(|(change, delta)| delta * (t - change)).sum();
            parameters.k * t + parameters.m + bends
        };
        self.data.t.iter().map(at).collect()
    }

    /// The cost without the prior of the changes, which is not smooth, and its gradient.
    pub(super) fn cost(&self, list: &[f64], gradient: &mut [f64]) -> f64 {
        let parameters = self.unpacked(list);
        gradient.fill(0.0);
        let misfit = self.misfit(&parameters, gradient);
        misfit + self.priors(&parameters, gradient)
    }

    /// What the observations cost.
    fn misfit(&self, parameters: &Parameters<'_>, gradient: &mut [f64]) -> f64 {
        let data = self.data;
        let (head, tail) = gradient.split_at_mut(BEFORE_DELTA);
        let (slope_changes, weights) = tail.split_at_mut(data.t_change.len());
        let precision = 1.0 / (parameters.sigma * parameters.sigma);
        let features = parameters.beta.len().max(1);
        let mut squares = 0.0;
        for (index, trend) in self.trend(parameters).into_iter().enumerate() {
            let row = &data.X[index * features..(index + 1) * features];
            let (mut added, mut multiplied) = (0.0, 0.0);
            for (feature, (value, weight)) in row.iter().zip(parameters.beta).enumerate() {
                added += f64::from(data.s_a[feature]) * value * weight;
                multiplied += f64::from(data.s_m[feature]) * value * weight;
            }
            let residual = data.y[index] - (trend * (1.0 + multiplied) + added);
            squares += residual * residual;
            let pull = -residual * precision;
            for (feature, (value, weight)) in row.iter().zip(&mut *weights).enumerate() {
                *weight += pull
                    * value
                    * (f64::from(data.s_a[feature]) + trend * f64::from(data.s_m[feature]));
            }
            let along = pull * (1.0 + multiplied);
            let t = data.t[index];
            head[1] += along;
            if !self.flat {
                head[0] += along * t;
                let changes = data.t_change.iter().zip(&mut *slope_changes);
                for (change, slope) in changes.filter(|(change, _)| t >= **change) {
                    *slope += along * (t - change);
                }
            }
        }
        let count = data.y.len() as f64;
        head[2] = count - squares * precision;
        count * parameters.sigma.ln() + squares * precision / 2.0
    }

    /// What the parameters cost, but for the changes.
    fn priors(&self, parameters: &Parameters<'_>, gradient: &mut [f64]) -> f64 {
        let (head, tail) = gradient.split_at_mut(BEFORE_DELTA);
        let (_, weights) = tail.split_at_mut(self.data.t_change.len());
        let noise = (parameters.sigma / NOISE_PRIOR).powi(2);
        head[2] += noise;
        let mut cost = noise / 2.0;
        for (value, slope) in [parameters.k, parameters.m].into_iter().zip(head) {
            cost += (value / SLOPE_PRIOR).powi(2) / 2.0;
            *slope += value / (SLOPE_PRIOR * SLOPE_PRIOR);
        }
        let features = parameters.beta.iter().zip(&self.data.sigmas);
        for ((value, prior), slope) in features.zip(weights) {
            cost += (value / **prior).powi(2) / 2.0;
            *slope += value / (**prior * **prior);
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(flat: bool) -> Data {
        let prior = |value: f64| value.try_into().unwrap();
        Data {
            T: 6,
            y: vec![0.1, 0.4, 0.3, 0.8, 0.7, 1.0],
            t: vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
            cap: vec![0.0; 6],
            S: 2,
            t_change: vec![0.2, 0.6],
            trend_indicator: if flat {
                TrendIndicator::Flat
            } else {
                TrendIndicator::Linear
            },
            K: 2,
            s_a: vec![1, 0],
            s_m: vec![0, 1],
            X: vec![
                1.0, 0.5, -1.0, 0.2, 1.0, 0.3, -1.0, 0.9, 1.0, 0.1, -1.0, 0.4,
            ],
            sigmas: vec![prior(10.0), prior(0.5)],
            tau: prior(0.05),
        }
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        for flat in [false, true] {
            let data = data(flat);
            let posterior = Posterior::new(&data).unwrap();
            let at = [0.5, 0.2, -1.2, 0.3, -0.4, 0.1, 0.2];
            let mut gradient = [0.0; 7];
            posterior.cost(&at, &mut gradient);
            for index in 0..7 {
                let moved = |step: f64| {
                    let mut parameters = at;
                    parameters[index] += step;
                    posterior.cost(&parameters, &mut [0.0; 7])
                };
                let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                assert!(
                    (slope - gradient[index]).abs() < 1e-5,
                    "{index}: {slope} {}",
                    gradient[index]
                );
            }
        }
    }

    #[test]
    fn logistic_growth_is_not_for_here() {
        let data = Data {
            trend_indicator: TrendIndicator::Logistic,
            ..data(false)
        };
        assert!(Posterior::new(&data).is_none());
    }
}
