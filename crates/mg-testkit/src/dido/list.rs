//! A list of the portal: the text of its CSV file, whose quotes tell texts from numbers.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::request::Request;

/// A list, as its CSV file has it: labels, codes, rows.
#[derive(Clone, Debug)]
pub struct DidoList {
    /// Its identifier.
    pub rid: String,
    labels: String,
    codes: Vec<String>,
    /// The lines of the rows as they are, and the values in them.
    rows: Vec<(String, Vec<Value>)>,
}

impl DidoList {
    /// A list out of a file that DiDo wrote.
    #[must_use]
    pub fn new(rid: &str, csv: &str) -> Self {
        let mut lines = csv.lines();
        let labels = lines.next().expect("a line of labels").to_owned();
        let codes = cells(lines.next().expect("a line of codes"));
        let codes = codes
            .iter()
            .map(|code| code.as_str().unwrap_or_default().to_owned())
            .collect();
        let rows = lines.map(|line| (line.to_owned(), cells(line))).collect();
        Self {
            rid: rid.to_owned(),
            labels,
            codes,
            rows,
        }
    }

    /// The list with each row's line changed, or left out.
    #[must_use]
    pub fn changed(&self, change: impl Fn(usize, &str) -> Option<String>) -> Self {
        let lines = self
            .rows
            .iter()
            .enumerate()
            .filter_map(|(place, (line, _))| change(place, line));
        let rows = lines.map(|line| (line.clone(), cells(&line))).collect();
        Self {
            rows,
            ..self.clone()
        }
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn csv(&self, request: &Request) -> String {
        let told = |name| request.get(name) != Some("false");
        let mut text = String::new();
        if told("withColumnDescription") {
            let _ = writeln!(text, "{}", self.labels);
        }
        if told("withColumnName") {
            let codes: Vec<String> = self
                .codes
                .iter()
                .map(|code| format!("\"{code}\""))
                .collect();
            let _ = writeln!(text, "{}", codes.join(";"));
        }
        for (line, _) in &self.rows {
            let _ = writeln!(text, "{line}");
        }
        text
    }

    pub(super) fn rows(&self, request: &Request, sizes: &[usize]) -> (u16, String) {
        let size = request.get("pageSize").unwrap_or("20").parse().unwrap_or(0);
        if !sizes.contains(&size) {
            return (
                400,
                json!({"message": "pageSize must be one of 10, 20, 50, 100"}).to_string(),
            );
        }
        let page: usize = request.get("page").unwrap_or("1").parse().unwrap_or(1);
        let found: Vec<&Vec<Value>> = self
            .rows
            .iter()
            .map(|(_, row)| row)
            .filter(|row| self.fits(row, request))
            .collect();
        let shown = found.iter().skip(page.saturating_sub(1) * size).take(size);
        let data: Vec<Value> = shown.map(|row| self.object(row)).collect();
        (
            200,
            json!({"total": found.len(), "page": page, "data": data}).to_string(),
        )
    }

    /// One constraint a column: `eq:`, `in:`, `gte:`.
    fn fits(&self, row: &[Value], request: &Request) -> bool {
        request.pairs().iter().all(|(column, constraint)| {
            let Some(place) = self.codes.iter().position(|code| code == column) else {
                return true;
            };
            let value = match &row[place] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            match constraint.split_once(':') {
                Some(("eq", wanted)) => value == wanted,
                Some(("in", wanted)) => wanted.split(',').any(|wanted| value == wanted),
                Some(("gte", least)) => value
                    .parse::<i64>()
                    .is_ok_and(|value| value >= least.parse().unwrap_or(i64::MAX)),
                _ => false,
            }
        })
    }

    fn object(&self, row: &[Value]) -> Value {
        let pairs = self.codes.iter().cloned().zip(row.iter().cloned());
        Value::Object(pairs.collect::<Map<_, _>>())
    }
}

/// The values of a line: quoted ones are texts or truth values, others numbers, empty ones nothing.
fn cells(line: &str) -> Vec<Value> {
    let mut cells = Vec::new();
    let (mut cell, mut quoted, mut inside) = (String::new(), false, false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if inside && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => (inside, quoted) = (!inside, true),
            ';' if !inside => {
                cells.push(value(std::mem::take(&mut cell), quoted));
                quoted = false;
            }
            other => cell.push(other),
        }
    }
    cells.push(value(cell, quoted));
    cells
}

fn value(text: String, quoted: bool) -> Value {
    match text.as_str() {
        "" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number if !quoted => number
            .parse::<i64>()
            .map_or_else(|_| text.clone().into(), Value::from),
        _ => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_tell_texts_from_numbers() {
        let cells = cells("\"01367\";5;;\"true\";\"a;\"\"b\"");
        assert_eq!(
            cells,
            [
                json!("01367"),
                json!(5),
                Value::Null,
                json!(true),
                json!("a;\"b")
            ]
        );
    }
}
