//! A regular expression in a spider's file: compiled once, wrong ones refused at load.

use std::borrow::Cow;

use regex::{Captures, Regex};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A regular expression, in the syntax of the crate `regex` (no look-around, linear time).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    regex: Regex,
    /// The same for whole texts.
    whole: Regex,
}

impl Pattern {
    /// The compiled expression.
    #[must_use]
    pub const fn regex(&self) -> &Regex {
        &self.regex
    }

    /// Whether it occurs in the text.
    #[must_use]
    pub fn occurs_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What its groups find in a text that it matches as a whole.
    #[must_use]
    pub fn whole<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let found = self.whole.captures(text)?;
        (found.get_match().len() == text.len()).then_some(found)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // Only a pattern that ends in a comment cannot be put between the two ends; it has to match by itself then.
        let anchored = Regex::new(&format!("^(?:{text})$"));
        let compiled = |regex: Regex| Self {
            whole: anchored.unwrap_or_else(|_| regex.clone()),
            regex,
        };
        Regex::new(&text).map(compiled).map_err(|error| {
            let told = error.to_string();
            let reason = told.lines().last().unwrap_or_default();
            format!(
                "`{text}` is not a regular expression: {}",
                reason.trim_start_matches("error: ")
            )
        })
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.as_str().to_owned()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "regex" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_text_is_matched_by_whichever_alternative_does() {
        let pattern = Pattern::try_from("(?<a>pp|pp_vacant)".to_owned()).unwrap();
        let found = pattern.whole("pp_vacant").unwrap();
        assert_eq!(&found["a"], "pp_vacant");
        assert!(pattern.whole("pp_vacant_26").is_none() && pattern.occurs_in("pp_vacant_26"));
        let commented = Pattern::try_from("(?x) pp # the beginning".to_owned()).unwrap();
        assert!(commented.whole("pp").is_some() && commented.whole("pp_vacant").is_none());
    }
}
