//! What stands around and behind the values: titles, axes, gaps, source.

use mg_core::kpi::LabelledPeriod;

use super::{
    layout::{Area, Layout, MARGIN, WIDTH},
    plot::Plot,
    style::SMALL,
    svg::Svg,
    text,
    time::{Time, adjacent},
    words::Words,
};

/// Title, legend, unit and source.
pub(super) fn words(svg: &mut Svg, layout: &Layout) {
    for line in layout.lines.iter().chain([&layout.unit]) {
        svg.text(line.class, MARGIN, line.baseline, &line.text);
    }
    for entry in &layout.legend {
        entry.draw(svg);
    }
}

/// The lines of the axis of values.
pub(super) fn values(svg: &mut Svg, plot: &Plot, layout: &Layout) {
    let Area {
        left,
        right,
        bottom,
        ..
    } = layout.area;
    let ticks = layout
        .scale
        .iter()
        .flat_map(|scale| scale.ticks(plot.language));
    for (value, label) in ticks {
        let y = layout.y(value);
        svg.line(
            if value == 0.0 { "axis" } else { "grid" },
            (left, y),
            (right, y),
        );
        svg.text("tick side", left - 8.0, y + SMALL * 0.35, &label);
    }
    svg.line("axis", (left, bottom), (right, bottom));
}

/// The names under the axis of time.
pub(super) fn periods(svg: &mut Svg, plot: &Plot, layout: &Layout, time: &Time) {
    let bottom = layout.area.bottom;
    for (x, label) in time.ticks(SMALL, plot.language) {
        svg.line("axis", (x, bottom), (x, bottom + 5.0));
        let room = text::width(&label, SMALL) / 2.0;
        let x = x.min(WIDTH - room).max(room);
        svg.text("tick", x, bottom + 8.0 + SMALL, &label);
    }
}

/// A column behind every run of periods without a value, so that nobody takes it for zero.
pub(super) fn gaps(svg: &mut Svg, plot: &Plot, layout: &Layout, time: &Time) {
    let Area { top, bottom, .. } = layout.area;
    let mut runs: Vec<(&LabelledPeriod, &LabelledPeriod)> = Vec::new();
    for observed in plot
        .observed
        .iter()
        .filter(|observed| observed.value.is_none())
    {
        match runs.last_mut() {
            Some((_, last)) if adjacent(last, &observed.period) => *last = &observed.period,
            _ => runs.push((&observed.period, &observed.period)),
        }
    }
    for (first, last) in runs {
        let (from, to) = (time.edges(first).0, time.edges(last).1);
        svg.rectangle("gap", from, top, to - from, bottom - top);
    }
}

/// Where what is observed ends and what is expected begins.
pub(super) fn today(svg: &mut Svg, plot: &Plot, layout: &Layout, time: &Time) {
    if let Some(step) = plot.expected.first() {
        let (x, _) = time.edges(&step.period);
        svg.line("today", (x, layout.area.top), (x, layout.area.bottom));
    }
}

/// A sentence where nothing can be drawn.
pub(super) fn nothing(svg: &mut Svg, plot: &Plot, layout: &Layout) {
    let Area { top, bottom, .. } = layout.area;
    svg.text(
        "value",
        WIDTH / 2.0,
        f64::midpoint(top, bottom),
        Words(plot).nothing(),
    );
}
