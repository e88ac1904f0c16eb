//! The turns of phrase that every answer shares, in French or English typography.

use mg_core::{
    Language,
    kpi::{Definition, Input, Number, Status},
};
use rust_decimal::Decimal;

/// A colon as the language sets it.
pub(crate) fn colon(language: Language) -> &'static str {
    language.pick("\u{a0}: ", ": ")
}

/// Whether a number goes with the plural: in French from two on, in English always but for one.
pub(crate) fn is_plural(number: Decimal, language: Language) -> bool {
    match language {
        Language::French => number.abs() >= Decimal::TWO,
        Language::English => number != Decimal::ONE,
    }
}

/// A count with its word, one of each number: `0 valeur`, `2 valeurs`; `0 values`, `1 value`.
pub(crate) fn counted(count: usize, [one, several]: [&str; 2], language: Language) -> String {
    let number = Decimal::from(count);
    let word = if is_plural(number, language) {
        several
    } else {
        one
    };
    format!("{} {word}", language.number(number, 0))
}

/// Units that have a singular, in French and in English; all others stand as they are.
const SINGULAR: [(&str, &str); 11] = [
    ("logements", "logement"),
    ("logements/ha", "logement/ha"),
    ("habitants", "habitant"),
    ("emplois", "emploi"),
    ("ventes", "vente"),
    ("jours", "jour"),
    ("dwellings", "dwelling"),
    ("permits", "permit"),
    ("sales", "sale"),
    ("days", "day"),
    ("months", "month"),
];

/// A unit as it follows a number.
fn unit_after(value: Number, unit: &str, language: Language) -> &str {
    let same = |(several, _): &&(&str, &str)| *several == unit;
    match SINGULAR.iter().find(same) {
        Some((_, one)) if !is_plural(value.decimal(), language) => one,
        _ => unit,
    }
}

/// A number with its unit: a no-break space in French, none before `%` in English.
pub(crate) fn amount(value: Number, unit: &str, language: Language) -> String {
    let unit = unit_after(value, unit, language);
    let space = match (language, unit) {
        (Language::English, "%" | "‰") => "",
        (Language::English, _) => " ",
        (Language::French, _) => "\u{a0}",
    };
    format!("{}{space}{unit}", value.told(language))
}

/// A share with its sign: `69,6 %` in French, `69.6%` in English.
pub(crate) fn percent(value: Number, language: Language) -> String {
    amount(value, "%", language)
}

/// From one value to another: in points for percentages, in percent for all else; `None` from zero.
pub(crate) fn change(
    definition: &Definition,
    from: Number,
    to: Number,
    language: Language,
) -> Option<String> {
    let (from, to) = (from.decimal(), to.decimal());
    let points = definition.unit.en == "%";
    let change = if points {
        to - from
    } else {
        ((to - from) * Decimal::ONE_HUNDRED).checked_div(from)?
    };
    let change = Number::rounded(change, 1);
    let sign = if change.decimal() > Decimal::ZERO {
        "+"
    } else {
        ""
    };
    Some(if points {
        let word = if is_plural(change.decimal(), language) {
            "points"
        } else {
            "point"
        };
        format!("{sign}{} {word}", change.told(language))
    } else {
        format!("{sign}{}", percent(change, language))
    })
}

/// A status in words.
pub(crate) fn status(status: Status, language: Language) -> &'static str {
    match status {
        Status::Final => language.pick("définitif", "final"),
        Status::Provisional => language.pick("provisoire", "provisional"),
        Status::Missing => language.pick(
            "donnée manquante (non publiée), pas zéro",
            "missing (not published), which is not zero",
        ),
        Status::Partial => language.pick(
            "donnée partielle, non additionnée",
            "partial, so no value is given",
        ),
        Status::Secret => language.pick("secret statistique", "withheld for confidentiality"),
    }
}

/// A status in a cell of a table.
pub(crate) fn short_status(of: Status, language: Language) -> &'static str {
    match of {
        Status::Missing => language.pick("manquant", "missing"),
        Status::Partial => language.pick("partiel", "partial"),
        Status::Secret => language.pick("secret", "secret"),
        known => status(known, language),
    }
}

/// Why there is no value.
pub(crate) fn absence(absent: Status, language: Language) -> &'static str {
    match absent {
        Status::Final | Status::Provisional => language.pick("non défini", "not defined"),
        absent => status(absent, language),
    }
}

/// A value in a cell of a table; why there is none.
pub(crate) fn cell(value: Option<Number>, status: Status, language: Language) -> String {
    match (value, status) {
        (Some(value), _) => value.told(language),
        (None, Status::Final | Status::Provisional) => absence(status, language).to_owned(),
        (None, _) => "–".to_owned(),
    }
}

/// What the line of the source tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// The producer and its data sets.
    pub(crate) source: &'a str,
    /// The oldest release.
    pub(crate) vintage: Option<&'a str>,
    /// Every file that entered.
    pub(crate) inputs: &'a [Input],
    /// Their licence.
    pub(crate) licence: &'a str,
}

/// The line that names source, release and licence.
pub(crate) fn source(of: Origin<'_>, language: Language) -> String {
    let release = language.pick("millésime", "vintage");
    let released = |vintage: Option<&str>| {
        let unknown = language.pick("inconnu", "unknown");
        format!("{release} {}", vintage.unwrap_or(unknown))
    };
    let detail = match of.inputs {
        [] => of.source.to_owned(),
        [_] => format!("{}, {}", of.source, released(of.vintage)),
        several => {
            let told = |input: &Input| {
                let vintage = released(input.vintage.as_deref());
                format!("{}, {vintage}", input.source)
            };
            let inputs: Vec<_> = several.iter().map(told).collect();
            format!("{} [{}]", of.source, inputs.join(" ; "))
        }
    };
    let colon = colon(language);
    format!("Source{colon}{detail}. {}.", licence(of.licence, language))
}

/// A licence as a sentence: one that does not call itself so is told to be one.
pub(crate) fn licence(named: &str, language: Language) -> String {
    let named = named.trim_end_matches('.');
    if named.to_lowercase().contains("licen") {
        named.to_owned()
    } else {
        format!("Licence{}{named}", colon(language))
    }
}

/// Notes and warnings, one line each.
pub(crate) fn list(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["\n- ", line]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::definition;

    const VALUES: [&str; 2] = ["valeur", "valeurs"];

    #[test]
    fn french_has_the_singular_below_two_and_english_for_one_alone() {
        let french = [0, 1, 2].map(|count| counted(count, VALUES, Language::French));
        assert_eq!(french, ["0 valeur", "1 valeur", "2 valeurs"]);
        let words = ["value", "values"];
        let english = [0, 1, 2].map(|count| counted(count, words, Language::English));
        assert_eq!(english, ["0 values", "1 value", "2 values"]);
    }

    #[test]
    fn units_follow_their_number_and_those_without_a_singular_stand() {
        let told = |value: i64, unit| amount(Number::from(value), unit, Language::French);
        assert_eq!(told(0, "logements"), "0\u{a0}logement");
        assert_eq!(told(2, "logements"), "2\u{a0}logements");
        assert_eq!(told(1, "permis"), "1\u{a0}permis");
        let half = Number::rounded(Decimal::new(15, 1), 1);
        assert_eq!(
            amount(half, "logements/ha", Language::French),
            "1,5\u{a0}logement/ha"
        );
        assert_eq!(
            amount(1.into(), "dwellings", Language::English),
            "1 dwelling"
        );
        assert_eq!(
            amount(0.into(), "dwellings", Language::English),
            "0 dwellings"
        );
    }

    #[test]
    fn a_change_of_less_than_two_points_is_singular_in_french() {
        let share = definition("part_collectif");
        let change = |to: i64, language| {
            let [from, to] = [500, to].map(|tenths| Number::rounded(Decimal::new(tenths, 1), 1));
            change(&share, from, to, language).unwrap()
        };
        assert_eq!(change(508, Language::French), "+0,8 point");
        assert!(change(480, Language::French).ends_with("2,0 points"));
        assert_eq!(change(508, Language::English), "+0.8 points");
    }

    #[test]
    fn what_does_not_call_itself_a_licence_is_told_to_be_one() {
        let open = licence("Licence Ouverte 2.0", Language::French);
        assert_eq!(open, "Licence Ouverte 2.0");
        let unstated = licence("non précisée par le producteur", Language::French);
        assert_eq!(unstated, "Licence\u{a0}: non précisée par le producteur");
    }
}
