//! Lines, bands and marks of the values.

use mg_core::kpi::{AnomalyKind, ForecastStep, LabelledPeriod, Number};

use super::{
    layout::{Layout, MARGIN, WIDTH},
    plot::{Observed, Plot, bound_of},
    scale,
    style::TEXT,
    svg::Svg,
    text,
    time::{Time, adjacent},
    words::Words,
};

/// Up to so many periods, each has a dot with its value as a tooltip.
const DOTS: usize = 72;

/// Neighbours joined by a line of one look.
struct Run {
    class: &'static str,
    places: Vec<(f64, f64)>,
}

/// Draws values into a layout that has axes.
pub(super) struct Marks<'a> {
    pub(super) plot: &'a Plot,
    pub(super) layout: &'a Layout,
    pub(super) time: &'a Time,
}

impl Marks<'_> {
    /// From back to front.
    pub(super) fn draw(&self, svg: &mut Svg) {
        self.bands(svg);
        self.targets(svg);
        self.line(svg, |at| at.compared, |_, _| "line compared");
        self.shifts(svg);
        self.line(
            svg,
            |at| at.value,
            |before, after| {
                if before.is_provisional() || after.is_provisional() {
                    "line observed provisional"
                } else {
                    "line observed"
                }
            },
        );
        self.dots(svg);
        self.ahead(svg);
        self.outliers(svg);
        self.last_values(svg);
    }

    fn at(&self, period: &LabelledPeriod, value: Number) -> (f64, f64) {
        (self.time.middle(period), self.layout.y(scale::place(value)))
    }

    /// Joins neighbouring periods that have a value; a gap stays one.
    fn line(
        &self,
        svg: &mut Svg,
        value: fn(&Observed) -> Option<Number>,
        class: fn(&Observed, &Observed) -> &'static str,
    ) {
        let mut runs: Vec<Run> = Vec::new();
        for pair in self.plot.observed.windows(2) {
            let [before, after] = pair else { continue };
            let (Some(from), Some(to)) = (value(before), value(after)) else {
                continue;
            };
            if !adjacent(&before.period, &after.period) {
                continue;
            }
            let (from, to) = (self.at(&before.period, from), self.at(&after.period, to));
            let class = class(before, after);
            match runs.last_mut() {
                Some(run) if run.class == class && run.places.last() == Some(&from) => {
                    run.places.push(to);
                }
                _ => runs.push(Run {
                    class,
                    places: vec![from, to],
                }),
            }
        }
        for run in runs {
            svg.path(run.class, &run.places, false);
        }
    }

    /// A dot a period where there is room; else where a value would not be seen: alone between gaps, or provisional.
    fn dots(&self, svg: &mut Svg) {
        let all = self.plot.observed.len() <= DOTS;
        for (index, observed) in self.plot.observed.iter().enumerate() {
            let Some(value) = observed.value else {
                continue;
            };
            if !(all || observed.is_provisional() || self.is_alone(index)) {
                continue;
            }
            let (class, radius) = if observed.is_provisional() {
                ("dot open", 3.5)
            } else {
                ("dot", 3.0)
            };
            svg.open("g", &[]);
            svg.worded("title", &[], &Words(self.plot).mark(observed, value));
            svg.circle(class, self.at(&observed.period, value), radius);
            svg.close("g");
        }
    }

    fn is_alone(&self, index: usize) -> bool {
        let observed = &self.plot.observed;
        let known = |index: Option<usize>| {
            index
                .and_then(|index| observed.get(index))
                .is_some_and(|at| at.value.is_some())
        };
        !known(index.checked_sub(1)) && !known(index.checked_add(1))
    }

    /// A target holds for the whole of its period: a line with steps.
    fn targets(&self, svg: &mut Svg) {
        let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut before: Option<(&LabelledPeriod, Number)> = None;
        for observed in &self.plot.observed {
            let Some(target) = observed.target else {
                continue;
            };
            let (from, to) = self.time.edges(&observed.period);
            let y = self.layout.y(scale::place(target));
            let follows = before.filter(|(period, _)| adjacent(period, &observed.period));
            match (runs.last_mut(), follows) {
                (Some(run), Some((_, same))) if same == target => {
                    run.pop();
                    run.push((to, y));
                }
                (Some(run), Some(_)) => run.extend([(from, y), (to, y)]),
                _ => runs.push(vec![(from, y), (to, y)]),
            }
            before = Some((&observed.period, target));
        }
        for run in runs {
            svg.path("line target", &run, false);
        }
    }

    /// One area a level, the widest below; it covers the whole of its first and last period.
    fn bands(&self, svg: &mut Svg) {
        for level in self.plot.levels() {
            let side = |of: fn(&mg_core::kpi::Bound) -> Number| {
                let steps = self.plot.expected.iter();
                let places: Vec<_> = steps
                    .filter_map(|step| {
                        let value = of(bound_of(step, level)?);
                        Some((self.time.edges(&step.period), self.at(&step.period, value)))
                    })
                    .collect();
                spread(&places)
            };
            let (upper, mut lower) = (side(|bound| bound.upper), side(|bound| bound.lower));
            svg.path("edge", &upper, false);
            svg.path("edge", &lower, false);
            lower.reverse();
            svg.path("band", &[upper, lower].concat(), true);
        }
    }

    /// The forecast with the estimates before it, from the last value that the model saw.
    fn ahead(&self, svg: &mut Svg) {
        let estimates = self.plot.observed.iter();
        let estimates = estimates.filter_map(|at| Some((&at.period, at.estimate?)));
        let steps = self
            .plot
            .expected
            .iter()
            .map(|step| (&step.period, step.value));
        let mut places: Vec<(&LabelledPeriod, Number)> = estimates.chain(steps).collect();
        let Some((first, _)) = places.first().copied() else {
            return;
        };
        let seen = self
            .plot
            .observed
            .iter()
            .find(|at| adjacent(&at.period, first));
        if let Some((period, value)) = seen.and_then(|at| Some((&at.period, at.value?))) {
            places.insert(0, (period, value));
        }
        let places: Vec<_> = places
            .into_iter()
            .map(|(period, value)| self.at(period, value))
            .collect();
        svg.path("line expected", &places, false);
        if let [ForecastStep { period, value, .. }] = &*self.plot.expected {
            svg.circle("dot ahead", self.at(period, *value), 3.5);
        }
    }

    fn shifts(&self, svg: &mut Svg) {
        let area = self.layout.area;
        let shifts = self.plot.observed.iter();
        for shift in shifts.filter(|at| at.anomaly == Some(AnomalyKind::LevelShift)) {
            let (x, _) = self.time.edges(&shift.period);
            svg.line("shift", (x, area.top), (x, area.bottom));
        }
    }

    fn outliers(&self, svg: &mut Svg) {
        for observed in &self.plot.observed {
            if let (Some(AnomalyKind::Outlier), Some(value)) = (observed.anomaly, observed.value) {
                svg.circle("ring", self.at(&observed.period, value), 7.0);
            }
        }
    }

    /// The last value observed and the last one expected are told beside their marks.
    fn last_values(&self, svg: &mut Svg) {
        let observed = self.plot.observed.iter().rev();
        let mut observed = observed.filter_map(|at| Some((&at.period, at.value?)));
        let steps = self.plot.expected.iter().rev();
        let mut expected = steps.map(|step| (&step.period, step.value));
        let (last, before) = (observed.next(), observed.next());
        self.tell(svg, last, before);
        let (last_ahead, before) = (expected.next(), expected.next());
        self.tell(svg, last_ahead, before.or(last));
    }

    /// Tells a value on the side of its mark that the line from the one before leaves free, within the plot.
    fn tell(
        &self,
        svg: &mut Svg,
        last: Option<(&LabelledPeriod, Number)>,
        before: Option<(&LabelledPeriod, Number)>,
    ) {
        let Some((period, value)) = last else { return };
        let (area, (x, y)) = (self.layout.area, self.at(period, value));
        let (above, below) = (y - 10.0, y + TEXT + 8.0);
        let falls = before.is_some_and(|(_, before)| before > value);
        let y = if below > area.bottom || (above - TEXT > area.top && !falls) {
            above
        } else {
            below
        };
        let told = value.told(self.plot.language);
        let room = text::width(&told, TEXT) / 2.0;
        let x = x.min(WIDTH - MARGIN - room).max(area.left + room);
        svg.text("value", x, y, &told);
    }
}

/// From the left and from the top.
type Place = (f64, f64);

/// Places of steps, drawn out to where the first period begins and the last one ends.
fn spread(places: &[(Place, Place)]) -> Vec<Place> {
    let mut line: Vec<Place> = places.iter().map(|(_, at)| *at).collect();
    if let (Some(((from, _), first)), Some(((_, to), last))) = (places.first(), places.last()) {
        line.insert(0, (*from, first.1));
        line.push((*to, last.1));
    }
    line
}
