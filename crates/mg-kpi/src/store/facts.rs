//! The facts that the queries of definitions find, row by row.

use mg_core::{
    ToolError,
    kpi::{Each, Period},
};
use mg_db::store::{Row, StoreError};
use rust_decimal::Decimal;

use super::{
    KpiStore,
    rows::{count, trimmed},
    rows_of,
};
use crate::facts::{Fact, FactQuery, duration, span};

/// The column of [`FactQuery::statement`] that holds the largest value.
const LARGEST: usize = 8;

impl KpiStore {
    /// The facts that a query of a definition finds.
    ///
    /// # Errors
    ///
    /// When the database cannot be read; when the query of the definition fails, naming the indicator.
    pub(crate) async fn facts(
        &self,
        name: &str,
        query: FactQuery<'_>,
        codes: &[&str],
        window: Option<Period>,
    ) -> Result<Vec<Fact>, ToolError> {
        let failed = |error: StoreError| match error {
            StoreError::Statement { .. } | StoreError::Value(_) | StoreError::Denied(_) => {
                ToolError::Unavailable(format!(
                    "the query of indicator `{name}` failed: {error}; correct its file, or grant the account of kpi.database_url what it reads"
                ))
            }
            StoreError::Timeout(_) => ToolError::Unavailable(format!(
                "the query of indicator `{name}` did not end: {error}; correct its file, or ask for a shorter period or fewer territories"
            )),
            other => other.into(),
        };
        let store = self.opened().await?;
        let statement = query.statement(codes, window);
        let rows = rows_of(store, &statement, &[]).await.map_err(failed)?;
        rows.iter()
            .filter_map(|row| fact(row, query).transpose())
            .collect::<Result<_, _>>()
            .map_err(failed)
    }
}

/// `None` for facts whose time is no month or year, such as a permit without a date, and for a row that gives nothing
/// to a median.
fn fact(row: &Row, query: FactQuery<'_>) -> Result<Option<Fact>, StoreError> {
    let each = query.each();
    let Some(span) = row.optional_text(1)?.and_then(span) else {
        return Ok(None);
    };
    let (value, divisor) = match each {
        None => (row.optional_decimal(3)?, row.optional_decimal(4)?),
        Some(each) => match given(row, each)? {
            None => return Ok(None),
            value => (value, Some(Decimal::ZERO)),
        },
    };
    let summed = each.is_none();
    if summed {
        // SQLite and MariaDB add text up as 0.
        row.optional_decimal(LARGEST)?;
    }
    Ok(Some(Fact {
        territory: trimmed(row, 0)?,
        span,
        file: row.optional_text(2)?.unwrap_or_default().to_owned(),
        value,
        divisor,
        rows: count(row, 5)?.unwrap_or(0),
        informed: row.optional_decimal(6)?.filter(|_| summed),
        withheld: summed && count(row, 7)?.unwrap_or(0) > 0,
        margin: if summed && query.has_margin() {
            let [lower, upper] = [LARGEST + 1, LARGEST + 2].map(|at| row.optional_decimal(at));
            lower?.zip(upper?).map(|(lower, upper)| [lower, upper])
        } else {
            None
        },
    }))
}

/// What a row gives to a median.
fn given(row: &Row, each: Each) -> Result<Option<Decimal>, StoreError> {
    Ok(match each {
        Each::Value => row.optional_decimal(3)?,
        Each::Quotient => row
            .optional_decimal(3)?
            .zip(row.optional_decimal(4)?)
            .and_then(|(value, divisor)| value.checked_div(divisor)),
        Each::Days | Each::Months => row
            .optional_text(3)?
            .zip(row.optional_text(4)?)
            .and_then(|(since, until)| duration(each, since, until)),
    })
}
