//! Small places and coverages that unit tests share.
use jiff::civil::{Date, date};
use mg_core::kpi::{Definition, Territory};

use crate::{
    catalogue::Catalogue,
    coverage::{Coverage, File, Stretch},
    territory::Place,
};

pub(crate) const AUTHORITY: &str = "247700594";

pub(crate) fn territory(code: &str, name: &str) -> Territory {
    Territory {
        code: code.into(),
        name: name.into(),
    }
}

pub(crate) fn place(code: &str, name: &str) -> Place {
    Place {
        territory: territory(code, name),
        communes: Vec::new(),
    }
}

/// An authority of two communes.
pub(crate) fn authority() -> Place {
    let communes = vec![
        territory("77243", "Lagny-sur-Marne"),
        territory("77307", "Montévrain"),
    ];
    Place {
        territory: territory(AUTHORITY, "CA Marne et Gondoire"),
        communes,
    }
}

/// Stretches `(file, measure, territory, start, end)`; files are of vintage 2026-03, `permits` of 2026-10 and synthetic.
pub(crate) fn coverage<'a>(
    stretches: impl IntoIterator<Item = (&'a str, &'a str, &'a str, Date, Date)>,
) -> Coverage {
    let mut coverage = Coverage::default();
    for (id, measure, territory, start, end) in stretches {
        coverage.files.insert(id.into(), file(id));
        let file = id.into();
        coverage.add(measure, territory, Stretch { file, start, end });
    }
    coverage
}

fn file(id: &str) -> File {
    let synthetic = id == "permits";
    File {
        dataset: format!("data set {id}"),
        licence: "Licence Ouverte 2.0".into(),
        vintage: Some(if synthetic { "2026-10" } else { "2026-03" }.into()),
        synthetic,
        remark: None,
    }
}

/// Two communes: annual figures 2011 to 2024, permits 2013 to October 2026.
pub(crate) fn sitadel() -> Coverage {
    let communes = ["77243", "77307"];
    coverage(communes.iter().flat_map(|code| {
        let permitted = "date_reelle_autorisation";
        let (years, months) = (date(2011, 1, 1), date(2013, 1, 1));
        [
            ("annual", "log_aut", *code, years, date(2024, 12, 31)),
            ("permits", permitted, *code, months, date(2026, 10, 31)),
        ]
    }))
}

/// An indicator of the embedded catalogue.
pub(crate) fn definition(name: &str) -> Definition {
    let catalogue = Catalogue::load(None).unwrap();
    catalogue.find(name).unwrap().clone()
}
