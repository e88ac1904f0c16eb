//! Finds the known names that come nearest to a misspelt one.

use std::borrow::Cow;

/// Lower case without accents, hyphens and apostrophes: `Montévrain` and `MONTEVRAIN` are one.
///
/// ```
/// assert_eq!(mg_core::fold("Bussy-Saint-Georges"), "bussy saint georges");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = deunicode::deunicode(text).to_lowercase();
    let words = plain.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// As much of an argument as a sentence about it needs: its caller knows the rest.
///
/// ```
/// assert_eq!(mg_core::excerpt("Lagny"), "Lagny");
/// assert_eq!(mg_core::excerpt(&"x".repeat(10_000)).chars().count(), 81);
/// ```
#[must_use]
pub fn excerpt(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// The `most` names of `known` that resemble `name`, best first; a name that contains it, or is
/// contained in it, comes before one that only resembles it.
pub fn nearest<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<String> {
    let ranked = ranked(name, known).into_iter().take(most);
    ranked.map(|(_, candidate)| candidate.to_owned()).collect()
}

/// Those of [`nearest`] that may have been meant; none where `name` is no misspelling of any.
///
/// ```
/// let known = ["fact_permis", "dim_commune"];
/// assert_eq!(mg_core::alike("fact_permi", known, 3), ["fact_permis"]);
/// assert!(mg_core::alike("weather", known, 3).is_empty());
/// ```
pub fn alike<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<String> {
    let ranked = ranked(name, known).into_iter();
    ranked
        .take_while(|(likeness, _)| *likeness >= ALIKE)
        .take(most)
        .map(|(_, candidate)| candidate.to_owned())
        .collect()
}

/// Words without a letter in their place have about 0.5 in common, misspelt ones 0.8 and more.
const ALIKE: f64 = 0.72;
/// Shorter texts are part of nearly every name.
const SHORTEST_PART: usize = 3;

fn ranked<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<(f64, &'a str)> {
    let wanted = fold(name);
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|candidate| (likeness(&wanted, &fold(candidate)), candidate))
        .collect();
    scored.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.cmp(right)));
    scored
}

fn likeness(wanted: &str, candidate: &str) -> f64 {
    let shorter = wanted.len().min(candidate.len());
    let contained =
        shorter >= SHORTEST_PART && (candidate.contains(wanted) || wanted.contains(candidate));
    f64::from(u8::from(contained)) + strsim::jaro_winkler(wanted, candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_hyphens_and_apostrophes_do_not_count() {
        assert_eq!(fold("  L'Haÿ-les-Roses "), "l hay les roses");
        assert_eq!(fold("MONTÉVRAIN"), fold("montevrain"));
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour_first() {
        let known = ["Montévrain", "Lagny-sur-Marne", "Lesches"];
        assert_eq!(nearest("Lagni", known, 2)[0], "Lagny-sur-Marne");
        assert_eq!(nearest("montevrin", known, 1), ["Montévrain"]);
    }

    #[test]
    fn a_name_that_resembles_none_is_answered_with_none() {
        let columns = [
            "etat_dau",
            "comm",
            "date_reelle_autorisation",
            "nb_lgt_tot_crees",
        ];
        for (misspelt, meant) in [
            ("etat", "etat_dau"),
            ("etat_dua", "etat_dau"),
            ("date_autorisation", "date_reelle_autorisation"),
            ("nb_lgt_crees", "nb_lgt_tot_crees"),
            ("com", "comm"),
            ("Comune", "comm"),
        ] {
            assert_eq!(alike(misspelt, columns, 1), [meant], "{misspelt}");
        }
        for other in ["weather", "x", "", "population", "prix"] {
            assert!(alike(other, columns, 3).is_empty(), "{other}");
        }
    }

    #[test]
    fn a_name_that_contains_the_wanted_word_comes_first() {
        let known = ["logarithme", "cumul_logements"];
        assert_eq!(nearest("logements", known, 2)[0], "cumul_logements");
    }
}
