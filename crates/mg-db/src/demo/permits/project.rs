//! What a permit builds: nature, destination, type, height, use.

use super::draws::Draws;
use super::kind::Kind;
use super::permit::Cell;

/// `destination_principale` of the list of dwellings: dwellings.
const DWELLINGS: i16 = 1;
/// `residence` where there is none, or nothing was filled in.
const NO_RESIDENCE: i16 = 9;

/// The project of a permit, in SITADEL's codes.
#[derive(Debug, Clone, Default)]
pub(super) struct Project {
    nature_declared: Option<i16>,
    nature_completed: Option<i16>,
    pub(super) destination: Option<i16>,
    dwelling_type: Option<i16>,
    extension: bool,
    raised: bool,
    levels: Option<i32>,
    usage: Option<i16>,
    residence: Option<i16>,
}

impl Project {
    /// Dwellings of this kind; works on an existing building are never new construction.
    pub(super) fn dwellings(
        kind: &Kind,
        existing: bool,
        applicant: i16,
        draws: &mut Draws,
    ) -> Self {
        let is_new = !existing && draws.chance(0.86);
        let nature = if is_new {
            1
        } else {
            draws.one_of(&[(2, 0.5), (3, 0.3), (5, 0.2)])
        };
        let usage = match applicant {
            10 | 11 => 1,
            20..=23 => 3,
            30..=33 => 2,
            _ => 5,
        };
        Self {
            nature_declared: Some(if is_new { 1 } else { 2 }),
            nature_completed: Some(nature),
            destination: Some(DWELLINGS),
            dwelling_type: Some(kind.code.into()),
            extension: nature == 3 || nature == 5,
            raised: nature == 5 && draws.chance(0.3),
            levels: Some(if kind.code <= 2 {
                draws.between(1..=2)
            } else {
                draws.between(2..=6)
            }),
            usage: Some(if draws.chance(0.8) { usage } else { 5 }),
            residence: Some(if kind.code == 4 {
                draws.one_of(&[(1, 0.3), (2, 0.3), (5, 0.25), (7, 0.15)])
            } else {
                NO_RESIDENCE
            }),
        }
    }

    /// Premises, of a destination by the list of premises.
    pub(super) fn premises(destination: i16, draws: &mut Draws) -> Self {
        let nature = draws.one_of(&[(1, 0.7), (3, 0.3)]);
        Self {
            nature_declared: Some(if nature == 1 { 1 } else { 2 }),
            nature_completed: Some(nature),
            destination: Some(destination),
            extension: nature == 3,
            levels: Some(draws.between(1..=3)),
            ..Self::default()
        }
    }

    pub(super) fn cells(&self) -> [Cell; 9] {
        [
            ("nature_projet_declaree", self.nature_declared.into()),
            ("nature_projet_completee", self.nature_completed.into()),
            ("destination_principale", self.destination.into()),
            ("type_princip_logts_crees", self.dwelling_type.into()),
            ("i_extension", self.extension.into()),
            ("i_surelevation", self.raised.into()),
            ("nb_niv_max", self.levels.into()),
            ("utilisation", self.usage.into()),
            ("residence", self.residence.into()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::permits::kind::KINDS;

    #[test]
    fn works_on_an_existing_building_are_not_new_construction() {
        let mut draws = Draws::seeded(2);
        for _ in 0..200 {
            let project = Project::dwellings(&KINDS[0], true, 10, &mut draws);
            assert_eq!(project.nature_declared, Some(2));
            assert_ne!(project.nature_completed, Some(1));
        }
    }

    #[test]
    fn only_residences_have_a_residence_code() {
        let mut draws = Draws::seeded(2);
        for kind in &KINDS {
            let project = Project::dwellings(kind, false, 31, &mut draws);
            assert_eq!(project.residence == Some(NO_RESIDENCE), kind.code != 4);
        }
    }

    #[test]
    fn premises_create_no_type_of_dwelling() {
        let project = Project::premises(4, &mut Draws::seeded(2));
        assert_eq!(
            (
                project.destination,
                project.dwelling_type,
                project.residence
            ),
            (Some(4), None, None)
        );
    }
}
