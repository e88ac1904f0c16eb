//! `source_couverture`: the periods for which a file tells everything, so that no row means zero there.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use mg_core::ToolError;
use mg_db::{
    Value,
    store::{Row, StoreError, Transaction},
};

use super::{
    LoadedTarget,
    filter::Filter,
    part::{File, Part, constants, values},
    source::cut,
    sql::quoted,
};
use crate::definition::{Bound, CoverageRule, LimitsGiven, RequestRole, SourceRule, Template};

const COLUMNS: [&str; 6] = ["fichier_id", "jeu", "mesure", "territoire", "debut", "fin"];

/// The first and the last day that are covered.
type Stretch = (Date, Date);

/// Writes what the rows of a part cover, in the place of what earlier releases of the data set covered.
pub(super) async fn write(
    transaction: &mut Transaction,
    bound: &Bound,
    target: &LoadedTarget,
    part: &Part<'_>,
) -> Result<Vec<String>, ToolError> {
    let Some((source, file)) = &part.source else {
        return Ok(Vec::new());
    };
    let mut notes = Vec::new();
    for rule in &source.coverage {
        if let Some(param) = narrowed(bound, rule, &part.chains) {
            notes.push(format!(
                "the run asked for a part of `{param}` only: what is covered of {} stays as it was",
                rule.measure
            ));
            continue;
        }
        let rows = constants(bound, &rule.rows, &target.shape, &part.chains).and(&part.rows);
        let keyed = &target.names.keyed;
        let territories =
            territories(transaction, bound, rule, target, (&rows, &part.chains)).await?;
        let stretches = match &rule.year {
            Some(year) => years(transaction, keyed, year, rule, source, &rows).await?,
            None => period(transaction, bound, keyed, rule, file, (&rows, &part.chains))
                .await?
                .into_iter()
                .collect(),
        };
        replace(
            transaction,
            source,
            file,
            &rule.measure,
            &territories,
            &stretches,
        )
        .await?;
    }
    Ok(notes)
}

/// A parameter of which a run asked for less than everything, though everything is needed.
fn narrowed<'a>(bound: &Bound, rule: &'a CoverageRule, chains: &[RequestRole]) -> Option<&'a str> {
    let whole = bound
        .spider
        .bind(None, &BTreeMap::new(), &LimitsGiven::default())
        .ok()?;
    let asked = |bound: &Bound, chains: &[RequestRole], param: &String| -> Option<Vec<String>> {
        let template = Template::try_from(format!("{{{param}}}")).ok()?;
        Some(values(bound, &template, chains))
    };
    let all: Vec<RequestRole> = whole.start.iter().map(|request| request.role).collect();
    let mut needed = rule.whole.iter();
    let narrowed = needed.find(|param| asked(bound, chains, param) != asked(&whole, &all, param));
    narrowed.map(String::as_str)
}

/// The territories of a rule: those of a parameter, or those that the rows have.
async fn territories(
    transaction: &mut Transaction,
    bound: &Bound,
    rule: &CoverageRule,
    target: &LoadedTarget,
    (rows, chains): (&Filter, &[RequestRole]),
) -> Result<Vec<String>, StoreError> {
    let named = rule.territory.as_str();
    if !target.shape.filled().any(|column| column == named) {
        return Ok(values(bound, &rule.territory, chains));
    }
    distinct(transaction, &target.names.keyed, named, rows).await
}

async fn distinct(
    transaction: &mut Transaction,
    keyed: &str,
    column: &str,
    rows: &Filter,
) -> Result<Vec<String>, StoreError> {
    let column = quoted(column);
    let sql = format!(
        "SELECT DISTINCT CAST(k.{column} AS CHAR(10)) FROM {keyed} k WHERE k.{column} IS NOT NULL AND {} ORDER BY 1",
        rows.sql("k")
    );
    let found = transaction.fetch(&sql, &rows.params()).await?;
    found
        .iter()
        .map(|row| Ok(row.text(0)?.trim().to_owned()))
        .collect()
}

/// Each year that the rows have. A year in which every row has 0 was not published: the zeros become empty.
async fn years(
    transaction: &mut Transaction,
    keyed: &str,
    column: &str,
    rule: &CoverageRule,
    source: &SourceRule,
    rows: &Filter,
) -> Result<Vec<Stretch>, StoreError> {
    let mut stretches = Vec::new();
    for year in distinct(transaction, keyed, column, rows).await? {
        let digits = year.get(..4).unwrap_or(&year);
        let Some(number) = digits.parse::<i16>().ok() else {
            continue;
        };
        let measure = source
            .zero_year_is_missing
            .iter()
            .find(|name| **name == rule.measure);
        if let Some(measure) = measure
            && was_not_published(transaction, keyed, (column, number), measure, rows).await?
        {
            continue;
        }
        let day = |month, day| Date::new(number, month, day).unwrap_or(Date::MAX);
        stretches.push((day(1, 1), day(12, 31)));
    }
    Ok(joined(stretches))
}

async fn was_not_published(
    transaction: &mut Transaction,
    keyed: &str,
    (column, year): (&str, i16),
    measure: &str,
    rows: &Filter,
) -> Result<bool, StoreError> {
    let measure = quoted(measure);
    let of_year = format!("{} AND {keyed}.{} = ?", rows.sql(keyed), quoted(column));
    let mut params = rows.params();
    params.push(year.into());
    let other = format!("SELECT 1 FROM {keyed} WHERE {of_year} AND {measure} <> 0");
    if !transaction.fetch(&other, &params).await?.is_empty() {
        return Ok(false);
    }
    let sql = format!("UPDATE {keyed} SET {measure} = NULL WHERE {of_year}");
    transaction.execute(&sql, &params).await?;
    Ok(true)
}

/// From the rule's first day to its last, at most to the end of the release's last complete month.
async fn period(
    transaction: &mut Transaction,
    bound: &Bound,
    keyed: &str,
    rule: &CoverageRule,
    file: &File,
    (rows, chains): (&Filter, &[RequestRole]),
) -> Result<Option<Stretch>, StoreError> {
    let day = |texts: Vec<String>, last: bool| {
        let days = texts.iter().filter_map(|text| text.parse::<Date>().ok());
        if last { days.max() } else { days.min() }
    };
    let from = rule
        .from
        .as_ref()
        .and_then(|from| day(values(bound, from, chains), false));
    let asked = rule
        .to
        .as_ref()
        .and_then(|to| day(values(bound, to, chains), true));
    let complete = match &rule.to_last {
        Some(column) => last_month(transaction, keyed, column, rows).await?,
        None => released(file, rule.lag_months),
    };
    let to = [asked, complete].into_iter().flatten().min();
    Ok(from.zip(to).filter(|(from, to)| from <= to))
}

/// The last day of the month so many months before the release.
fn released(file: &File, lag_months: u32) -> Option<Date> {
    let first = format!("{}-01", file.release).parse::<Date>().ok()?;
    Some(
        first
            .checked_sub(i64::from(lag_months).months())
            .ok()?
            .last_of_month(),
    )
}

/// The last day of the last month that the rows reach.
async fn last_month(
    transaction: &mut Transaction,
    keyed: &str,
    column: &str,
    rows: &Filter,
) -> Result<Option<Date>, StoreError> {
    let sql = format!(
        "SELECT CAST(MAX(k.{}) AS CHAR(10)) FROM {keyed} k WHERE {}",
        quoted(column),
        rows.sql("k")
    );
    let found = transaction.fetch(&sql, &rows.params()).await?;
    let text = found.first().map_or(Ok(None), |row| row.optional_text(0))?;
    Ok(text
        .and_then(|text| text.trim().parse::<Date>().ok())
        .map(Date::last_of_month))
}

/// Stretches that follow one another are one.
fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    let mut joined: Vec<Stretch> = Vec::new();
    for (from, to) in stretches {
        match joined.last_mut() {
            Some(last) if last.1.tomorrow().is_ok_and(|next| next >= from) => {
                last.1 = last.1.max(to);
            }
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Writes the stretches of one measure; what other files of the data set cover of them is theirs no longer.
async fn replace(
    transaction: &mut Transaction,
    source: &SourceRule,
    file: &File,
    measure: &str,
    territories: &[String],
    stretches: &[Stretch],
) -> Result<(), StoreError> {
    let dataset = cut(&source.dataset, 60);
    let key = [Value::from(dataset.as_str()), measure.into()];
    let there = "SELECT fichier_id, territoire, CAST(debut AS CHAR(10)), CAST(fin AS CHAR(10)) FROM source_couverture WHERE jeu = ? AND mesure = ?";
    let there = transaction.fetch(there, &key).await?;
    let mut covered: Vec<Covered> = there.iter().map(covered).collect::<Result<_, _>>()?;
    for (from, to) in stretches {
        covered = covered
            .into_iter()
            .flat_map(|old| left(old, territories, (*from, *to)))
            .collect();
        covered.extend(territories.iter().map(|territory| Covered {
            file: file.id.clone(),
            territory: territory.clone(),
            stretch: (*from, *to),
        }));
    }
    transaction
        .execute(
            "DELETE FROM source_couverture WHERE jeu = ? AND mesure = ?",
            &key,
        )
        .await?;
    let row = |covered: Covered| -> Vec<Value> {
        let (from, to) = covered.stretch;
        let [dataset, measure] = key.clone();
        let (from, to) = (from.to_string(), to.to_string());
        vec![
            covered.file.into(),
            dataset,
            measure,
            covered.territory.into(),
            from.into(),
            to.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = covered.into_iter().map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    transaction
        .insert("source_couverture", &COLUMNS, &rows)
        .await
}

/// A row of `source_couverture`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Covered {
    file: String,
    territory: String,
    stretch: Stretch,
}

fn covered(row: &Row) -> Result<Covered, StoreError> {
    let day = |index| {
        let text = row.text(index)?.trim();
        text.parse()
            .map_err(|_| StoreError::Value(format!("`{text}` is no day")))
    };
    Ok(Covered {
        file: row.text(0)?.to_owned(),
        territory: row.text(1)?.to_owned(),
        stretch: (day(2)?, day(3)?),
    })
}

/// What is left of an older stretch beside a new one of some territories.
fn left(old: Covered, territories: &[String], (from, to): Stretch) -> Vec<Covered> {
    if !territories.contains(&old.territory) {
        return vec![old];
    }
    let (first, last) = old.stretch;
    let before = from
        .yesterday()
        .ok()
        .filter(|end| first <= *end)
        .map(|end| (first, end.min(last)));
    let after = to
        .tomorrow()
        .ok()
        .filter(|start| *start <= last)
        .map(|start| (start.max(first), last));
    let kept = before.into_iter().chain(after);
    kept.map(|stretch| Covered {
        stretch,
        ..old.clone()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn years_in_a_row_are_one_stretch() {
        let year = |year| (date(year, 1, 1), date(year, 12, 31));
        let found = joined(vec![year(2020), year(2018), year(2019), year(2022)]);
        assert_eq!(found, [(date(2018, 1, 1), date(2020, 12, 31)), year(2022)]);
    }

    #[test]
    fn a_new_stretch_takes_the_place_of_an_older_one_where_they_meet() {
        let old = Covered {
            file: "dvf_2025-10".into(),
            territory: "77243".into(),
            stretch: (date(2020, 1, 1), date(2025, 6, 30)),
        };
        let left = |from, to, territory: &str| -> Vec<Stretch> {
            let all = left(old.clone(), &[territory.to_owned()], (from, to));
            all.into_iter().map(|covered| covered.stretch).collect()
        };
        let year = (date(2024, 1, 1), date(2024, 12, 31));
        let around = [
            (date(2020, 1, 1), date(2023, 12, 31)),
            (date(2025, 1, 1), date(2025, 6, 30)),
        ];
        assert_eq!(left(year.0, year.1, "77243"), around);
        assert_eq!(left(year.0, year.1, "77307"), [old.stretch]);
        assert!(left(date(2013, 1, 1), date(2026, 3, 31), "77243").is_empty());
        assert_eq!(
            left(date(2026, 1, 1), date(2026, 3, 31), "77243"),
            [old.stretch]
        );
    }

    #[test]
    fn a_release_ends_with_a_complete_month() {
        let file = File {
            id: "x".into(),
            release: "2026-01".into(),
            told: true,
        };
        assert_eq!(released(&file, 1), Some(date(2025, 12, 31)));
        assert_eq!(released(&file, 0), Some(date(2026, 1, 31)));
        assert_eq!(
            released(
                &File {
                    release: "?".into(),
                    ..file
                },
                0
            ),
            None
        );
    }
}
