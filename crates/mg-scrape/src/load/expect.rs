//! What a spider expects of the rows of a run: else they stay where they are.

use mg_db::{
    Value,
    store::{Store, StoreError},
};

use super::{LoadedTarget, Loader, keyed::Distilled, sql::quoted, summary::Summary};

const LAST: &str = "SELECT nb_items FROM scrape_run WHERE spider = ? AND url = ? AND statut = 'succeeded' ORDER BY fin DESC";

/// Every expectation that is not met, each in a sentence.
pub(super) async fn unmet(
    loader: &Loader,
    store: &Store,
    summary: &Summary,
    staged: &[Distilled],
) -> Result<Vec<String>, StoreError> {
    let expect = &loader.bound.spider.definition.expect;
    let rows: u64 = staged.iter().map(|distilled| distilled.rows).sum();
    let refused = summary.rejected
        + staged
            .iter()
            .map(|distilled| distilled.refused)
            .sum::<u64>();
    let mut unmet = Vec::new();
    if let Some(least) = expect.min_items.filter(|least| rows < *least) {
        unmet.push(format!(
            "{rows} rows, at least {least} are expected (expect.min_items)"
        ));
    }
    if let Some(most) = expect
        .max_rejected
        .filter(|most| share(refused, rows + refused) > *most)
    {
        unmet.push(format!(
            "{refused} of {} rows were rejected, at most {} % are expected (expect.max_rejected)",
            rows + refused,
            percent(most)
        ));
    }
    if let Some(ratio) = expect.min_ratio_vs_last {
        let last = last(store, loader.bound.spider.name(), summary).await?;
        if last.is_some_and(|last| share(rows, last) < ratio) {
            unmet.push(format!(
                "{rows} rows, the last run had {}: at least {} % of them are expected (expect.min_ratio_vs_last)",
                last.unwrap_or_default(),
                percent(ratio)
            ));
        }
    }
    for (column, most) in &expect.max_null {
        for target in &loader.targets {
            unmet.extend(empty(store, target, column, *most).await?);
        }
    }
    Ok(unmet)
}

/// How many rows the last run of the same spider brought that was asked for the same.
async fn last(store: &Store, spider: &str, summary: &Summary) -> Result<Option<u64>, StoreError> {
    let params: [Value; 2] = [spider.into(), summary.told_url().into()];
    let rows = store.fetch(LAST, &params).await?;
    let count = rows
        .first()
        .map_or(Ok(None), |row| row.optional_integer(0))?;
    Ok(count.and_then(|count| count.try_into().ok()))
}

/// Whether too many rows of a target have nothing in a column.
async fn empty(
    store: &Store,
    target: &LoadedTarget,
    column: &str,
    most: f64,
) -> Result<Option<String>, StoreError> {
    if !target.shape.filled().any(|name| name == column) {
        return Ok(None);
    }
    let sql = format!(
        "SELECT COUNT(*), COUNT({}) FROM {}",
        quoted(column),
        target.names.keyed
    );
    let rows = store.fetch(&sql, &[]).await?;
    let number = |index| rows.first().map_or(Ok(0), |row| row.integer(index));
    let (all, filled): (u64, u64) = (
        number(0)?.try_into().unwrap_or_default(),
        number(1)?.try_into().unwrap_or_default(),
    );
    Ok((share(all - filled, all) > most).then(|| {
        format!(
            "{column} is empty in {} of {all} rows of {}, at most {} % are expected (expect.max_null)",
            all - filled,
            target.shape.table,
            percent(most)
        )
    }))
}

/// A part of a whole, from 0 to 1; 0 of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share of rows needs no more than 53 bits"
)]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
        .trim_end_matches(".0")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_in_percent() {
        assert!(share(1, 3) > 0.33 && share(1, 0) < f64::EPSILON);
        assert_eq!((percent(0.9), percent(0.125)), ("90".into(), "12.5".into()));
    }
}
