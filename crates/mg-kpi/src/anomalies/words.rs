//! The answer of `detect_anomalies` as people read it: how many of each kind, a table, the source, the notes.

use mg_core::{
    Language,
    kpi::{Anomalies, Anomaly, AnomalyKind, Number},
};

use crate::{
    phrase::{self, Origin, colon, counted},
    series::step,
    span::by,
    table::table,
};

const KINDS: [AnomalyKind; 4] = [
    AnomalyKind::Outlier,
    AnomalyKind::LevelShift,
    AnomalyKind::Missing,
    AnomalyKind::Provisional,
];

/// The answer in words.
pub(super) fn of(told: &Anomalies, language: Language) -> String {
    let origin = Origin {
        source: &told.source,
        vintage: told.vintage.as_deref(),
        inputs: &told.inputs,
        licence: &told.licence,
    };
    let mut parts = vec![summary(told, language)];
    if !told.anomalies.is_empty() {
        parts.push(rows(told, language).trim_end().to_owned());
    }
    parts.push(phrase::source(origin, language) + &phrase::list(&told.notes));
    parts.join("\n\n")
}

fn summary(told: &Anomalies, language: Language) -> String {
    let counts: Vec<String> = KINDS
        .into_iter()
        .map(|kind| count(told, kind, language))
        .collect();
    format!(
        "{} — {}, {}, {}{}{} ({}).",
        told.title,
        told.territory.name,
        by(told.grain, language),
        told.examined.label,
        colon(language),
        counts.join(", "),
        told.unit
    )
}

fn count(told: &Anomalies, kind: AnomalyKind, language: Language) -> String {
    let count = told
        .anomalies
        .iter()
        .filter(|anomaly| anomaly.kind == kind)
        .count();
    let words = match kind {
        AnomalyKind::Outlier => language.pick(
            ["valeur inhabituelle", "valeurs inhabituelles"],
            ["outlier", "outliers"],
        ),
        AnomalyKind::LevelShift => language.pick(
            ["changement de niveau", "changements de niveau"],
            ["level shift", "level shifts"],
        ),
        AnomalyKind::Missing => language.pick(
            ["période manquante", "périodes manquantes"],
            ["missing period", "missing periods"],
        ),
        AnomalyKind::Provisional => language.pick(
            ["période provisoire", "périodes provisoires"],
            ["provisional period", "provisional periods"],
        ),
    };
    counted(count, words, language)
}

fn rows(told: &Anomalies, language: Language) -> String {
    let runs = runs(&told.anomalies);
    let column = |cell: &dyn Fn(&Anomaly) -> Option<String>| -> Vec<String> {
        let cells = runs
            .iter()
            .map(|run| run.first().and_then(cell).unwrap_or_default());
        cells.collect()
    };
    let number = |value: Option<Number>| value.map(|value| value.told(language));
    table(vec![
        (
            step(told.grain, language),
            runs.iter().map(|run| label(run)).collect(),
        ),
        (
            language.pick("nature", "kind"),
            column(&|anomaly| Some(kind(anomaly.kind, language).to_owned())),
        ),
        (
            language.pick("valeur", "value"),
            column(&|anomaly| number(anomaly.value)),
        ),
        (
            language.pick("attendu", "expected"),
            column(&|anomaly| number(anomaly.expected)),
        ),
        (
            language.pick("écarts types", "standard deviations"),
            column(&|anomaly| number(anomaly.score)),
        ),
    ])
}

/// Neighbours that are missing alike share a row; every other has its own.
fn runs(anomalies: &[Anomaly]) -> Vec<&[Anomaly]> {
    let joined = |one: &Anomaly, next: &Anomaly| {
        let missing = |anomaly: &Anomaly| anomaly.kind == AnomalyKind::Missing;
        let follows = one.period.end.tomorrow().ok() == Some(next.period.start);
        missing(one) && missing(next) && follows
    };
    anomalies.chunk_by(joined).collect()
}

/// The name of a period, of a run the first and the last with their count.
fn label(run: &[Anomaly]) -> String {
    match run {
        [] => String::new(),
        [only] => only.period.label.clone(),
        [first, .., last] => format!(
            "{} – {} ({})",
            first.period.label,
            last.period.label,
            run.len()
        ),
    }
}

fn kind(kind: AnomalyKind, language: Language) -> &'static str {
    match kind {
        AnomalyKind::Outlier => language.pick("inhabituelle", "outlier"),
        AnomalyKind::LevelShift => language.pick("changement de niveau", "level shift"),
        AnomalyKind::Missing => language.pick("manquante, pas zéro", "missing, not zero"),
        AnomalyKind::Provisional => {
            language.pick("provisoire, non jugée", "provisional, not judged")
        }
    }
}
