//! The published figures of the demo, read from compact tables of ours.
//!
//! A line that does not have the shape of its table is left out; the tests assert that none is.

use std::sync::LazyLock;

/// The dwelling types of the annual table: the total, then the four it is made of.
///
/// The place of a type is also its code in `type_princip_logts_crees` (1 to 4).
pub(super) const DWELLING_TYPES: [&str; 5] = [
    "Tous",
    "Indiv_pur",
    "Indiv_groupe",
    "Collectif",
    "Residence",
];

/// The measures of the annual table: dwellings authorised and started, floor area (m²) of both.
pub(super) const MEASURES: [&str; 4] = ["log_aut", "log_com", "sdp_aut", "sdp_com"];

/// One of the twenty communes of the authority.
#[derive(Debug)]
pub(super) struct Commune {
    /// INSEE code.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) siren: &'static str,
    pub(super) postcode: &'static str,
    pub(super) populations: Vec<Population>,
}

/// Inhabitants of a commune by the census of one reference year.
#[derive(Debug)]
pub(super) struct Population {
    pub(super) year: i16,
    /// *Population municipale*.
    pub(super) municipal: i32,
    /// *Population totale*, where published.
    pub(super) total: Option<i32>,
}

/// The published figures of one territory and year.
#[derive(Debug)]
pub(super) struct Annual {
    pub(super) territory: &'static str,
    pub(super) year: i16,
    /// One entry a measure of [`MEASURES`], by type as in [`DWELLING_TYPES`]; none where the year was not published.
    pub(super) measures: [Option<[i32; 5]>; 4],
}

/// Twelve-month sums of one national series that follow each other within a year.
#[derive(Debug)]
pub(super) struct NationalYear {
    pub(super) series: &'static str,
    pub(super) year: i16,
    pub(super) first_month: i8,
    /// Dwellings in the twelve months that end with each month.
    pub(super) dwellings: Vec<i32>,
}

/// The communes, by code.
pub(super) fn communes() -> &'static [Commune] {
    static COMMUNES: LazyLock<Vec<Commune>> =
        LazyLock::new(|| parse(include_str!("data/communes.csv"), commune));
    &COMMUNES
}

/// The annual figures: the communes, then Seine-et-Marne (`D77`) and Île-de-France (`R11`).
pub(super) fn annual() -> &'static [Annual] {
    static ANNUAL: LazyLock<Vec<Annual>> =
        LazyLock::new(|| parse(include_str!("data/annual.csv"), annual_line));
    &ANNUAL
}

/// The national twelve-month sums, by series and year.
pub(super) fn national() -> &'static [NationalYear] {
    static NATIONAL: LazyLock<Vec<NationalYear>> =
        LazyLock::new(|| parse(include_str!("data/national.csv"), national_line));
    &NATIONAL
}

/// The lines of an embedded table as fields, without its heading.
pub(super) fn lines(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split(';').collect())
}

fn parse<T>(table: &'static str, line: fn(&[&'static str]) -> Option<T>) -> Vec<T> {
    lines(table).filter_map(|fields| line(&fields)).collect()
}

fn commune(fields: &[&'static str]) -> Option<Commune> {
    let [code, name, siren, postcode, populations @ ..] = fields else {
        return None;
    };
    let populations = (2018..)
        .zip(populations)
        .map(|(year, field)| {
            let counted = numbers(field)?;
            Some(Population {
                year,
                municipal: *counted.first()?,
                total: counted.get(1).copied(),
            })
        })
        .collect::<Option<_>>()?;
    Some(Commune {
        code,
        name,
        siren,
        postcode,
        populations,
    })
}

fn annual_line(fields: &[&'static str]) -> Option<Annual> {
    let [territory, year, measures @ ..] = fields else {
        return None;
    };
    let measures: &[&str; 4] = measures.try_into().ok()?;
    let measures = measures.map(|field| numbers(field)?.try_into().ok());
    Some(Annual {
        territory,
        year: year.parse().ok()?,
        measures,
    })
}

fn national_line(fields: &[&'static str]) -> Option<NationalYear> {
    let [series, year, first_month, dwellings] = fields else {
        return None;
    };
    Some(NationalYear {
        series,
        year: year.parse().ok()?,
        first_month: first_month.parse().ok()?,
        dwellings: numbers(dwellings)?,
    })
}

/// Whole numbers parted by spaces.
fn numbers(field: &str) -> Option<Vec<i32>> {
    field
        .split_whitespace()
        .map(|number| number.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_an_embedded_table_is_lost() {
        assert_eq!(communes().len(), 20);
        assert!(
            communes()
                .iter()
                .all(|commune| commune.populations.len() == 6)
        );
        assert_eq!(annual().len(), 22 * 14);
        assert_eq!(national().len(), 2 * 27);
        assert_eq!(
            national()
                .iter()
                .map(|year| year.dwellings.len())
                .sum::<usize>(),
            2 * 308
        );
    }

    #[test]
    fn only_starts_of_2024_are_not_published() {
        for line in annual() {
            let published = line.measures.map(|measure| measure.is_some());
            assert_eq!(
                published,
                [true, line.year < 2024, true, line.year < 2024],
                "{} {}",
                line.territory,
                line.year
            );
        }
    }

    #[test]
    fn dwellings_of_the_four_types_add_up_to_the_total() {
        for line in annual() {
            for dwellings in line.measures[..3].iter().flatten() {
                assert_eq!(
                    dwellings[0],
                    dwellings[1..].iter().sum::<i32>(),
                    "{} {}",
                    line.territory,
                    line.year
                );
            }
        }
    }

    #[test]
    fn the_authority_has_the_known_population() {
        let of = |index: usize| {
            communes()
                .iter()
                .map(|commune| commune.populations[index].municipal)
                .sum::<i32>()
        };
        assert_eq!([of(0), of(4), of(5)], [106_750, 110_064, 112_295]);
        assert!(
            communes()
                .iter()
                .all(|commune| commune.populations[5].total.is_none())
        );
    }

    #[test]
    fn department_and_region_have_the_known_totals() {
        let of = |territory: &str, year: i16| {
            let line = annual()
                .iter()
                .find(|line| line.territory == territory && line.year == year);
            line.and_then(|line| line.measures[0])
                .map(|dwellings| dwellings[0])
        };
        let known = [
            ("D77", 2017, 13_379),
            ("D77", 2023, 6_169),
            ("D77", 2024, 6_078),
            ("R11", 2017, 97_117),
            ("R11", 2024, 56_686),
        ];
        for (territory, year, dwellings) in known {
            assert_eq!(of(territory, year), Some(dwellings), "{territory} {year}");
        }
    }
}
