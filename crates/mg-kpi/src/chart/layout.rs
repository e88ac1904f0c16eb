//! Where everything stands: lines of text take the room they need, the plot keeps its own.

use super::{
    legend::{self, Entry},
    plot::Plot,
    scale::Scale,
    style::{SMALL, TEXT, TITLE},
    text,
    time::Time,
    words::Words,
};

pub(super) const WIDTH: f64 = 800.0;
pub(super) const MARGIN: f64 = 16.0;
/// Height of the plot itself.
const PLOT: f64 = 280.0;
/// From one baseline to the next, in parts of the font size.
const LEADING: f64 = 1.35;

/// The rectangle that values are drawn in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// A line of text at its place.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) class: &'static str,
    pub(super) baseline: f64,
    pub(super) text: String,
}

/// Where everything stands.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) height: f64,
    pub(super) lines: Vec<Line>,
    pub(super) legend: Vec<Entry>,
    pub(super) area: Area,
    /// None without a value.
    pub(super) scale: Option<Scale>,
    /// None without a period.
    pub(super) time: Option<Time>,
    /// Label of the axis of values, and its baseline.
    pub(super) unit: Line,
}

/// Writes lines from top to bottom.
struct Column {
    y: f64,
    lines: Vec<Line>,
}

impl Column {
    /// What it is of, from when to when, and whether it was invented.
    fn headed(plot: &Plot, words: &Words<'_>) -> Self {
        let mut column = Self {
            y: MARGIN,
            lines: Vec::new(),
        };
        column.write("title", TITLE, &words.name(), 3);
        column.write("words", TEXT, &words.range().unwrap_or_default(), 1);
        if plot.synthetic {
            column.write("label", TEXT, words.synthetic(), 2);
        }
        column.y += 8.0;
        column
    }

    fn write(&mut self, class: &'static str, size: f64, text: &str, most: usize) {
        for line in text::wrap(text, size, WIDTH - 2.0 * MARGIN, most) {
            let baseline = self.y + size;
            self.lines.push(Line {
                class,
                baseline,
                text: line,
            });
            self.y += size * LEADING;
        }
    }
}

impl Layout {
    pub(super) fn of(plot: &Plot) -> Self {
        let words = Words(plot);
        let mut column = Column::headed(plot, &words);
        let legend = legend::entries(plot, &mut column.y);
        let scale = Scale::holding(plot.numbers());
        let large = scale
            .as_ref()
            .and_then(|scale| scale.large_unit(plot.language));
        let unit = Line {
            class: "foot",
            baseline: column.y + SMALL + 4.0,
            text: words.unit(large),
        };
        let area = area(plot, scale.as_ref(), column.y + SMALL + 18.0);
        column.y = area.bottom + 34.0;
        let has_zero = scale.as_ref().is_none_or(Scale::has_zero);
        column.write("foot", SMALL, &words.source(has_zero), 4);
        Self {
            height: (column.y + MARGIN / 2.0).ceil(),
            lines: column.lines,
            legend,
            area,
            time: Time::of(plot.periods(), area.left, area.right - area.left),
            scale,
            unit,
        }
    }

    /// The height of a value in the plot.
    pub(super) fn y(&self, value: f64) -> f64 {
        let Area { top, bottom, .. } = self.area;
        match &self.scale {
            Some(scale) => bottom - (value - scale.low) / (scale.high - scale.low) * (bottom - top),
            None => bottom,
        }
    }
}

fn area(plot: &Plot, scale: Option<&Scale>, top: f64) -> Area {
    let ticks = scale
        .map(|scale| scale.ticks(plot.language))
        .unwrap_or_default();
    let widest = ticks
        .iter()
        .map(|(_, label)| text::width(label, SMALL))
        .fold(0.0, f64::max);
    Area {
        left: MARGIN + widest + 8.0,
        top,
        right: WIDTH - MARGIN,
        bottom: top + PLOT,
    }
}
