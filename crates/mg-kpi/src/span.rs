//! Which periods a series has: from, to and grain, held against what is covered.

use jiff::civil::Date;
use mg_core::{
    Language, ToolError,
    kpi::{Aggregation, DateQuery, Definition, Grain, Period},
};

use crate::{
    note::{Note, few},
    reach::{earliest_of, latest_of},
    subject::Subject,
};

/// How many months after the last covered period are still told, as missing.
const MONTHS_AFTER: i64 = 24;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Range {
    /// The first period, in any of the forms of [`DateQuery`].
    pub(crate) from: Option<String>,
    /// The last one.
    pub(crate) to: Option<String>,
    /// The step; the indicator's own where none is named.
    pub(crate) grain: Option<Grain>,
}

/// The periods that are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first.
    pub(crate) first: Period,
    /// The last; of the same grain.
    pub(crate) last: Period,
    /// The last that is covered, which may be earlier or later.
    pub(crate) covered_until: Period,
    /// What was cut off.
    pub(crate) notes: Vec<Note>,
}

impl Span {
    /// All of them, in order of time.
    pub(crate) fn periods(&self) -> Vec<Period> {
        self.first.until(self.last).collect()
    }
}

/// The periods that are meant.
///
/// # Errors
///
/// [`ToolError::Invalid`] for a grain the indicator is not told for or that is not covered, for dates that cannot be
/// read, stand in the wrong order, or lie where nothing is covered; each names what would work.
pub(crate) fn span(subject: &Subject<'_>, range: &Range) -> Result<Span, ToolError> {
    let covered = covered(subject, range.grain)?;
    let from = range.from.as_deref().map(read).transpose()?;
    let to = range.to.as_deref().map(read).transpose()?;
    let (first, last) = (covered.first, covered.last);
    let grain = first.grain;
    let start = Period::holding(from.map_or(first.start, |query| start(query, last)), grain);
    let end = match (to, from) {
        (Some(to), _) => end(to, last),
        // Nothing is published then: the period asked for is told as missing.
        (None, Some(from)) if start.start > last.end => end(from, last),
        (None, _) => last.end,
    };
    let end = Period::holding(end, grain);
    if start.start > end.end {
        let (from, to) = (start.query(), end.query());
        return Err(ToolError::Invalid(format!(
            "from ({from}) is after to ({to}); swap them"
        )));
    }
    let furthest = covered.furthest(subject.today());
    if end.end < first.start || start.start > furthest.end {
        return Err(covered.refusal(subject));
    }
    Ok(covered.cut(start, end, furthest))
}

/// What is covered at one grain.
struct Covered {
    first: Period,
    last: Period,
}

impl Covered {
    /// The last period that may be told, as missing where nothing is published: it has begun, and lies not long after
    /// the last covered one.
    fn furthest(&self, today: Date) -> Period {
        let steps = MONTHS_AFTER / i64::from(self.last.month_count()).max(1);
        let later = (0..steps).scan(self.last, |period, _| {
            *period = period.next();
            Some(*period)
        });
        let begun = later.take_while(|period| period.start <= today);
        begun.last().unwrap_or(self.last)
    }

    fn cut(&self, start: Period, end: Period, furthest: Period) -> Span {
        let mut notes = Vec::new();
        if start.start < self.first.start {
            notes.push(Note::Begins(self.first));
        }
        if end.end > furthest.end {
            notes.push(Note::Ends(self.last));
        }
        Span {
            first: if start.start < self.first.start {
                self.first
            } else {
                start
            },
            last: if end.end > furthest.end {
                furthest
            } else {
                end
            },
            covered_until: self.last,
            notes,
        }
    }

    fn refusal(&self, subject: &Subject<'_>) -> ToolError {
        let (first, last) = (self.first.query(), self.last.query());
        ToolError::Invalid(format!(
            "`{}` is known for {} from {first} to {last} by {}; ask within these",
            subject.definition.name,
            subject.place.territory.name,
            self.first.grain.name(),
        ))
    }
}

/// The covered periods of the grain asked for, else of the indicator's own or the next coarser one that is covered.
fn covered(subject: &Subject<'_>, asked: Option<Grain>) -> Result<Covered, ToolError> {
    let definition = subject.definition;
    let grains: Vec<_> = [Grain::Month, Grain::Quarter, Grain::Year]
        .into_iter()
        .filter(|grain| *grain >= definition.grain)
        .collect();
    let wanted = match asked {
        None => grains.clone(),
        Some(grain) if grain < definition.grain => return Err(too_fine(definition)),
        Some(grain) if grain > definition.grain && !definition.re_aggregates => {
            return Err(not_added_up(definition));
        }
        Some(grain) => vec![grain],
    };
    let found = wanted.iter().find_map(|grain| at(subject, *grain));
    found.ok_or_else(|| {
        let other = grains.iter().find_map(|grain| at(subject, *grain));
        other.map_or_else(|| nothing(subject), |other| other.refusal(subject))
    })
}

fn at(subject: &Subject<'_>, grain: Grain) -> Option<Covered> {
    let (definition, coverage) = (subject.definition, &subject.known.coverage);
    let first = earliest_of(definition, coverage, &subject.place, grain)?;
    let last = latest_of(definition, coverage, &subject.place, grain)?;
    let (first, last) = match definition.aggregation {
        Aggregation::Progress => within_plans(subject, first, last)?,
        _ => (first, last),
    };
    (first.start <= last.start).then_some(Covered { first, last })
}

/// Progress is told from the begin of the first plan to the end of the last one.
fn within_plans(subject: &Subject<'_>, first: Period, last: Period) -> Option<(Period, Period)> {
    let plans = subject.known.objectives.iter().map(|plan| plan.period);
    let start = plans.clone().map(|plan| plan.start).min()?;
    let end = plans.map(|plan| plan.end).max()?;
    let (start, end) = (
        Period::holding(start.max(first.start), first.grain),
        Period::holding(end.min(last.end), last.grain),
    );
    Some((start, end))
}

fn too_fine(definition: &Definition) -> ToolError {
    let grain = definition.grain.name();
    ToolError::Invalid(format!(
        "`{}` is told by {grain} at the finest; ask for grain {grain}, or leave it out",
        definition.name
    ))
}

fn not_added_up(definition: &Definition) -> ToolError {
    let (name, grain) = (&definition.name, definition.grain.name());
    ToolError::Invalid(format!(
        "`{name}` must not be re-aggregated: it is told by {grain} only; leave grain out"
    ))
}

/// Nothing is loaded at all, or nothing for this place.
pub(crate) fn nothing(subject: &Subject<'_>) -> ToolError {
    let (definition, place) = (subject.definition, &subject.place.territory);
    let elsewhere = &subject.known.coverage.elsewhere;
    let advice = match (&elsewhere[..], &definition.load) {
        ([], Some(load)) => format!("no data are loaded yet; load them with `{load}`"),
        ([], None) => "no data are loaded yet".to_owned(),
        (some, _) => format!("ask for {}", few(some)),
    };
    ToolError::Invalid(format!(
        "`{}` has no data for {} ({}): {advice}",
        definition.name, place.name, place.code
    ))
}

fn read(text: &str) -> Result<DateQuery, ToolError> {
    text.parse()
        .map_err(|error| ToolError::Invalid(format!("{error}")))
}

fn start(query: DateQuery, last: Period) -> Date {
    match query {
        DateQuery::Period(period) => period.start,
        DateQuery::Latest => last.start,
        DateQuery::LastMonths(months) => last.last_months(months).start,
        DateQuery::Since(first) => first,
    }
}

fn end(query: DateQuery, last: Period) -> Date {
    match query {
        DateQuery::Period(period) => period.end,
        DateQuery::Latest | DateQuery::LastMonths(_) | DateQuery::Since(_) => last.end,
    }
}

/// The step in words: `par mois`.
pub(crate) fn by(grain: Grain, language: Language) -> &'static str {
    match grain {
        Grain::Month | Grain::Interval => language.pick("par mois", "by month"),
        Grain::Quarter => language.pick("par trimestre", "by quarter"),
        Grain::Year => language.pick("par an", "by year"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn no_period_is_told_that_has_not_begun_nor_one_long_after_the_data() {
        let month = |year, month| Period::month_of(date(year, month, 1));
        let covered = Covered {
            first: month(2013, 1),
            last: month(2026, 10),
        };
        assert_eq!(covered.furthest(date(2026, 10, 31)), month(2026, 10));
        assert_eq!(covered.furthest(date(2026, 12, 1)), month(2026, 12));
        assert_eq!(covered.furthest(date(2100, 1, 1)), month(2028, 10));
        let year = |year| Period::year_of(date(year, 1, 1));
        let covered = Covered {
            first: year(2011),
            last: year(2023),
        };
        assert_eq!(covered.furthest(date(2024, 6, 1)), year(2024));
    }

    #[test]
    fn what_is_cut_off_is_told() {
        let month = |month| Period::month_of(date(2026, month, 1));
        let covered = Covered {
            first: month(1),
            last: month(10),
        };
        let span = covered.cut(month(1), Period::month_of(date(2100, 12, 1)), month(11));
        assert_eq!(
            (span.last, span.notes),
            (month(11), vec![Note::Ends(month(10))])
        );
    }
}
