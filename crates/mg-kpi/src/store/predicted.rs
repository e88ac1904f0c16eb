//! Keeps forecasts in `forecast_run` and `forecast_value`.

use std::collections::BTreeSet;

use mg_core::{
    ToolError,
    kpi::{Forecast, Number, Period},
};
use mg_db::{
    Value,
    store::{StoreError, Transaction},
};

use super::rows::trimmed;

const KNOWN: &str = "SELECT run_id FROM forecast_run WHERE kpi_code = ?";

/// The runs of the same release that a new one stands in for.
const EARLIER: &str = "SELECT run_id FROM forecast_run \
     WHERE kpi_code = ? AND territoire = ? AND grain = ? AND millesime = ?";

const RUN_COLUMNS: [&str; 14] = [
    "run_id",
    "kpi_code",
    "territoire",
    "grain",
    "modele",
    "millesime",
    "parametres",
    "debut_train",
    "fin_train",
    "horizon",
    "mase",
    "smape",
    "mase_naif",
    "cree_le",
];

const VALUE_COLUMNS: [&str; 6] = [
    "run_id",
    "periode",
    "niveau",
    "prevision",
    "borne_basse",
    "borne_haute",
];

/// A forecast to be kept.
#[derive(Clone, Debug)]
pub(crate) struct Predicted {
    /// Made of all that the forecast rests on and of what it says: the same forecast has the same identifier.
    pub(crate) run_id: String,
    /// The forecast.
    pub(crate) forecast: Forecast,
    /// The first period that its model was fitted on.
    pub(crate) fitted_from: Period,
}

impl Predicted {
    /// With the identifier of its content.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON, which its type excludes.
    pub(crate) fn of(forecast: Forecast, fitted_from: Period) -> Result<Self, ToolError> {
        let content = serde_json::to_string(&(&forecast, fitted_from.start.to_string()))
            .map_err(|error| ToolError::Internal(error.into()))?;
        Ok(Self {
            run_id: digest(&content),
            forecast,
            fitted_from,
        })
    }
}

/// Writes the forecasts of one indicator: one that is there already is left alone, another one of the same territory,
/// grain and release is replaced. Answers how many were written.
pub(super) async fn write(
    transaction: &mut Transaction,
    name: &str,
    forecasts: &[Predicted],
    now: &str,
) -> Result<usize, StoreError> {
    if forecasts.is_empty() {
        return Ok(0);
    }
    let rows = transaction.fetch(KNOWN, &[name.into()]).await?;
    let known = rows.iter().map(|row| trimmed(row, 0));
    let known: BTreeSet<String> = known.collect::<Result<_, _>>()?;
    let fresh = forecasts
        .iter()
        .filter(|forecast| !known.contains(&forecast.run_id));
    let fresh: Vec<_> = fresh.collect();
    for predicted in &fresh {
        forget(transaction, &predicted.forecast).await?;
    }
    let runs: Vec<_> = fresh.iter().map(|predicted| run(predicted, now)).collect();
    let values: Vec<_> = fresh
        .iter()
        .flat_map(|predicted| values(predicted))
        .collect();
    transaction
        .insert("forecast_run", &RUN_COLUMNS, &runs)
        .await?;
    transaction
        .insert("forecast_value", &VALUE_COLUMNS, &values)
        .await?;
    Ok(fresh.len())
}

async fn forget(transaction: &mut Transaction, forecast: &Forecast) -> Result<(), StoreError> {
    let key: [Value; 4] = [
        forecast.name.as_str().into(),
        forecast.territory.code.as_str().into(),
        forecast.grain.name().into(),
        forecast.vintage.as_deref().into(),
    ];
    for row in transaction.fetch(EARLIER, &key).await? {
        let run = [Value::from(trimmed(&row, 0)?)];
        transaction
            .execute("DELETE FROM forecast_value WHERE run_id = ?", &run)
            .await?;
        transaction
            .execute("DELETE FROM forecast_run WHERE run_id = ?", &run)
            .await?;
    }
    Ok(())
}

fn run(predicted: &Predicted, now: &str) -> Vec<Value> {
    let Predicted {
        run_id,
        forecast,
        fitted_from,
    } = predicted;
    let backtest = &forecast.backtest;
    let naive = backtest
        .baselines
        .iter()
        .find(|baseline| baseline.model == "snaive")
        .or(backtest.baselines.first());
    let parameters = serde_json::json!({
        "why": forecast.why,
        "origins": backtest.origins,
        "coverage": backtest.coverage,
        "synthetic": forecast.synthetic,
        "warnings": forecast.warnings,
    });
    vec![
        run_id.as_str().into(),
        forecast.name.as_str().into(),
        forecast.territory.code.as_str().into(),
        forecast.grain.name().into(),
        forecast.model.as_str().into(),
        forecast.vintage.as_deref().into(),
        parameters.to_string().into(),
        fitted_from.start.to_string().into(),
        forecast.fitted_until.start.to_string().into(),
        i64::try_from(forecast.forecast.len()).ok().into(),
        measure(backtest.mase),
        measure(backtest.smape),
        measure(naive.and_then(|naive| naive.mase)),
        now.into(),
    ]
}

/// One row a step and level.
fn values(predicted: &Predicted) -> impl Iterator<Item = Vec<Value>> {
    let run_id = &predicted.run_id;
    predicted.forecast.forecast.iter().flat_map(move |step| {
        step.bounds.iter().map(move |bound| {
            vec![
                run_id.as_str().into(),
                step.period.start.to_string().into(),
                bound.level.decimal().round().into(),
                step.value.decimal().into(),
                bound.lower.decimal().into(),
                bound.upper.decimal().into(),
            ]
        })
    })
}

fn measure(number: Option<Number>) -> Value {
    number.map(|number| number.decimal().round_dp(6)).into()
}

/// FNV-1a of 128 bits, in hexadecimal: a name for a content, no protection against anybody.
fn digest(content: &str) -> String {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = content.bytes().fold(BASIS, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_has_the_same_name() {
        // The offset basis is the hash of nothing; the others are the published test vectors.
        assert_eq!(digest(""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(digest("a"), "d228cb696f1a8caf78912b704e4a8964");
        assert_eq!(digest("foobar"), "343e1662793c64bf6f0d3597ba446f18");
    }
}
