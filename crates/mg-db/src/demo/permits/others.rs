//! Permits that create no dwelling: premises, sites to develop, demolitions.

use super::applicant::Applicant;
use super::draws::whole;
use super::dwellings::{Areas, Dwellings};
use super::kind::Pace;
use super::office::{Office, Works};
use super::permit::Permit;
use super::progress::Progress;
use super::project::Project;
use crate::demo::figures::Commune;

const PREMISES: Pace = Pace {
    review_months: 3,
    started: 0.75,
    start_days: 250.0,
    works_days: 400.0,
};
/// Sites of development permits open after 171 days at the median of 251 genuine ones.
const SITE_WORKS: Pace = Pace {
    review_months: 3,
    started: 0.7,
    start_days: 171.0,
    works_days: 156.0,
};
/// The list of demolitions tells no opening of a site.
const DEMOLITION: Pace = Pace {
    review_months: 2,
    started: 0.0,
    start_days: 0.0,
    works_days: 0.0,
};
/// Destinations of premises by weight: hotel, offices, shop, crafts, industry, farm, warehouse, public service.
const DESTINATIONS: [(i16, f64); 8] = [
    (2, 0.04),
    (3, 0.2),
    (4, 0.26),
    (5, 0.08),
    (6, 0.1),
    (7, 0.05),
    (8, 0.15),
    (9, 0.12),
];
const BUILDERS: [(i16, f64); 4] = [(33, 0.2), (43, 0.15), (50, 0.55), (80, 0.1)];
const OWNERS: [(i16, f64); 5] = [(10, 0.55), (21, 0.1), (31, 0.15), (32, 0.1), (43, 0.1)];
const DEVELOPERS: [(i16, f64); 4] = [(10, 0.3), (22, 0.2), (31, 0.3), (43, 0.2)];

impl Office {
    /// Permits of the commune and year that create no dwelling: premises, sites, demolitions.
    ///
    /// For 10,000 inhabitants and year: one permit of each of premises and demolition, a fifth of a site.
    pub(super) fn authorise_others(
        &mut self,
        commune: &'static Commune,
        year: i16,
        permits: &mut Vec<Permit>,
    ) {
        let inhabitants = commune
            .populations
            .last()
            .map_or(0, |population| population.municipal);
        let expected = f64::from(inhabitants) / 10_000.0;
        for _ in 0..self.draws.around(expected) {
            permits.push(self.premises(commune, year));
        }
        for _ in 0..self.draws.around(expected) {
            permits.push(self.demolition(commune, year));
        }
        for _ in 0..self.draws.around(expected / 5.0) {
            permits.push(self.site_works(commune, year));
        }
    }

    fn premises(&mut self, commune: &'static Commune, year: i16) -> Permit {
        let cancelled = self.draws.chance(0.1);
        let progress = Progress::draw(&PREMISES, year, cancelled, &mut self.draws);
        let applicant = Applicant::draw(&BUILDERS, commune, &mut self.draws);
        let destination = self.draws.one_of(&DESTINATIONS);
        let works = Works {
            project: Project::premises(destination, &mut self.draws),
            dwellings: Dwellings::default(),
            areas: Areas {
                premises_created: whole(self.draws.log_normal(900.0, 1.0)),
                ..Areas::default()
            },
        };
        self.register(commune, "PC", "locaux", progress, applicant, works)
    }

    fn demolition(&mut self, commune: &'static Commune, year: i16) -> Permit {
        let progress = Progress::draw(&DEMOLITION, year, false, &mut self.draws);
        let applicant = Applicant::draw(&OWNERS, commune, &mut self.draws);
        let demolished = self
            .draws
            .one_of(&[(0, 0.4), (1, 0.4), (2, 0.1), (12, 0.1)]);
        let works = Works {
            project: Project::default(),
            dwellings: Dwellings::only_demolished(demolished),
            areas: Areas {
                housing_demolished: demolished * 80,
                ..Areas::default()
            },
        };
        self.register(commune, "PD", "demolir", progress, applicant, works)
    }

    fn site_works(&mut self, commune: &'static Commune, year: i16) -> Permit {
        let progress = Progress::draw(&SITE_WORKS, year, false, &mut self.draws);
        let applicant = Applicant::draw(&DEVELOPERS, commune, &mut self.draws);
        let works = Works {
            project: Project::default(),
            dwellings: Dwellings::default(),
            areas: Areas::default(),
        };
        self.register(commune, "PA", "amenager", progress, applicant, works)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::figures;
    use crate::demo::permits::draws::Draws;

    fn office() -> Office {
        Office::new("essai", 1, Draws::seeded(9))
    }

    #[test]
    fn numbers_are_department_commune_year_and_order() {
        let commune = &figures::communes()[0];
        let mut office = office();
        let numbers: Vec<_> = (0..40)
            .map(|_| office.premises(commune, 2022).num_dau)
            .collect();
        assert!(
            numbers
                .iter()
                .all(|number| number.len() == 13 && number.starts_with("0770582")),
            "{numbers:?}"
        );
        let distinct: std::collections::HashSet<_> = numbers.iter().collect();
        assert_eq!(distinct.len(), 40);
    }

    #[test]
    fn demolitions_are_never_started() {
        let mut office = office();
        for _ in 0..50 {
            assert_eq!(
                office
                    .demolition(&figures::communes()[3], 2016)
                    .progress
                    .state(),
                2
            );
        }
    }

    #[test]
    fn the_largest_commune_has_some_permits_of_each_list_in_fourteen_years() {
        let mut permits = Vec::new();
        let mut office = office();
        for year in 2013..=2026 {
            office.authorise_others(&figures::communes()[0], year, &mut permits);
        }
        for list in ["locaux", "demolir", "amenager"] {
            assert!(permits.iter().any(|permit| permit.list == list), "{list}");
        }
        assert!(permits.iter().all(|permit| permit.dwellings.created() == 0));
    }
}
