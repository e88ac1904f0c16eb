//! What each mark means: only those that the picture has.

use mg_core::kpi::{AnomalyKind, Status};

use super::{
    layout::{MARGIN, WIDTH},
    plot::{Observed, Plot},
    style::TEXT,
    svg::Svg,
    text,
    words::Words,
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

fn kinds(plot: &Plot) -> Vec<(Kind, String)> {
    let words = Words(plot);
    let pick = |french: &str, english: &str| plot.language.pick(french, english).to_owned();
    let any = |matches: fn(&Observed) -> bool| plot.observed.iter().any(matches);
    let mut kinds = Vec::new();
    let mut add = |present: bool, kind, label| {
        if present {
            kinds.push((kind, label));
        }
    };
    add(
        any(|at| at.value.is_some()),
        Kind::Observed,
        pick("observé", "observed"),
    );
    let provisional = any(|at| at.is_provisional() && at.value.is_some());
    add(
        provisional,
        Kind::Provisional,
        pick("provisoire", "provisional"),
    );
    add(
        any(|at| at.compared.is_some()),
        Kind::Compared,
        pick("millésime comparé", "compared vintage"),
    );
    add(
        !plot.expected.is_empty(),
        Kind::Expected,
        pick("prévision", "forecast"),
    );
    for (index, level) in plot.levels().into_iter().enumerate() {
        let level = words.percent(level);
        let label = pick(
            &format!("intervalle à {level}"),
            &format!("{level} interval"),
        );
        add(true, Kind::Band(index), label);
    }
    add(
        any(|at| at.target.is_some()),
        Kind::Target,
        pick("objectif", "target"),
    );
    add(any(|at| at.value.is_none()), Kind::Gap, absent(plot));
    let outlier = any(|at| at.anomaly == Some(AnomalyKind::Outlier));
    add(outlier, Kind::Outlier, pick("valeur atypique", "outlier"));
    let shift = any(|at| at.anomaly == Some(AnomalyKind::LevelShift));
    add(
        shift,
        Kind::LevelShift,
        pick("changement de niveau", "level shift"),
    );
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
