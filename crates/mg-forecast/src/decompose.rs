//! The classical decomposition into trend, seasons and rest, and the test whether there are seasons at all.

/// How seasons join the rest of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seasons {
    /// Added: the same swing at every level.
    Additive,
    /// Multiplied: the swing grows with the level. Positive series only.
    Multiplicative,
}

/// The index of each season by a centred moving average: they sum to 0 (additive) or to the
/// period (multiplicative). Index 0 is the season of the first observation.
///
/// None where the series is shorter than two periods or, multiplied, where a value is negative or a whole
/// period 0.
#[must_use]
pub fn seasonal_indices(values: &[f64], period: usize, seasons: Seasons) -> Option<Vec<f64>> {
    if period < 2 || values.len() < 2 * period {
        return None;
    }
    let trend = centred_average(values, period);
    let negative = values.iter().any(|value| *value < 0.0);
    let nothing = trend.iter().flatten().any(|trend| *trend <= 0.0);
    if seasons == Seasons::Multiplicative && (negative || nothing) {
        return None;
    }
    let mut sums = vec![(0.0, 0_u32); period];
    for (index, (value, trend)) in values.iter().zip(&trend).enumerate() {
        if let Some(trend) = trend {
            let ratio = match seasons {
                Seasons::Additive => value - trend,
                Seasons::Multiplicative => value / trend,
            };
            let (sum, count) = &mut sums[index % period];
            *sum += ratio;
            *count += 1;
        }
    }
    let means: Vec<f64> = sums
        .iter()
        .map(|(sum, count)| sum / f64::from((*count).max(1)))
        .collect();
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    Some(match seasons {
        Seasons::Additive => means.iter().map(|value| value - mean).collect(),
        Seasons::Multiplicative => means.iter().map(|value| value / mean).collect(),
    })
}

/// The average over one period around each observation; an even period has half weights at its ends.
fn centred_average(values: &[f64], period: usize) -> Vec<Option<f64>> {
    let half = period / 2;
    let average = |index: usize| {
        let window = values.get(index.checked_sub(half)?..=index + half)?;
        let ends = if period.is_multiple_of(2) {
            f64::midpoint(window[0], window[2 * half])
        } else {
            0.0
        };
        Some((window.iter().sum::<f64>() - ends) / period as f64)
    };
    (0..values.len()).map(average).collect()
}

/// Whether the autocorrelation at the period is significant at 90 % (the test of the M competitions
/// and of the Theta method). Shorter than three periods: no.
#[must_use]
pub fn is_seasonal(values: &[f64], period: usize) -> bool {
    if period < 2 || values.len() < 3 * period {
        return false;
    }
    let correlations = autocorrelations(values, period);
    let before: f64 = correlations[..period - 1]
        .iter()
        .map(|value| value * value)
        .sum();
    let limit = 1.645 * ((1.0 + 2.0 * before) / values.len() as f64).sqrt();
    correlations[period - 1].abs() > limit
}

/// Autocorrelations at the lags 1 to `lags`; 0 for a constant series.
#[must_use]
pub fn autocorrelations(values: &[f64], lags: usize) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let variance: f64 = centred.iter().map(|value| value * value).sum();
    let at = |lag: usize| {
        let later = centred.get(lag..).unwrap_or_default();
        let product: f64 = centred.iter().zip(later).map(|(a, b)| a * b).sum();
        if variance > 0.0 {
            product / variance
        } else {
            0.0
        }
    };
    (1..=lags).map(at).collect()
}

/// A series without its seasons, and the way back.
#[derive(Debug, Clone)]
pub(crate) struct Adjusted {
    pub(crate) values: Vec<f64>,
    indices: Vec<f64>,
    seasons: Seasons,
}

impl Adjusted {
    /// Takes the seasons out where the test finds them; multiplied where the series is positive.
    pub(crate) fn of(values: &[f64], period: usize) -> Self {
        let none = Self {
            values: values.to_vec(),
            indices: vec![0.0],
            seasons: Seasons::Additive,
        };
        if !is_seasonal(values, period) {
            return none;
        }
        let multiplied = seasonal_indices(values, period, Seasons::Multiplicative)
            .filter(|indices| indices.iter().all(|index| *index > 0.01));
        let (indices, seasons) = match multiplied {
            Some(indices) => (indices, Seasons::Multiplicative),
            None => match seasonal_indices(values, period, Seasons::Additive) {
                Some(indices) => (indices, Seasons::Additive),
                None => return none,
            },
        };
        let adjusted = values.iter().enumerate().map(|(index, value)| {
            let season = indices[index % period];
            match seasons {
                Seasons::Additive => value - season,
                Seasons::Multiplicative => value / season,
            }
        });
        Self {
            values: adjusted.collect(),
            indices,
            seasons,
        }
    }

    /// Puts the season of observation `index` back.
    pub(crate) fn seasoned(&self, value: f64, index: usize) -> f64 {
        let season = self.indices[index % self.indices.len()];
        match self.seasons {
            Seasons::Additive => value + season,
            Seasons::Multiplicative => value * season,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seasonal(n: usize) -> Vec<f64> {
        let swing = [0.8, 1.0, 1.3, 0.9];
        (0..n).map(|i| (100.0 + i as f64) * swing[i % 4]).collect()
    }

    #[test]
    fn known_indices_are_found() {
        let indices = seasonal_indices(&seasonal(40), 4, Seasons::Multiplicative).unwrap();
        for (found, known) in indices.iter().zip([0.8, 1.0, 1.3, 0.9]) {
            assert!((found - known).abs() < 0.01, "{indices:?}");
        }
        assert!((indices.iter().sum::<f64>() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_too_short_or_not_positive_has_no_indices() {
        assert!(seasonal_indices(&seasonal(7), 4, Seasons::Additive).is_none());
        assert!(
            seasonal_indices(
                &[1.0, -1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
                4,
                Seasons::Multiplicative
            )
            .is_none()
        );
        assert!(seasonal_indices(&seasonal(40), 1, Seasons::Additive).is_none());
    }

    #[test]
    fn seasons_are_told_from_noise() {
        assert!(is_seasonal(&seasonal(40), 4));
        assert!(!is_seasonal(&seasonal(11), 4), "shorter than three periods");
        let constant = [5.0; 40];
        assert!(!is_seasonal(&constant, 4));
    }

    #[test]
    fn an_adjusted_series_is_put_together_again() {
        let values = seasonal(30);
        let adjusted = Adjusted::of(&values, 4);
        for (index, value) in values.iter().enumerate() {
            assert!((adjusted.seasoned(adjusted.values[index], index) - value).abs() < 1e-9);
        }
    }
}
