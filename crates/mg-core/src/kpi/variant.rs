//! Parts of an indicator that are asked for like it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bilingual, Definition, Source};

/// A part of an indicator, or the same over other rows: asked for by the indicator's name, a colon and its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What follows the colon: lower case, digits and `_`
    pub name: String,
    /// What follows the title
    pub title: Bilingual,
    /// Its rows, in the place of those of the sources that have `variants`; other sources do not answer
    pub rows: String,
}

impl Definition {
    /// An indicator of its own for one of the variants. What was set for the whole, such as a target, is not its.
    #[must_use]
    pub fn of_variant(&self, variant: &Variant) -> Self {
        let titled = |whole: &str, part: &str| format!("{whole} ({part})");
        let sources = self.sources.iter().filter(|source| source.variants);
        Self {
            name: self.name_of(variant),
            title: Bilingual {
                fr: titled(&self.title.fr, &variant.title.fr),
                en: titled(&self.title.en, &variant.title.en),
            },
            formula: titled(&self.formula, &variant.rows),
            synonyms: Vec::new(),
            variants: Vec::new(),
            sources: sources
                .map(|source| Source {
                    rows: Some(variant.rows.clone()),
                    ..source.clone()
                })
                .collect(),
            ..self.clone()
        }
    }

    /// What a variant is asked for by.
    #[must_use]
    pub fn name_of(&self, variant: &Variant) -> String {
        format!("{}:{}", self.name, variant.name)
    }
}
