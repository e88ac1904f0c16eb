//! The notes of many values, each thing said once, with the periods it concerns.

use mg_core::kpi::Period;
use rust_decimal::Decimal;

use super::Note;
use crate::evaluate::Measured;

/// What many values have to say, each thing once: shares and reference years as a stretch, and nothing that a table
/// tells by itself.
pub(crate) fn condensed<'a>(notes: impl IntoIterator<Item = &'a Note>) -> Vec<Note> {
    let mut kept: Vec<Note> = Vec::new();
    for note in notes.into_iter().filter_map(first_form) {
        if !kept.iter_mut().any(|known| absorbs(known, &note)) {
            kept.push(note);
        }
    }
    kept
}

/// The same of the periods of a series, in order of time; what concerns only some of them names these.
pub(crate) fn over_periods(values: &[(Period, Measured)]) -> Vec<Note> {
    let mut kept: Vec<(Note, Vec<Period>)> = Vec::new();
    for (period, measured) in values {
        for note in measured.notes.iter().filter_map(first_form) {
            match kept
                .iter_mut()
                .find_map(|(known, periods)| absorbs(known, &note).then_some(periods))
            {
                Some(periods) if periods.last() == Some(period) => {}
                Some(periods) => periods.push(*period),
                None => kept.push((note, vec![*period])),
            }
        }
    }
    let told = |(note, periods): (Note, Vec<Period>)| {
        if periods.len() == values.len() || matches!(note, Note::ReferenceYears(..)) {
            note
        } else {
            Note::In(runs(&periods), note.into())
        }
    };
    kept.into_iter().map(told).collect()
}

/// Periods in order of time, neighbours joined.
pub(crate) fn runs(periods: &[Period]) -> Vec<Period> {
    let follows = |one: &Period, next: &Period| one.end.tomorrow().ok() == Some(next.start);
    let joined = |run: &[Period]| Some(Period::spanning(run.first()?.start, run.last()?.end));
    periods.chunk_by(follows).filter_map(joined).collect()
}

/// A note as it begins to be gathered; `None` for what a table tells by itself.
fn first_form(note: &Note) -> Option<Note> {
    match note {
        Note::Window(_) | Note::Plan(..) => None,
        Note::ReferenceYear(title, year) => Some(Note::ReferenceYears(title.clone(), *year, *year)),
        Note::Informed(share) => Some(Note::InformedBetween(*share, *share)),
        Note::Margin(lower, upper, _) => {
            let percent = (Decimal::ONE_HUNDRED * (upper - lower)).checked_div(upper + lower)?;
            Some(Note::MarginBetween(percent, percent))
        }
        note => Some(note.clone()),
    }
}

/// Whether a note says what another does, or was widened to say it too.
fn absorbs(known: &mut Note, note: &Note) -> bool {
    match (&mut *known, note) {
        (Note::ReferenceYears(title, first, last), Note::ReferenceYears(other, from, to))
            if title == other =>
        {
            (*first, *last) = ((*first).min(*from), (*last).max(*to));
            true
        }
        (Note::InformedBetween(least, most), Note::InformedBetween(from, to))
        | (Note::MarginBetween(least, most), Note::MarginBetween(from, to)) => {
            (*least, *most) = ((*least).min(*from), (*most).max(*to));
            true
        }
        (Note::CoveredOnly(one), Note::CoveredOnly(other)) if one != other => {
            *known = Note::Incomplete;
            true
        }
        (Note::Incomplete, Note::CoveredOnly(_)) => true,
        _ => known == note,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use mg_core::{
        Language,
        kpi::{Bilingual, Status},
    };

    use super::*;

    fn title() -> Bilingual {
        Bilingual {
            fr: "Population".into(),
            en: "Population".into(),
        }
    }

    fn month(month: i8) -> Period {
        Period::month_of(date(2022, month, 1))
    }

    fn noted(notes: Vec<Note>) -> Measured {
        let mut measured = Measured::without_value(Status::Final, BTreeSet::new(), Note::Undefined);
        measured.notes = notes;
        measured
    }

    #[test]
    fn a_thing_is_said_once_and_reference_years_as_a_stretch() {
        let year = |year| Note::ReferenceYear(title(), year);
        let window = Note::Window(Period::year_of(date(2022, 1, 1)));
        let notes = [
            year(2020),
            window,
            Note::Undefined,
            year(2018),
            Note::Undefined,
        ];
        assert_eq!(
            condensed(&notes),
            [Note::ReferenceYears(title(), 2018, 2020), Note::Undefined]
        );
    }

    #[test]
    fn a_note_of_some_periods_names_them_and_one_of_all_does_not() {
        let values = [
            (month(1), noted(vec![Note::Synthetic, Note::Undefined])),
            (month(2), noted(vec![Note::Synthetic, Note::Undefined])),
            (month(3), noted(vec![Note::Synthetic])),
            (month(4), noted(vec![Note::Synthetic, Note::Undefined])),
        ];
        let told: Vec<_> = over_periods(&values)
            .iter()
            .map(|note| note.told(Language::English))
            .collect();
        assert_eq!(told[0], Note::Synthetic.told(Language::English));
        assert_eq!(
            told[1],
            "Jan–Feb 2022, April 2022: not defined: nothing to divide by in the period"
        );
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn shares_that_differ_month_by_month_are_one_sentence() {
        let values: Vec<_> = (1..=12)
            .map(|number| {
                (
                    month(number),
                    noted(vec![Note::Informed((number * 4).into())]),
                )
            })
            .collect();
        let told = over_periods(&values);
        assert_eq!(told, [Note::InformedBetween(4.into(), 48.into())]);
        assert_eq!(
            told[0].told(Language::French),
            "variable renseignée pour 4,0 à 48,0\u{a0}% du total seulement : interpréter avec prudence"
        );
    }

    #[test]
    fn incomplete_periods_are_one_sentence_too() {
        let until =
            |end| Note::CoveredOnly(Some(Period::spanning(date(2021, 1, 1), date(2021, end, 1))));
        let values = [
            (month(1), noted(vec![until(11)])),
            (month(2), noted(vec![until(10)])),
            (month(3), noted(Vec::new())),
        ];
        let run = Period::spanning(date(2022, 1, 1), date(2022, 2, 1));
        assert_eq!(
            over_periods(&values),
            [Note::In(vec![run], Note::Incomplete.into())]
        );
    }
}
