//! Which windows are learnt from, and which judge.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use super::UNNAMED;
use crate::{
    panel::Series,
    shape::{Settings, Shape},
    window::Place,
};

/// Windows that judge at most: more say nothing new.
const MOST_JUDGING: usize = 1_024;

#[derive(Debug)]
pub(super) struct Windows {
    /// Origins of each series that has any.
    learning: Vec<Vec<Place>>,
    judging: Vec<Place>,
}

impl Windows {
    pub(super) fn of(panel: &[Series], shape: &Shape, settings: &Settings) -> Self {
        let mut learning = Vec::new();
        let mut judging = Vec::new();
        for (number, series) in panel.iter().enumerate() {
            let end = series.values.len();
            let limit = end.saturating_sub(settings.kept_apart);
            let place = |until: usize| {
                move |origin: usize| Place {
                    series: number,
                    origin,
                    until,
                    unnamed: false,
                }
            };
            let has_both = |place: &Place| is_useful(series, *place, shape);
            let learnt: Vec<Place> = (1..limit).map(place(limit)).filter(has_both).collect();
            let stride = (settings.kept_apart / 4).max(1);
            let judged = (limit..end).step_by(stride).map(place(end));
            if !learnt.is_empty() {
                learning.push(learnt);
                judging.extend(judged.filter(has_both));
            }
        }
        let every = judging.len().div_ceil(MOST_JUDGING).max(1);
        Self {
            learning,
            judging: judging.into_iter().step_by(every).collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.learning.is_empty() || self.judging.is_empty()
    }

    pub(super) fn judging(&self) -> &[Place] {
        &self.judging
    }

    /// Series evenly, then their origins evenly; the same for the same step.
    pub(super) fn draw(&self, count: usize, seed: u64, step: usize) -> Vec<Place> {
        let mixed = seed.wrapping_add((step as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95));
        let mut chance = ChaCha8Rng::seed_from_u64(mixed);
        let draw = |_| {
            let origins = &self.learning[chance.random_range(0..self.learning.len())];
            let place = origins[chance.random_range(0..origins.len())];
            Place {
                unnamed: chance.random_bool(UNNAMED),
                ..place
            }
        };
        (0..count).map(draw).collect()
    }
}

/// Enough is known before the origin, and something after it.
fn is_useful(series: &Series, place: Place, shape: &Shape) -> bool {
    let known = |from: usize, to: usize| {
        let values = series.values.get(from..to).unwrap_or_default();
        values.iter().flatten().count()
    };
    let before = known(place.origin.saturating_sub(shape.past), place.origin);
    let end = place.until.min(place.origin + shape.horizon);
    before >= shape.least_history() && known(place.origin, end) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_kept_apart_is_learnt_from() {
        let shape = Shape {
            past: 24,
            horizon: 12,
            period: 12,
            width: 4,
            heads: 1,
            quantiles: vec![0.5],
            statics: vec![],
            numbers: vec![],
            kinds: vec![],
        };
        let settings = Settings::default();
        let series = Series {
            values: vec![Some(1.0); 60],
            ..Series::default()
        };
        let windows = Windows::of(&[series], &shape, &settings);
        let learnt: Vec<Place> = windows.learning.concat();
        assert!(
            learnt
                .iter()
                .all(|place| place.until == 48 && place.origin < 48)
        );
        assert_eq!(learnt.first().map(|place| place.origin), Some(12));
        let judged: Vec<usize> = windows.judging.iter().map(|place| place.origin).collect();
        assert_eq!(judged, [48, 51, 54, 57]);
        assert_eq!(windows.draw(8, 3, 5), windows.draw(8, 3, 5));
        assert_ne!(windows.draw(8, 3, 5), windows.draw(8, 3, 6));
    }
}
