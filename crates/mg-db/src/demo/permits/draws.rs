//! Seeded random draws: the same permits at every run.

use std::ops::RangeInclusive;

use rand::distr::uniform::SampleUniform;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

/// A stream of random draws.
#[derive(Debug)]
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// True with this probability (0 to 1).
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.0.random_bool(probability)
    }

    pub(super) fn between<T: SampleUniform + PartialOrd>(&mut self, range: RangeInclusive<T>) -> T {
        self.0.random_range(range)
    }

    /// One of the items (at least one), all alike.
    pub(super) fn any<'items, T>(&mut self, items: &'items [T]) -> &'items T {
        &items[self.0.random_range(0..items.len())]
    }

    /// One of the choices (at least one), by weight. No table is built: a permit asks ten times.
    pub(super) fn one_of<T: Copy>(&mut self, choices: &[(T, f64)]) -> T {
        let total: f64 = choices.iter().map(|choice| choice.1).sum();
        let mut left = self.0.random::<f64>() * total;
        let chosen = choices.iter().find(|choice| {
            left -= choice.1;
            left < 0.0
        });
        chosen.unwrap_or(&choices[0]).0
    }

    /// A log-normal draw with this median, `sigma` being the deviation of its logarithm.
    pub(super) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        let deviation: f64 = self.0.sample(StandardNormal);
        median * (sigma * deviation).exp()
    }

    /// A whole number whose mean is `expected`.
    pub(super) fn around(&mut self, expected: f64) -> i32 {
        whole(expected + self.0.random::<f64>())
    }

    /// Deals `total` out by cumulative shares that end with 1; the parts add up to the total.
    pub(super) fn deal<const N: usize>(&mut self, total: i32, cumulative: [f64; N]) -> [i32; N] {
        let offset: f64 = self.0.random();
        let mut dealt = 0;
        cumulative.map(|share| {
            let reached = whole(f64::from(total) * share + offset).min(total);
            let part = reached - dealt;
            dealt = reached;
            part
        })
    }
}

/// The whole part; beyond the range of `i32` its nearest bound.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding down is what is wanted, and `as` saturates"
)]
pub(super) fn whole(number: f64) -> i32 {
    number.floor() as i32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_dealt_add_up_to_the_total(seed: u64, total in 0_i32..5000) {
            let parts = Draws::seeded(seed).deal(total, [0.1, 0.4, 0.9, 1.0]);
            prop_assert_eq!(parts.iter().sum::<i32>(), total);
            prop_assert!(parts.iter().all(|part| *part >= 0));
        }

        #[test]
        fn a_draw_around_a_number_is_one_of_its_neighbours(seed: u64, expected in 0.0..1e6) {
            let drawn = f64::from(Draws::seeded(seed).around(expected));
            prop_assert!((drawn - expected).abs() <= 1.0);
        }
    }

    #[test]
    fn a_choice_without_weight_is_never_made() {
        let mut draws = Draws::seeded(7);
        assert!((0..500).all(|_| draws.one_of(&[('a', 0.0), ('b', 2.0), ('c', 1.0)]) != 'a'));
    }

    #[test]
    fn half_of_the_log_normal_draws_lie_below_the_median() {
        let mut draws = Draws::seeded(7);
        let below = (0..4000)
            .filter(|_| draws.log_normal(330.0, 0.6) < 330.0)
            .count();
        assert!((1850..2150).contains(&below), "{below}");
    }
}
