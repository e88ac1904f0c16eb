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

/// A number with its unit: a no-break space in French, none before `%` in English.
pub(crate) fn amount(value: Number, unit: &str, language: Language) -> String {
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
        format!("{sign}{} points", change.told(language))
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
    format!("Source{}{detail}. {}.", colon(language), of.licence)
}

/// Notes and warnings, one line each.
pub(crate) fn list(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["\n- ", line]).collect()
}
