//! Rows of files and APIs: cells with names, which columns of a table take.

use std::{borrow::Cow, collections::BTreeMap};

use super::reading::cut;
use crate::{
    definition::{Allowed, Bound, ColumnRule, Constant, Filter, RequestRole},
    item::{Item, Rejection, Value},
};

/// In `[columns]`, the number of the row instead of a cell: in its file, told apart from rows of other files by the
/// file's address.
pub(crate) const ROW_NUMBER: &str = "#row";

/// The number that the rows of a file begin at.
pub(crate) fn first_number(url: &str) -> i64 {
    let sum = url
        .bytes()
        .fold(0_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 2_111);
    sum * 1_000_000
}

/// How the rows of one rule become rows of its table.
#[derive(Clone, Debug)]
pub(crate) struct Mapping<'a> {
    target: usize,
    /// As many values as the table has columns: what is the same in every row, nothing elsewhere.
    blank: Vec<Value>,
    columns: Vec<Mapped<'a>>,
    kept: Vec<Kept<'a>>,
}

#[derive(Clone, Debug)]
struct Mapped<'a> {
    source: &'a str,
    rule: &'a ColumnRule,
    place: usize,
}

/// A condition on the rows that are kept.
#[derive(Clone, Debug)]
struct Kept<'a> {
    source: &'a str,
    when_listed: bool,
    values: &'a [String],
}

impl<'a> Mapping<'a> {
    /// Of a rule that fills `table` from these columns, in the chain of a request.
    pub(crate) fn new(
        bound: &'a Bound,
        role: RequestRole,
        table: &str,
        columns: &'a BTreeMap<String, ColumnRule>,
        constants: &BTreeMap<String, Constant>,
        filter: Option<&'a Filter>,
    ) -> Self {
        let target = bound.spider.target_of(table).unwrap_or_default();
        let known = &bound.spider.targets()[target];
        let mut blank = vec![Value::Null; known.columns.len()];
        for (name, constant) in constants {
            if let Some(value) = known.place(name).and_then(|place| blank.get_mut(place)) {
                *value = of_constant(bound, constant, role);
            }
        }
        let columns = columns.iter().filter_map(|(source, rule)| {
            Some(Mapped {
                source,
                rule,
                place: known.place(&rule.to)?,
            })
        });
        let kept = filter
            .into_iter()
            .flat_map(Filter::conditions)
            .map(|condition| Kept {
                source: &condition.column,
                when_listed: condition.kept,
                values: match &condition.values {
                    Allowed::Texts(texts) => texts,
                    Allowed::Param(name) => bound.params.get(name).map_or(&[], Vec::as_slice),
                },
            });
        Self {
            target,
            blank,
            columns: columns.collect(),
            kept: kept.collect(),
        }
    }

    /// The source columns that are not there though they have to be.
    pub(crate) fn missing(&self, there: impl Fn(&str) -> bool) -> Vec<&'a str> {
        let needed = self
            .columns
            .iter()
            .filter(|column| !column.rule.optional)
            .map(|column| column.source);
        let asked = self.kept.iter().map(|kept| kept.source);
        needed
            .chain(asked)
            .filter(|source| *source != ROW_NUMBER && !there(source))
            .collect()
    }

    /// The row that cells make; `None` for one that is not kept.
    pub(crate) fn item<'c>(
        &self,
        cell: impl Fn(&str) -> Option<Cow<'c, str>>,
    ) -> Option<Result<Item, Rejection>> {
        let is_kept = |kept: &Kept<'_>| {
            let text = cell(kept.source).unwrap_or_default();
            kept.values.iter().any(|value| value == text.trim()) == kept.when_listed
        };
        self.kept.iter().all(is_kept).then(|| self.made(cell))
    }

    fn made<'c>(&self, cell: impl Fn(&str) -> Option<Cow<'c, str>>) -> Result<Item, Rejection> {
        let mut values = self.blank.clone();
        for column in &self.columns {
            let text = cell(column.source);
            let value = column
                .rule
                .read(text.as_deref())
                .map_err(|reason| Rejection {
                    target: self.target,
                    field: column.source.to_owned(),
                    reason,
                    raw: cut(text.as_deref().unwrap_or_default()),
                })?;
            if let Some(place) = values.get_mut(column.place) {
                *place = value;
            }
        }
        Ok(Item {
            target: self.target,
            values,
        })
    }

    /// A row that is no row, with the reason.
    pub(crate) fn rejection(&self, reason: String) -> Rejection {
        Rejection {
            target: self.target,
            field: String::new(),
            reason,
            raw: String::new(),
        }
    }
}

fn of_constant(bound: &Bound, constant: &Constant, role: RequestRole) -> Value {
    match constant {
        Constant::Integer(number) => Value::Integer(*number),
        Constant::Boolean(truth) => Value::Boolean(*truth),
        Constant::Text(template) => Value::Text(bound.fill(template, role)),
    }
}

/// What to say of columns that are not there.
pub(crate) fn missing_columns(missing: &[&str], there: &[String]) -> String {
    let told: Vec<String> = missing
        .iter()
        .map(|name| {
            let near = mg_core::nearest(name, there.iter().map(String::as_str), 1);
            near.first().map_or_else(
                || format!("`{name}`"),
                |near| format!("`{name}` (nearest: `{near}`)"),
            )
        })
        .collect();
    format!(
        "the source has no column {}; it has {}. Change [columns], or say `optional = true`",
        told.join(", "),
        cut(&there.join(", "))
    )
}

/// What to say where no column is one of those that become rows.
pub(crate) fn unmatched_columns(pattern: &str, there: &[String]) -> String {
    format!(
        "the source has no column that `{pattern}` matches as a whole, so that none becomes rows; it has {}. Change \
         [file.unpivot]",
        cut(&there.join(", "))
    )
}
