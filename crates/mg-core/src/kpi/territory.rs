//! Territories: the code says the level.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A territory as answers name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Territory {
    /// INSEE code of a commune, SIREN of an authority (EPCI), `D77`, `R11` or `FR`
    pub code: String,
    /// Its usual name
    pub name: String,
}

/// The level of a territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A commune: five characters, `77243`, `2A004`.
    Commune,
    /// An authority of communes (EPCI): a SIREN of nine digits.
    Authority,
    /// A department: `D77`.
    Department,
    /// A region: `R11`.
    Region,
    /// The country: `FR`.
    Country,
}

impl Level {
    /// The level that a code stands for, `None` when it has the form of none.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let mut characters = code.chars();
        if !characters.all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()) {
            return None;
        }
        match (code.len(), code.as_bytes().first()) {
            (2, _) if code == "FR" => Some(Self::Country),
            (3 | 4, Some(b'D')) => Some(Self::Department),
            (3, Some(b'R')) => Some(Self::Region),
            (5, Some(b'0'..=b'9')) => Some(Self::Commune),
            (9, Some(b'0'..=b'9')) => Some(Self::Authority),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_code_says_its_level() {
        assert_eq!(Level::of("77243"), Some(Level::Commune));
        assert_eq!(Level::of("2A004"), Some(Level::Commune));
        assert_eq!(Level::of("247700594"), Some(Level::Authority));
        assert_eq!(Level::of("D77"), Some(Level::Department));
        assert_eq!(Level::of("D974"), Some(Level::Department));
        assert_eq!(Level::of("R11"), Some(Level::Region));
        assert_eq!(Level::of("FR"), Some(Level::Country));
    }

    #[test]
    fn other_texts_are_no_codes() {
        for text in ["", "Lagny", "7724", "77'43", "d77", "FRA", "2477005940"] {
            assert_eq!(Level::of(text), None, "{text}");
        }
    }
}
