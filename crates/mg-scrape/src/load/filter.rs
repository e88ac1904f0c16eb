//! Which rows of a table are meant: columns and the values they have there.

use mg_db::Value;

use super::sql::{marks, quoted};

/// Columns and the values that each of them has in the rows that are meant; all rows without any.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filter(Vec<(String, Vec<Value>)>);

impl Filter {
    /// One more column. Values are given as text and read as the column's type says.
    pub(super) fn with(mut self, column: &str, declared: &str, values: &[String]) -> Self {
        let whole = ["SMALLINT", "INTEGER", "BIGINT"].contains(&declared);
        let value = |text: &String| match text.parse::<i64>() {
            Ok(number) if whole => number.into(),
            _ => Value::from(text.as_str()),
        };
        self.0.push((column.to_owned(), values.iter().map(value).collect()));
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
        let clause = |(column, values): &(String, Vec<Value>)| match values.len() {
            0 => "1 = 0".to_owned(),
            count => format!("{alias}.{} IN ({})", quoted(column), marks(count)),
        };
        match self.0.as_slice() {
            [] => "1 = 1".to_owned(),
            clauses => clauses.iter().map(clause).collect::<Vec<_>>().join(" AND "),
        }
    }

    /// The values of [`Filter::sql`].
    pub(super) fn params(&self) -> Vec<Value> {
        self.0.iter().flat_map(|(_, values)| values).cloned().collect()
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
        assert_eq!(Filter::default().sql("t"), "1 = 1");
        assert_eq!(Filter::default().with("a", "TEXT", &[]).sql("t"), "1 = 0");
    }
}
