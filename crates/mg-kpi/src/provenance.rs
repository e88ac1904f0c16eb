//! Where the numbers of an answer come from: data sets, licence, release, whether synthetic, and what is remarked on them.

use std::collections::BTreeSet;

use mg_core::{
    Language,
    kpi::{Definition, Input},
};

use crate::{
    coverage::{Coverage, File},
    evaluate::{Measured, vintage},
    note::Note,
};

/// What must be said of the files that entered some values.
#[derive(Clone, Debug)]
pub(crate) struct Provenance {
    /// The producer and its data sets; synthetic ones are nobody's but ours.
    pub(crate) source: String,
    /// Their licence.
    pub(crate) licence: String,
    /// The oldest release among the facts, `YYYY-MM`.
    pub(crate) vintage: Option<String>,
    /// Every file that entered.
    pub(crate) inputs: Vec<Input>,
    /// Whether any of them is synthetic.
    pub(crate) synthetic: bool,
    remarks: Vec<Note>,
}

impl Provenance {
    /// Of some values together.
    pub(crate) fn of<'a>(
        definition: &Definition,
        coverage: &Coverage,
        values: impl IntoIterator<Item = &'a Measured>,
    ) -> Self {
        let (mut facts, mut all) = (BTreeSet::new(), BTreeSet::new());
        for value in values {
            facts.extend(value.files.iter().cloned());
            all.extend(value.files.iter().chain(&value.reference_files).cloned());
        }
        let files: Vec<&File> = all.iter().filter_map(|id| coverage.files.get(id)).collect();
        let licence = joined(files.iter().map(|file| file.licence.as_str()));
        Self {
            source: source(definition, &files),
            licence: licence.unwrap_or_else(|| definition.licence.clone()),
            vintage: vintage(coverage, &facts),
            inputs: files.iter().map(|file| input(file)).collect(),
            synthetic: files.iter().any(|file| file.synthetic),
            remarks: files.iter().filter_map(|file| remark(file)).collect(),
        }
    }

    /// The synthetic label first, then what was decided, then what the loaders remarked; each once.
    pub(crate) fn notes(&self, decided: &[Note], language: Language) -> Vec<String> {
        let label = self.synthetic.then_some(&Note::Synthetic);
        let all = label.into_iter().chain(decided).chain(&self.remarks);
        let mut told: Vec<String> = Vec::new();
        for note in all.map(|note| note.told(language)) {
            if !told.contains(&note) {
                told.push(note);
            }
        }
        told
    }
}

/// Whether any file of a value is synthetic.
pub(crate) fn is_synthetic(coverage: &Coverage, value: &Measured) -> bool {
    let mut ids = value.files.iter().chain(&value.reference_files);
    ids.any(|id| coverage.files.get(id).is_some_and(|file| file.synthetic))
}

fn input(file: &File) -> Input {
    Input {
        source: file.dataset.clone(),
        vintage: file.vintage.clone(),
    }
}

fn remark(file: &File) -> Option<Note> {
    let remark = file.remark.as_ref()?;
    Some(Note::Remark(file.dataset.clone(), remark.clone()))
}

fn source(definition: &Definition, files: &[&File]) -> String {
    match joined(files.iter().map(|file| file.dataset.as_str())) {
        None => definition.source.clone(),
        Some(sets) if files.iter().any(|file| file.synthetic) => sets,
        Some(sets) => format!("{} ({sets})", definition.source),
    }
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let once: BTreeSet<_> = texts.collect();
    (!once.is_empty()).then(|| once.into_iter().collect::<Vec<_>>().join(" + "))
}
