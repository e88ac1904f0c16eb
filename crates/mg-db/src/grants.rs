//! The SQL that makes two least-privilege accounts: one that reads, one that writes.

use crate::{hidden::HiddenColumn, schema, store::StoreError, url::Engine};

/// The statements an administrator runs once for the accounts `reader` and `writer`; the reader
/// sees a table with hidden columns by its other columns only.
///
/// # Errors
/// As [`schema::columns`].
pub fn grants(
    engine: Engine,
    reader: &str,
    writer: &str,
    hidden: &[HiddenColumn],
) -> Result<String, StoreError> {
    match engine {
        Engine::Sqlite => Ok(
            "-- SQLite has no accounts: nothing to grant. The servers withhold sql.hidden from viewers;\n-- whoever may read the file itself reads all of it: set its permissions accordingly.\n"
                .to_owned(),
        ),
        Engine::Postgres => {
            Ok(reading(engine, reader, hidden)? + &postgres_writer(writer))
        }
    }
}

/// The part of [`grants`] that makes the account that reads.
///
/// # Errors
/// As [`grants`].
pub fn reading(
    engine: Engine,
    reader: &str,
    hidden: &[HiddenColumn],
) -> Result<String, StoreError> {
    match engine {
        Engine::Sqlite => grants(engine, reader, "", hidden),
        Engine::Postgres => postgres_reader(reader, hidden),
    }
}

fn postgres_reader(reader: &str, hidden: &[HiddenColumn]) -> Result<String, StoreError> {
    let mut lines = vec![
        "-- Run in the database of mg-platform as its owner, after `mgctl db init`.".to_owned(),
        "-- Tables in another schema than public: write its name instead.".to_owned(),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;".to_owned(),
    ];
    lines.extend(account(reader, "reads: MG_DATABASE_URL", "USAGE"));
    let role = quoted(reader);
    lines.push(format!(
        "ALTER ROLE {role} SET default_transaction_read_only = on;"
    ));
    for (table, columns) in schema::columns()? {
        let shown: Vec<&str> = columns
            .iter()
            .map(String::as_str)
            .filter(|column| !hidden.iter().any(|hidden| hidden.covers(&table, column)))
            .collect();
        lines.push(match shown.len() {
            0 => format!("REVOKE SELECT ON {table} FROM {role};"),
            all if all == columns.len() => format!("GRANT SELECT ON {table} TO {role};"),
            _ => format!("GRANT SELECT ({}) ON {table} TO {role};", shown.join(", ")),
        });
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

fn postgres_writer(writer: &str) -> String {
    let mut lines = account(writer, "writes: MG_DATABASE_WRITE_URL", "USAGE, CREATE").to_vec();
    lines.push(format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {};",
        quoted(writer)
    ));
    lines.push(String::new());
    lines.join("\n")
}

fn account(login: &str, purpose: &str, schema_rights: &str) -> [String; 4] {
    let role = quoted(login);
    [
        format!("\n-- The account that {purpose}"),
        format!("-- CREATE ROLE {role} LOGIN PASSWORD '…';"),
        format!(
            "DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), {}); END $$;",
            literal(login)
        ),
        format!("GRANT {schema_rights} ON SCHEMA public TO {role};"),
    ]
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hidden::defaults;

    #[test]
    fn the_reader_is_granted_no_hidden_column() {
        let sql = grants(Engine::Postgres, "mg_reader", "mg_writer", &defaults()).unwrap();
        let line = sql
            .lines()
            .find(|line| line.contains("ON fact_permis TO"))
            .unwrap();
        assert!(
            line.starts_with("GRANT SELECT (type_dau, fichier, comm,"),
            "{line}"
        );
        for hidden in [
            "num_dau",
            "denom_dem",
            "adr_",
            "cadastre",
            "superficie_terrain",
        ] {
            assert!(!line.contains(hidden), "{hidden}");
        }
        assert!(sql.contains("GRANT SELECT ON v_permis_public TO \"mg_reader\";"));
        assert!(!sql.contains("pg_read_all_data"));
    }

    #[test]
    fn the_reading_part_makes_no_account_that_writes() {
        let all = grants(Engine::Postgres, "mg_reader", "mg_writer", &defaults()).unwrap();
        let part = reading(Engine::Postgres, "mg_reader", &defaults()).unwrap();
        assert!(all.starts_with(&part) && part.len() < all.len());
        assert!(
            !part.contains("INSERT") && !part.contains("mg_writer"),
            "{part}"
        );
    }

    #[test]
    fn names_are_quoted() {
        let sql = grants(Engine::Postgres, "o'r\"x", "w", &[]).unwrap();
        assert!(
            sql.contains("'o''r\"x'") && sql.contains("TO \"o'r\"\"x\""),
            "{sql}"
        );
        assert!(sql.contains("GRANT SELECT ON fact_permis TO"));
    }

    #[test]
    fn sqlite_is_told_to_have_no_accounts() {
        let sql = grants(Engine::Sqlite, "r", "w", &defaults()).unwrap();
        assert!(sql.lines().all(|line| line.starts_with("--")));
    }
}
