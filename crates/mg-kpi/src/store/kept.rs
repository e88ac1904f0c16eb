//! Keeps values in `kpi_value`, release by release.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use mg_core::{
    ToolError,
    kpi::{Period, Status},
};
use mg_db::{
    Value,
    store::{Row, StoreError, Transaction},
};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{
    KpiStore, Predicted, predicted,
    rows::{count, date, trimmed},
};

const ALL: &str = "SELECT territoire, grain, periode, millesime, valeur, statut, nb_obs \
     FROM kpi_value WHERE kpi_code = ?";

const DELETE: &str = "DELETE FROM kpi_value \
     WHERE kpi_code = ? AND territoire = ? AND grain = ? AND periode = ? AND millesime = ?";

const COLUMNS: [&str; 10] = [
    "kpi_code",
    "territoire",
    "grain",
    "periode",
    "millesime",
    "valeur",
    "statut",
    "nb_obs",
    "calcule_le",
    "fichier_id",
];

/// A value of one release to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The territory's code.
    pub(crate) territory: String,
    /// The period.
    pub(crate) period: Period,
    /// The release, `YYYY-MM`.
    pub(crate) vintage: String,
    /// The value, rounded as it is told.
    pub(crate) value: Option<Decimal>,
    /// Its status.
    pub(crate) status: Status,
    /// How many rows entered.
    pub(crate) sample_size: Option<u64>,
    /// The file it comes from, where there is one only.
    pub(crate) file: Option<String>,
}

/// What became of the values of one indicator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub(crate) struct Written {
    /// Values that were not there
    pub(crate) inserted: usize,
    /// Values of the same release that changed
    pub(crate) updated: usize,
    /// Values that are as they were
    pub(crate) unchanged: usize,
    /// Values that differ from those of the release before
    pub(crate) revised: usize,
}

/// Territory, grain, first day.
type Place = (String, String, Date);
/// Value, status, rows.
type Content = (Option<Decimal>, String, Option<u64>);
type Releases = BTreeMap<String, Content>;

impl KpiStore {
    /// Writes the values of one indicator and its forecasts, all of them in one transaction. What is there already is left
    /// alone, so that the same a second time changes nothing. Answers what became of the values, and how many forecasts
    /// were written.
    ///
    /// # Errors
    ///
    /// When there is no account that may write, or the database cannot be written; nothing has changed then.
    pub(crate) async fn keep(
        &self,
        name: &str,
        values: &[Kept],
        forecasts: &[Predicted],
        now: &str,
    ) -> Result<(Written, usize), ToolError> {
        let mut transaction = self.writing().await?;
        let written = write(&mut transaction, name, values, now).await?;
        let forecasts = predicted::write(&mut transaction, name, forecasts, now).await?;
        transaction.commit().await?;
        Ok((written, forecasts))
    }
}

async fn write(
    transaction: &mut Transaction,
    name: &str,
    values: &[Kept],
    now: &str,
) -> Result<Written, StoreError> {
    let rows = transaction.fetch(ALL, &[name.into()]).await?;
    let known = known(&rows)?;
    let mut written = Written::default();
    for (place, vintage) in gone(&known, values) {
        delete(transaction, name, place, vintage).await?;
        written.updated += 1;
    }
    let mut fresh = Vec::new();
    for value in values {
        let place = place(value);
        let releases = known.get(&place);
        written.revised += usize::from(is_revised(value, releases));
        match releases.and_then(|releases| releases.get(&value.vintage)) {
            Some(content) if *content == content_of(value) => {
                written.unchanged += 1;
                continue;
            }
            Some(_) => {
                delete(transaction, name, &place, &value.vintage).await?;
                written.updated += 1;
            }
            None => written.inserted += 1,
        }
        fresh.push(row(name, value, now));
    }
    transaction.insert("kpi_value", &COLUMNS, &fresh).await?;
    Ok(written)
}

/// What is kept of a release that values still come from, of periods that have none any more: the release told it and
/// tells it no longer. What other releases told is theirs.
fn gone<'a>(known: &'a BTreeMap<Place, Releases>, values: &[Kept]) -> Vec<(&'a Place, &'a String)> {
    let told: BTreeSet<Place> = values.iter().map(place).collect();
    let current: BTreeSet<&String> = values.iter().map(|value| &value.vintage).collect();
    let gone = known.iter().filter(|(place, _)| !told.contains(place));
    gone.flat_map(|(place, releases)| releases.keys().map(move |vintage| (place, vintage)))
        .filter(|(_, vintage)| current.contains(vintage))
        .collect()
}

fn known(rows: &[Row]) -> Result<BTreeMap<Place, Releases>, StoreError> {
    let mut known: BTreeMap<Place, Releases> = BTreeMap::new();
    for row in rows {
        let place = (trimmed(row, 0)?, trimmed(row, 1)?, date(row, 2)?);
        let content = (
            row.optional_decimal(4)?.map(|value| value.normalize()),
            trimmed(row, 5)?,
            count(row, 6)?,
        );
        known
            .entry(place)
            .or_default()
            .insert(trimmed(row, 3)?, content);
    }
    Ok(known)
}

fn place(value: &Kept) -> Place {
    let grain = value.period.grain.name().to_owned();
    (value.territory.clone(), grain, value.period.start)
}

fn content_of(value: &Kept) -> Content {
    (
        value.value.map(|value| value.normalize()),
        value.status.name().to_owned(),
        value.sample_size,
    )
}

/// Whether the last release before told another value.
fn is_revised(value: &Kept, releases: Option<&Releases>) -> bool {
    let before = releases.and_then(|releases| releases.range(..value.vintage.clone()).next_back());
    before.is_some_and(|(_, (old, ..))| *old != value.value.map(|value| value.normalize()))
}

async fn delete(
    transaction: &mut Transaction,
    name: &str,
    (territory, grain, start): &Place,
    vintage: &str,
) -> Result<(), StoreError> {
    let key: [Value; 5] = [
        name.into(),
        territory.as_str().into(),
        grain.as_str().into(),
        start.to_string().into(),
        vintage.into(),
    ];
    transaction.execute(DELETE, &key).await.map(drop)
}

fn row(name: &str, value: &Kept, now: &str) -> Vec<Value> {
    vec![
        name.into(),
        value.territory.as_str().into(),
        value.period.grain.name().into(),
        value.period.start.to_string().into(),
        value.vintage.as_str().into(),
        value.value.into(),
        value.status.name().into(),
        value
            .sample_size
            .and_then(|count| i64::try_from(count).ok())
            .into(),
        now.into(),
        value.file.as_deref().into(),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn kept(vintage: &str, value: i64) -> Kept {
        Kept {
            territory: "77243".into(),
            period: Period::year_of(date(2022, 1, 1)),
            vintage: vintage.into(),
            value: Some(value.into()),
            status: Status::Final,
            sample_size: None,
            file: None,
        }
    }

    #[test]
    fn what_a_release_tells_no_longer_is_gone_and_what_earlier_ones_told_stays() {
        let at = |year, vintage: &str| Kept {
            period: Period::year_of(date(year, 1, 1)),
            ..kept(vintage, 150)
        };
        let releases = |vintages: &[&str]| -> Releases {
            let content = |vintage: &&str| ((*vintage).to_owned(), content_of(&at(2022, vintage)));
            vintages.iter().map(content).collect()
        };
        let known = BTreeMap::from([
            (place(&at(2021, "")), releases(&["2025-09", "2026-03"])),
            (place(&at(2022, "")), releases(&["2025-09", "2026-03"])),
        ]);
        let now = [at(2022, "2026-03")];
        let lost = place(&at(2021, ""));
        assert_eq!(gone(&known, &now), [(&lost, &"2026-03".to_owned())]);
        assert!(gone(&known, &[at(2022, "2026-09")]).is_empty());
    }

    #[test]
    fn a_value_is_revised_when_the_release_before_it_had_another() {
        let releases = Releases::from([
            ("2025-09".to_owned(), content_of(&kept("2025-09", 150))),
            ("2026-03".to_owned(), content_of(&kept("2026-03", 160))),
        ]);
        let revised = |vintage, value| is_revised(&kept(vintage, value), Some(&releases));
        assert!(revised("2026-03", 160), "150 before");
        assert!(!revised("2026-04", 160), "the same as in 2026-03");
        assert!(!revised("2025-09", 999), "nothing is known before");
        assert!(!is_revised(&kept("2026-03", 160), None));
    }
}
