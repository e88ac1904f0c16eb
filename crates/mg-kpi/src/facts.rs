//! Facts: the sums of one source by territory, month or year, and file; and the SQL that makes them.

use mg_core::kpi::{Definition, Denominator, Grain, Period, Source};
use rust_decimal::Decimal;

/// What one file says of one territory in one month or year.
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
    /// How many rows were summed.
    pub(crate) rows: u64,
}

/// A query of facts, as a definition gives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FactQuery<'a> {
    sql: &'a str,
    time_column: &'a str,
    grain: Grain,
    has_divisor: bool,
}

impl<'a> FactQuery<'a> {
    /// The query of a source.
    pub(crate) fn of_source(definition: &Definition, source: &'a Source) -> Self {
        let has_divisor = definition.needs_divisor();
        Self {
            sql: &source.sql,
            time_column: &source.time_column,
            grain: source.grain,
            has_divisor,
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
        }
    }

    /// The statement that sums the facts of some territories: columns territory, month `2024-03` or year `2024`, file,
    /// sum, divisor, row count. It stands as it is on every engine, and its literals let the engine use its indexes:
    /// codes are our own (letters and digits only), dates are typed.
    pub(crate) fn statement(&self, codes: &[&str], window: Option<Period>) -> String {
        let Self {
            sql,
            time_column: time,
            ..
        } = self;
        let bucket = match self.grain {
            Grain::Year => format!("CAST({time} AS CHAR(4))"),
            _ => format!("SUBSTR(CAST({time} AS CHAR(10)), 1, 7)"),
        };
        let divisor = if self.has_divisor {
            "SUM(divisor)"
        } else {
            "0"
        };
        let codes: Vec<_> = codes
            .iter()
            .map(|code| format!("'{}'", code.replace('\'', "")))
            .collect();
        format!(
            "SELECT territory, {bucket} AS bucket, file, SUM(value) AS total, {divisor} AS divisor_total, COUNT(*) AS row_count \
             FROM ({}) facts WHERE territory IN ({}){} GROUP BY territory, {bucket}, file",
            sql.trim(),
            codes.join(", "),
            window
                .map(|window| self.between(window))
                .unwrap_or_default(),
        )
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::catalogue::Catalogue;

    fn definition(name: &str) -> Definition {
        Catalogue::load(None).unwrap().find(name).unwrap().clone()
    }

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
    fn buckets_are_months_or_years() {
        assert_eq!(span("2022-03"), Some(Period::month_of(date(2022, 3, 1))));
        assert_eq!(span("2022"), Some(Period::year_of(date(2022, 1, 1))));
        assert_eq!((span("2022-13"), span("x")), (None, None));
    }
}
