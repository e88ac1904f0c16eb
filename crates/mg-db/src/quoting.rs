//! Names as SQL writes them.

/// A name in double quotes, as PostgreSQL and SQLite read it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
