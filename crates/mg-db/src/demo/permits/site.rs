//! The land of a permit: fictitious address and parcel, area, planning zone.

use super::draws::{Draws, whole};
use super::permit::Cell;
use crate::demo::figures::Commune;
use crate::demo::places::DEVELOPMENT_ZONES;

/// The land of a permit.
#[derive(Debug, Clone, Default)]
pub(super) struct Site {
    number: i32,
    way: &'static str,
    way_number: i32,
    town: String,
    postcode: &'static str,
    /// Section (two letters) and number of the parcel.
    section: String,
    parcel: i32,
    /// Area of the land in m²; 0 where it was not filled in.
    area: i32,
    /// 1 housing estate, 2 ZAC, 4 outside any zone.
    zone: i16,
    development_zone: Option<&'static str>,
}

impl Site {
    /// Land for so many dwellings, or for one building.
    pub(super) fn draw(commune: &Commune, dwellings: i32, draws: &mut Draws) -> Self {
        let area = if dwellings > 1 {
            f64::from(dwellings) * draws.log_normal(75.0, 0.4)
        } else {
            draws.log_normal(450.0, 0.5)
        };
        let development_zone = DEVELOPMENT_ZONES
            .iter()
            .find(|zone| zone.commune == commune.code)
            .filter(|_| draws.chance(if dwellings > 1 { 0.6 } else { 0.05 }))
            .map(|zone| zone.id);
        let letter = draws.one_of(&[("A", 4.0), ("B", 3.0), ("C", 2.0), ("D", 1.0)]);
        Self {
            number: draws.between(1..=180),
            way: draws.one_of(&[("RUE", 6.0), ("AV", 2.0), ("CHE", 1.0), ("ALL", 1.0)]),
            way_number: draws.between(1..=60),
            town: commune.name.to_uppercase(),
            postcode: commune.postcode,
            section: format!(
                "{letter}{}",
                draws.one_of(&[("B", 1.0), ("E", 1.0), ("H", 1.0), ("K", 1.0)])
            ),
            parcel: draws.between(1..=999),
            area: if draws.chance(0.01) { 0 } else { whole(area) },
            zone: if development_zone.is_some() {
                2
            } else {
                draws.one_of(&[(1, 0.15), (4, 0.85)])
            },
            development_zone,
        }
    }

    pub(super) fn cells(self) -> [Cell; 10] {
        [
            ("adr_num_ter", self.number.to_string().into()),
            ("adr_typevoie_ter", self.way.into()),
            (
                "adr_libvoie_ter",
                format!("VOIE FICTIVE {:02}", self.way_number).into(),
            ),
            ("adr_localite_ter", self.town.into()),
            ("adr_codpost_ter", self.postcode.into()),
            ("sec_cadastre1", self.section.into()),
            ("num_cadastre1", self.parcel.to_string().into()),
            ("superficie_terrain", self.area.into()),
            ("zone_op", self.zone.into()),
            ("zac_id", self.development_zone.into()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::figures::communes;

    #[test]
    fn land_in_a_development_zone_has_zone_code_2_and_lies_in_its_commune() {
        let mut draws = Draws::seeded(11);
        let mut within = 0;
        for commune in communes() {
            for _ in 0..40 {
                let site = Site::draw(commune, 30, &mut draws);
                assert_eq!(site.development_zone.is_some(), site.zone == 2);
                if let Some(zone) = site.development_zone {
                    assert!(
                        DEVELOPMENT_ZONES
                            .iter()
                            .any(|known| known.id == zone && known.commune == commune.code)
                    );
                    within += 1;
                }
            }
        }
        assert!(within > 50, "{within}");
    }

    #[test]
    fn more_dwellings_stand_on_more_land() {
        let mut draws = Draws::seeded(11);
        let mut area = |dwellings| {
            (0..200)
                .map(|_| Site::draw(&communes()[1], dwellings, &mut draws).area)
                .sum::<i32>()
        };
        assert!(area(40) > 3 * area(1));
    }
}
