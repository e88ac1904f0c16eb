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
    /// How many characters of the column are compared, where its beginning is.
    beginning: Option<usize>,
}

impl Filter {
    /// One more column. Values are given as text and read as the column's type says; with a `*` at their ends they are
    /// the beginnings of what the column has, all of one length.
    pub(super) fn with(mut self, column: &str, declared: &str, values: &[String]) -> Self {
        let beginning = values.first().and_then(|value| value.strip_suffix('*')).map(str::len);
        let whole = ["SMALLINT", "INTEGER", "BIGINT"].contains(&declared) && beginning.is_none();
        let value = |text: &String| match text.parse::<i64>() {
            Ok(number) if whole => number.into(),
            _ => Value::from(text.strip_suffix('*').unwrap_or(text)),
        };
        self.0.push(Clause {
            column: column.to_owned(),
            values: values.iter().map(value).collect(),
            beginning,
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
        self.0.iter().flat_map(|clause| &clause.values).cloned().collect()
    }
}

impl Clause {
    fn sql(&self, alias: &str) -> String {
        let column = format!("{alias}.{}", quoted(&self.column));
        let compared = match self.beginning {
            None => column,
            Some(length) => format!("SUBSTR(CAST({column} AS CHAR(40)), 1, {length})"),
        };
        match self.values.len() {
            0 => "1 = 0".to_owned(),
            count => format!("{compared} IN ({})", marks(count)),
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
        assert_eq!(filter.sql("t"), "t.\"comm\" IN (?, ?) AND t.\"an_depot\" IN (?)");
        assert_eq!(filter.params(), ["01004".into(), "77243".into(), Value::Integer(2024)]);
        let years = Filter::default().with("d", "DATE", &["2024-*".into()]);
        assert_eq!(years.sql("t"), "SUBSTR(CAST(t.\"d\" AS CHAR(40)), 1, 5) IN (?)");
        assert_eq!(years.params(), [Value::from("2024-")]);
        assert_eq!(Filter::default().sql("t"), "1 = 1");
        assert_eq!(Filter::default().with("a", "TEXT", &[]).sql("t"), "1 = 0");
    }
}
