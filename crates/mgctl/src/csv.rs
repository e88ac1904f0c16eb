//! Structured answers as CSV that a French Excel opens: `;`, byte order mark, decimal comma, CRLF.

use serde_json::{Map, Value};

/// The rows of an answer as CSV: its `rows` under `columns`, else its first list of objects, else
/// the answer itself as one row.
pub(crate) fn of(answer: &Value) -> String {
    let (header, rows) = table(answer);
    let lines = std::iter::once(&header).chain(&rows);
    String::from('\u{feff}') + &joined(lines)
}

/// The rows alone, to follow those of [`of`].
pub(crate) fn rows(answer: &Value) -> String {
    joined(table(answer).1.iter())
}

fn joined<'a>(lines: impl Iterator<Item = &'a Vec<String>>) -> String {
    lines.map(|line| line.join(";") + "\r\n").collect()
}

fn table(answer: &Value) -> (Vec<String>, Vec<Vec<String>>) {
    let columns: Vec<(&str, bool)> =
        answer["columns"]
            .as_array()
            .map_or_else(Vec::new, |columns| {
                columns
                    .iter()
                    .filter_map(|column| Some((column["name"].as_str()?, is_numeric(column))))
                    .collect()
            });
    match answer["rows"].as_array() {
        Some(rows) if !columns.is_empty() => {
            let header = columns.iter().map(|(name, _)| text_cell(name)).collect();
            (
                header,
                rows.iter().map(|row| cells(row, &columns)).collect(),
            )
        }
        _ => objects(answer),
    }
}

/// One row, given as a list or by the columns' names.
fn cells(row: &Value, columns: &[(&str, bool)]) -> Vec<String> {
    let value = |index: usize, name: &str| {
        row.get(index)
            .or_else(|| row.get(name))
            .unwrap_or(&Value::Null)
    };
    columns
        .iter()
        .enumerate()
        .map(|(index, (name, numeric))| cell(value(index, name), *numeric))
        .collect()
}

fn objects(answer: &Value) -> (Vec<String>, Vec<Vec<String>>) {
    let lists = answer
        .as_object()
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_array);
    let list = lists
        .map(|list| list.iter().collect::<Vec<_>>())
        .find(|list| list.first().is_some_and(|item| item.is_object()));
    // An answer with a unit is one value, whatever lists it has.
    let rows = list
        .filter(|_| answer.get("unit").is_none())
        .unwrap_or_else(|| vec![answer]);
    let mut names: Vec<&String> = Vec::new();
    for name in rows
        .iter()
        .filter_map(|row| row.as_object())
        .flat_map(Map::keys)
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let cells = |row: &Value| {
        names
            .iter()
            .map(|name| cell(&row[name.as_str()], false))
            .collect()
    };
    (
        names.iter().map(|name| text_cell(name)).collect(),
        rows.into_iter().map(cells).collect(),
    )
}

/// Types whose exact values come as text.
const NUMERIC: &[&str] = &[
    "bigint",
    "decimal",
    "double",
    "double precision",
    "float",
    "float4",
    "float8",
    "int",
    "int2",
    "int4",
    "int8",
    "integer",
    "numeric",
    "real",
    "smallint",
];

fn is_numeric(column: &Value) -> bool {
    let name = column["type"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let name = name.split_once('(').map_or(name.as_str(), |(name, _)| name);
    NUMERIC.contains(&name.trim())
}

fn cell(value: &Value, numeric: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => if *truth { "1" } else { "0" }.to_owned(),
        Value::Number(number) => number.to_string().replace('.', ","),
        Value::String(text) if numeric && is_number(text) => text.replace('.', ","),
        Value::String(text) => text_cell(text),
        Value::Array(_) | Value::Object(_) => text_cell(&value.to_string()),
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Text that a spreadsheet would take for a formula is marked as text: cells may come from outside.
fn text_cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if guarded.contains([';', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_become_lines_with_semicolons_and_decimal_commas() {
        let answer = json!({
            "columns": [{"name": "commune", "type": "varchar(80)"}, {"name": "surface", "type": "numeric"}, {"name": "part", "type": "real"}],
            "rows": [["Lagny", "12.50", 0.5], ["Montévrain", null, -1]],
        });
        assert_eq!(
            of(&answer),
            "\u{feff}commune;surface;part\r\nLagny;12,50;0,5\r\nMontévrain;;-1\r\n"
        );
    }

    #[test]
    fn rows_given_as_objects_keep_the_order_of_the_columns() {
        let answer = json!({"columns": [{"name": "b", "type": "text"}, {"name": "a", "type": "integer"}], "rows": [{"a": 1, "b": "x"}]});
        assert_eq!(of(&answer), "\u{feff}b;a\r\nx;1\r\n");
    }

    #[test]
    fn text_that_looks_like_a_number_stays_text_in_a_column_of_text() {
        let answer = json!({"columns": [{"name": "v", "type": "text"}], "rows": [["1.5"]]});
        assert_eq!(of(&answer), "\u{feff}v\r\n1.5\r\n");
    }

    #[test]
    fn separators_quotes_and_line_breaks_are_quoted_and_formulas_disarmed() {
        assert_eq!(text_cell("a;\"b\"\nc"), "\"a;\"\"b\"\"\nc\"");
        assert_eq!(text_cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
    }

    #[test]
    fn a_list_of_objects_is_a_table_and_a_single_answer_one_row() {
        let list = json!({"indicators": [{"name": "a"}, {"name": "b", "unit": "%"}], "total": 2});
        assert_eq!(of(&list), "\u{feff}name;unit\r\na;\r\nb;%\r\n");
        let value = json!({"unit": "logements", "value": 1564, "inputs": [{"source": "s"}]});
        assert_eq!(
            of(&value),
            "\u{feff}inputs;unit;value\r\n\"[{\"\"source\"\":\"\"s\"\"}]\";logements;1564\r\n"
        );
    }
}
