//! What an indicator's TOML file holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Grain, Number, Variant};
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
    /// Σ value ÷ Σ divisor × scale, both since the first row there is.
    Cumulative,
    /// The median of what each row gives.
    Median,
    /// The mean yearly change over `months` between two values of a stock, × scale.
    Growth,
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
    /// A permit: the sample is counted, and averages, medians or ratios over too few in a commune stay secret.
    Permits,
    /// A permit to demolish, likewise.
    Demolitions,
    /// A sale, likewise.
    Sales,
}

/// What each row of a median's source gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Each {
    /// The column value.
    Value,
    /// The column value ÷ the column divisor.
    Quotient,
    /// The days from the date in the column since to the one in until.
    Days,
    /// The months from the month or date in the column since to the one in until.
    Months,
}

/// What a covered period without rows is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fill {
    /// Nothing happened: 0.
    #[default]
    Zero,
    /// Not known.
    None,
}

/// Within which bounds values are plausible; one beyond them is told with a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidRange {
    /// The least
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// The most
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
}

/// Whether and how an indicator is forecast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastSettings {
    /// Whether a forecast makes sense at all
    #[serde(default = "yes")]
    pub allowed: bool,
    /// Whether one makes sense for a single commune
    #[serde(default = "yes")]
    pub communes: bool,
    /// Why not, where one of the two is false
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Bilingual>,
    /// Indicators to forecast instead
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<String>,
    /// No value and no bound below zero
    #[serde(default = "yes")]
    pub non_negative: bool,
    /// At most how many steps of the own grain
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon_max: Option<u32>,
}

impl Default for ForecastSettings {
    fn default() -> Self {
        Self {
            allowed: true,
            communes: true,
            reason: None,
            instead: Vec::new(),
            non_negative: true,
            horizon_max: None,
        }
    }
}

/// One place that an indicator's facts come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "keys of a file, each with its own meaning"
)]
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
    /// What a covered period without rows is in this source; what the indicator says where nothing is said here.
    /// Sums that the producer rolled are never filled in
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
    /// What a row is, where the sample is to be counted
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_are: Option<RowsAre>,
    /// For `median`: what each row gives; the column value where nothing is said
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// The query has a column informed: the part of the divisor whose rows say anything, told in the notes
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub informed: bool,
    /// The query has a column secret: above 0 where the producer withholds the value
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// For sums: the query has a column counted: 1 for rows that count in the sample, 0 for others
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
    /// The query has columns lower_bound and upper_bound: what the producer of an estimate tells of its error, told in
    /// the notes
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub margin: bool,
    /// What readers must know of this source, told in the notes of each answer from it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caveat: Option<Bilingual>,
    /// What readers must know when this source's rows are synthetic, told in the notes of each answer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synthetic_caveat: Option<Bilingual>,
    /// Which rows of the query enter: a condition on its columns. All of them where nothing is said
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// The query has the columns that the rows of the variants ask for
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub variants: bool,
    /// A query of facts: columns territory, the time column, value (since and until for durations), file (a
    /// `fichier_id`), divisor for ratios and quotients; informed, secret, counted, lower_bound and upper_bound where
    /// they are announced
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
    /// Facts are stocks: the last of a period is taken, not the sum over time
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stock: bool,
    /// Whether the value of an authority may be made from its communes; if not, only one published for it is told
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub re_aggregates: bool,
    /// What a covered period without rows is: zero, or none (not known)
    #[serde(default)]
    pub fill: Fill,
    /// Within which bounds values are plausible
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_range: Option<ValidRange>,
    /// For `rolling` and `growth`: how many months
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// What values are multiplied by: 100 for percent, 1000 for per thousand
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub scale: Number,
    /// Months from the end of a period to its first publication
    #[serde(default)]
    pub publication_lag_months: u32,
    /// Months after publication during which values are still revised
    #[serde(default)]
    pub provisional_months: u32,
    /// For cohorts: for how many months after a period its facts must be known before its value is final
    #[serde(default, skip_serializing_if = "is_zero")]
    pub follow_up_months: u32,
    /// Columns of its table by which a query of one's own may break it down
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// The producer of the data
    pub source: String,
    /// The licence of the data
    pub licence: String,
    /// Where the rows come from, step by step: the producer's file, the loader, the table
    #[serde(default)]
    pub lineage: Vec<String>,
    /// How the data are loaded, said when there are none
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<String>,
    /// Whether and how it is forecast
    #[serde(default)]
    pub forecast: ForecastSettings,
    /// Its parts, and the same over other rows
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Where facts come from, tried in order
    pub sources: Vec<Source>,
    /// What the sum is divided by, where that is not a column of the facts
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Denominator>,
}

impl Definition {
    /// Whether the facts of all its sources carry their own divisor.
    #[must_use]
    pub fn needs_divisor(&self) -> bool {
        match self.aggregation {
            Aggregation::Ratio => self.denominator.is_none(),
            Aggregation::Cumulative => true,
            _ => false,
        }
    }

    /// What a covered period without rows is in one of its sources: a figure that was published is never made up.
    #[must_use]
    pub fn fill_in(&self, source: &Source) -> Fill {
        if source.rolled {
            Fill::None
        } else {
            source.fill.unwrap_or(self.fill)
        }
    }

    /// Whether its facts are stocks, of which the last is taken.
    #[must_use]
    pub fn is_stock(&self) -> bool {
        self.stock || self.aggregation == Aggregation::Last
    }

    /// Whether the values of neighbouring periods are parts of one whole.
    #[must_use]
    pub fn adds_up_in_time(&self) -> bool {
        self.aggregation == Aggregation::Sum && !self.stock
    }

    /// Whether any run of months may be asked for: sums, averages, medians and ratios are recomputed from their parts.
    #[must_use]
    pub fn takes_intervals(&self) -> bool {
        let of_parts = matches!(
            self.aggregation,
            Aggregation::Sum | Aggregation::Average | Aggregation::Median | Aggregation::Ratio
        );
        of_parts && self.denominator.is_none() && !self.stock
    }
}

fn yes() -> bool {
    true
}

fn one() -> Number {
    Number::from(1)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_yes(flag: &bool) -> bool {
    *flag
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(months: &u32) -> bool {
    *months == 0
}

fn is_one(scale: &Number) -> bool {
    *scale == one()
}
