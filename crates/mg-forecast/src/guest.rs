//! A model from outside: what it says was made beforehand, from the end of the series and from earlier origins.

use std::collections::BTreeMap;

/// Forecasts of one series by a model that is not part of this crate, such as a network that learnt from many series. What it
/// said at an origin must not rest on what came after it, in learning as in forecasting.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Guest {
    forecasts: BTreeMap<usize, Vec<f64>>,
}

impl Guest {
    /// One forecast an origin: the number of values of the request before it.
    #[must_use]
    pub fn new(forecasts: BTreeMap<usize, Vec<f64>>) -> Self {
        Self { forecasts }
    }

    /// As many steps as asked for; nothing where it said nothing, or less.
    pub(crate) fn forecast(&self, origin: usize, horizon: usize) -> Vec<f64> {
        let said = self.forecasts.get(&origin);
        let said = said.and_then(|forecast| forecast.get(..horizon));
        said.filter(|forecast| forecast.iter().all(|value| value.is_finite()))
            .unwrap_or_default()
            .to_vec()
    }
}
