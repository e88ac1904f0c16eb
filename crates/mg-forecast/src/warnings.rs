//! What a reader must know before using a forecast.

use crate::{
    anomaly::{self, Anomaly, Kind},
    answer::{Score, Warning, Why},
    calibration::ENOUGH_ORIGINS,
    contest::Chosen,
    gaps::Filled,
    history::History,
    limits,
    request::Request,
};

/// A share of zeros worth a word.
const MANY_ZEROS: f64 = 0.2;

/// A level of intervals that are read as bounds.
const NEARLY_ALL: f64 = 0.9;
/// How far below its level a measured coverage is more than chance.
const FAR_LESS: f64 = 0.1;

/// Steps that are recent where there are fewer a year.
const RECENT: usize = 4;

/// What is missing and too short first, then what the numbers say.
pub(crate) fn of(
    request: &Request<'_>,
    filled: &Filled,
    history: History<'_>,
    chosen: &Chosen,
) -> Vec<Warning> {
    let observations = history.len();
    let mut warnings = filled.warnings.clone();
    if observations < 2 * request.period && request.period > 1 {
        warnings.push(Warning::FewerThanTwoSeasons {
            observations,
            period: request.period,
        });
    }
    let horizon = filled.trailing + request.horizon;
    if horizon > observations {
        warnings.push(Warning::HorizonBeyondHistory {
            horizon,
            observations,
        });
    }
    let share = limits::share_of_zeros(history.values);
    if share >= MANY_ZEROS {
        warnings.push(Warning::ManyZeros { share });
    }
    if let Some(window) = request.overlapping {
        warnings.push(Warning::Overlapping { window });
    }
    if chosen.backtest.origins < ENOUGH_ORIGINS {
        warnings.push(Warning::FewOrigins {
            origins: chosen.backtest.origins,
        });
    }
    warnings.extend(worse_than_yardstick(chosen));
    warnings.extend(narrow_intervals(chosen));
    warnings.extend(unusual_end(request));
    warnings
}

/// A level that changed within the last year, or a last value far from the others.
fn unusual_end(request: &Request<'_>) -> Vec<Warning> {
    let anomalies = match request.overlapping {
        Some(_) => anomaly::anomalies_of_sums,
        None => anomaly::anomalies,
    };
    let found = anomalies(request.values, request.period).unwrap_or_default();
    let last = request
        .values
        .iter()
        .rposition(Option::is_some)
        .unwrap_or_default();
    let warning = |one: &Anomaly| match one.kind {
        Kind::LevelShift if one.index + request.period.max(RECENT) > last => {
            Some(Warning::LevelShift {
                index: one.index,
                size: one.value - one.expected,
            })
        }
        Kind::Outlier if one.index == last => Some(Warning::LastValueUnusual {
            value: one.value,
            expected: one.expected.max(request.floor()),
        }),
        _ => None,
    };
    found.iter().filter_map(warning).collect()
}

/// The best yardstick, where its error is smaller as people read both: in hundredths. Where it won itself, or where no
/// contest was held, there is nothing to say.
fn worse_than_yardstick(chosen: &Chosen) -> Option<Warning> {
    let contested = !matches!(
        chosen.why,
        Why::Untested { .. } | Why::YardstickWins { .. } | Why::Constant
    );
    let own = chosen.backtest.mase.filter(|_| contested)?;
    let error = |score: &Score| score.mase.filter(|_| score.model != chosen.model);
    let errors =
        (chosen.backtest.baselines.iter()).filter_map(|score| Some((score.model, error(score)?)));
    let (model, mase) = errors.min_by(|one, other| one.1.total_cmp(&other.1))?;
    let hundredths = |error: f64| (100.0 * error).round();
    (hundredths(mase) < hundredths(own)).then_some(Warning::WorseThanYardstick { model, mase, own })
}

/// The widest interval asked for, where it is meant to hold nearly everything and did not.
fn narrow_intervals(chosen: &Chosen) -> Option<Warning> {
    let widest =
        (chosen.backtest.coverage.iter()).max_by(|one, other| one.level.total_cmp(&other.level))?;
    let (level, measured) = (widest.level, widest.measured?);
    (level >= NEARLY_ALL && measured < level - FAR_LESS)
        .then_some(Warning::NarrowIntervals { level, measured })
}
