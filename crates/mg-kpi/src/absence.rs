//! Tells a value that is not known from zero: missing, or partial with what is covered and who lacks.

use std::collections::BTreeSet;

use mg_core::kpi::{Aggregation, Fill, Grain, Period, Status};

use crate::{
    evaluate::{Evidence, Measured, source},
    facts::Fact,
    note::Note,
    reading::{Cover, Reading},
    sums::ending,
};

/// Missing or partial, when the window is not known whole for every member.
pub(crate) fn absent(
    evidence: &Evidence<'_>,
    reading: &Reading,
    facts: &[&Fact],
    files: &BTreeSet<String>,
) -> Option<Measured> {
    let withheld: BTreeSet<String> = facts
        .iter()
        .filter(|fact| fact.withheld)
        .map(|fact| fact.territory.clone())
        .collect();
    let unknown = unknown(evidence, reading, facts);
    let (status, note) = match &reading.cover {
        Cover::Nothing => (Status::Missing, missing(evidence, reading)),
        Cover::Months(months) => (Status::Partial, Note::CoveredOnly(*months)),
        Cover::Members(lacking) => (
            Status::Partial,
            lacking_note(evidence, lacking.union(&unknown)),
        ),
        Cover::Whole if !withheld.is_empty() => {
            let whole = withheld.len() == reading.members.len();
            let status = if whole {
                Status::Secret
            } else {
                Status::Partial
            };
            (status, Note::Withheld(names(evidence, withheld.iter())))
        }
        Cover::Whole if unknown.is_empty() => return None,
        Cover::Whole if unknown.len() == reading.members.len() => {
            (Status::Missing, Note::Missing(None))
        }
        Cover::Whole => (Status::Partial, lacking_note(evidence, unknown.iter())),
    };
    Some(Measured::without_value(status, files.clone(), note))
}

/// The members of which a file holds no value; where nothing is filled in, also those without a row.
fn unknown(evidence: &Evidence<'_>, reading: &Reading, facts: &[&Fact]) -> BTreeSet<String> {
    let empty = facts
        .iter()
        .filter(|fact| fact.value.is_none() || fact.divisor.is_none());
    let mut unknown: BTreeSet<String> = empty.map(|fact| fact.territory.clone()).collect();
    if evidence.definition.fill == Fill::None {
        let needed = match evidence.definition.aggregation {
            Aggregation::Growth => [reading.window.start, reading.window.end]
                .map(|end| ending(facts, Period::year_of(end)))
                .to_vec(),
            _ => vec![facts.to_vec()],
        };
        let lacking = reading.members.iter().filter(|code| {
            let has_row = |facts: &Vec<&Fact>| facts.iter().any(|fact| fact.territory == **code);
            !needed.iter().all(has_row)
        });
        unknown.extend(lacking.cloned());
    }
    unknown
}

fn missing(evidence: &Evidence<'_>, reading: &Reading) -> Note {
    let (definition, place) = (evidence.definition, evidence.place);
    let last = source(evidence, reading).and_then(|source| {
        let grain = Grain::Month;
        let months = reading
            .members
            .iter()
            .filter_map(|code| evidence.coverage.latest(&source.measure, code, grain));
        months.min_by_key(|month| month.end)
    });
    match last {
        None if !definition.re_aggregates && evidence.coverage.covers_any(place) => {
            Note::NotReAggregated
        }
        None => match &evidence.coverage.others(definition)[..] {
            [] => Note::NotLoaded(definition.load.clone()),
            others => Note::NoData(place.territory.name.clone(), others.to_vec()),
        },
        last => Note::Missing(last),
    }
}

fn lacking_note<'a>(evidence: &Evidence<'_>, codes: impl Iterator<Item = &'a String>) -> Note {
    Note::Lacking(names(evidence, codes))
}

fn names<'a>(evidence: &Evidence<'_>, codes: impl Iterator<Item = &'a String>) -> Vec<String> {
    codes
        .map(|code| evidence.place.name(code).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::{Date, date};
    use mg_core::kpi::Period;

    use super::*;
    use crate::{catalogue::Catalogue, evaluate::evaluate, fixture, reading::Choice};

    const COMMUNES: [&str; 2] = ["77243", "77307"];

    /// Starts of the authority in a year, covered until `ends`, with one fact a commune of these values.
    fn starts(year: i16, ends: [Date; 2], values: [Option<i64>; 2]) -> Measured {
        let stretches = COMMUNES
            .iter()
            .zip(ends)
            .map(|(code, end)| ("annual", "log_com", *code, date(2011, 1, 1), end));
        let (coverage, place, period) = (
            fixture::coverage(stretches),
            fixture::authority(),
            Period::year_of(date(year, 1, 1)),
        );
        let facts = COMMUNES.iter().zip(values).map(|(code, value)| Fact {
            territory: (*code).into(),
            span: period,
            file: "annual".into(),
            value: value.map(Into::into),
            divisor: Some(0.into()),
            rows: 1,
            informed: None,
            withheld: false,
        });
        let catalogue = Catalogue::load(None).unwrap();
        let definition = catalogue.find("logements_commences").unwrap();
        let choice = Choice::of(definition, &coverage, &place);
        let reading = choice.reading(period, None).unwrap();
        evaluate(
            &Evidence {
                definition,
                place: &place,
                coverage: &coverage,
                facts: BTreeMap::from([(0, facts.collect())]),
                denominator: Vec::new(),
                objectives: &[],
                min_cell: 3,
            },
            &reading,
        )
    }

    const WHOLE: Date = date(2024, 12, 31);
    const UNTIL_2023: Date = date(2023, 12, 31);

    #[test]
    fn a_year_that_nobody_covers_is_missing_and_not_zero() {
        let missing = starts(2024, [UNTIL_2023; 2], [Some(0); 2]);
        assert_eq!((missing.value, missing.status), (None, Status::Missing));
        assert_eq!(
            missing.notes,
            [Note::Missing(Some(Period::month_of(UNTIL_2023)))]
        );
        assert_eq!(
            missing.files,
            BTreeSet::from(["annual".to_owned()]),
            "what was looked into is named"
        );
    }

    #[test]
    fn a_commune_that_lacks_the_year_makes_the_sum_partial_and_is_named() {
        let partial = starts(2024, [WHOLE, UNTIL_2023], [Some(5), Some(0)]);
        assert_eq!((partial.value, partial.status), (None, Status::Partial));
        assert_eq!(partial.notes, [Note::Lacking(vec!["Montévrain".into()])]);
    }

    #[test]
    fn a_year_that_ends_uncovered_tells_what_is_covered() {
        let partial = starts(2024, [date(2024, 10, 31); 2], [Some(5); 2]);
        let covered = Period::spanning(date(2024, 1, 1), date(2024, 10, 1));
        assert_eq!((partial.value, partial.status), (None, Status::Partial));
        assert_eq!(partial.notes, [Note::CoveredOnly(Some(covered))]);
    }

    #[test]
    fn a_null_in_a_covered_year_is_not_zero_either() {
        let partial = starts(2024, [WHOLE; 2], [Some(5), None]);
        assert_eq!(
            (partial.status, &partial.notes[..]),
            (
                Status::Partial,
                &[Note::Lacking(vec!["Montévrain".into()])][..]
            )
        );
        assert_eq!(
            starts(2024, [WHOLE; 2], [None, None]).status,
            Status::Missing
        );
        assert_eq!(
            starts(2024, [WHOLE; 2], [Some(5), Some(0)]).value,
            Some(5.into())
        );
    }

    #[test]
    fn a_territory_without_any_data_is_told_so() {
        let (place, coverage) = (fixture::place("FR", "France"), fixture::coverage([]));
        let catalogue = Catalogue::load(None).unwrap();
        let definition = catalogue.find("logements_commences").unwrap();
        let choice = Choice::of(definition, &coverage, &place);
        let reading = choice.reading(Period::year_of(WHOLE), None).unwrap();
        let evidence = Evidence {
            definition,
            place: &place,
            coverage: &coverage,
            facts: BTreeMap::new(),
            denominator: Vec::new(),
            objectives: &[],
            min_cell: 3,
        };
        let nothing = evaluate(&evidence, &reading);
        assert_eq!(
            (nothing.status, nothing.notes),
            (
                Status::Missing,
                vec![Note::NotLoaded(Some("mg-scrape run sitadel".into()))]
            )
        );
    }
}
