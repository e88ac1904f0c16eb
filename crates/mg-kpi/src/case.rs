//! One indicator in one place: reads the facts of any number of periods, one statement a source, and evaluates them.

use std::collections::{BTreeMap, BTreeSet};

use mg_core::{
    Language, ToolError,
    kpi::{Definition, Grain, Period, Status},
};

use crate::{
    KpiServer,
    evaluate::{Evidence, Measured, evaluate},
    facts::{Fact, FactQuery, Timeline},
    note::Note,
    objective,
    reach::{earliest_of, latest_of},
    reading::{Choice, Cover, Reading},
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

impl<'a> Case<'a> {
    /// As the server tells it.
    pub(crate) fn of(
        server: &KpiServer,
        definition: &'a Definition,
        place: &'a Place,
        known: &'a Known,
    ) -> Self {
        Self {
            definition,
            place,
            known,
            min_cell: server.settings.file.kpi.min_cell,
            language: server.settings.language,
        }
    }

    /// The periods of a grain, from the first that can be told to the last.
    pub(crate) fn told(&self, grain: Grain) -> impl Iterator<Item = Period> + use<> {
        let coverage = &self.known.coverage;
        let first = earliest_of(self.definition, coverage, self.place, grain);
        let last = latest_of(self.definition, coverage, self.place, grain);
        let bounds = first.zip(last);
        bounds
            .into_iter()
            .flat_map(|(first, last)| first.until(last))
    }

    /// The values of a few periods.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or a query of the definition fails.
    pub(crate) async fn measure<const N: usize>(
        &self,
        store: &KpiStore,
        periods: [Period; N],
    ) -> Result<[Measured; N], ToolError> {
        let choice = self.choice();
        let readings = periods.map(|period| self.reading(&choice, period));
        let evidence = self.evidence(store, &readings).await?;
        Ok(readings.map(|reading| self.value(&evidence, reading.as_ref())))
    }

    /// The values of any number of periods, in their order.
    ///
    /// # Errors
    ///
    /// As [`Self::measure`].
    pub(crate) async fn measure_all(
        &self,
        store: &KpiStore,
        periods: &[Period],
    ) -> Result<Vec<Measured>, ToolError> {
        let readings = self.readings(periods);
        let evidence = self.evidence(store, &readings).await?;
        Ok(readings
            .iter()
            .map(|reading| self.value(&evidence, reading.as_ref()))
            .collect())
    }

    fn value(&self, evidence: &Evidence<'_>, reading: Option<&Reading>) -> Measured {
        match reading {
            Some(reading) => evaluate(evidence, reading),
            None => self.without_plan(),
        }
    }

    fn choice(&self) -> Choice<'_> {
        Choice::of(self.definition, &self.known.coverage, self.place)
    }

    fn reading(&self, choice: &Choice<'_>, period: Period) -> Option<Reading> {
        let plan = objective::of_plan(&self.known.objectives, period);
        choice.reading(period, plan.map(|plan| plan.period))
    }

    fn readings(&self, periods: &[Period]) -> Vec<Option<Reading>> {
        let choice = self.choice();
        let readings = periods.iter().map(|period| self.reading(&choice, *period));
        readings.collect()
    }

    async fn evidence(
        &self,
        store: &KpiStore,
        readings: &[Option<Reading>],
    ) -> Result<Evidence<'_>, ToolError> {
        let codes: Vec<_> = self.place.codes().collect();
        let facts = Facts::read(store, self.definition, &codes, readings).await?;
        Ok(self.with(facts))
    }

    fn with(&self, facts: Facts) -> Evidence<'_> {
        Evidence {
            definition: self.definition,
            place: self.place,
            coverage: &self.known.coverage,
            facts: facts.by_source,
            denominator: facts.denominator,
            objectives: &self.known.objectives,
            min_cell: self.min_cell,
        }
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

/// The values of one period in several places of one indicator, one statement a source.
///
/// # Errors
///
/// As [`Case::measure`].
pub(crate) async fn measure_places(
    store: &KpiStore,
    cases: &[Case<'_>],
    period: Period,
) -> Result<Vec<Measured>, ToolError> {
    let periods = vec![vec![period]; cases.len()];
    let measured = measure_table(store, cases, &periods).await?;
    Ok(measured.into_iter().flatten().collect())
}

/// The values of some periods in each of several places of one indicator, one statement a source for all.
///
/// # Errors
///
/// As [`Case::measure`].
pub(crate) async fn measure_table(
    store: &KpiStore,
    cases: &[Case<'_>],
    periods: &[Vec<Period>],
) -> Result<Vec<Vec<Measured>>, ToolError> {
    let Some(first) = cases.first() else {
        return Ok(Vec::new());
    };
    let readings: Vec<Vec<_>> = cases
        .iter()
        .zip(periods)
        .map(|(case, periods)| case.readings(periods))
        .collect();
    let codes: BTreeSet<_> = cases.iter().flat_map(|case| case.place.codes()).collect();
    let codes: Vec<_> = codes.into_iter().collect();
    let all: Vec<_> = readings.iter().flatten().cloned().collect();
    let facts = Facts::read(store, first.definition, &codes, &all).await?;
    let mut measured = Vec::new();
    for (case, readings) in cases.iter().zip(&readings) {
        let codes: BTreeSet<_> = case.place.codes().collect();
        let evidence = case.with(facts.within(&codes));
        let values = readings
            .iter()
            .map(|reading| case.value(&evidence, reading.as_ref()));
        measured.push(values.collect());
        // Many places take a while: others may go on in between.
        tokio::task::yield_now().await;
    }
    Ok(measured)
}

/// What the sources of an indicator say.
#[derive(Clone, Debug)]
struct Facts {
    by_source: BTreeMap<usize, Timeline>,
    denominator: Vec<Fact>,
}

impl Facts {
    /// One statement a source, and one for the denominator.
    async fn read(
        store: &KpiStore,
        definition: &Definition,
        codes: &[&str],
        readings: &[Option<Reading>],
    ) -> Result<Self, ToolError> {
        let name = &definition.name;
        let mut by_source = BTreeMap::new();
        for (index, window) in windows(readings) {
            let Some(source) = definition.sources.get(index) else {
                continue;
            };
            let query = FactQuery::of_source(definition, source);
            let facts = store.facts(name, query, codes, Some(window)).await?;
            by_source.insert(index, facts.into_iter().collect());
        }
        let denominator = match &definition.denominator {
            None => Vec::new(),
            Some(denominator) => {
                let query = FactQuery::of_denominator(denominator);
                store.facts(name, query, codes, None).await?
            }
        };
        Ok(Self {
            by_source,
            denominator,
        })
    }

    /// Those of some territories.
    fn within(&self, codes: &BTreeSet<&str>) -> Self {
        let held = |fact: &&Fact| codes.contains(&*fact.territory);
        let by_source = self.by_source.iter().map(|(source, facts)| {
            let facts = facts.all().filter(held).cloned();
            (*source, facts.collect())
        });
        Self {
            by_source: by_source.collect(),
            denominator: self.denominator.iter().filter(held).cloned().collect(),
        }
    }
}

/// One window a source that holds all its readings; none for what nobody covers.
fn windows(readings: &[Option<Reading>]) -> BTreeMap<usize, Period> {
    let mut windows: BTreeMap<usize, Period> = BTreeMap::new();
    for reading in readings
        .iter()
        .flatten()
        .filter(|reading| reading.cover != Cover::Nothing)
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

    fn reading(source: usize, window: Period, cover: Cover) -> Reading {
        Reading {
            period: window,
            source,
            window,
            read: window,
            members: [].into(),
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
