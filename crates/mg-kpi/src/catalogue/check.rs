//! Reads one indicator's file and says what is wrong with it.

use std::{collections::BTreeSet, fmt};

use mg_core::kpi::{Aggregation, Definition, Each, Grain, Source, ValidRange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file that is switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Problem {
    /// The file
    pub(crate) file: String,
    /// The key it goes wrong at; empty when none can be named
    pub(crate) key: String,
    /// Why
    pub(crate) reason: String,
}

impl Problem {
    pub(super) fn new(stem: &str, key: &str, reason: impl fmt::Display) -> Self {
        Self {
            file: format!("{stem}.toml"),
            key: key.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(formatter, "{}: {}", self.file, self.reason),
            key => write!(formatter, "{}, key `{key}`: {}", self.file, self.reason),
        }
    }
}

/// Reads the text of the file `<stem>.toml`.
///
/// # Errors
///
/// The first thing that is wrong.
pub(super) fn parse(stem: &str, text: &str) -> Result<Definition, Problem> {
    let definition: Definition = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_of(text, span.start));
        let key = line.map(key_of).unwrap_or_default();
        Problem::new(stem, key, error.message())
    })?;
    match wrong(stem, &definition) {
        Some((key, reason)) => Err(Problem::new(stem, key, reason)),
        None => Ok(definition),
    }
}

fn line_of(text: &str, position: usize) -> &str {
    let start = text
        .get(..position)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    text.get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default()
}

fn key_of(line: &str) -> &str {
    line.split_once('=').map_or("", |(key, _)| key.trim())
}

fn wrong(stem: &str, definition: &Definition) -> Option<(&'static str, String)> {
    let name = &definition.name;
    if name != stem {
        return Some((
            "name",
            format!("`{name}` is not the file's name; write `{stem}` or rename the file"),
        ));
    }
    if !is_plain_name(name) {
        return Some((
            "name",
            format!("`{name}` may hold lower-case letters, digits and `_` only"),
        ));
    }
    if definition.grain == Grain::Interval {
        return Some(("grain", "the finest grain is month, quarter or year".into()));
    }
    if definition.decimals > 6 {
        return Some(("decimals", "at most 6 digits after the mark".into()));
    }
    if definition.scale.decimal().is_zero() {
        return Some((
            "scale",
            "0 would make every value 0; write 1, 100 or 1000".into(),
        ));
    }
    wrong_range(definition.valid_range)
        .or_else(|| wrong_forecast(definition))
        .or_else(|| wrong_aggregation(definition))
        .or_else(|| wrong_sources(definition))
        .or_else(|| wrong_variants(definition))
}

fn wrong_range(range: Option<ValidRange>) -> Option<(&'static str, String)> {
    let (min, max) = range?.min.zip(range?.max)?;
    (min >= max).then(|| {
        let reason = "the least plausible value is not below the most";
        ("valid_range", reason.into())
    })
}

fn wrong_forecast(definition: &Definition) -> Option<(&'static str, String)> {
    let forecast = &definition.forecast;
    if !forecast.communes && definition.grain == Grain::Year {
        return Some((
            "communes",
            "acts on months and quarters, and this is told by year: leave it out".into(),
        ));
    }
    let refuses = !forecast.allowed || !forecast.communes;
    (refuses && forecast.reason.is_none()).then(|| {
        let reason = "say why it is not forecast: `reason = { fr = \"…\", en = \"…\" }`";
        ("reason", reason.into())
    })
}

fn wrong_aggregation(definition: &Definition) -> Option<(&'static str, String)> {
    match (definition.aggregation, definition.months) {
        (Aggregation::Rolling, None | Some(0)) => {
            return Some((
                "months",
                "a rolling indicator says over how many months, e.g. `months = 12`".into(),
            ));
        }
        (Aggregation::Growth, months) if !is_years(months) || definition.grain != Grain::Year => {
            return Some((
                "months",
                "growth is by year, over whole years: `grain = \"year\"`, e.g. `months = 60`"
                    .into(),
            ));
        }
        (Aggregation::Rolling | Aggregation::Growth, Some(_)) | (_, None) => {}
        (_, Some(_)) => {
            return Some(("months", "only rolling and growth have `months`".into()));
        }
    }
    match (
        &definition.denominator,
        definition.aggregation,
        definition.grain,
    ) {
        (None, ..) | (Some(_), Aggregation::Ratio, Grain::Year) => None,
        _ => Some((
            "denominator",
            "goes with aggregation `ratio` and grain `year`: it is a stock by reference year"
                .into(),
        )),
    }
}

fn is_years(months: Option<u32>) -> bool {
    months.is_some_and(|months| months > 0 && months.is_multiple_of(12))
}

fn wrong_sources(definition: &Definition) -> Option<(&'static str, String)> {
    if definition.sources.is_empty() {
        return Some(("sources", "at least one [[sources]] is needed".into()));
    }
    if definition.grain != Grain::Year
        && definition
            .sources
            .iter()
            .all(|source| source.grain == Grain::Year)
    {
        return Some((
            "grain",
            "every source is yearly: write `grain = \"year\"` or add a source by month".into(),
        ));
    }
    definition
        .sources
        .iter()
        .find_map(|source| wrong_source(source, definition))
        .or_else(|| {
            let denominator = definition.denominator.as_ref()?;
            wrong_query(&denominator.sql, &denominator.time_column, &["value"])
        })
}

fn wrong_source(source: &Source, definition: &Definition) -> Option<(&'static str, String)> {
    let median = definition.aggregation == Aggregation::Median;
    if source.each.is_some() && !median {
        return Some(("each", "goes with aggregation `median`".into()));
    }
    if !matches!(source.grain, Grain::Month | Grain::Year) {
        return Some((
            "grain",
            "a source is by `month` (a date column) or by `year` (an integer column)".into(),
        ));
    }
    let told: &[&str] = match source.each {
        Some(Each::Days | Each::Months) => &["since", "until"],
        Some(Each::Quotient) => &["value", "divisor"],
        _ if definition.needs_divisor() => &["value", "divisor"],
        _ => &["value"],
    };
    if source.counted && (definition.aggregation != Aggregation::Sum || source.rows_are.is_none()) {
        return Some((
            "counted",
            "goes with aggregation `sum` and `rows_are`: other values are withheld by all their rows".into(),
        ));
    }
    if source.margin && definition.re_aggregates {
        return Some((
            "margin",
            "goes with `re_aggregates = false`: errors of estimates do not add up".into(),
        ));
    }
    let flags = [
        (source.informed, "informed"),
        (source.secret, "secret"),
        (source.counted, "counted"),
        (source.margin, "lower_bound"),
        (source.margin, "upper_bound"),
    ];
    let flags = flags
        .into_iter()
        .filter_map(|(set, column)| set.then_some(column));
    let columns: Vec<_> = told.iter().copied().chain(flags).collect();
    wrong_query(&source.sql, &source.time_column, &columns)
}

fn wrong_variants(definition: &Definition) -> Option<(&'static str, String)> {
    let variants = &definition.variants;
    let sources = &definition.sources;
    let own = sources.iter().filter_map(|source| source.rows.as_deref());
    let mut all = own.chain(variants.iter().map(|variant| &*variant.rows));
    if let Some(rows) = all.find(|rows| rows.contains(';')) {
        return Some(("rows", format!("`{rows}` is more than a condition: no `;`")));
    }
    let names: BTreeSet<_> = variants.iter().map(|variant| &*variant.name).collect();
    if names.len() < variants.len() || !names.iter().all(|name| is_plain_name(name)) {
        return Some((
            "variants",
            "each has a name of its own, in lower-case letters, digits and `_`".into(),
        ));
    }
    let answers = sources.iter().any(|source| source.variants);
    (answers == variants.is_empty()).then(|| {
        let reason = "[[variants]] and a source with `variants = true` go together";
        ("variants", reason.into())
    })
}

fn wrong_query(sql: &str, time_column: &str, columns: &[&str]) -> Option<(&'static str, String)> {
    let text = sql.trim().to_lowercase();
    if !text.starts_with("select") && !text.starts_with("with") {
        return Some(("sql", "a query of facts starts with SELECT or WITH".into()));
    }
    if text.contains(';') {
        return Some(("sql", "one query, without `;`".into()));
    }
    if !is_plain_name(time_column) {
        return Some((
            "time_column",
            format!("`{time_column}` is not a column name in lower case"),
        ));
    }
    let missing = ["territory", time_column, "file"]
        .into_iter()
        .chain(columns.iter().copied())
        .find(|column| !text.contains(column))?;
    Some((
        "sql",
        format!("the query has no column `{missing}`; name it with AS {missing}"),
    ))
}

fn is_plain_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= 60
        && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../kpis/part_collectif.toml");

    fn problem_of(change: (&str, &str)) -> Problem {
        assert!(GOOD.contains(change.0), "{} is not in the file", change.0);
        parse("part_collectif", &GOOD.replacen(change.0, change.1, 1)).unwrap_err()
    }

    #[test]
    fn a_good_file_is_read_whole() {
        let definition = parse("part_collectif", GOOD).unwrap();
        assert_eq!(
            (definition.scale.decimal(), definition.sources.len()),
            (100.into(), 2)
        );
        assert!(definition.takes_intervals());
    }

    #[test]
    fn a_wrong_key_value_or_type_is_named_with_its_key() {
        for (change, key, reason) in [
            (("polarity", "polarite"), "polarite", "unknown field"),
            (("\"neutral\"", "\"sideways\""), "polarity", "sideways"),
            (
                ("decimals = 1", "decimals = \"one\""),
                "decimals",
                "invalid type",
            ),
            (("decimals = 1", "decimals = 9"), "decimals", "at most 6"),
            (("scale = 100", "scale = 0"), "scale", "100"),
            (("scale = 100", "months = 12"), "months", "rolling"),
            (("\"ratio\"", "\"rolling\""), "months", "months = 12"),
            (
                ("grain = \"month\"", "grain = \"interval\""),
                "grain",
                "month, quarter or year",
            ),
            (
                ("time_column = \"annee\"", "time_column = \"a b\""),
                "time_column",
                "column name",
            ),
            (("AS divisor", "AS d"), "sql", "divisor"),
            (
                ("rows_are = ", "each = \"days\"\nrows_are = "),
                "each",
                "median",
            ),
            (
                ("rows_are = ", "secret = true\nrows_are = "),
                "sql",
                "secret",
            ),
            (
                ("rows_are = ", "counted = true\nrows_are = "),
                "counted",
                "aggregation `sum`",
            ),
            (
                ("rows_are = ", "margin = true\nrows_are = "),
                "margin",
                "do not add up",
            ),
            (
                ("min = 0, max = 100", "min = 5, max = 5"),
                "valid_range",
                "least",
            ),
            (("reason = ", "# reason = "), "reason", "say why"),
            (("\"ratio\"", "\"growth\""), "months", "months = 60"),
            (("SELECT territoire", "DELETE territoire"), "sql", "SELECT"),
            (
                ("FROM fact_logements_annuel", "FROM fact_logements_annuel;"),
                "sql",
                "without `;`",
            ),
        ] {
            let problem = problem_of(change);
            assert_eq!(problem.key, key, "{problem}");
            assert!(problem.reason.contains(reason), "{problem}");
        }
    }

    #[test]
    fn variants_have_names_of_their_own_conditions_and_a_source_that_answers() {
        let text = include_str!("../../kpis/delai_autorisation_chantier.toml");
        let name = "delai_autorisation_chantier";
        assert_eq!(parse(name, text).unwrap().variants.len(), 3);
        for (change, key, reason) in [
            (("\"collectif\"", "\"residence\""), "variants", "of its own"),
            (("\"collectif\"", "\"a:b\""), "variants", "lower-case"),
            (("variants = true", ""), "variants", "go together"),
            (
                ("logements = 3\"", "logements = 3; --\""),
                "rows",
                "condition",
            ),
        ] {
            let problem = parse(name, &text.replacen(change.0, change.1, 1)).unwrap_err();
            assert_eq!(problem.key, key, "{problem}");
            assert!(problem.reason.contains(reason), "{problem}");
        }
    }

    #[test]
    fn what_communes_lack_by_month_is_not_said_of_an_indicator_of_years() {
        let text = include_str!("../../kpis/construction_pour_1000_hab.toml");
        let name = "construction_pour_1000_hab";
        assert!(parse(name, text).is_ok());
        let dead = text.replacen("[forecast]", "[forecast]\ncommunes = false", 1);
        let problem = parse(name, &dead).unwrap_err();
        assert_eq!(problem.key, "communes", "{problem}");
        assert!(problem.reason.contains("leave it out"), "{problem}");
    }

    #[test]
    fn the_name_is_the_files() {
        let problem = parse("part_du_collectif", GOOD).unwrap_err();
        assert_eq!(
            (problem.file.as_str(), problem.key.as_str()),
            ("part_du_collectif.toml", "name")
        );
        assert!(
            problem
                .to_string()
                .starts_with("part_du_collectif.toml, key `name`: ")
        );
    }

    #[test]
    fn a_file_that_is_no_toml_says_so() {
        assert!(!parse("x", "name = ").unwrap_err().reason.is_empty());
    }
}
