//! The notes of many values, each thing said once.

use mg_core::kpi::Bilingual;

use super::Note;

/// What many values of a series have to say, each thing once: reference years as a stretch, and nothing that a table
/// tells by itself.
pub(crate) fn condensed<'a>(notes: impl IntoIterator<Item = &'a Note>) -> Vec<Note> {
    let mut kept: Vec<Note> = Vec::new();
    for note in notes {
        match note {
            Note::Window(_) | Note::Plan(..) => {}
            Note::ReferenceYear(title, year) => widen(&mut kept, title, *year),
            note if kept.contains(note) => {}
            note => kept.push(note.clone()),
        }
    }
    kept
}

fn widen(kept: &mut Vec<Note>, title: &Bilingual, year: i16) {
    let same = kept.iter_mut().find_map(|note| match note {
        Note::ReferenceYears(known, first, last) if known == title => Some((first, last)),
        _ => None,
    });
    match same {
        Some((first, last)) => (*first, *last) = ((*first).min(year), (*last).max(year)),
        None => kept.push(Note::ReferenceYears(title.clone(), year, year)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use mg_core::kpi::Period;

    use super::*;

    #[test]
    fn a_thing_is_said_once_and_reference_years_as_a_stretch() {
        let title = Bilingual {
            fr: "Population".into(),
            en: "Population".into(),
        };
        let year = |year| Note::ReferenceYear(title.clone(), year);
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
            [
                Note::ReferenceYears(title.clone(), 2018, 2020),
                Note::Undefined
            ]
        );
    }
}
