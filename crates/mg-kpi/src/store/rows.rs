//! What mg-kpi reads, statement by statement, and what the rows mean.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use mg_core::{
    ToolError,
    kpi::{Definition, Period, Status, Territory},
};
use mg_db::{
    Value,
    store::{Row, StoreError},
};
use rust_decimal::Decimal;

use super::KpiStore;
use crate::{
    coverage::{Coverage, File, Stretch},
    objective::Objective,
    territory::{Entry, Place, Territories},
};

/// Every territory, with SIREN and post code of communes.
pub(super) const TERRITORIES: &str = "SELECT t.territoire, t.nom, t.parent, c.siren_commune, c.code_postal \
     FROM dim_territoire t LEFT JOIN dim_commune c ON c.comm = t.territoire \
     UNION ALL SELECT comm, nom, epci_siren, siren_commune, code_postal FROM dim_commune \
     WHERE comm NOT IN (SELECT territoire FROM dim_territoire)";

const OBJECTIVES: &str = "SELECT debut, fin, cible, origine FROM kpi_cible \
     WHERE kpi_code = ? AND territoire = ? ORDER BY debut";

const OBJECTIVES_OF: &str = "SELECT debut, fin, cible, origine, territoire FROM kpi_cible \
     WHERE kpi_code = ? AND territoire IN";

const STORED: &str = "SELECT millesime, valeur, statut, nb_obs FROM kpi_value \
     WHERE kpi_code = ? AND territoire = ? AND grain = ? AND periode = ? ORDER BY millesime";

const STORED_SERIES: &str = "SELECT periode, millesime, valeur, statut, nb_obs FROM kpi_value \
     WHERE kpi_code = ? AND territoire = ? AND grain = ? AND periode BETWEEN ? AND ? \
     ORDER BY periode, millesime";

/// What is known of an indicator in a place before any fact is read.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// What is loaded.
    pub(crate) coverage: Coverage,
    /// What is to be reached, by start.
    pub(crate) objectives: Vec<Objective>,
}

/// A value kept from a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The release.
    pub(crate) vintage: String,
    /// The value.
    pub(crate) value: Option<Decimal>,
    /// Its status then.
    pub(crate) status: Status,
    /// How many rows entered.
    pub(crate) sample_size: Option<u64>,
}

impl KpiStore {
    /// The coverage of every measure of an indicator in a place, and its objectives.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub(crate) async fn known(
        &self,
        definition: &Definition,
        place: &Place,
    ) -> Result<Known, ToolError> {
        let statement = coverage_statement(definition, place.codes());
        let rows = self.fetch(&statement, &[]).await?;
        let params = [
            definition.name.as_str().into(),
            place.territory.code.as_str().into(),
        ];
        let objectives = self.fetch(OBJECTIVES, &params).await?;
        Ok(Known {
            coverage: self.covered(definition, &rows).await?,
            objectives: objectives.iter().map(objective).collect::<Result<_, _>>()?,
        })
    }

    /// The same for several places at once, in their order; the coverage of each is that of all.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub(crate) async fn known_of(
        &self,
        definition: &Definition,
        places: &[&Place],
    ) -> Result<Vec<Known>, ToolError> {
        let codes: BTreeSet<&str> = places.iter().flat_map(|place| place.codes()).collect();
        let statement = coverage_statement(definition, codes.iter().copied());
        let rows = self.fetch(&statement, &[]).await?;
        let coverage = self.covered(definition, &rows).await?;
        let statement = format!(
            "{OBJECTIVES_OF} ({}) ORDER BY debut",
            quoted(codes.into_iter())
        );
        let rows = self
            .fetch(&statement, &[definition.name.as_str().into()])
            .await?;
        let mut objectives: BTreeMap<String, Vec<Objective>> = BTreeMap::new();
        for row in &rows {
            let of = objectives.entry(trimmed(row, 4)?).or_default();
            of.push(objective(row)?);
        }
        let known = places.iter().map(|place| Known {
            coverage: coverage.clone(),
            objectives: objectives
                .get(&place.territory.code)
                .cloned()
                .unwrap_or_default(),
        });
        Ok(known.collect())
    }

    /// What rows of [`coverage_statement`] say; where they say nothing, of which territories others do.
    async fn covered(&self, definition: &Definition, rows: &[Row]) -> Result<Coverage, ToolError> {
        let mut coverage = coverage(rows)?;
        if coverage.is_empty() {
            let rows = self.fetch(&elsewhere_statement(definition), &[]).await?;
            coverage.elsewhere = rows
                .iter()
                .map(|row| trimmed(row, 0))
                .collect::<Result<_, _>>()?;
        }
        Ok(coverage)
    }

    /// The values of a period that were kept, one a release.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub(crate) async fn stored(
        &self,
        name: &str,
        place: &Place,
        period: Period,
    ) -> Result<Vec<Stored>, ToolError> {
        let params: [Value; 4] = [
            name.into(),
            place.territory.code.as_str().into(),
            period.grain.name().into(),
            period.start.to_string().as_str().into(),
        ];
        let rows = self.fetch(STORED, &params).await?;
        Ok(rows
            .iter()
            .map(|row| stored(row, 0))
            .collect::<Result<_, _>>()?)
    }

    /// The values of the periods of one grain that were kept, with the first day of each, by period and release.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub(crate) async fn stored_series(
        &self,
        name: &str,
        place: &Place,
        first: Period,
        last: Period,
    ) -> Result<Vec<(Date, Stored)>, ToolError> {
        let params: [Value; 5] = [
            name.into(),
            place.territory.code.as_str().into(),
            first.grain.name().into(),
            first.start.to_string().as_str().into(),
            last.start.to_string().as_str().into(),
        ];
        let rows = self.fetch(STORED_SERIES, &params).await?;
        let kept = rows.iter().map(|row| Ok((date(row, 0)?, stored(row, 1)?)));
        Ok(kept.collect::<Result<_, StoreError>>()?)
    }
}

/// The territories that any source of an indicator covers.
fn elsewhere_statement(definition: &Definition) -> String {
    let measures = definition
        .sources
        .iter()
        .map(|source| source.measure.as_str());
    format!(
        "SELECT DISTINCT territoire FROM source_couverture WHERE mesure IN ({}) ORDER BY territoire",
        quoted(measures)
    )
}

/// All files, with what they cover of the measures of an indicator in some territories.
fn coverage_statement<'a>(definition: &Definition, codes: impl Iterator<Item = &'a str>) -> String {
    let measures = definition
        .sources
        .iter()
        .map(|source| source.measure.as_str());
    let measures = measures.chain(
        definition
            .denominator
            .iter()
            .map(|denominator| denominator.measure.as_str()),
    );
    format!(
        "SELECT f.fichier_id, f.jeu, f.licence, f.millesime, f.synthetique, f.remarque, c.mesure, c.territoire, c.debut, c.fin \
         FROM source_fichier f LEFT JOIN source_couverture c ON c.fichier_id = f.fichier_id \
         AND c.mesure IN ({}) AND c.territoire IN ({})",
        quoted(measures),
        quoted(codes),
    )
}

fn quoted<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts
        .map(|text| format!("'{}'", text.replace('\'', "''")))
        .collect::<Vec<_>>()
        .join(", ")
}

fn coverage(rows: &[Row]) -> Result<Coverage, StoreError> {
    let mut coverage = Coverage::default();
    for row in rows {
        let id = row.text(0)?;
        if !coverage.files.contains_key(id) {
            coverage.files.insert(id.to_owned(), file(row)?);
        }
        if let Some(measure) = row.optional_text(6)? {
            let stretch = Stretch {
                file: id.to_owned(),
                start: date(row, 8)?,
                end: date(row, 9)?,
            };
            coverage.add(measure, &trimmed(row, 7)?, stretch);
        }
    }
    Ok(coverage)
}

fn file(row: &Row) -> Result<File, StoreError> {
    Ok(File {
        dataset: row.text(1)?.to_owned(),
        licence: row.text(2)?.to_owned(),
        vintage: row
            .optional_text(3)?
            .map(|vintage| vintage.trim().to_owned()),
        synthetic: row.integer(4)? != 0,
        remark: row.optional_text(5)?.map(str::to_owned),
    })
}

fn objective(row: &Row) -> Result<Objective, StoreError> {
    let period = Period::spanning(date(row, 0)?, date(row, 1)?);
    Ok(Objective {
        period,
        value: row.decimal(2)?,
        origin: row.text(3)?.to_owned(),
    })
}

/// The value whose columns begin with `first`.
fn stored(row: &Row, first: usize) -> Result<Stored, StoreError> {
    let status = row.text(first + 2)?;
    Ok(Stored {
        vintage: trimmed(row, first)?,
        value: row.optional_decimal(first + 1)?,
        status: serde_json::from_value(status.into()).map_err(|_| {
            StoreError::Value(format!("kpi_value has the unknown status `{status}`"))
        })?,
        sample_size: count(row, first + 3)?,
    })
}

/// The rows of [`TERRITORIES`].
pub(super) fn territories(rows: &[Row]) -> Result<Territories, StoreError> {
    let entry = |row: &Row| {
        let territory = Territory {
            code: trimmed(row, 0)?,
            name: row.text(1)?.to_owned(),
        };
        let trim = |text: &str| text.trim().to_owned();
        Ok(Entry {
            territory,
            parent: row.optional_text(2)?.map(trim),
            siren: row.optional_text(3)?.map(trim),
            postcode: row.optional_text(4)?.map(trim),
        })
    };
    rows.iter()
        .map(entry)
        .collect::<Result<Vec<_>, StoreError>>()
        .map(Territories::from_iter)
}

pub(super) fn trimmed(row: &Row, index: usize) -> Result<String, StoreError> {
    row.text(index).map(|text| text.trim().to_owned())
}

pub(super) fn date(row: &Row, index: usize) -> Result<Date, StoreError> {
    let text = row.text(index)?;
    text.parse()
        .map_err(|_| StoreError::Value(format!("`{text}` is not a date")))
}

pub(super) fn count(row: &Row, index: usize) -> Result<Option<u64>, StoreError> {
    Ok(row
        .optional_integer(index)?
        .and_then(|count| u64::try_from(count).ok()))
}
