//! What is refused.

use crate::{gaps::Filled, refusal::Refusal, request::Request};

/// Observations below which months and quarters are not forecast.
const LEAST_WITH_SEASONS: usize = 8;
/// Observations below which years are not forecast.
const LEAST: usize = 6;
/// A share of zeros from which on single events are all there is.
pub(crate) const MOSTLY_ZERO: f64 = 0.5;
const LONGEST_PERIOD: usize = 24;
/// Years ahead that no history carries.
const MOST_YEARS: usize = 10;
/// Steps that a coarse series may be forecast at least, if its history is as long.
const MOST_STEPS: usize = 30;
const LEVELS: (f64, f64) = (0.5, 0.999);

/// Looks at everything but the values.
pub(crate) fn check_wish(request: &Request<'_>) -> Result<(), Refusal> {
    if request.horizon == 0 {
        return Err(Refusal::HorizonZero);
    }
    if !(1..=LONGEST_PERIOD).contains(&request.period) {
        return Err(Refusal::Period {
            period: request.period,
        });
    }
    let within = |level: &f64| (LEVELS.0..=LEVELS.1).contains(level);
    match request.levels.iter().find(|level| !within(level)) {
        Some(level) => Err(Refusal::Level { level: *level }),
        None => Ok(()),
    }
}

/// Looks at the values that are left to fit.
pub(crate) fn check_series(request: &Request<'_>, filled: &Filled) -> Result<(), Refusal> {
    let have = filled.values.len();
    let need = if request.period > 1 {
        LEAST_WITH_SEASONS
    } else {
        LEAST
    };
    if have < need {
        return Err(Refusal::TooShort { have, need });
    }
    let share = share_of_zeros(&filled.values);
    if share >= MOSTLY_ZERO {
        return Err(Refusal::MostlyZero { share });
    }
    let most = (2 * have).min((MOST_YEARS * request.period).max(MOST_STEPS));
    if filled.trailing + request.horizon > most {
        return Err(Refusal::HorizonTooLong {
            horizon: request.horizon,
            most: most.saturating_sub(filled.trailing),
        });
    }
    let negative = filled.values.iter().position(|value| *value < 0.0);
    match negative.filter(|_| request.non_negative) {
        Some(index) => Err(Refusal::Negative {
            index: filled.begin + index,
        }),
        None => Ok(()),
    }
}

pub(crate) fn share_of_zeros(values: &[f64]) -> f64 {
    let zeros = values.iter().filter(|value| **value == 0.0).count();
    zeros as f64 / values.len().max(1) as f64
}
