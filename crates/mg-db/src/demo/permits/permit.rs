//! One row of `fact_permis`, put together from its parts.

use std::sync::LazyLock;

use super::applicant::Applicant;
use super::dwellings::{Areas, Dwellings};
use super::progress::Progress;
use super::project::Project;
use super::site::Site;
use crate::value::Value;

/// A column and its value.
pub(super) type Cell = (&'static str, Value);

/// A permit as one of SITADEL's lists tells it.
#[derive(Debug, Clone, Default)]
pub(in crate::demo) struct Permit {
    /// PC, DP, PA or PD.
    pub(super) type_dau: &'static str,
    pub(super) num_dau: String,
    /// The list it stands in; one permit may stand in two.
    pub(super) list: &'static str,
    pub(super) commune: &'static str,
    pub(super) file: &'static str,
    pub(super) progress: Progress,
    pub(super) applicant: Applicant,
    pub(super) site: Site,
    pub(super) project: Project,
    pub(super) dwellings: Dwellings,
    pub(super) areas: Areas,
}

impl Permit {
    /// The same permit as the list of premises tells it: its shops or offices, no dwelling.
    pub(super) fn among_premises(&self, project: Project) -> Self {
        Self {
            list: "locaux",
            project,
            dwellings: Dwellings::default(),
            areas: Areas {
                premises_created: self.areas.premises_created,
                ..Areas::default()
            },
            ..self.clone()
        }
    }

    /// The values, in the order of [`columns`].
    pub(in crate::demo) fn row(self) -> Vec<Value> {
        self.cells().map(|(_, value)| value).collect()
    }

    fn cells(self) -> impl Iterator<Item = Cell> {
        let identity: [Cell; 6] = [
            ("type_dau", self.type_dau.into()),
            ("num_dau", self.num_dau.into()),
            ("fichier", self.list.into()),
            ("comm", self.commune.into()),
            ("fichier_id", self.file.into()),
            ("synthetique", true.into()),
        ];
        (identity.into_iter())
            .chain(self.progress.cells())
            .chain(self.applicant.cells())
            .chain(self.site.cells())
            .chain(self.project.cells())
            .chain(self.dwellings.cells())
            .chain(self.areas.cells())
    }
}

/// The columns that permits fill.
pub(super) fn columns() -> &'static [&'static str] {
    static COLUMNS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        Permit::default()
            .cells()
            .map(|(column, _)| column)
            .collect()
    });
    &COLUMNS
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_column_is_named_once() {
        let names: HashSet<_> = columns().iter().collect();
        assert_eq!(names.len(), columns().len());
        assert_eq!(Permit::default().row().len(), columns().len());
    }

    #[test]
    fn a_permit_told_among_premises_keeps_its_number_and_loses_its_dwellings() {
        let permit = Permit {
            num_dau: "0772432200001".into(),
            areas: Areas {
                housing_created: 900,
                premises_created: 120,
                housing_demolished: 0,
            },
            ..Permit::default()
        };
        let told_again = permit.among_premises(Project::default());
        assert_eq!(
            (told_again.list, told_again.num_dau.as_str()),
            ("locaux", "0772432200001")
        );
        assert_eq!(
            (
                told_again.areas.housing_created,
                told_again.areas.premises_created
            ),
            (0, 120)
        );
        assert_eq!(told_again.dwellings.created(), 0);
    }
}
