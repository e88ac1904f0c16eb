//! The four kinds of dwelling permits, and what permits of each kind look like.
//!
//! Sizes, delays and applicants are judgements near what genuine permits show: 74 % of the dwellings
//! authorised are started, half of the sites open within 6 months (houses) to 11 months.

use super::draws::{Draws, whole};

/// How fast a permit becomes a building.
#[derive(Debug)]
pub(super) struct Pace {
    /// Months from the deposit to the authorisation, at least.
    pub(super) review_months: i32,
    /// Share of the permits that are started.
    pub(super) started: f64,
    /// Median days from the authorisation to the opening of the site.
    pub(super) start_days: f64,
    /// Median days from the opening of the site to the completion.
    pub(super) works_days: f64,
}

/// What permits of one dwelling type look like.
#[derive(Debug)]
pub(super) struct Kind {
    /// Code in `type_princip_logts_crees`, also the place in the annual table's types.
    pub(super) code: u8,
    /// Fewest dwellings of a permit, and the median.
    smallest: i32,
    median_size: f64,
    /// Floor area of a dwelling in m², where no published figure tells.
    pub(super) dwelling_area: i32,
    pub(super) pace: Pace,
    /// Categories of applicants (`cat_dem`) by weight.
    pub(super) applicants: &'static [(i16, f64)],
    /// Cumulative shares of dwellings with 1, 2, 3, 4, 5, 6 or more rooms.
    pub(super) rooms: [f64; 6],
}

impl Kind {
    /// How many dwellings a permit of this kind creates.
    pub(super) fn size(&self, draws: &mut Draws) -> i32 {
        if self.median_size <= 1.0 {
            1
        } else {
            whole(draws.log_normal(self.median_size, 0.8)).max(self.smallest)
        }
    }

    /// Splits dwellings into permits of this kind; the sizes add up to the total.
    pub(super) fn sizes(&self, total: i32, draws: &mut Draws) -> Vec<i32> {
        let mut sizes = Vec::new();
        let mut left = total;
        while left > 0 {
            let size = self.size(draws).min(left);
            // One dwelling left over would not make a permit of a larger kind.
            let size = if self.smallest > 1 && left - size == 1 {
                left
            } else {
                size
            };
            sizes.push(size);
            left -= size;
        }
        sizes
    }
}

/// The kinds, in the order of their codes 1 to 4.
pub(super) const KINDS: [Kind; 4] = [
    Kind {
        code: 1,
        smallest: 1,
        median_size: 1.0,
        dwelling_area: 118,
        pace: Pace {
            review_months: 2,
            started: 0.80,
            start_days: 150.0,
            works_days: 420.0,
        },
        applicants: &[(10, 0.78), (11, 0.05), (12, 0.07), (31, 0.06), (90, 0.04)],
        rooms: [0.01, 0.03, 0.13, 0.45, 0.83, 1.0],
    },
    Kind {
        code: 2,
        smallest: 2,
        median_size: 4.3,
        dwelling_area: 92,
        pace: Pace {
            review_months: 3,
            started: 0.72,
            start_days: 330.0,
            works_days: 720.0,
        },
        applicants: &[
            (31, 0.35),
            (32, 0.25),
            (21, 0.10),
            (12, 0.10),
            (10, 0.15),
            (90, 0.05),
        ],
        rooms: [0.0, 0.05, 0.25, 0.75, 0.96, 1.0],
    },
    Kind {
        code: 3,
        smallest: 2,
        median_size: 30.0,
        dwelling_area: 63,
        pace: Pace {
            review_months: 4,
            started: 0.72,
            start_days: 330.0,
            works_days: 720.0,
        },
        applicants: &[(32, 0.38), (31, 0.32), (21, 0.15), (22, 0.05), (90, 0.10)],
        rooms: [0.10, 0.40, 0.74, 0.94, 0.99, 1.0],
    },
    Kind {
        code: 4,
        smallest: 15,
        median_size: 79.0,
        dwelling_area: 38,
        pace: Pace {
            review_months: 5,
            started: 0.72,
            start_days: 330.0,
            works_days: 720.0,
        },
        applicants: &[(31, 0.40), (21, 0.30), (23, 0.15), (90, 0.15)],
        rooms: [0.85, 0.98, 1.0, 1.0, 1.0, 1.0],
    },
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::demo::figures::DWELLING_TYPES;

    #[test]
    fn codes_are_the_places_of_the_annual_types() {
        let places: Vec<_> = (1_u8..).take(DWELLING_TYPES.len() - 1).collect();
        assert_eq!(KINDS.map(|kind| kind.code).to_vec(), places);
    }

    #[test]
    fn room_shares_are_cumulative_to_one() {
        for kind in &KINDS {
            assert!(kind.rooms.is_sorted());
            assert!((kind.rooms[5] - 1.0).abs() < f64::EPSILON);
        }
    }

    proptest! {
        #[test]
        fn sizes_add_up_and_none_is_empty(seed: u64, kind in 0_usize..4, total in 0_i32..2000) {
            let sizes = KINDS[kind].sizes(total, &mut Draws::seeded(seed));
            prop_assert_eq!(sizes.iter().sum::<i32>(), total);
            prop_assert!(sizes.iter().all(|size| *size > 0));
        }
    }
}
