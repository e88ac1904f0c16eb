//! Many rows at once: `COPY … FROM STDIN`, the quickest way into PostgreSQL.

use sqlx::PgConnection;

use crate::{store::StoreError, value::Value};

/// Bytes sent at once.
const CHUNK: usize = 256 << 10;

pub(in crate::store) async fn insert(
    connection: &mut PgConnection,
    table: &str,
    columns: &[&str],
    rows: &[Vec<Value>],
) -> Result<(), StoreError> {
    let sql = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
    let mut copy = connection.copy_in_raw(&sql).await?;
    let mut text = String::with_capacity(CHUNK + 4096);
    for row in rows {
        write_row(&mut text, row);
        if text.len() >= CHUNK {
            copy.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copy.send(text.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// One line of COPY's text format.
fn write_row(out: &mut String, row: &[Value]) {
    use std::fmt::Write;
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            out.push('\t');
        }
        // Writing to a String cannot fail.
        let _ = match value {
            Value::Null => write!(out, "\\N"),
            Value::Integer(value) => write!(out, "{value}"),
            Value::Real(value) => write!(out, "{value}"),
            Value::Decimal(value) => write!(out, "{value}"),
            Value::Text(text) => {
                write_escaped(out, text);
                Ok(())
            }
        };
    }
    out.push('\n');
}

fn write_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_nulls_and_escapes() {
        let mut line = String::new();
        write_row(
            &mut line,
            &[Value::Null, 7.into(), "a\tb\\N\nc".into(), "".into()],
        );
        assert_eq!(line, "\\N\t7\ta\\tb\\\\N\\nc\t\n");
    }
}
