//! A text for people, in one language or in both.

use mg_core::{Language, kpi::Bilingual};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text: `"…"`, or `{ fr = "…", en = "…" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a text or { fr = \"…\", en = \"…\" }")]
pub enum Words {
    /// The same in every language.
    One(String),
    /// In French and in English.
    Both(Bilingual),
}

impl Words {
    /// The text in one language.
    #[must_use]
    pub fn told(&self, language: Language) -> &str {
        match self {
            Self::One(text) => text,
            Self::Both(texts) => texts.told(language),
        }
    }
}
