//! Pieces of SQL that stand the same on every engine, or in one way an engine.

use mg_db::Engine;

/// A name between quotes: a column of a spider may be called `date` or `rank`.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', ""))
}

/// Names between quotes and commas.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(quoted).collect();
    names.join(", ")
}

/// Names of a table, by its alias.
pub(super) fn listed_of<'a>(alias: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names = names
        .into_iter()
        .map(|name| format!("{alias}.{}", quoted(name)));
    names.collect::<Vec<_>>().join(", ")
}

/// The rows of two tables that have the same key.
pub(super) fn same_key(one: &str, other: &str, key: &[String]) -> String {
    let equal = |name: &String| {
        let name = quoted(name);
        format!("{one}.{name} = {other}.{name}")
    };
    key.iter().map(equal).collect::<Vec<_>>().join(" AND ")
}

/// Whether a column of two tables differs, an empty one being equal to an empty one.
pub(super) fn differs(engine: Engine, one: &str, other: &str, column: &str) -> String {
    let (one, other) = (
        format!("{one}.{}", quoted(column)),
        format!("{other}.{}", quoted(column)),
    );
    match engine {
        Engine::Sqlite => format!("{one} IS NOT {other}"),
        Engine::Postgres => format!("{one} IS DISTINCT FROM {other}"),
        Engine::MariaDb => format!("NOT ({one} <=> {other})"),
    }
}

/// As many `?` as there are values.
pub(super) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_empty_values_are_equal() {
        assert_eq!(listed(["date", "a\"b"]), "\"date\", \"ab\"");
        assert_eq!(
            same_key("k", "t", &["a".into(), "b".into()]),
            "k.\"a\" = t.\"a\" AND k.\"b\" = t.\"b\""
        );
        assert_eq!(
            differs(Engine::Sqlite, "k", "t", "a"),
            "k.\"a\" IS NOT t.\"a\""
        );
        assert_eq!(
            differs(Engine::MariaDb, "k", "t", "a"),
            "NOT (k.\"a\" <=> t.\"a\")"
        );
    }
}
