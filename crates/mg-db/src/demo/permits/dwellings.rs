//! The dwellings and floor areas of a permit, by type, rooms and financing.

use super::draws::Draws;
use super::kind::Kind;
use super::permit::Cell;

/// Share of the permits whose social dwellings are not filled in, as the producer warns.
const SOCIAL_NOT_FILLED_IN: f64 = 0.2;
/// Share of the permits whose rooms are not filled in: they are 0 although dwellings are created.
const ROOMS_NOT_FILLED_IN: f64 = 0.02;

/// Dwellings created and demolished.
#[derive(Debug, Clone, Default)]
pub(super) struct Dwellings {
    /// Created, by kind: single house, grouped houses, flats, residence. A permit creates one kind.
    by_kind: [i32; 4],
    pub(super) demolished: i32,
    by_rooms: [i32; 6],
    social: Option<i32>,
    zero_rate_loans: Option<i32>,
}

impl Dwellings {
    /// So many dwellings of one kind, asked for by an applicant of a category.
    pub(super) fn draw(kind: &Kind, created: i32, applicant: i16, draws: &mut Draws) -> Self {
        let mut by_kind = [0; 4];
        by_kind[usize::from(kind.code) - 1] = created;
        let social = match (kind.code, applicant) {
            (3 | 4, 20..=23) => created,
            (3, _) if draws.chance(0.45) => created * 3 / 10,
            _ => 0,
        };
        Self {
            by_kind,
            demolished: if draws.chance(0.05) {
                draws.between(1..=3)
            } else {
                0
            },
            by_rooms: if draws.chance(ROOMS_NOT_FILLED_IN) {
                [0; 6]
            } else {
                draws.deal(created, kind.rooms)
            },
            social: (!draws.chance(SOCIAL_NOT_FILLED_IN)).then_some(social),
            zero_rate_loans: Some(if kind.code == 4 {
                0
            } else {
                draws.around(f64::from(created - social) * 0.08)
            }),
        }
    }

    /// None created, so many demolished.
    pub(super) fn only_demolished(demolished: i32) -> Self {
        Self {
            demolished,
            ..Self::default()
        }
    }

    /// Dwellings created in all.
    pub(super) fn created(&self) -> i32 {
        self.by_kind.iter().sum()
    }

    pub(super) fn cells(&self) -> [Cell; 17] {
        let [single, grouped, flats, residence] = self.by_kind;
        let [one, two, three, four, five, six] = self.by_rooms;
        [
            ("nb_lgt_tot_crees", self.created().into()),
            ("nb_lgt_ind_crees", (single + grouped).into()),
            ("nb_lgt_col_crees", (flats + residence).into()),
            ("nb_lgt_indiv_purs", single.into()),
            ("nb_lgt_indiv_groupes", grouped.into()),
            ("nb_lgt_res", residence.into()),
            ("nb_lgt_col_hors_res", flats.into()),
            ("nb_lgt_demolis", self.demolished.into()),
            ("nb_lgt_1p", one.into()),
            ("nb_lgt_2p", two.into()),
            ("nb_lgt_3p", three.into()),
            ("nb_lgt_4p", four.into()),
            ("nb_lgt_5p", five.into()),
            ("nb_lgt_6p_plus", six.into()),
            ("nb_lgt_pret_loc_social", self.social.into()),
            ("nb_lgt_acc_soc_hors_ptz", self.social.map(|_| 0).into()),
            ("nb_lgt_ptz", self.zero_rate_loans.into()),
        ]
    }
}

/// Floor areas in m², housing and premises.
#[derive(Debug, Clone, Default)]
pub(super) struct Areas {
    pub(super) housing_created: i32,
    pub(super) housing_demolished: i32,
    pub(super) premises_created: i32,
}

impl Areas {
    pub(super) fn cells(&self) -> [Cell; 10] {
        [
            ("surf_hab_avant", self.housing_demolished.into()),
            ("surf_hab_creee", self.housing_created.into()),
            ("surf_hab_issue_transfo", 0.into()),
            ("surf_hab_demolie", self.housing_demolished.into()),
            ("surf_hab_transformee", 0.into()),
            ("surf_loc_avant", 0.into()),
            ("surf_loc_creee", self.premises_created.into()),
            ("surf_loc_issue_transfo", 0.into()),
            ("surf_loc_demolie", 0.into()),
            ("surf_loc_transformee", 0.into()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::demo::permits::kind::KINDS;

    proptest! {
        #[test]
        fn parts_never_exceed_the_dwellings_created(seed: u64, kind in 0_usize..4, created in 1_i32..400, applicant in 10_i16..=90) {
            let dwellings = Dwellings::draw(&KINDS[kind], created, applicant, &mut Draws::seeded(seed));
            prop_assert_eq!(dwellings.created(), created);
            let rooms: i32 = dwellings.by_rooms.iter().sum();
            prop_assert!(rooms == created || rooms == 0);
            prop_assert!(dwellings.social.is_none_or(|social| (0..=created).contains(&social)));
            prop_assert!(dwellings.zero_rate_loans.is_some_and(|loans| (0..=created).contains(&loans)));
        }
    }

    #[test]
    fn a_social_landlord_builds_social_flats_only() {
        let mut draws = Draws::seeded(4);
        for _ in 0..100 {
            let dwellings = Dwellings::draw(&KINDS[2], 24, 21, &mut draws);
            assert!(dwellings.social.is_none_or(|social| social == 24));
        }
    }
}
