//! What a reader must know before using a forecast.

use crate::{
    anomaly::{self, Anomaly, Kind},
    answer::{Score, Warning, Why},
    backtest::ENOUGH_ORIGINS,
    contest::Chosen,
    gaps::Filled,
    history::History,
    limits,
    request::Request,
};

/// A share of zeros worth a word.
const MANY_ZEROS: f64 = 0.2;

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
    warnings.extend(unusual_end(request));
    warnings
}

/// A level that changed within the last year, or a last value far from the others.
fn unusual_end(request: &Request<'_>) -> Vec<Warning> {
    let found = anomaly::anomalies(request.values, request.period).unwrap_or_default();
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
            expected: one.expected,
        }),
        _ => None,
    };
    found.iter().filter_map(warning).collect()
}

/// Of a model that the caller named.
fn worse_than_yardstick(chosen: &Chosen) -> Option<Warning> {
    let own = chosen.backtest.mase.filter(|_| chosen.why == Why::Asked)?;
    let better =
        |score: &&Score| score.model != chosen.model && score.mase.is_some_and(|mase| mase < own);
    let best = chosen.backtest.baselines.iter().find(better)?;
    Some(Warning::WorseThanYardstick {
        model: best.model,
        mase: best.mase?,
    })
}
