//! What each mark means: only those that the picture has.

use mg_core::kpi::{AnomalyKind, Status};

use super::{
    layout::{MARGIN, WIDTH},
    plot::{Observed, Plot},
    style::TEXT,
    svg::Svg,
    text,
    words::{Words, anomaly},
};

/// Width of the drawn sample, and of the space around the words.
const SAMPLE: f64 = 28.0;
const SPACE: f64 = 8.0;
const ROW: f64 = 20.0;

/// A kind of mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Observed,
    Provisional,
    Compared,
    Expected,
    /// The band of a level, this many from the outside.
    Band(usize),
    Target,
    Gap,
    Outlier,
    LevelShift,
}

/// One entry at its place.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    kind: Kind,
    label: String,
    x: f64,
    /// The middle of its row.
    y: f64,
}

/// The entries of a picture, row by row from `top` on, which moves below them.
pub(super) fn entries(plot: &Plot, top: &mut f64) -> Vec<Entry> {
    let mut placed: Vec<Entry> = Vec::new();
    let mut x = MARGIN;
    for (kind, label) in kinds(plot) {
        let room = SAMPLE + SPACE + text::width(&label, TEXT) + 2.0 * SPACE;
        if x > MARGIN && x + room - 2.0 * SPACE > WIDTH - MARGIN {
            x = MARGIN;
            *top += ROW;
        }
        placed.push(Entry {
            kind,
            label,
            x,
            y: *top + ROW / 2.0,
        });
        x += room;
    }
    if !placed.is_empty() {
        *top += ROW;
    }
    placed
}

/// A kind of mark of the past: which periods have one, and its name in French and English.
type Mark = (Kind, fn(&Observed) -> bool, &'static str, &'static str);

const OBSERVED: [Mark; 4] = [
    (
        Kind::Observed,
        |at| at.value.is_some(),
        "observé",
        "observed",
    ),
    (
        Kind::Provisional,
        |at| at.value.is_some() && at.is_provisional(),
        "provisoire",
        "provisional",
    ),
    (
        Kind::Compared,
        |at| at.compared.is_some(),
        "millésime comparé",
        "compared vintage",
    ),
    (Kind::Target, |at| at.target.is_some(), "objectif", "target"),
];

const ANOMALIES: [(Kind, AnomalyKind); 2] = [
    (Kind::Outlier, AnomalyKind::Outlier),
    (Kind::LevelShift, AnomalyKind::LevelShift),
];

fn kinds(plot: &Plot) -> Vec<(Kind, String)> {
    let pick = |french: &str, english: &str| plot.language.pick(french, english).to_owned();
    let mut kinds: Vec<_> = OBSERVED
        .into_iter()
        .filter(|(_, has, _, _)| plot.observed.iter().any(has))
        .map(|(kind, _, french, english)| (kind, pick(french, english)))
        .collect();
    for (kind, found) in ANOMALIES {
        if plot.observed.iter().any(|at| at.anomaly == Some(found)) {
            kinds.push((kind, anomaly(found, plot.language).to_owned()));
        }
    }
    if plot.observed.iter().any(|at| at.value.is_none()) {
        kinds.push((Kind::Gap, absent(plot)));
    }
    if !plot.expected.is_empty() {
        kinds.push((Kind::Expected, pick("prévision", "forecast")));
    }
    for (index, level) in plot.levels().into_iter().enumerate() {
        let level = Words(plot).percent(level);
        let label = pick(
            &format!("intervalle à {level}"),
            &format!("{level} interval"),
        );
        kinds.push((Kind::Band(index), label));
    }
    kinds
}

/// Why periods have no value.
fn absent(plot: &Plot) -> String {
    let mut without = plot.observed.iter().filter(|at| at.value.is_none());
    let label = if without.all(|at| at.status == Status::Missing) {
        plot.language
            .pick("non publié (pas zéro)", "not published (not zero)")
    } else {
        plot.language
            .pick("sans valeur (pas zéro)", "no value (not zero)")
    };
    label.to_owned()
}

impl Entry {
    pub(super) fn draw(&self, svg: &mut Svg) {
        let Self { x, y, .. } = *self;
        let (from, to, middle) = ((x, y), (x + SAMPLE, y), (x + SAMPLE / 2.0, y));
        let mut block = |class| svg.rectangle(class, x, y - 7.0, SAMPLE, 14.0);
        match self.kind {
            Kind::Gap => block("gap"),
            // As on the picture, where the inner band lies on the outer ones.
            Kind::Band(index) => (0..=index).for_each(|_| block("band")),
            Kind::Observed => {
                svg.line("line observed", from, to);
                svg.circle("dot", middle, 3.0);
            }
            Kind::Provisional => {
                svg.line("line observed provisional", from, to);
                svg.circle("dot open", middle, 3.5);
            }
            Kind::Compared => svg.line("line compared", from, to),
            Kind::Expected => svg.line("line expected", from, to),
            Kind::Target => svg.line("line target", from, to),
            Kind::Outlier => svg.circle("ring", middle, 6.5),
            Kind::LevelShift => svg.line("shift", (middle.0, y - 8.0), (middle.0, y + 8.0)),
        }
        svg.text("words", x + SAMPLE + SPACE, y + TEXT * 0.35, &self.label);
    }
}
