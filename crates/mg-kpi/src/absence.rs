//! Tells a value that is not known from zero: missing, or partial with what is covered and who lacks.

use std::collections::BTreeSet;

use mg_core::kpi::{Aggregation, Fill, Grain, Period, Source, Status};

use crate::{
    coverage::{Extent, extent},
    evaluate::{Evidence, Measured, source},
    facts::Fact,
    note::Note,
    reach::{earliest_of, latest_of},
    reading::{Cover, Reading, growth_ends},
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
    if let Some(source) = source(evidence, reading)
        && evidence.definition.fill_in(source) == Fill::None
    {
        let needed = needed(evidence, source, reading);
        let lacking = reading.members.iter().filter(|code| {
            let of_member = || facts.iter().filter(|fact| fact.territory == **code);
            let has_row = |part: &Period| of_member().any(|fact| part.contains(fact.span));
            !needed.iter().all(has_row)
        });
        unknown.extend(lacking.cloned());
    }
    unknown
}

/// The runs of months that each need a row where nothing is filled in.
fn needed(evidence: &Evidence<'_>, source: &Source, reading: &Reading) -> Vec<Period> {
    let definition = evidence.definition;
    match definition.aggregation {
        Aggregation::Growth => growth_ends(reading.window).to_vec(),
        Aggregation::Sum | Aggregation::Rolling if !definition.is_stock() => {
            let first = Period::holding(reading.window.start, source.grain);
            first.until(reading.window).collect()
        }
        _ => vec![reading.read],
    }
}

/// Why nothing is known of the window.
fn missing(evidence: &Evidence<'_>, reading: &Reading) -> Note {
    let definition = evidence.definition;
    let covered = source(evidence, reading).and_then(|source| covered(evidence, source, reading));
    match covered {
        _ if is_published_by_commune(evidence, reading) => Note::NotReAggregated,
        None => elsewhere(evidence, reading),
        Some((first, _)) if reading.window.end < first.start => Note::Before(first),
        Some((_, last)) if reading.window.start > last.end => Note::Missing(Some(last)),
        Some(_) if definition.aggregation == Aggregation::Growth => {
            Note::NoBase(lacking_ends(evidence, reading))
        }
        Some(_) => Note::Missing(None),
    }
}

/// The first and the last month that a source covers for every member; `None` where it covers none.
fn covered(
    evidence: &Evidence<'_>,
    source: &Source,
    reading: &Reading,
) -> Option<(Period, Period)> {
    let (coverage, measure) = (evidence.coverage, &source.measure);
    let codes = || reading.members.iter();
    let firsts = codes().filter_map(|code| coverage.first(measure, code));
    let lasts = codes().filter_map(|code| coverage.latest(measure, code, Grain::Month));
    let first = firsts.max_by_key(|month| month.start)?;
    Some((first, lasts.min_by_key(|month| month.end)?))
}

/// Whether the communes have values in the window from which none is made for the whole.
fn is_published_by_commune(evidence: &Evidence<'_>, reading: &Reading) -> bool {
    let Some(source) = source(evidence, reading).filter(|_| !evidence.definition.re_aggregates)
    else {
        return false;
    };
    let mut communes = evidence.place.communes.iter();
    communes.any(|commune| {
        let mut files =
            (evidence.coverage).files_of(&source.measure, &commune.code, reading.window);
        files.next().is_some()
    })
}

/// Where or by which step the indicator is known, when the source of this period says nothing of the place.
fn elsewhere(evidence: &Evidence<'_>, reading: &Reading) -> Note {
    let (definition, place, coverage) = (evidence.definition, evidence.place, evidence.coverage);
    let bounds = |grain| {
        let first = earliest_of(definition, coverage, place, grain)?;
        Some((first, latest_of(definition, coverage, place, grain)?))
    };
    let by_year = bounds(Grain::Year).filter(|_| reading.period.grain != Grain::Year);
    if !definition.re_aggregates && coverage.covers_any(place) {
        return Note::NotReAggregated;
    }
    if let Some((first, last)) = by_year {
        return Note::ByYear(first, last);
    }
    let own: BTreeSet<&str> = place.codes().collect();
    let mut others = coverage.others(definition);
    others.retain(|code| !own.contains(code.as_str()));
    match &others[..] {
        [] => Note::NotLoaded(definition.load.clone()),
        _ => Note::NoData(place.territory.name.clone(), others),
    }
}

/// The years at the ends of a growth that some member lacks.
fn lacking_ends(evidence: &Evidence<'_>, reading: &Reading) -> Vec<Period> {
    let Some(source) = source(evidence, reading) else {
        return Vec::new();
    };
    let is_whole = |year: &Period| {
        let mut codes = reading.members.iter();
        codes.all(|code| {
            let stretches = evidence.coverage.of(&source.measure, code);
            extent(stretches, *year) == Extent::Whole
        })
    };
    let ends = growth_ends(reading.window).into_iter();
    ends.filter(|year| !is_whole(year)).collect()
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
            margin: None,
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
