//! Who asks for a permit: a category, and for companies a numbered fictitious name.

use super::draws::Draws;
use super::permit::Cell;
use crate::demo::figures::Commune;

/// First SIREN of the block that stands for fictitious companies.
const FICTITIOUS_SIREN: i32 = 900_000_000;

/// A legal form; each has a hundred fictitious companies of its own.
#[derive(Debug)]
struct LegalForm {
    /// INSEE's code of the legal category.
    code: &'static str,
    /// Main activity.
    activity: &'static str,
    name: &'static str,
}

const fn form(code: &'static str, activity: &'static str, name: &'static str) -> LegalForm {
    LegalForm {
        code,
        activity,
        name,
    }
}

const LEGAL_FORMS: [LegalForm; 8] = [
    form("5710", "41.10A", "SOCIETE FICTIVE"),
    form("6541", "41.10D", "PROGRAMME FICTIF"),
    form("6540", "68.20B", "SCI FICTIVE"),
    form("5599", "68.20A", "BAILLEUR FICTIF"),
    form("5515", "68.20A", "EPL FICTIVE"),
    form("9220", "87.30A", "ASSOCIATION FICTIVE"),
    form("5499", "41.20A", "ENTREPRISE FICTIVE"),
    form("7210", "84.11Z", "COLLECTIVITE FICTIVE"),
];

/// Places among [`LEGAL_FORMS`] that an applicant of the category may have; `None` is a natural person.
fn forms_of(category: i16) -> &'static [(Option<u8>, f64)] {
    match category {
        12 => &[(Some(2), 0.5), (None, 0.5)],
        21 => &[(Some(3), 1.0)],
        22 => &[(Some(4), 1.0)],
        23 => &[(Some(5), 1.0)],
        31 => &[(Some(0), 1.0)],
        32 => &[(Some(1), 0.6), (Some(2), 0.35), (None, 0.05)],
        33 | 50 => &[(Some(6), 0.8), (Some(0), 0.2)],
        43 => &[(Some(7), 1.0)],
        90 => &[(Some(0), 0.2), (Some(2), 0.1), (None, 0.7)],
        _ => &[(None, 1.0)],
    }
}

/// The applicant of a permit.
#[derive(Debug, Clone, Default)]
pub(super) struct Applicant {
    pub(super) category: i16,
    company: Option<Company>,
    postcode: &'static str,
    town: String,
}

/// A fictitious company.
#[derive(Debug, Clone)]
struct Company {
    form: &'static LegalForm,
    /// 0 to 999, told in its name and its SIREN.
    number: i32,
}

impl Applicant {
    /// An applicant of one of the categories, most often of the commune itself.
    pub(super) fn draw(categories: &[(i16, f64)], commune: &Commune, draws: &mut Draws) -> Self {
        let category = draws.one_of(categories);
        let company = draws.one_of(forms_of(category)).map(|form| Company {
            form: &LEGAL_FORMS[usize::from(form)],
            number: i32::from(form) * 100 + draws.between(0..=99),
        });
        let local = draws.chance(if company.is_some() { 0.3 } else { 0.9 });
        let (postcode, town) = if local {
            (commune.postcode, commune.name.to_uppercase())
        } else {
            ("75008", "PARIS".to_owned())
        };
        Self {
            category,
            company,
            postcode,
            town,
        }
    }

    pub(super) fn cells(self) -> [Cell; 8] {
        let company = self.company.as_ref();
        let siren = company.map(|company| (FICTITIOUS_SIREN + company.number).to_string());
        [
            ("cat_dem", self.category.into()),
            (
                "ape_dem",
                company.map(|company| company.form.activity).into(),
            ),
            ("cj_dem", company.map(|company| company.form.code).into()),
            (
                "denom_dem",
                company
                    .map(|company| format!("{} {:03}", company.form.name, company.number))
                    .into(),
            ),
            (
                "siret_dem",
                siren.as_ref().map(|siren| format!("{siren}00010")).into(),
            ),
            ("siren_dem", siren.into()),
            ("codpost_dem", self.postcode.into()),
            ("localite_dem", self.town.into()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::figures::communes;
    use crate::value::Value;

    fn drawn(category: i16) -> Vec<[Cell; 8]> {
        let mut draws = Draws::seeded(5);
        (0..300)
            .map(|_| Applicant::draw(&[(category, 1.0)], &communes()[0], &mut draws).cells())
            .collect()
    }

    #[test]
    fn natural_persons_have_neither_name_nor_siren() {
        for category in [10, 11] {
            for cells in drawn(category) {
                assert!(
                    cells[1..6].iter().all(|(_, value)| *value == Value::Null),
                    "{cells:?}"
                );
            }
        }
    }

    #[test]
    fn companies_are_numbered_within_the_fictitious_block() {
        for category in [12, 21, 22, 23, 31, 32, 33, 43, 50, 90] {
            for cells in drawn(category) {
                let (Value::Text(name), Value::Text(establishment), Value::Text(siren)) =
                    (&cells[3].1, &cells[4].1, &cells[5].1)
                else {
                    continue;
                };
                let number: u32 = siren.parse().unwrap();
                assert!((900_000_000..=900_000_999).contains(&number), "{siren}");
                assert!(
                    name.ends_with(&siren[6..]) && name.contains("FICTI"),
                    "{name} {siren}"
                );
                assert!(establishment.starts_with(siren.as_str()) && establishment.len() == 14);
            }
        }
    }

    #[test]
    fn a_company_keeps_its_name_whatever_the_category() {
        let mut names = std::collections::HashMap::new();
        for cells in [12, 32, 90].into_iter().flat_map(drawn) {
            if let (Value::Text(siren), name) = (cells[5].1.clone(), cells[3].1.clone()) {
                assert_eq!(names.entry(siren).or_insert_with(|| name.clone()), &name);
            }
        }
        assert!(names.len() > 100);
    }
}
