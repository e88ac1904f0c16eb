//! The office that grants the synthetic permits and numbers them as SITADEL does.

use std::collections::HashMap;

use super::EXTRACTED;
use super::applicant::Applicant;
use super::draws::{Draws, whole};
use super::dwellings::{Areas, Dwellings};
use super::kind::KINDS;
use super::permit::Permit;
use super::plan::Order;
use super::progress::Progress;
use super::project::Project;
use super::site::Site;
use crate::demo::figures::{self, Commune};

/// Cancelled permits come on top of the others: 13 % of all.
const CANCELLED_ON_TOP: f64 = 0.13 / 0.87;

/// How many of the benchmark's permits are of each of [`KINDS`], by weight.
const KIND_WEIGHTS: [(usize, f64); 4] = [(0, 0.6), (1, 0.15), (2, 0.22), (3, 0.03)];

/// What a permit creates or takes away.
pub(super) struct Works {
    pub(super) project: Project,
    pub(super) dwellings: Dwellings,
    pub(super) areas: Areas,
}

/// Grants permits; the same draws in the same order make the same permits.
#[derive(Debug)]
pub(super) struct Office {
    file: &'static str,
    first_number: u32,
    /// Numbers issued by commune, year of deposit and type of permit.
    issued: HashMap<(&'static str, i16, &'static str), u32>,
    pub(super) draws: Draws,
}

impl Office {
    /// An office whose permits come from `file` and are numbered from `first_number` on.
    pub(super) fn new(file: &'static str, first_number: u32, draws: Draws) -> Self {
        Self {
            file,
            first_number,
            issued: HashMap::new(),
            draws,
        }
    }

    /// The permits of an order: those not cancelled add up to it, dwellings and floor area.
    pub(super) fn authorise_all(&mut self, order: &Order, permits: &mut Vec<Permit>) {
        let mut granted = 0_i64;
        let area_until =
            |dwellings: i64| i64::from(order.floor_area) * dwellings / i64::from(order.dwellings);
        for size in order.kind.sizes(order.dwellings, &mut self.draws) {
            let area = area_until(granted + i64::from(size)) - area_until(granted);
            granted += i64::from(size);
            let permit =
                self.authorise(order, size, i32::try_from(area).unwrap_or_default(), false);
            permits.extend(self.among_premises(&permit));
            permits.push(permit);
            if self.draws.chance(CANCELLED_ON_TOP) {
                let size = order.kind.size(&mut self.draws).min(order.dwellings);
                permits.push(self.authorise(order, size, size * order.kind.dwelling_area, true));
            }
        }
    }

    /// A permit of dwellings somewhere, some year.
    pub(super) fn authorise_any(&mut self) -> Permit {
        let commune = self.draws.any(figures::communes());
        let kind = &KINDS[self.draws.one_of(&KIND_WEIGHTS)];
        let year = self.draws.between(2013..=EXTRACTED.year());
        let size = kind.size(&mut self.draws);
        let order = Order {
            commune,
            year,
            kind,
            dwellings: size,
            floor_area: size * kind.dwelling_area,
        };
        let cancelled = self.draws.chance(0.13);
        self.authorise(&order, size, order.floor_area, cancelled)
    }

    fn authorise(&mut self, order: &Order, size: i32, area: i32, cancelled: bool) -> Permit {
        let kind = order.kind;
        let declared = size == 1 && self.draws.chance(0.06);
        let progress = Progress::draw(&kind.pace, order.year, cancelled, &mut self.draws);
        let applicant = Applicant::draw(kind.applicants, order.commune, &mut self.draws);
        let dwellings = Dwellings::draw(kind, size, applicant.category, &mut self.draws);
        let has_shops = kind.code >= 3 && self.draws.chance(0.15);
        let areas = Areas {
            housing_created: area,
            housing_demolished: dwellings.demolished * 80,
            premises_created: if has_shops {
                whole(self.draws.log_normal(220.0, 0.7))
            } else {
                0
            },
        };
        let project = Project::dwellings(kind, declared, applicant.category, &mut self.draws);
        let works = Works {
            project,
            dwellings,
            areas,
        };
        let type_dau = if declared { "DP" } else { "PC" };
        self.register(
            order.commune,
            type_dau,
            "logements",
            progress,
            applicant,
            works,
        )
    }

    /// Half of the permits with shops stand in the list of premises too.
    fn among_premises(&mut self, permit: &Permit) -> Option<Permit> {
        let told_again = permit.areas.premises_created > 0 && self.draws.chance(0.5);
        told_again.then(|| permit.among_premises(Project::premises(4, &mut self.draws)))
    }

    /// Numbers a permit and gives it a site.
    pub(super) fn register(
        &mut self,
        commune: &'static Commune,
        type_dau: &'static str,
        list: &'static str,
        progress: Progress,
        applicant: Applicant,
        works: Works,
    ) -> Permit {
        let year = progress.deposited.year();
        let number = self
            .issued
            .entry((commune.code, year, type_dau))
            .or_insert(self.first_number);
        let num_dau = format!("0{}{:02}{number:05}", commune.code, year % 100);
        *number += 1;
        let Works {
            project,
            dwellings,
            areas,
        } = works;
        let site = Site::draw(commune, dwellings.created(), &mut self.draws);
        Permit {
            type_dau,
            num_dau,
            list,
            commune: commune.code,
            file: self.file,
            progress,
            applicant,
            site,
            project,
            dwellings,
            areas,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Office {
        Office::new("essai", 1, Draws::seeded(9))
    }

    #[test]
    fn permits_of_an_order_that_stand_add_up_to_it() {
        let order = Order {
            commune: &figures::communes()[0],
            year: 2021,
            kind: &KINDS[2],
            dwellings: 731,
            floor_area: 45_003,
        };
        let mut permits = Vec::new();
        office().authorise_all(&order, &mut permits);
        let standing = permits.iter().filter(|permit| permit.progress.state() != 4);
        let totals = standing.fold((0, 0), |(dwellings, area), permit| {
            (
                dwellings + permit.dwellings.created(),
                area + permit.areas.housing_created,
            )
        });
        assert_eq!(totals, (731, 45_003));
        assert!(permits.iter().any(|permit| permit.progress.state() == 4));
    }

    #[test]
    fn an_order_of_nothing_makes_no_permit() {
        let order = Order {
            commune: &figures::communes()[0],
            year: 2021,
            kind: &KINDS[2],
            dwellings: 0,
            floor_area: 0,
        };
        let mut permits = Vec::new();
        office().authorise_all(&order, &mut permits);
        assert!(permits.is_empty());
    }
}
