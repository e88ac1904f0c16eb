//! Rows as they go into an answer: four formats, exact values, and a budget of characters.

mod cell;
mod limits;

use mg_core::{ToolError, clean};
use mg_db::gate::{Cell, Column, Flow, RowSink};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub(crate) use limits::Limits;

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Lists in the structured content, a table in the text.
    #[default]
    Arrays,
    /// Objects in the structured content, a table in the text.
    Objects,
    /// Comma-separated values in the text.
    Csv,
    /// A Markdown table in the text.
    Markdown,
}

/// Takes rows while they arrive, until the budget is spent.
#[derive(Debug)]
pub(crate) struct Rows {
    format: Format,
    limits: Limits,
    columns: Vec<Column>,
    names: Vec<String>,
    taken: usize,
    text: String,
    structured: Vec<Value>,
    used: usize,
    cut_cells: usize,
    budget_spent: bool,
}

/// Rows ready for an answer.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) columns: Vec<Column>,
    pub(crate) text: String,
    pub(crate) structured: Option<Vec<Value>>,
    pub(crate) rows: usize,
    pub(crate) notes: Vec<String>,
}

impl Rows {
    pub(crate) fn new(format: Format, limits: Limits) -> Self {
        Self {
            format,
            limits,
            columns: Vec::new(),
            names: Vec::new(),
            taken: 0,
            text: String::new(),
            structured: Vec::new(),
            used: 0,
            cut_cells: 0,
            budget_spent: false,
        }
    }

    /// The answer's rows, with notes on what was cut.
    ///
    /// # Errors
    ///
    /// Where not even one row has room: a page without rows would lead to the next one for ever.
    pub(crate) fn finish(self) -> Result<Written, ToolError> {
        if self.used > self.limits.characters || self.has_no_room() {
            return Err(ToolError::Invalid(format!(
                "a row of these {} columns is wider than an answer ({} characters): select fewer columns, or parts of their texts",
                self.columns.len(),
                self.limits.characters
            )));
        }
        let mut notes = Vec::new();
        if self.budget_spent {
            notes.push(format!(
                "the answer's budget ended after {} rows: select fewer columns, aggregate, or use format csv",
                self.taken
            ));
        }
        if self.cut_cells > 0 {
            notes.push(match self.cut_cells {
                1 => "1 cell was cut".to_owned(),
                cut => format!("{cut} cells were cut"),
            });
        }
        let renamed = |(name, column): (&String, &Column)| *name != column.name;
        if self.format == Format::Objects && self.names.iter().zip(&self.columns).any(renamed) {
            notes.push("repeated column names were numbered".to_owned());
        }
        let structured =
            matches!(self.format, Format::Arrays | Format::Objects).then_some(self.structured);
        Ok(Written {
            columns: self.columns,
            text: self.text,
            structured,
            rows: self.taken,
            notes,
        })
    }

    /// Whether not even the first row had room.
    pub(crate) const fn has_no_room(&self) -> bool {
        self.budget_spent && self.taken == 0
    }

    /// Writes a row if the budget has room for it.
    fn take(&mut self, cells: &[Cell<'_>], longest: usize) -> bool {
        let start = self.text.len();
        let cut = cell::line(&mut self.text, self.format, cells, longest);
        let written = self.text[start..].chars().count();
        let structured = self.structured(cells, longest);
        let size = structured
            .as_ref()
            .map_or(0, |row| row.to_string().chars().count() + 1);
        if self.used + written + size > self.limits.characters {
            self.text.truncate(start);
            return false;
        }
        self.used += written + size;
        self.structured.extend(structured);
        self.cut_cells += cut;
        self.taken += 1;
        true
    }

    fn structured(&self, cells: &[Cell<'_>], longest: usize) -> Option<Value> {
        let values = cells.iter().map(|cell| cell::value(cell, longest));
        match self.format {
            Format::Arrays => Some(values.collect()),
            Format::Objects => Some(Value::Object(
                self.names.iter().cloned().zip(values).collect(),
            )),
            Format::Csv | Format::Markdown => None,
        }
    }

    /// What each cell may have when a single row is wider than the budget.
    fn narrow(&self) -> usize {
        let room = self.limits.characters.saturating_sub(self.used);
        (room / (3 * self.columns.len().max(1))).saturating_sub(24)
    }
}

impl RowSink for Rows {
    fn columns(&mut self, columns: &[Column]) {
        let cleaned = columns.iter().map(|column| Column {
            name: clean(&column.name),
            r#type: clean(&column.r#type),
        });
        self.columns = cleaned.collect();
        self.names = numbered(&self.columns);
        let header: Vec<Cell<'_>> = columns
            .iter()
            .map(|column| Cell::Text(&column.name))
            .collect();
        cell::line(&mut self.text, self.format, &header, self.limits.cell);
        if self.format != Format::Csv {
            self.text.push_str(&"|-".repeat(columns.len()));
            self.text.push_str("|\n");
        }
        // The columns stand in the structured content too.
        let described: usize = columns
            .iter()
            .map(|column| column.name.chars().count() + column.r#type.len() + 24)
            .sum();
        self.used = self.text.chars().count() + described;
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        if self.taken == self.limits.rows {
            return Flow::Full;
        }
        // A first row that is too wide is cut to fit, else no page would ever get past it.
        if self.take(cells, self.limits.cell)
            || (self.taken == 0 && self.take(cells, self.narrow()))
        {
            return Flow::More;
        }
        self.budget_spent = true;
        Flow::Full
    }
}

/// Column names that do not repeat: the second `a` is `a_2`.
fn numbered(columns: &[Column]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.name.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{}_{number}", column.name);
            number += 1;
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(name: &str) -> Column {
        Column {
            name: name.into(),
            r#type: "text".into(),
        }
    }

    fn write(
        format: Format,
        limits: Limits,
        columns: &[&str],
        rows: &[Vec<Cell<'_>>],
    ) -> (Written, usize) {
        let mut sink = Rows::new(format, limits);
        sink.columns(&columns.iter().map(|name| column(name)).collect::<Vec<_>>());
        let taken = rows
            .iter()
            .take_while(|row| sink.row(row) == Flow::More)
            .count();
        (sink.finish().unwrap(), taken)
    }

    const WIDE: Limits = Limits {
        rows: 100,
        characters: 10_000,
        cell: 50,
    };

    fn rows() -> Vec<Vec<Cell<'static>>> {
        vec![
            vec![Cell::Integer(1), Cell::Text("a,\"b\"|c")],
            vec![Cell::Null, Cell::Text("")],
        ]
    }

    #[test]
    fn arrays_hold_the_rows_twice_as_lists_and_as_a_table() {
        let (written, _) = write(Format::Arrays, WIDE, &["n", "n"], &rows());
        assert_eq!(
            written.structured,
            Some(vec![json!([1, "a,\"b\"|c"]), json!([null, ""])])
        );
        assert_eq!(written.text, "|n|n|\n|-|-|\n|1|a,\"b\"\\|c|\n|NULL||\n");
        assert_eq!(written.notes, Vec::<String>::new());
    }

    #[test]
    fn names_of_columns_are_told_without_what_deceives() {
        let (written, _) = write(Format::Objects, WIDE, &["a\u{202e}b", "ab"], &rows());
        assert_eq!(written.columns[0].name, "ab");
        assert_eq!(
            written.structured.unwrap()[1],
            json!({"ab": null, "ab_2": ""})
        );
    }

    #[test]
    fn objects_number_repeated_names_and_say_so() {
        let (written, _) = write(Format::Objects, WIDE, &["n", "n"], &rows());
        assert_eq!(
            written.structured.unwrap()[0],
            json!({"n": 1, "n_2": "a,\"b\"|c"})
        );
        assert!(written.notes[0].contains("numbered"));
    }

    #[test]
    fn csv_and_markdown_hold_the_rows_once_in_the_text() {
        let (written, _) = write(Format::Csv, WIDE, &["n", "t"], &rows());
        assert_eq!(written.text, "n,t\n1,\"a,\"\"b\"\"|c\"\n,\"\"\n");
        assert_eq!(written.structured, None);
        let (written, _) = write(Format::Markdown, WIDE, &["n", "t"], &rows());
        assert_eq!(written.structured, None);
        assert!(written.text.starts_with("|n|t|\n"));
    }

    #[test]
    fn the_budget_ends_an_answer_at_a_whole_row() {
        let row = vec![Cell::Text("0123456789")];
        let limits = Limits {
            rows: 100,
            characters: 100,
            cell: 50,
        };
        let (written, taken) = write(Format::Csv, limits, &["t"], &vec![row; 50]);
        assert!(taken > 1 && taken < 10, "{taken}");
        assert_eq!(written.text.lines().count(), taken + 1);
        assert!(written.text.chars().count() <= 100);
        assert!(
            written.notes[0].contains(&format!("after {taken} rows")),
            "{:?}",
            written.notes
        );
    }

    #[test]
    fn a_first_row_wider_than_the_budget_is_cut_to_fit() {
        let wide = "x".repeat(5_000);
        let limits = Limits {
            rows: 100,
            characters: 1_000,
            cell: 4_000,
        };
        let row = vec![Cell::Text(&wide), Cell::Text(&wide)];
        let (written, taken) = write(Format::Arrays, limits, &["a", "b"], &[row.clone(), row]);
        assert_eq!(taken, 1);
        assert!(
            written.text.len() < 1_000 && written.notes.iter().any(|note| note.contains("2 cells"))
        );
    }

    #[test]
    fn a_row_of_more_columns_than_an_answer_has_room_for_is_refused() {
        let names: Vec<String> = (0..1_000).map(|number| format!("c{number}")).collect();
        let columns: Vec<Column> = names.iter().map(|name| column(name)).collect();
        for rows in [0, 1] {
            for format in [Format::Arrays, Format::Objects, Format::Csv] {
                let mut sink = Rows::new(format, WIDE);
                sink.columns(&columns);
                for _ in 0..rows {
                    let row = vec![Cell::Text("some words"); 1_000];
                    assert_eq!(sink.row(&row), Flow::Full);
                }
                let refusal = sink.finish().unwrap_err().to_string();
                assert!(
                    refusal.contains("1000 columns") && refusal.contains("select fewer columns"),
                    "{refusal}"
                );
            }
        }
    }

    #[test]
    fn a_page_ends_at_the_rows_that_were_asked_for() {
        let limits = Limits { rows: 2, ..WIDE };
        let (written, taken) = write(
            Format::Csv,
            limits,
            &["n"],
            &vec![vec![Cell::Integer(1)]; 5],
        );
        assert_eq!((taken, written.rows, written.notes), (2, 2, vec![]));
    }

    #[test]
    fn a_long_cell_is_cut_and_counted() {
        let long = "é".repeat(80);
        let (written, _) = write(Format::Arrays, WIDE, &["t"], &[vec![Cell::Text(&long)]]);
        let cell = written.structured.unwrap()[0][0]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(
            cell.starts_with(&"é".repeat(50)) && cell.contains("80 characters"),
            "{cell}"
        );
        assert!(
            written.notes[0].contains("1 cell was cut"),
            "{:?}",
            written.notes
        );
    }
}
