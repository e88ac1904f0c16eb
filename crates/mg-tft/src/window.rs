//! One window of one series as the network sees it: a past up to an origin, and the horizon after it.

use crate::{panel::Series, scale::Scale, shape::Shape};

/// Where a forecast is made: after the first `origin` steps of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) series: usize,
    pub(crate) origin: usize,
    /// Values from here on are not looked at as targets.
    pub(crate) until: usize,
    /// Whose series it is, is not told.
    pub(crate) unnamed: bool,
}

/// Numbers of one window, in its own scale.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) scale: Scale,
    /// `past` values, 0 where unknown.
    pub(crate) values: Vec<f32>,
    /// Whether each is known.
    pub(crate) known: Vec<f32>,
    /// Whether the series had begun, for each step of the past.
    pub(crate) begun: Vec<f32>,
    /// A row a number known ahead, `past + horizon` each: the value a year before, the position, then the caller's.
    pub(crate) numbers: Vec<Vec<f32>>,
    /// A row a variable of kinds.
    pub(crate) kinds: Vec<Vec<usize>>,
    /// `horizon` values, 0 where unknown.
    pub(crate) targets: Vec<f32>,
    /// 1 where a target is known, else 0.
    pub(crate) counted: Vec<f32>,
}

impl Window {
    pub(crate) fn of(series: &Series, place: Place, shape: &Shape) -> Self {
        let begin = series.values.iter().position(Option::is_some).unwrap_or(0);
        let see = See {
            series,
            origin: place.origin,
            past: shape.past,
        };
        let past: Vec<Option<f64>> = (0..shape.past).map(|step| see.value(step)).collect();
        let scale = Scale::of(&past, shape.period);
        let all = shape.past + shape.horizon;
        let scaled = |value: Option<f64>| value.map_or(0.0, |value| scale.scaled(value));
        let flag = |yes: bool| f32::from(u8::from(yes));
        let year_before = (0..all).map(|step| scaled(see.year_before(step, shape.period)));
        let position = (0..all).map(|step| step as f32 / shape.past as f32 - 1.0);
        let mut numbers = vec![year_before.collect(), position.collect()];
        numbers.extend(series.numbers.iter().map(|row| see.row(row, all)));
        let targets: Vec<Option<f64>> = (place.origin..place.origin + shape.horizon)
            .map(|at| {
                series
                    .values
                    .get(at)
                    .copied()
                    .flatten()
                    .filter(|_| at < place.until)
            })
            .collect();
        Self {
            scale,
            values: past.iter().map(|value| scaled(*value)).collect(),
            known: past.iter().map(|value| flag(value.is_some())).collect(),
            begun: (0..shape.past)
                .map(|step| flag(see.at(step).is_some_and(|at| at >= begin)))
                .collect(),
            numbers,
            kinds: series.kinds.iter().map(|row| see.row(row, all)).collect(),
            targets: targets.iter().map(|value| scaled(*value)).collect(),
            counted: targets.iter().map(|value| flag(value.is_some())).collect(),
        }
    }
}

/// Steps of a window as steps of its series.
struct See<'a> {
    series: &'a Series,
    origin: usize,
    past: usize,
}

impl See<'_> {
    fn at(&self, step: usize) -> Option<usize> {
        (self.origin + step).checked_sub(self.past)
    }

    /// Only what is before the origin.
    fn value(&self, step: usize) -> Option<f64> {
        let at = self.at(step).filter(|at| *at < self.origin)?;
        self.series.values.get(at).copied().flatten()
    }

    /// The last known value of the same season, at least a year before.
    fn year_before(&self, step: usize, period: usize) -> Option<f64> {
        let mut at = self.at(step)?.checked_sub(period)?;
        while at >= self.origin {
            at = at.checked_sub(period)?;
        }
        self.series.values.get(at).copied().flatten()
    }

    /// What the caller knows; before the series the first of it.
    fn row<T: Copy + Default>(&self, row: &[T], all: usize) -> Vec<T> {
        let at = |step| row.get(self.at(step).unwrap_or_default());
        (0..all)
            .map(|step| at(step).copied().unwrap_or_default())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Variable;

    fn shape() -> Shape {
        Shape {
            past: 6,
            horizon: 3,
            period: 2,
            width: 4,
            heads: 1,
            quantiles: vec![0.5],
            statics: vec![Variable {
                name: "all".into(),
                labels: vec![],
            }],
            numbers: vec![],
            kinds: vec![],
        }
    }

    fn series(values: &[Option<f64>]) -> Series {
        Series {
            values: values.to_vec(),
            statics: vec![0],
            ..Series::default()
        }
    }

    #[test]
    fn what_comes_after_the_origin_is_seen_by_no_input() {
        let known: Vec<Option<f64>> = (0..12).map(|step| Some(f64::from(step))).collect();
        let mut other = known.clone();
        for value in &mut other[8..] {
            *value = Some(1e9);
        }
        let place = Place {
            series: 0,
            origin: 8,
            until: 12,
            unnamed: false,
        };
        let (one, two) = (
            Window::of(&series(&known), place, &shape()),
            Window::of(&series(&other), place, &shape()),
        );
        assert_eq!((one.values, one.numbers), (two.values, two.numbers));
        assert_ne!(one.targets, two.targets);
    }

    #[test]
    fn missing_values_and_those_kept_apart_count_for_nothing() {
        let values = [None, Some(1.0), None, Some(3.0), Some(4.0), None, Some(6.0)];
        let place = Place {
            series: 0,
            origin: 4,
            until: 6,
            unnamed: false,
        };
        let window = Window::of(&series(&values), place, &shape());
        assert_eq!(window.begun, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        assert_eq!(window.known, [0.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
        assert_eq!(window.counted, [1.0, 0.0, 0.0]);
    }
}
