//! Facts: the sums of one source by territory, month or year, and file; and the SQL that makes them.

use jiff::{Unit, civil::Date};
use mg_core::kpi::{Aggregation, Definition, Denominator, Each, Grain, Period, Source};
use rust_decimal::Decimal;

/// What one file says of one territory in one month or year; for medians, one of the values that its rows give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The territory's code.
    pub(crate) territory: String,
    /// The month or year.
    pub(crate) span: Period,
    /// The file's id.
    pub(crate) file: String,
    /// Σ value; `None` when the file holds no value, which is not zero.
    pub(crate) value: Option<Decimal>,
    /// Σ divisor, likewise; 0 where the source has none.
    pub(crate) divisor: Option<Decimal>,
    /// How many rows were summed, or give this value; of those that count, where the source tells.
    pub(crate) rows: u64,
    /// The part of the divisor whose rows say anything, where the source tells.
    pub(crate) informed: Option<Decimal>,
    /// Whether the producer withholds the value.
    pub(crate) withheld: bool,
    /// Between which values the producer's estimate lies, where the source tells.
    pub(crate) margin: Option<[Decimal; 2]>,
}

/// Facts in the order of their time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline(Vec<Fact>);

impl FromIterator<Fact> for Timeline {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        let mut facts: Vec<_> = facts.into_iter().collect();
        facts.sort_by_key(|fact| fact.span.start);
        Self(facts)
    }
}

impl Timeline {
    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter()
    }

    /// Those whose month or year is wholly in a window.
    pub(crate) fn within(&self, window: Period) -> impl Iterator<Item = &Fact> {
        let first = self
            .0
            .partition_point(|fact| fact.span.start < window.start);
        let begun = self.0.iter().skip(first);
        begun
            .take_while(move |fact| fact.span.start <= window.end)
            .filter(move |fact| fact.span.end <= window.end)
    }
}

/// A query of facts, as a definition gives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FactQuery<'a> {
    sql: &'a str,
    time_column: &'a str,
    grain: Grain,
    has_divisor: bool,
    /// What the source says of further columns; none of a denominator.
    source: Option<&'a Source>,
    each: Option<Each>,
}

impl<'a> FactQuery<'a> {
    /// The query of a source.
    pub(crate) fn of_source(definition: &Definition, source: &'a Source) -> Self {
        let median = definition.aggregation == Aggregation::Median;
        Self {
            sql: &source.sql,
            time_column: &source.time_column,
            grain: source.grain,
            has_divisor: definition.needs_divisor(),
            source: Some(source),
            each: median.then(|| source.each.unwrap_or(Each::Value)),
        }
    }

    /// The query of a denominator, a stock by year.
    pub(crate) fn of_denominator(denominator: &'a Denominator) -> Self {
        let Denominator {
            sql, time_column, ..
        } = denominator;
        Self {
            sql,
            time_column,
            grain: Grain::Year,
            has_divisor: false,
            source: None,
            each: None,
        }
    }

    /// For medians, what each row gives.
    pub(crate) fn each(&self) -> Option<Each> {
        self.each
    }

    /// Whether the last two columns are the bounds of an estimate.
    pub(crate) fn has_margin(&self) -> bool {
        self.source.is_some_and(|source| source.margin)
    }

    /// The statement that sums the facts of some territories: columns territory, month `2024-03` or year `2024`, file,
    /// sum, divisor, row count, informed part, secret, the largest value, which shows text that an engine sums up as 0,
    /// and the bounds of an estimate where the source tells them. For medians: one row for each value, or pair of a value
    /// and its divisor, or of two dates as text. It stands as it is on every engine, and its literals let the engine use
    /// its indexes: codes are our own (letters and digits only), dates are typed.
    pub(crate) fn statement(&self, codes: &[&str], window: Option<Period>) -> String {
        let time = self.time_column;
        let bucket = match self.grain {
            Grain::Year => format!("CAST({time} AS CHAR(4))"),
            _ => format!("SUBSTR(CAST({time} AS CHAR(10)), 1, 7)"),
        };
        let (told, group) = self.told();
        let codes: Vec<_> = codes
            .iter()
            .map(|code| format!("'{}'", code.replace('\'', "")))
            .collect();
        format!(
            "SELECT territory, {bucket} AS bucket, file, {told} \
             FROM ({}) facts WHERE territory IN ({}){}{} GROUP BY territory, {bucket}, file{group}",
            self.sql.trim(),
            codes.join(", "),
            window
                .map(|window| self.between(window))
                .unwrap_or_default(),
            self.source
                .and_then(|source| source.rows.as_ref())
                .map(|rows| format!(" AND ({rows})"))
                .unwrap_or_default(),
        )
    }

    /// What is selected of a group of rows, and what they are grouped by beside territory, time and file.
    fn told(&self) -> (String, &'static str) {
        let sum = |wanted: bool, column: &str| {
            if wanted {
                format!("SUM({column})")
            } else {
                "0".to_owned()
            }
        };
        match self.each {
            None => {
                let divisor = sum(self.has_divisor, "divisor");
                let says = |flag: fn(&Source) -> bool| self.source.is_some_and(flag);
                let informed = sum(says(|source| source.informed), "informed");
                let secret = sum(says(|source| source.secret), "secret");
                let counted = says(|source| source.counted);
                let rows = if counted { "SUM(counted)" } else { "COUNT(*)" };
                let margin = if self.has_margin() {
                    ", MIN(lower_bound) AS lowest, MAX(upper_bound) AS highest"
                } else {
                    ""
                };
                let told = format!(
                    "SUM(value) AS total, {divisor} AS divisor_total, {rows} AS row_count, \
                     {informed} AS informed_total, {secret} AS secret_rows, MAX(value) AS largest{margin}"
                );
                (told, "")
            }
            Some(Each::Value) => ("value, 0 AS divisor, COUNT(*) AS row_count".into(), ", value"),
            Some(Each::Quotient) => (
                "value, divisor, COUNT(*) AS row_count".into(),
                ", value, divisor",
            ),
            Some(Each::Days | Each::Months) => (
                "CAST(since AS CHAR(10)) AS since, CAST(until AS CHAR(10)) AS until, COUNT(*) AS row_count".into(),
                ", since, until",
            ),
        }
    }

    fn between(&self, window: Period) -> String {
        let time = self.time_column;
        match self.grain {
            Grain::Year => format!(
                " AND {time} BETWEEN {} AND {}",
                window.start.year(),
                window.end.year()
            ),
            _ => format!(
                " AND {time} BETWEEN '{}' AND '{}'",
                window.start, window.end
            ),
        }
    }
}

/// The month or year that a bucket of [`FactQuery::statement`] names.
pub(crate) fn span(bucket: &str) -> Option<Period> {
    let (year, month) = bucket.trim().split_once('-').unwrap_or((bucket.trim(), ""));
    let first = |month| jiff::civil::Date::new(year.parse().ok()?, month, 1).ok();
    match month {
        "" => first(1).map(Period::year_of),
        month => first(month.parse().ok()?).map(Period::month_of),
    }
}

/// The days, or months, from one day or month to another; `None` when one of them is none.
pub(crate) fn duration(each: Each, since: &str, until: &str) -> Option<Decimal> {
    let (since, until) = (day(since)?, day(until)?);
    let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    match each {
        Each::Months => Some(Decimal::from(months(until) - months(since))),
        _ => Some(Decimal::from(
            since.until((Unit::Day, until)).ok()?.get_days(),
        )),
    }
}

/// A day, or the first of a month.
fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| format!("{text}-01").parse().ok())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::fixture::definition;

    #[test]
    fn months_are_told_from_dates_and_bounded_by_the_window() {
        let definition = definition("logements_autorises");
        let query = FactQuery::of_source(&definition, &definition.sources[1]);
        let sql = query.statement(
            &["77243", "77307"],
            Some(Period::quarter_of(date(2022, 5, 1))),
        );
        assert!(
            sql.contains("SUBSTR(CAST(date_reelle_autorisation AS CHAR(10)), 1, 7) AS bucket"),
            "{sql}"
        );
        assert!(
            sql.contains("date_reelle_autorisation BETWEEN '2022-04-01' AND '2022-06-30'"),
            "{sql}"
        );
        assert!(sql.contains("territory IN ('77243', '77307')"), "{sql}");
    }

    #[test]
    fn years_are_integers_and_ratios_sum_their_divisor() {
        let definition = definition("part_collectif");
        let query = FactQuery::of_source(&definition, &definition.sources[0]);
        let sql = query.statement(&["77243"], Some(Period::year_of(date(2022, 5, 1))));
        assert!(
            sql.contains("annee BETWEEN 2022 AND 2022")
                && sql.contains("SUM(divisor) AS divisor_total"),
            "{sql}"
        );
    }

    #[test]
    fn a_code_cannot_leave_its_quotes() {
        let definition = definition("construction_pour_1000_hab");
        let denominator = definition.denominator.as_ref().unwrap();
        let sql = FactQuery::of_denominator(denominator).statement(&["7'; DROP"], None);
        assert!(
            sql.contains("IN ('7; DROP')") && !sql.contains("BETWEEN"),
            "{sql}"
        );
    }

    #[test]
    fn a_median_keeps_every_value_with_its_count() {
        let sql = |name: &str| {
            let definition = definition(name);
            FactQuery::of_source(&definition, &definition.sources[0]).statement(&["77243"], None)
        };
        let prices = sql("prix_median_m2");
        assert!(
            prices.ends_with("file, value, divisor") && !prices.contains("SUM(value)"),
            "{prices}"
        );
        let delays = sql("delai_autorisation_chantier");
        assert!(delays.ends_with("file, since, until"), "{delays}");
    }

    #[test]
    fn durations_count_days_or_months_and_skip_what_is_no_date() {
        let days = |since, until| duration(Each::Days, since, until);
        assert_eq!(days("2024-02-28", "2024-03-01"), Some(2.into()));
        assert_eq!(days("2013-09-10", "2015-06-29"), Some(657.into()));
        assert_eq!(days("2024-02-28", "2024-02-30"), None);
        let months = |since, until| duration(Each::Months, since, until);
        assert_eq!(months("2013-09   ", "2013-11-02"), Some(2.into()));
        assert_eq!(months("2013-12", "2014-01-31"), Some(1.into()));
        assert_eq!(months("0", "2014-01-31"), None);
    }

    #[test]
    fn buckets_are_months_or_years() {
        assert_eq!(span("2022-03"), Some(Period::month_of(date(2022, 3, 1))));
        assert_eq!(span("2022"), Some(Period::year_of(date(2022, 1, 1))));
        assert_eq!((span("2022-13"), span("x")), (None, None));
    }
}
