//! Rows into the tables they wait in.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{Context, SHA256};
use mg_db::{
    Value,
    store::{Store, StoreError, Transaction},
};

use super::{LoadedTarget, Staged, fit::fitted, shape::Shape, sql::quoted};
use crate::{hexadecimal::hexadecimal, item::Item};

/// The number of the row that stands for a page that did not change.
pub(super) const UNCHANGED: i64 = -1;

/// The values that columns may have where these stand in a dimension: a row for a commune that the database does not
/// know is refused by its name and does not break the whole load.
pub(super) async fn known(
    store: &Store,
    shape: &Shape,
) -> Result<Vec<Option<BTreeSet<String>>>, StoreError> {
    let mut all = Vec::new();
    for column in &shape.columns {
        all.push(match &column.reference {
            None => None,
            Some((table, target)) => {
                let sql = format!("SELECT {target} FROM {table}");
                let rows = store.fetch(&sql, &[]).await?;
                let codes = rows
                    .iter()
                    .map(|row| Ok(row.text(0)?.trim_end().to_owned()));
                Some(codes.collect::<Result<_, StoreError>>()?)
            }
        });
    }
    Ok(all)
}

/// Stages what some pages hold for one target, in one transaction.
pub(super) async fn stage(
    store: &Store,
    target: &LoadedTarget,
    index: usize,
    pages: &[Staged],
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    clear(&mut transaction, target, pages).await?;
    let rows: Vec<Vec<Value>> = pages
        .iter()
        .flat_map(|page| of_page(page, target, index))
        .collect();
    let mut columns: Vec<String> = [
        "_page",
        "_item",
        "_source_url",
        "_fetched_at",
        "_content_hash",
        "_refused",
    ]
    .map(str::to_owned)
    .to_vec();
    columns.extend(target.shape.filled().map(quoted));
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    if !rows.is_empty() {
        transaction
            .insert(&target.names.staged, &columns, &rows)
            .await?;
    }
    transaction.commit().await
}

/// Removes what an earlier reading of the pages has staged: all of it, or what this part of a file begins with.
async fn clear(
    transaction: &mut Transaction,
    target: &LoadedTarget,
    pages: &[Staged],
) -> Result<(), StoreError> {
    let sql = format!(
        "DELETE FROM {} WHERE _page = ? AND _item >= ?",
        target.names.staged
    );
    for page in pages {
        let first = if page.first == 0 {
            UNCHANGED
        } else {
            page.first
        };
        transaction
            .execute(&sql, &[page.page.into(), first.into()])
            .await?;
    }
    Ok(())
}

fn of_page(page: &Staged, target: &LoadedTarget, index: usize) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    if page.unchanged && target.shape.own {
        let values = vec![Value::Null; target.shape.columns.len()];
        rows.push(row(page, UNCHANGED, None, Some("unchanged"), values));
    }
    let numbered = (page.first..).zip(&page.items);
    for (number, item) in numbered.filter(|(_, item)| item.target == index) {
        rows.push(match values(item, target) {
            Ok(values) => row(page, number, Some(hash(&values)), None, values),
            Err(reason) => {
                let nothing = vec![Value::Null; target.shape.columns.len()];
                row(page, number, None, Some(&reason), nothing)
            }
        });
    }
    rows
}

fn row(
    page: &Staged,
    number: i64,
    hash: Option<String>,
    refused: Option<&str>,
    values: Vec<Value>,
) -> Vec<Value> {
    let mut row: Vec<Value> = vec![
        page.page.into(),
        number.into(),
        page.url.as_str().into(),
        page.fetched_at.as_str().into(),
        hash.into(),
        refused.into(),
    ];
    row.extend(values);
    row
}

/// The values of an item as the table takes them, or why it does not.
fn values(item: &Item, target: &LoadedTarget) -> Result<Vec<Value>, String> {
    let columns = target.shape.columns.iter().zip(&target.known);
    let values = item
        .values
        .iter()
        .zip(columns)
        .map(|(value, (column, known))| {
            let value =
                fitted(value, column).map_err(|reason| format!("{} {reason}", column.name))?;
            match (known, &value, &column.reference) {
                (Some(known), Value::Text(code), Some((table, _))) if !known.contains(code) => {
                    Err(format!("{} {code} is not in {table}", column.name))
                }
                _ => Ok(value),
            }
        });
    values.collect()
}

/// The same for the same values, in every version of the program.
fn hash(values: &[Value]) -> String {
    let mut digest = Context::new(&SHA256);
    for value in values {
        let text = match value {
            Value::Null => String::new(),
            Value::Integer(value) => format!("i{value}"),
            Value::Real(value) => format!("r{value}"),
            Value::Decimal(value) => format!("d{}", value.normalize()),
            Value::Text(text) => format!("t{text}"),
        };
        digest.update(text.as_bytes());
        digest.update(&[0]);
    }
    let bytes = digest.finish();
    hexadecimal(&bytes.as_ref()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tells_values_apart_and_stays_what_it_was() {
        let one = hash(&["a".into(), Value::Null, 1.into()]);
        assert_eq!(one.len(), 32);
        assert_eq!(one, hash(&["a".into(), Value::Null, 1.into()]));
        assert_ne!(one, hash(&[Value::Null, "a".into(), 1.into()]));
        assert_ne!(one, hash(&["a".into(), Value::Null, "1".into()]));
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        assert_eq!(hash(&[decimal("1.50")]), hash(&[decimal("1.5")]));
    }
}
