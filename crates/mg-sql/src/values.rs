//! What the columns of a table hold: how far dates and numbers reach, and the values where there are few.
//!
//! Asked by statements of ours, with a deadline of their own and through the caller's gate, so that
//! its rights hold.

use std::collections::BTreeMap;

use mg_db::{
    Engine,
    gate::{Cell, Column, Flow, Object, RowSink},
};
use serde_json::{Value, json};

/// More values than these are not few.
const FEW: usize = 12;
/// A longer value is a text and no code.
const LONGEST: usize = 60;
/// Rows that values are taken from: a sample, where a table has more.
const SAMPLE: usize = 10_000;
/// Columns of a table that are looked at.
const COLUMNS: usize = 100;

/// Types, without what stands in brackets, whose least and greatest value say something.
const ORDERED: &[&str] = &[
    "date",
    "datetime",
    "decimal",
    "double",
    "float",
    "float4",
    "float8",
    "numeric",
    "real",
    "timestamp",
    "year",
];
const WHOLE: &[&str] = &[
    "bigint",
    "int",
    "int2",
    "int4",
    "int8",
    "integer",
    "mediumint",
    "smallint",
    "tinyint",
];
/// Types that hold codes and labels.
const TEXTUAL: &[&str] = &["bool", "boolean", "char", "character", "text", "varchar"];

/// What a column holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// The least and the greatest value.
    pub(crate) range: Option<(String, String)>,
    /// The values that were found; none where they are many.
    pub(crate) values: Vec<String>,
}

/// What the columns of a table hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values {
    /// By the column's name.
    columns: BTreeMap<String, Held>,
    /// Whether the table has more rows than its values were looked for in.
    sampled: bool,
}

/// What codes mean: by column, then by code.
pub(crate) type Labels = BTreeMap<String, BTreeMap<String, String>>;

/// The statement that asks for the ranges of a table and the columns it asks about; `None` without any.
pub(crate) fn asking_ranges(engine: Engine, object: &Object) -> Option<(String, Vec<String>)> {
    let columns = columns(object, &[ORDERED, WHOLE]);
    let pairs: Vec<String> = (columns.iter())
        .map(|name| {
            let column = engine.quoted(name);
            let least = as_text(engine, &format!("MIN({column})"));
            let greatest = as_text(engine, &format!("MAX({column})"));
            format!("{least}, {greatest}")
        })
        .collect();
    let from = table(engine, object);
    let sql = format!("SELECT {} FROM {from}", pairs.join(", "));
    (!columns.is_empty()).then_some((sql, columns))
}

/// The statement that asks for the values of columns that may have few: the column's name and a value a row;
/// and without a name how many rows there are, as far as they are looked at.
pub(crate) fn asking_values(engine: Engine, object: &Object) -> Option<String> {
    let from = table(engine, object);
    let each = columns(object, &[TEXTUAL, WHOLE]).into_iter().map(|name| {
        let (column, literal) = (engine.quoted(&name), literal(engine, &name));
        let value = as_text(engine, "v");
        format!(
            "SELECT {literal} AS c, {value} AS v FROM (SELECT DISTINCT {column} AS v FROM \
             (SELECT {column} FROM {from} LIMIT {SAMPLE}) AS s WHERE {column} IS NOT NULL LIMIT {}) AS d",
            FEW + 1
        )
    });
    let each: Vec<String> = each.collect();
    let rows = as_text(engine, "COUNT(*)");
    let rows = format!(
        " UNION ALL SELECT NULL AS c, {rows} AS v FROM (SELECT 1 AS n FROM {from} LIMIT {}) AS s",
        SAMPLE + 1
    );
    (!each.is_empty()).then(|| each.join(" UNION ALL ") + &rows)
}

/// Puts the answers to both questions together.
pub(crate) fn held(columns: &[String], ranges: Option<Lines>, values: Lines) -> Values {
    let mut held = Values::default();
    let range = ranges.and_then(|lines| lines.0.into_iter().next());
    for (name, pair) in columns.iter().zip(range.unwrap_or_default().chunks(2)) {
        if let [Some(least), Some(greatest)] = pair {
            let range = Some((least.clone(), greatest.clone()));
            held.columns.entry(name.clone()).or_default().range = range;
        }
    }
    for line in values.0 {
        match line.as_slice() {
            [Some(name), Some(value)] => {
                let column = held.columns.entry(name.clone()).or_default();
                column.values.push(value.clone());
            }
            [None, Some(rows)] => {
                held.sampled = rows.parse().is_ok_and(|rows: usize| rows > SAMPLE);
            }
            _ => {}
        }
    }
    for column in held.columns.values_mut() {
        let too_long = |value: &String| value.chars().count() > LONGEST;
        if column.values.len() > FEW || column.values.iter().any(too_long) {
            column.values.clear();
        }
        column.values.sort();
    }
    held
}

/// Adds to a described table what its columns hold and what their codes mean. Values of a sample are told as
/// such: there may be others.
pub(crate) fn tell(described: &mut Value, values: &Values, labels: &Labels) {
    let key = if values.sampled {
        "sample_values"
    } else {
        "values"
    };
    let columns = described["columns"].as_array_mut();
    for column in columns.into_iter().flatten() {
        let name = column["name"].as_str().unwrap_or_default().to_owned();
        let Some(held) = values.columns.get(&name) else {
            continue;
        };
        if let Some((least, greatest)) = &held.range {
            column["range"] = json!([least, greatest]);
        }
        if !held.values.is_empty() {
            column[key] = json!(held.values);
        }
        let known = labels.get(&name);
        let meant: BTreeMap<&String, &String> = (held.values.iter())
            .filter_map(|code| Some((code, known?.get(code)?)))
            .collect();
        if !meant.is_empty() {
            column["labels"] = json!(meant);
        }
    }
}

/// The labels of codes from rows of variable, code, label.
pub(crate) fn labels(lines: Lines) -> Labels {
    let mut labels = Labels::new();
    for line in lines.0 {
        if let [Some(variable), Some(code), Some(label)] = line.as_slice() {
            let codes = labels.entry(variable.clone()).or_default();
            codes.insert(code.clone(), label.clone());
        }
    }
    labels
}

/// Rows of an answer as clean text.
#[derive(Debug, Default)]
pub(crate) struct Lines(Vec<Vec<Option<String>>>);

impl RowSink for Lines {
    fn columns(&mut self, _columns: &[Column]) {}

    fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        self.0.push(cells.iter().map(text).collect());
        Flow::More
    }
}

fn text(cell: &Cell<'_>) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Boolean(flag) => Some(flag.to_string()),
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Real(number) => Some(number.to_string()),
        Cell::Text(text) | Cell::Json(text) | Cell::Array(text) => {
            Some(mg_core::clean(text.trim_end()))
        }
    }
}

/// The columns of these types.
fn columns(object: &Object, types: &[&[&str]]) -> Vec<String> {
    let fits = |kind: &str| {
        let kind = kind.to_ascii_lowercase();
        let first = kind.split([' ', '(']).next().unwrap_or_default();
        types.iter().any(|listed| listed.contains(&first)) && !kind.ends_with("[]")
    };
    let named = (object.columns.iter()).filter(|column| fits(&column.r#type));
    named
        .take(COLUMNS)
        .map(|column| column.name.clone())
        .collect()
}

fn table(engine: Engine, object: &Object) -> String {
    let (schema, name) = (&object.schema, &object.name);
    format!("{}.{}", engine.quoted(schema), engine.quoted(name))
}

fn literal(engine: Engine, text: &str) -> String {
    let text = text.replace('\'', "''");
    match engine {
        Engine::Sqlite | Engine::Postgres => format!("'{text}'"),
        Engine::MariaDb => format!("'{}'", text.replace('\\', "\\\\")),
    }
}

fn as_text(engine: Engine, expression: &str) -> String {
    match engine {
        Engine::Sqlite | Engine::Postgres => format!("CAST({expression} AS TEXT)"),
        Engine::MariaDb => format!("CAST({expression} AS CHAR)"),
    }
}

#[cfg(test)]
mod tests {
    use mg_db::gate::ColumnDetail;

    use super::*;

    fn object(columns: &[(&str, &str)]) -> Object {
        let column = |(name, kind): &(&str, &str)| ColumnDetail {
            name: (*name).into(),
            r#type: (*kind).into(),
            ..ColumnDetail::default()
        };
        Object {
            schema: "main".into(),
            name: "t\"t".into(),
            columns: columns.iter().map(column).collect(),
            ..Object::default()
        }
    }

    fn lines(rows: &[&[Option<&str>]]) -> Lines {
        let row = |row: &&[Option<&str>]| row.iter().map(|cell| cell.map(str::to_owned)).collect();
        Lines(rows.iter().map(row).collect())
    }

    #[test]
    fn ranges_are_asked_of_dates_and_numbers_and_values_of_codes() {
        let object = object(&[
            ("day", "date"),
            ("n", "integer"),
            ("label", "character varying(40)"),
            ("place", "point"),
            ("many", "integer[]"),
        ]);
        let (sql, columns) = asking_ranges(Engine::Postgres, &object).unwrap();
        assert_eq!(columns, ["day", "n"]);
        assert!(
            sql.contains("CAST(MIN(\"day\") AS TEXT)") && sql.ends_with("FROM \"main\".\"t\"\"t\""),
            "{sql}"
        );
        let sql = asking_values(Engine::Sqlite, &object).unwrap();
        assert_eq!(sql.matches("SELECT DISTINCT").count(), 2, "{sql}");
        assert!(!sql.contains("place") && !sql.contains("many"), "{sql}");
    }

    #[test]
    fn no_name_of_a_column_ends_the_text_it_stands_in() {
        let object = object(&[("a\\'b", "text")]);
        for (engine, literal) in [
            (Engine::Postgres, "SELECT 'a\\''b' AS c"),
            (Engine::MariaDb, "SELECT 'a\\\\''b' AS c"),
        ] {
            let sql = asking_values(engine, &object).unwrap();
            assert!(sql.starts_with(literal), "{sql}");
        }
    }

    #[test]
    fn a_table_of_other_types_is_not_asked() {
        let object = object(&[("place", "point")]);
        assert_eq!(asking_ranges(Engine::Sqlite, &object), None);
        assert_eq!(asking_values(Engine::Sqlite, &object), None);
    }

    #[test]
    fn values_are_told_where_they_are_few_and_short() {
        let many: Vec<String> = (0..=FEW).map(|number| number.to_string()).collect();
        let mut rows: Vec<[Option<&str>; 2]> = many
            .iter()
            .map(|value| [Some("many"), Some(value.as_str())])
            .collect();
        let long = "x".repeat(LONGEST + 1);
        rows.extend([
            [Some("long"), Some(long.as_str())],
            [Some("few"), Some("b")],
            [Some("few"), Some("a")],
        ]);
        let rows: Vec<&[Option<&str>]> = rows.iter().map(<[_; 2]>::as_slice).collect();
        let ranges = lines(&[&[Some("1"), Some("9"), None, None]]);
        let names = ["few".to_owned(), "empty".to_owned()];
        let held = held(&names, Some(ranges), lines(&rows)).columns;
        assert_eq!(held["few"].values, ["a", "b"]);
        assert_eq!(held["few"].range, Some(("1".into(), "9".into())));
        assert!(held["many"].values.is_empty() && held["long"].values.is_empty());
        assert!(!held.contains_key("empty"));
    }

    #[test]
    fn values_of_a_sample_are_told_as_such() {
        for (rows, key) in [(SAMPLE, "values"), (SAMPLE + 1, "sample_values")] {
            let mut described = json!({"columns": [{"name": "n"}]});
            let count = rows.to_string();
            let found = lines(&[&[Some("n"), Some("a")], &[None, Some(&count)]]);
            tell(&mut described, &held(&[], None, found), &Labels::new());
            assert_eq!(described["columns"], json!([{"name": "n", key: ["a"]}]));
        }
    }

    #[test]
    fn a_code_is_told_with_its_label() {
        let mut described = json!({"columns": [{"name": "etat_dau"}, {"name": "other"}]});
        let values = held(
            &[],
            None,
            lines(&[
                &[Some("etat_dau"), Some("2")],
                &[Some("etat_dau"), Some("9")],
            ]),
        );
        let known = labels(lines(&[&[Some("etat_dau"), Some("2"), Some("Autorisé")]]));
        tell(&mut described, &values, &known);
        assert_eq!(
            described["columns"],
            json!([{"name": "etat_dau", "values": ["2", "9"], "labels": {"2": "Autorisé"}}, {"name": "other"}])
        );
    }
}
