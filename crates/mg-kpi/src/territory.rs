//! Finds the territory that a person means: a code, or a name in any spelling.

use std::collections::{BTreeMap, BTreeSet};

use mg_core::{
    ToolError, fold,
    kpi::{Level, Territory},
    nearest,
};

/// A territory as the database describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its code and name.
    pub(crate) territory: Territory,
    /// The territory it is part of.
    pub(crate) parent: Option<String>,
    /// The SIREN of a commune.
    pub(crate) siren: Option<String>,
    /// The post code of a commune, which it may share.
    pub(crate) postcode: Option<String>,
}

impl Entry {
    fn label(&self) -> String {
        format!("{} ({})", self.territory.name, self.territory.code)
    }

    /// `CAMG`, `IDF`: the letters by which a region, a department or an authority is known. A word in capitals gives all
    /// of its letters, another one its first; small words may be left out.
    fn has_initials(&self, wanted: &str) -> bool {
        const SMALL: [&str; 9] = ["de", "du", "des", "d", "et", "la", "le", "les", "l"];
        let name = &self.territory.name;
        let parts = name.split(|letter: char| !letter.is_alphanumeric());
        let initials = |word: &str| {
            let is_capital = word.chars().all(char::is_uppercase);
            let count = if is_capital { usize::MAX } else { 1 };
            word.chars().take(count).collect::<String>()
        };
        let every: String = parts.clone().map(initials).collect();
        let great = parts.filter(|word| !SMALL.contains(word)).map(initials);
        let known = [every, great.collect()];
        Level::of(&self.territory.code) != Some(Level::Commune)
            && wanted.len() >= 3
            && known.iter().any(|known| fold(known) == wanted)
    }
}

/// What people call their authority, folded.
const AUTHORITY: [&str; 6] = [
    "agglo",
    "agglomeration",
    "communaute d agglomeration",
    "communaute de communes",
    "intercommunalite",
    "epci",
];

/// Every territory that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Territories(BTreeMap<String, Entry>);

/// A territory with the communes that an authority is the sum of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The territory.
    pub(crate) territory: Territory,
    /// The communes of an authority, in order of code; none for other territories.
    pub(crate) communes: Vec<Territory>,
}

impl Place {
    /// Every code that facts may stand under.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.territory)
            .chain(&self.communes)
            .map(|territory| territory.code.as_str())
    }

    /// The name of a code of this place.
    pub(crate) fn name<'a>(&'a self, code: &'a str) -> &'a str {
        let mut all = std::iter::once(&self.territory).chain(&self.communes);
        all.find(|territory| territory.code == code)
            .map_or(code, |territory| &territory.name)
    }
}

impl FromIterator<Entry> for Territories {
    /// Entries whose code has the form of no level are left out.
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let known = entries
            .into_iter()
            .filter(|entry| Level::of(&entry.territory.code).is_some());
        Self(
            known
                .map(|entry| (entry.territory.code.clone(), entry))
                .collect(),
        )
    }
}

impl Territories {
    /// The place that a text means: an INSEE or SIREN code, `D77`, `R11`, `FR`, a post code, a whole name, or words that
    /// only one name has (of several, the one commune of the authority `home`); initials; the authority by what it is.
    ///
    /// # Errors
    ///
    /// [`ToolError::Unknown`] with the names it could mean, or the nearest ones; [`ToolError::Invalid`] for a post code of
    /// several communes, with their names.
    pub(crate) fn find(&self, text: &str, home: &str) -> Result<Place, ToolError> {
        let code = text.trim().to_uppercase();
        let by_code = self
            .0
            .values()
            .find(|entry| entry.territory.code == code || entry.siren.as_ref() == Some(&code));
        let candidates = match by_code {
            Some(entry) => vec![entry],
            None => self
                .delivered(&code)?
                .map_or_else(|| self.meant(text, home), |entry| vec![entry]),
        };
        let at_home: Vec<_> = candidates
            .iter()
            .filter(|entry| entry.parent.as_deref() == Some(home))
            .collect();
        match (&candidates[..], &at_home[..]) {
            ([only], _) => Ok(self.place(only)),
            ([_, _, ..], [only]) => Ok(self.place(only)),
            ([], _) => Err(unknown(text, self.0.values())),
            _ => Err(unknown(text, candidates)),
        }
    }

    /// The authority that exactly these communes make up.
    pub(crate) fn authority_of(&self, communes: &BTreeSet<&str>) -> Option<Place> {
        let parent = |code: &str| self.0.get(code)?.parent.as_ref();
        let parent = parent(communes.first()?)?;
        let place = self.place(self.0.get(parent)?);
        let own = place.communes.iter().map(|commune| commune.code.as_str());
        own.eq(communes.iter().copied()).then_some(place)
    }

    /// Every territory as a place, in order of code.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.0.values().map(|entry| self.place(entry)).collect()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Names and codes that begin like a text, for completion.
    pub(crate) fn completions(&self, text: &str) -> Vec<String> {
        let wanted = words(text);
        let fits = |entry: &&Entry| {
            words(&entry.territory.name).starts_with(&wanted)
                || entry.territory.code.starts_with(text.trim())
        };
        let found: BTreeSet<_> = self
            .0
            .values()
            .filter(fits)
            .map(|entry| entry.territory.name.clone())
            .collect();
        found.into_iter().collect()
    }

    /// The one commune of a post code.
    fn delivered(&self, postcode: &str) -> Result<Option<&Entry>, ToolError> {
        let shares = |entry: &&Entry| entry.postcode.as_deref() == Some(postcode);
        let communes: Vec<_> = self.0.values().filter(shares).collect();
        match communes[..] {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => {
                let labels: Vec<_> = communes.iter().map(|entry| entry.label()).collect();
                Err(ToolError::Invalid(format!(
                    "`{postcode}` is the post code of {} communes: ask for one of {}",
                    labels.len(),
                    labels.join(", ")
                )))
            }
        }
    }

    /// By name, else by initials, else the authority by what it is.
    fn meant(&self, text: &str, home: &str) -> Vec<&Entry> {
        let named = self.named(text);
        if !named.is_empty() {
            return named;
        }
        let wanted = words(text);
        if AUTHORITY.contains(&wanted.trim_start_matches("l ")) {
            return self.0.get(home).into_iter().collect();
        }
        let known = self.0.values();
        known.filter(|entry| entry.has_initials(&wanted)).collect()
    }

    /// Those that a whole name fits, else those whose name has every word, or the beginning of it.
    fn named(&self, text: &str) -> Vec<&Entry> {
        let wanted = words(text);
        let exact: Vec<_> = self
            .0
            .values()
            .filter(|entry| words(&entry.territory.name) == wanted)
            .collect();
        if !exact.is_empty() || wanted.len() < 3 {
            return exact;
        }
        let holds = |entry: &&Entry| {
            let name = words(&entry.territory.name);
            wanted
                .split(' ')
                .all(|word| name.split(' ').any(|part| part.starts_with(word)))
        };
        self.0.values().filter(holds).collect()
    }

    fn place(&self, entry: &Entry) -> Place {
        let territory = entry.territory.clone();
        let is_authority = Level::of(&territory.code) == Some(Level::Authority);
        let communes = self.0.values().filter(|child| {
            is_authority
                && child.parent.as_ref() == Some(&territory.code)
                && Level::of(&child.territory.code) == Some(Level::Commune)
        });
        Place {
            communes: communes.map(|child| child.territory.clone()).collect(),
            territory,
        }
    }
}

fn unknown<'a>(text: &str, entries: impl IntoIterator<Item = &'a Entry>) -> ToolError {
    let known: Vec<_> = entries.into_iter().map(Entry::label).collect();
    ToolError::Unknown {
        kind: "territory",
        name: text.trim().to_owned(),
        known: nearest(&words(text), known.iter().map(String::as_str), 5),
    }
}

/// Folded, with `st` and `ste` written out.
fn words(text: &str) -> String {
    let written_out = |word: &str| match word {
        "st" => "saint".to_owned(),
        "ste" => "sainte".to_owned(),
        other => other.to_owned(),
    };
    fold(text)
        .split(' ')
        .map(written_out)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "247700594";

    fn territories() -> Territories {
        [
            ("FR", "France", "", ""),
            ("R11", "Île-de-France", "FR", ""),
            ("D77", "Seine-et-Marne", "R11", ""),
            (HOME, "CA Marne et Gondoire", "D77", ""),
            ("77243", "Lagny-sur-Marne", HOME, "217702430"),
            ("77307", "Montévrain", HOME, "217703073"),
            ("77058", "Bussy-Saint-Georges", HOME, ""),
            ("77059", "Bussy-Saint-Martin", HOME, ""),
            ("77438", "Saint-Thibault-des-Vignes", HOME, ""),
            ("80453", "Lagny", "D80", ""),
            ("60341", "Lagny-le-Sec", "D60", ""),
            ("nonsense", "Nulle part", "", ""),
        ]
        .into_iter()
        .map(|(code, name, parent, siren)| Entry {
            territory: Territory {
                code: code.into(),
                name: name.into(),
            },
            parent: Some(parent.to_owned()),
            siren: Some(siren.to_owned()).filter(|siren| !siren.is_empty()),
            postcode: match code {
                "77243" | "77438" => Some("77400".to_owned()),
                "77307" => Some("77144".to_owned()),
                _ => None,
            },
        })
        .collect()
    }

    fn code(text: &str) -> String {
        let found = territories().find(text, HOME);
        found.map_or_else(|error| error.to_string(), |place| place.territory.code)
    }

    #[test]
    fn codes_of_every_level_and_sirens_of_communes_are_found() {
        assert_eq!(code("77243"), "77243");
        assert_eq!(code("217702430"), "77243");
        assert_eq!(code(" d77 "), "D77");
        assert_eq!(code("r11"), "R11");
        assert_eq!(code("FR"), "FR");
        assert_eq!(code(HOME), HOME);
    }

    #[test]
    fn a_post_code_means_its_commune_and_one_of_several_is_answered_with_them() {
        assert_eq!(code("77144"), "77307");
        let refusal = code("77400");
        assert!(
            refusal.contains("post code of 2 communes")
                && refusal.contains("Lagny-sur-Marne (77243)")
                && refusal.contains("Saint-Thibault-des-Vignes (77438)"),
            "{refusal}"
        );
    }

    #[test]
    fn an_authority_is_found_by_what_people_call_it() {
        for text in [
            "CAMG",
            "camg",
            "agglo",
            "l'agglo",
            "l’agglomération",
            "EPCI",
        ] {
            assert_eq!(code(text), HOME, "{text}");
        }
        assert_eq!(code("IDF"), "R11");
        assert!(
            code("BSG").starts_with("no territory named"),
            "communes have none"
        );
    }

    #[test]
    fn names_are_found_in_any_spelling() {
        for text in [
            "Lagny-sur-Marne",
            "LAGNY SUR MARNE",
            "lagny sur marne",
            "lagny-sur",
        ] {
            assert_eq!(code(text), "77243", "{text}");
        }
        assert_eq!(code("montevrain"), "77307");
        assert_eq!(code("st thibault des vignes"), "77438");
        assert_eq!(code("Bussy St Georges"), "77058");
        assert_eq!(code("marne et gondoire"), HOME);
        assert_eq!(code("ile de france"), "R11");
        assert_eq!(code("France"), "FR");
    }

    #[test]
    fn words_that_fit_several_names_are_answered_with_them() {
        let refusal = code("Bussy");
        assert!(
            refusal.contains("Bussy-Saint-Georges (77058)")
                && refusal.contains("Bussy-Saint-Martin (77059)")
        );
        assert!(!refusal.contains("Lagny"), "{refusal}");
    }

    #[test]
    fn of_several_names_the_one_at_home_is_meant() {
        assert_eq!(code("lagny s"), "77243");
        assert_eq!(code("Lagny-le"), "60341");
        assert_eq!(
            code("Lagny"),
            "80453",
            "a whole name is never second-guessed"
        );
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_ones() {
        let refusal = code("Lagni");
        assert!(
            refusal.starts_with("no territory named `Lagni`; nearest: Lagny"),
            "{refusal}"
        );
        assert!(refusal.contains("Lagny-sur-Marne (77243)"), "{refusal}");
        assert!(code("").starts_with("no territory named ``"));
        assert!(code("12345").contains("nearest: "));
    }

    #[test]
    fn an_authority_is_the_sum_of_its_communes_and_nothing_else_is() {
        let communes = |text: &str| territories().find(text, HOME).unwrap().communes.len();
        assert_eq!(communes(HOME), 5);
        assert_eq!(
            (communes("D77"), communes("77243"), communes("FR")),
            (0, 0, 0)
        );
    }

    #[test]
    fn completions_begin_like_the_text() {
        assert_eq!(
            territories().completions("bussy s"),
            ["Bussy-Saint-Georges", "Bussy-Saint-Martin"]
        );
        assert_eq!(territories().completions("7724"), ["Lagny-sur-Marne"]);
    }
}
