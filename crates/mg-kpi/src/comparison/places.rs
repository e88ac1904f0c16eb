//! Which territories are compared, and what they come to together.

use std::collections::BTreeSet;

use mg_core::{
    ToolError,
    kpi::{Definition, Level, Status, Territory},
};
use rust_decimal::Decimal;

use crate::{
    evaluate::Measured,
    note::Note,
    territory::{Place, Territories},
};

/// How many territories may be compared.
const MOST: usize = 100;

/// The territories of a comparison.
#[derive(Debug)]
pub(super) struct Compared {
    /// One a row.
    pub(super) places: Vec<Place>,
    /// All of them together; `None` where they overlap.
    whole: Option<Place>,
}

/// The value of all territories together.
#[derive(Debug, Default)]
pub(super) struct Total {
    pub(super) value: Option<Decimal>,
    pub(super) notes: Vec<Note>,
}

impl Compared {
    /// The territories of these names, each once; the communes of the authority `home` where none is named.
    ///
    /// # Errors
    ///
    /// For a name that is unknown, more than a hundred names, or no name where home is no authority.
    pub(super) fn of(
        territories: &Territories,
        names: &[String],
        home: &str,
    ) -> Result<Self, ToolError> {
        if names.len() > MOST {
            let count = names.len();
            return Err(ToolError::Invalid(format!(
                "{count} territories are too many; name at most {MOST}"
            )));
        }
        let mut places: Vec<Place> = Vec::new();
        for name in names {
            let place = territories.find(name, home)?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if names.is_empty() {
            places = communes(&territories.find(home, home)?)?;
        }
        let whole = whole(territories, &places);
        Ok(Self { places, whole })
    }

    /// Every place to be measured: those of the rows, then all of them together.
    pub(super) fn all(&self) -> Vec<&Place> {
        self.places.iter().chain(&self.whole).collect()
    }

    /// The value of all together, or why there is none.
    pub(super) fn total(
        &self,
        definition: &Definition,
        rows: &[Measured],
        whole: Option<&Measured>,
    ) -> Total {
        let no = |note: Note| Total {
            value: None,
            notes: vec![note],
        };
        let (Some(place), Some(whole)) = (&self.whole, whole) else {
            return no(Note::Overlap);
        };
        let secret = rows.iter().filter(|row| row.status == Status::Secret);
        if !definition.re_aggregates && self.places.len() > 1 && whole.value.is_none() {
            return no(Note::NotAggregated);
        }
        // Of a single withheld value the total would tell what it is.
        if secret.count() == 1 && place.territory.code.is_empty() {
            return no(Note::TotalWithheld);
        }
        Total {
            value: whole.value,
            notes: Vec::new(),
        }
    }

    /// The names of those without a value for want of data, where others have one.
    pub(super) fn lacking(&self, rows: &[Measured]) -> Option<Note> {
        let lacks = |row: &Measured| matches!(row.status, Status::Missing | Status::Partial);
        let names: Vec<String> = (self.places.iter().zip(rows))
            .filter(|(_, row)| lacks(row))
            .map(|(place, _)| place.territory.name.clone())
            .collect();
        let some = !names.is_empty() && names.len() < self.places.len();
        some.then_some(Note::Lacking(names))
    }
}

/// The communes of an authority, each a place.
fn communes(home: &Place) -> Result<Vec<Place>, ToolError> {
    if home.communes.is_empty() {
        return Err(ToolError::Invalid(format!(
            "{} has no communes to compare; name the territories, e.g. [\"Lagny\", \"Montévrain\"]",
            home.territory.name
        )));
    }
    let place = |territory: &Territory| Place {
        territory: territory.clone(),
        communes: Vec::new(),
    };
    Ok(home.communes.iter().map(place).collect())
}

/// The places together: the authority whose communes they are, else a place without a code. `None` for places of
/// several levels or with a commune in common, whose sum would count twice.
fn whole(territories: &Territories, places: &[Place]) -> Option<Place> {
    let level = |place: &Place| Level::of(&place.territory.code);
    let first = places.first()?;
    let mut parts: Vec<Territory> = Vec::new();
    for place in places {
        if place.communes.is_empty() {
            parts.push(place.territory.clone());
        } else {
            parts.extend(place.communes.iter().cloned());
        }
    }
    let codes: BTreeSet<&str> = parts.iter().map(|part| part.code.as_str()).collect();
    if codes.len() < parts.len() || places.iter().any(|place| level(place) != level(first)) {
        return None;
    }
    let authority = territories.authority_of(&codes);
    Some(authority.unwrap_or(Place {
        territory: Territory {
            code: String::new(),
            name: String::new(),
        },
        communes: parts,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::territory::Entry;

    const HOME: &str = "247700594";

    fn territories() -> Territories {
        [
            ("FR", "France", ""),
            ("D77", "Seine-et-Marne", "FR"),
            ("D75", "Paris", "FR"),
            (HOME, "CA Marne et Gondoire", "D77"),
            ("77243", "Lagny-sur-Marne", HOME),
            ("77307", "Montévrain", HOME),
            ("77058", "Bussy-Saint-Georges", HOME),
        ]
        .into_iter()
        .map(|(code, name, parent)| Entry {
            territory: Territory {
                code: code.into(),
                name: name.into(),
            },
            parent: Some(parent.into()),
            siren: None,
            postcode: None,
        })
        .collect()
    }

    fn compared(names: &[&str]) -> Compared {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Compared::of(&territories(), &names, HOME).unwrap()
    }

    #[test]
    fn without_names_the_communes_of_the_authority_are_compared() {
        let all = compared(&[]);
        assert_eq!(all.places.len(), 3);
        assert_eq!(all.whole.unwrap().territory.code, HOME);
    }

    #[test]
    fn the_same_territory_is_compared_once() {
        assert_eq!(compared(&["Lagny", "77243", "Montévrain"]).places.len(), 2);
    }

    #[test]
    fn some_communes_have_a_total_of_their_own() {
        let two = compared(&["Lagny", "Montévrain"]).whole.unwrap();
        assert_eq!((two.territory.code.as_str(), two.communes.len()), ("", 2));
        let departments = compared(&["D77", "D75"]).whole.unwrap();
        assert_eq!(departments.communes.len(), 2);
    }

    #[test]
    fn territories_within_others_have_no_total() {
        assert!(compared(&["Lagny", HOME]).whole.is_none());
        assert!(compared(&["D77", "FR"]).whole.is_none());
    }

    #[test]
    fn too_many_or_unknown_names_are_refused() {
        let names = vec!["Lagny".to_owned(); 101];
        let refusal = Compared::of(&territories(), &names, HOME).unwrap_err();
        assert!(refusal.to_string().contains("at most 100"), "{refusal}");
        let refusal = Compared::of(&territories(), &[], "D77").unwrap_err();
        assert!(
            refusal.to_string().contains("name the territories"),
            "{refusal}"
        );
    }
}
