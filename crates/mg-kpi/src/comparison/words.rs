//! The answer of `compare_territories` as people read it: a table with every number, the total, the source, the notes.

use mg_core::{
    Language,
    kpi::{ComparedRow, Comparison},
};

use crate::{
    phrase::{self, Origin, amount, colon, counted, percent},
    table::table,
};

/// The answer in words.
pub(super) fn of(told: &Comparison, language: Language) -> String {
    let origin = Origin {
        source: &told.source,
        vintage: told.vintage.as_deref(),
        inputs: &told.inputs,
        licence: &told.licence,
    };
    let summary = summary(told, language);
    let table = rows(told, language);
    let source = phrase::source(origin, language);
    format!(
        "{summary}\n\n{table}\n{source}{}",
        phrase::list(&told.notes)
    )
}

fn summary(told: &Comparison, language: Language) -> String {
    let words = language.pick(["territoire", "territoires"], ["territory", "territories"]);
    let territories = counted(told.rows.len(), words, language);
    let total = told.total.map(|total| {
        let label = language.pick("Ensemble", "All together");
        let total = amount(total, &told.unit, language);
        format!(" {label}{}{total}.", colon(language))
    });
    format!(
        "{} — {}, {territories} ({}).{}",
        told.title,
        told.period.label,
        told.unit,
        total.unwrap_or_default()
    )
}

fn rows(told: &Comparison, language: Language) -> String {
    let column = |cell: &dyn Fn(&ComparedRow) -> Option<String>| -> Vec<String> {
        let cells = told.rows.iter().map(|row| cell(row).unwrap_or_default());
        cells.collect()
    };
    let value = |row: &ComparedRow| Some(phrase::cell(row.value, row.status, language));
    let share = |row: &ComparedRow| row.share.map(|share| percent(share, language));
    let status = |row: &ComparedRow| Some(phrase::short_status(row.status, language).to_owned());
    table(vec![
        (
            language.pick("rang", "rank"),
            column(&|row| Some(row.rank?.to_string())),
        ),
        (
            language.pick("territoire", "territory"),
            column(&|row| Some(row.territory.name.clone())),
        ),
        (language.pick("valeur", "value"), column(&value)),
        (language.pick("part", "share"), column(&share)),
        (language.pick("statut", "status"), column(&status)),
    ])
}
