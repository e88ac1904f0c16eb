//! What an indicator's TOML file holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Grain;
use crate::Language;

/// A text in French and in English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// French
    pub fr: String,
    /// English
    pub en: String,
}

impl Bilingual {
    /// The text in one language.
    #[must_use]
    pub fn told(&self, language: Language) -> &str {
        language.pick(&self.fr, &self.en)
    }
}

/// How the facts of a period and of several communes become one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aggregation {
    /// Σ value.
    Sum,
    /// Σ value ÷ number of rows.
    Average,
    /// Σ over territories of the last value of the period: stocks.
    Last,
    /// Σ value ÷ Σ divisor × scale, or Σ value ÷ denominator × scale where a denominator is given.
    Ratio,
    /// Σ value over the `months` that end with the period.
    Rolling,
    /// Σ value since the objective of `kpi_cible` began ÷ the objective prorated in time × scale.
    Progress,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Polarity {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither.
    Neutral,
}

/// What one row of a source is, where rows are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RowsAre {
    /// A permit: the sample is counted, and averages or ratios over too few in a commune stay secret.
    Permits,
}

/// One place that an indicator's facts come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `year`: the time column is an integer year, whole years are answered; `month`: it is a date, all periods are
    pub grain: Grain,
    /// The measure of `source_couverture` that says which territories and months are known
    pub measure: String,
    /// The column of `sql` that holds the time
    pub time_column: String,
    /// The rows are 12-month sums (or other sums) already: the last month's row is the value
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rolled: bool,
    /// What a row is, where the sample is to be counted
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_are: Option<RowsAre>,
    /// What readers must know when this source's rows are synthetic, told in the notes of each answer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synthetic_caveat: Option<Bilingual>,
    /// A query of facts: columns territory, the time column, value, file (a `fichier_id`), and divisor for ratios
    pub sql: String,
}

/// A stock by reference year that divides a yearly sum, such as the population.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Denominator {
    /// Its name in notes
    pub title: Bilingual,
    /// The measure of `source_couverture` that its files are listed under
    pub measure: String,
    /// The column of `sql` that holds the reference year
    pub time_column: String,
    /// A query of facts: columns territory, the time column, value, file
    pub sql: String,
}

/// An indicator: its meaning, how it is computed, and where from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The name that callers use, and the file's: lower case, digits and `_`
    pub name: String,
    /// Its title for people
    pub title: Bilingual,
    /// What it measures, in a sentence or two
    pub description: Bilingual,
    /// The formula, in words and columns
    pub formula: String,
    /// What is left out, and what must not be done with it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusions: Option<Bilingual>,
    /// Who answers for the definition
    pub owner: String,
    /// Other words that people search it by
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// The unit, as it follows a number
    pub unit: Bilingual,
    /// Digits after the decimal mark
    pub decimals: u32,
    /// Which way is better
    pub polarity: Polarity,
    /// The finest grain: month, quarter or year
    pub grain: Grain,
    /// How facts become one value
    pub aggregation: Aggregation,
    /// For `rolling`: how many months
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// For ratios and progress: 100 for percent, 1000 for per thousand
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub scale: u32,
    /// Months from the end of a period to its first publication
    #[serde(default)]
    pub publication_lag_months: u32,
    /// Months after publication during which values are still revised
    #[serde(default)]
    pub provisional_months: u32,
    /// Columns it may be broken down by
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// The producer of the data
    pub source: String,
    /// The licence of the data
    pub licence: String,
    /// Where facts come from, tried in order
    pub sources: Vec<Source>,
    /// What the sum is divided by, where that is not a column of the facts
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Denominator>,
}

impl Definition {
    /// Whether its facts carry their own divisor.
    #[must_use]
    pub fn needs_divisor(&self) -> bool {
        self.aggregation == Aggregation::Ratio && self.denominator.is_none()
    }

    /// Whether any run of months may be asked for: sums, averages and ratios are recomputed from their parts.
    #[must_use]
    pub fn takes_intervals(&self) -> bool {
        let of_parts = matches!(
            self.aggregation,
            Aggregation::Sum | Aggregation::Average | Aggregation::Ratio
        );
        of_parts && self.denominator.is_none()
    }
}

fn one() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_one(scale: &u32) -> bool {
    *scale == 1
}
