//! From measured values to the series: rounded, with targets, the year before, source, vintage and notes.

use mg_core::kpi::{Definition, Number, Period, Point, Series};
use rust_decimal::Decimal;

use super::{Run, release::Releases};
use crate::{
    evaluate::Measured,
    note::{Note, over_periods, runs},
    provenance::{Provenance, is_synthetic},
    subject::Subject,
    telling::{goal, rounded, target},
};

/// The series with every point; `total` counts those.
pub(super) fn tell(
    subject: &Subject<'_>,
    run: &Run,
    releases: &Releases,
    decided: Vec<Note>,
) -> Series {
    let (definition, language) = (subject.definition, subject.language());
    let told = run.told();
    let provenance = Provenance::of(
        definition,
        &subject.known.coverage,
        told.iter().map(|(_, measured)| measured),
    );
    let points: Vec<Point> = told
        .iter()
        .zip(run.year_ago())
        .map(|(now, before)| point(subject, releases, now, before))
        .collect();
    let notes = notes(subject, run, releases, decided);
    Series {
        name: definition.name.clone(),
        title: definition.title.told(language).to_owned(),
        unit: definition.unit.told(language).to_owned(),
        grain: told
            .first()
            .map_or(definition.grain, |(first, _)| first.grain),
        territory: subject.place.territory.clone(),
        sum: sum(definition, &points),
        total: points.len(),
        truncated: false,
        points,
        notes: provenance.notes(&notes, language),
        vintage: releases.vintage().map(str::to_owned).or(provenance.vintage),
        inputs: provenance.inputs,
        source: provenance.source,
        licence: provenance.licence,
        synthetic: provenance.synthetic,
    }
}

fn point(
    subject: &Subject<'_>,
    releases: &Releases,
    (period, live): &(Period, Measured),
    (earlier, before): &(Period, Measured),
) -> Point {
    let definition = subject.definition;
    let round = |value: Option<Decimal>| rounded(definition, value);
    let (value, status) = releases.told(*period, live);
    let target = target(&subject.case(), *period, value);
    Point {
        period: period.labelled(subject.language()),
        value: round(value),
        status,
        synthetic: is_synthetic(&subject.known.coverage, live),
        reached: target.as_ref().and_then(|target| target.reached),
        target: target.map(|target| target.value),
        year_ago: round(releases.told(*earlier, before).0),
        compared: round(releases.compared(*period)),
    }
}

/// What the points add up to, where they are parts of a whole and every one is known.
pub(super) fn sum(definition: &Definition, points: &[Point]) -> Option<Number> {
    let values: Option<Vec<Decimal>> = points
        .iter()
        .map(|point| point.value.map(Number::decimal))
        .collect();
    let values = values.filter(|values| !values.is_empty() && definition.adds_up_in_time())?;
    Some(values.into_iter().sum::<Decimal>().into())
}

fn notes(
    subject: &Subject<'_>,
    run: &Run,
    releases: &Releases,
    mut decided: Vec<Note>,
) -> Vec<Note> {
    let told = run.told();
    decided.extend(synthetic_part(subject, told));
    if releases.vintage().is_none() {
        decided.extend(over_periods(told));
    }
    let case = subject.case();
    let goals = told.iter().filter_map(|(period, _)| goal(&case, *period));
    for goal in goals {
        let note = Note::Origin(goal.origin);
        if !decided.contains(&note) {
            decided.push(note);
        }
    }
    decided
}

/// Which values are synthetic, where some are not.
fn synthetic_part(subject: &Subject<'_>, told: &[(Period, Measured)]) -> Option<Note> {
    let known = told.iter().filter(|(_, measured)| measured.value.is_some());
    let (synthetic, published): (Vec<_>, Vec<_>) =
        known.partition(|(_, measured)| is_synthetic(&subject.known.coverage, measured));
    let periods: Vec<Period> = synthetic.iter().map(|(period, _)| *period).collect();
    let mixed = !periods.is_empty() && !published.is_empty();
    mixed.then(|| Note::SyntheticIn(runs(&periods)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use mg_core::{Language, kpi::Status};

    use super::*;
    use crate::fixture::definition;

    #[test]
    fn flows_add_up_and_stocks_do_not() {
        let point = |month| Point {
            period: Period::month_of(date(2022, month, 1)).labelled(Language::English),
            value: Some(10.into()),
            status: Status::Final,
            synthetic: false,
            reached: None,
            target: None,
            year_ago: None,
            compared: None,
        };
        let points = [1, 2, 3].map(point);
        let flows = definition("logements_autorises");
        assert_eq!(sum(&flows, &points), Some(30.into()));
        let stocks = Definition {
            stock: true,
            ..flows
        };
        assert_eq!(sum(&stocks, &points), None);
    }
}
