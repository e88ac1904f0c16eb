//! One indicator in one place: reads the facts of any number of periods, one statement a source, and evaluates them.

use std::collections::{BTreeMap, BTreeSet};

use mg_core::{
    Language, ToolError,
    kpi::{Definition, Period, Status},
};

use crate::{
    evaluate::{Evidence, Measured, evaluate},
    facts::FactQuery,
    note::Note,
    objective,
    reading::{self, Reading},
    store::{Known, KpiStore},
    territory::Place,
};

/// One indicator in one place, and how it is to be told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    /// The indicator.
    pub(crate) definition: &'a Definition,
    /// The place.
    pub(crate) place: &'a Place,
    /// What is loaded and what is to be reached.
    pub(crate) known: &'a Known,
    /// Below how many permits a ratio in one commune is withheld.
    pub(crate) min_cell: u32,
    /// The language of labels and notes.
    pub(crate) language: Language,
}

impl Case<'_> {
    /// The values of some periods.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or a query of the definition fails.
    pub(crate) async fn measure<const N: usize>(
        &self,
        store: &KpiStore,
        periods: [Period; N],
    ) -> Result<[Measured; N], ToolError> {
        let readings = periods.map(|period| self.reading(period));
        let evidence = self.evidence(store, &readings).await?;
        Ok(readings.map(|reading| match reading {
            Some(reading) => evaluate(&evidence, &reading),
            None => self.without_plan(),
        }))
    }

    fn reading(&self, period: Period) -> Option<Reading> {
        let plan = objective::of_plan(&self.known.objectives, period).map(|plan| plan.period);
        reading::choose(
            self.definition,
            &self.known.coverage,
            self.place,
            period,
            plan,
        )
    }

    async fn evidence(
        &self,
        store: &KpiStore,
        readings: &[Option<Reading>],
    ) -> Result<Evidence<'_>, ToolError> {
        let mut evidence = Evidence {
            definition: self.definition,
            place: self.place,
            coverage: &self.known.coverage,
            facts: BTreeMap::new(),
            denominator: Vec::new(),
            objectives: &self.known.objectives,
            min_cell: self.min_cell,
        };
        let name = &self.definition.name;
        let codes: Vec<_> = self.place.codes().collect();
        for (index, window) in windows(readings) {
            let Some(source) = self.definition.sources.get(index) else {
                continue;
            };
            let query = FactQuery::of_source(self.definition, source);
            let facts = store.facts(name, query, &codes, Some(window)).await?;
            evidence.facts.insert(index, facts);
        }
        if let Some(denominator) = &self.definition.denominator {
            let query = FactQuery::of_denominator(denominator);
            evidence.denominator = store.facts(name, query, &codes, None).await?;
        }
        Ok(evidence)
    }

    fn without_plan(&self) -> Measured {
        let plans = self
            .known
            .objectives
            .iter()
            .map(|plan| plan.period)
            .collect();
        Measured::without_value(Status::Missing, BTreeSet::new(), Note::NoObjective(plans))
    }
}

/// One window a source that holds all its readings; none for what nobody covers.
fn windows(readings: &[Option<Reading>]) -> BTreeMap<usize, Period> {
    let mut windows: BTreeMap<usize, Period> = BTreeMap::new();
    for reading in readings
        .iter()
        .flatten()
        .filter(|reading| reading.cover != reading::Cover::Nothing)
    {
        let window = windows.entry(reading.source).or_insert(reading.read);
        let (start, end) = (
            window.start.min(reading.read.start),
            window.end.max(reading.read.end),
        );
        *window = Period::spanning(start, end);
    }
    windows
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::reading::Cover;

    fn reading(source: usize, window: Period, cover: Cover) -> Reading {
        Reading {
            period: window,
            source,
            window,
            read: window,
            members: Vec::new(),
            cover,
        }
    }

    #[test]
    fn one_statement_a_source_reads_all_periods() {
        let year = |year| Period::year_of(date(year, 1, 1));
        let readings = [
            Some(reading(0, year(2022), Cover::Whole)),
            Some(reading(0, year(2020), Cover::Whole)),
            Some(reading(1, year(2025), Cover::Months(None))),
            None,
        ];
        let expected = [
            (0, Period::spanning(date(2020, 1, 1), date(2022, 12, 1))),
            (1, year(2025)),
        ];
        assert_eq!(windows(&readings), BTreeMap::from(expected));
    }

    #[test]
    fn what_nobody_covers_is_not_asked_for() {
        let nothing = reading(0, Period::year_of(date(1950, 1, 1)), Cover::Nothing);
        assert!(windows(&[Some(nothing)]).is_empty());
    }
}
