//! How many dwellings of each kind each commune authorises in each year.
//!
//! 2013 to 2024 are the published figures. 2025 and 2026 (to October) are the commune's mean of 2022
//! to 2024 moved by the national trend, with noise.

use super::draws::Draws;
use super::kind::{KINDS, Kind};
use crate::demo::figures::{self, Annual, Commune};

/// Dwellings and floor area (m²) of one kind that a commune authorises in a year.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) commune: &'static Commune,
    pub(super) year: i16,
    pub(super) kind: &'static Kind,
    pub(super) dwellings: i32,
    pub(super) floor_area: i32,
}

/// The orders of 2013 to 2026, by commune, year and kind.
pub(super) fn orders(draws: &mut Draws) -> Vec<Order> {
    let mut orders = Vec::new();
    for commune in figures::communes() {
        let years: Vec<_> = figures::annual()
            .iter()
            .filter(|line| line.territory == commune.code)
            .collect();
        for kind in &KINDS {
            let published = years.iter().filter(|line| line.year >= 2013);
            orders.extend(published.map(|line| published_order(commune, kind, line)));
            let recent: i32 = years
                .iter()
                .filter(|line| line.year >= 2022)
                .map(|line| published_order(commune, kind, line).dwellings)
                .sum();
            for year in [2025, 2026] {
                let expected =
                    f64::from(recent) / 3.0 * national_trend(year) * draws.log_normal(1.0, 0.35);
                let dwellings = draws.around(expected);
                orders.push(Order {
                    commune,
                    year,
                    kind,
                    dwellings,
                    floor_area: dwellings * kind.dwelling_area,
                });
            }
        }
    }
    orders
}

fn published_order(commune: &'static Commune, kind: &'static Kind, line: &Annual) -> Order {
    let [dwellings, _, floor_area, _] = line
        .measures
        .map(|measure| measure.map_or(0, |by_type| by_type[usize::from(kind.code)]));
    Order {
        commune,
        year: line.year,
        kind,
        dwellings,
        floor_area,
    }
}

/// Dwellings authorised in France in the year over the mean of 2022 to 2024; ten months count for 2026.
fn national_trend(year: i16) -> f64 {
    let last_sum = |year: i16| {
        let line = figures::national().iter().find(|line| line.year == year);
        f64::from(
            line.and_then(|line| line.dwellings.last())
                .copied()
                .unwrap_or_default(),
        )
    };
    let mean = (last_sum(2022) + last_sum(2023) + last_sum(2024)) / 3.0;
    let months = if year == 2026 { 10.0 } else { 12.0 };
    last_sum(year) / mean * months / 12.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_national_trend_is_that_of_the_published_series() {
        assert!(
            (national_trend(2025) - 0.942).abs() < 0.001,
            "{}",
            national_trend(2025)
        );
        assert!(
            (national_trend(2026) - 0.784).abs() < 0.001,
            "{}",
            national_trend(2026)
        );
    }

    #[test]
    fn orders_of_published_years_make_the_golden_totals() {
        let orders = orders(&mut Draws::seeded(1));
        let total = |year: i16| {
            orders
                .iter()
                .filter(|order| order.year == year)
                .map(|order| order.dwellings)
                .sum::<i32>()
        };
        let golden = [
            1545, 1123, 936, 1966, 2195, 1230, 746, 1294, 1124, 1564, 1311, 929,
        ];
        assert_eq!((2013..=2024).map(total).collect::<Vec<_>>(), golden);
        assert!((500..2000).contains(&total(2025)), "{}", total(2025));
    }

    #[test]
    fn extrapolated_dwellings_have_a_floor_area() {
        let orders = orders(&mut Draws::seeded(1));
        assert!(
            orders
                .iter()
                .filter(|order| order.year > 2024)
                .all(|order| (order.dwellings > 0) == (order.floor_area > 0))
        );
    }
}
