//! Small places and coverages that unit tests share.

use std::collections::BTreeMap;

use jiff::civil::Date;
use mg_core::kpi::Territory;

use crate::{
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
    let stretches: Vec<_> = stretches
        .into_iter()
        .map(|(file, measure, territory, start, end)| Stretch {
            file: file.into(),
            measure: measure.into(),
            territory: territory.into(),
            start,
            end,
        })
        .collect();
    let files: BTreeMap<_, _> = stretches
        .iter()
        .map(|stretch| (stretch.file.clone(), file(&stretch.file)))
        .collect();
    Coverage {
        files,
        stretches,
        elsewhere: Vec::new(),
    }
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
