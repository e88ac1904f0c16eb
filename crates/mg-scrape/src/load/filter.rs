//! Which rows of a table are meant: columns and the values they have there.

use mg_db::Value;

use super::sql::{marks, quoted};

/// Columns and the values that each of them has in the rows that are meant; all rows without any.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filter(Vec<Clause>);

/// A column that has one of these values, or one that begins so.
#[derive(Clone, Debug, PartialEq)]
struct Clause {
    column: String,
    values: Vec<Value>,
    compared: Compared,
}

/// How the values of a column are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    /// One of them is the column's.
    Same,
    /// The column begins with so many characters that one of them is.
    Beginning(usize),
    /// The column is not below the one there is.
    AtLeast,
}

impl Filter {
    /// One more column. Values are given as text and read as the column's type says; with a `*` at their ends they are
    /// the beginnings of what the column has, all of one length; `>=2020` is 2020 and above.
    pub(super) fn with(mut self, column: &str, declared: &str, values: &[String]) -> Self {
        let compared = match values {
            [one] if one.starts_with(">=") => Compared::AtLeast,
            [first, ..] if first.ends_with('*') => Compared::Beginning(first.len() - 1),
            _ => Compared::Same,
        };
        let whole = ["SMALLINT", "INTEGER", "BIGINT"].contains(&declared);
        let value = |text: &String| {
            let text = text.trim_start_matches(">=").trim_end_matches('*');
            match text.parse::<i64>() {
                Ok(number) if whole => number.into(),
                _ => Value::from(text),
            }
        };
        self.0.push(Clause {
            column: column.to_owned(),
            values: values.iter().map(value).collect(),
            compared,
        });
        self
    }

    /// Both at once.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }

    /// Whether all rows are meant.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The condition, its values as parameters.
    pub(super) fn sql(&self, alias: &str) -> String {
        match self.0.as_slice() {
            [] => "1 = 1".to_owned(),
            clauses => {
                let clauses = clauses.iter().map(|clause| clause.sql(alias));
                clauses.collect::<Vec<_>>().join(" AND ")
            }
        }
    }

    /// The values of [`Filter::sql`].
    pub(super) fn params(&self) -> Vec<Value> {
        self.0
            .iter()
            .flat_map(|clause| &clause.values)
            .cloned()
            .collect()
    }
}

impl Clause {
    fn sql(&self, alias: &str) -> String {
        let column = format!("{alias}.{}", quoted(&self.column));
        match (self.compared, self.values.len()) {
            (_, 0) => "1 = 0".to_owned(),
            (Compared::AtLeast, _) => format!("{column} >= ?"),
            (Compared::Beginning(length), count) => {
                format!(
                    "SUBSTR(CAST({column} AS CHAR(40)), 1, {length}) IN ({})",
                    marks(count)
                )
            }
            (Compared::Same, count) => format!("{column} IN ({})", marks(count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_parameters_of_the_columns_type() {
        let filter = Filter::default()
            .with("comm", "CHAR(5)", &["01004".into(), "77243".into()])
            .with("an_depot", "SMALLINT", &["2024".into()]);
        assert_eq!(
            filter.sql("t"),
            "t.\"comm\" IN (?, ?) AND t.\"an_depot\" IN (?)"
        );
        assert_eq!(
            filter.params(),
            ["01004".into(), "77243".into(), Value::Integer(2024)]
        );
        let years = Filter::default().with("d", "DATE", &["2024-*".into()]);
        assert_eq!(
            years.sql("t"),
            "SUBSTR(CAST(t.\"d\" AS CHAR(40)), 1, 5) IN (?)"
        );
        assert_eq!(years.params(), [Value::from("2024-")]);
        let since = Filter::default().with("an_depot", "SMALLINT", &[">=2024".into()]);
        assert_eq!(since.sql("t"), "t.\"an_depot\" >= ?");
        assert_eq!(since.params(), [Value::Integer(2024)]);
        assert_eq!(Filter::default().sql("t"), "1 = 1");
        assert_eq!(Filter::default().with("a", "TEXT", &[]).sql("t"), "1 = 0");
    }
}
