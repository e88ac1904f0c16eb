//! The SQL that makes two least-privilege accounts: one that reads, one that writes.

use crate::{
    hidden::HiddenColumn,
    quoting::quoted,
    schema,
    store::{Store, StoreError},
    url::Engine,
};

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
        Engine::Postgres => Ok(postgres_reader(reader, hidden)? + &postgres_writer(writer)),
        Engine::MariaDb => Ok(mariadb_reader(reader, hidden)? + &mariadb_writer(writer)),
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
        Engine::MariaDb => mariadb_reader(reader, hidden),
    }
}

/// The rights of `reader` on what spiders show to viewers: the views `v_web_…` that are in the database now.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_spiders(store: &Store, reader: &str) -> Result<String, StoreError> {
    let (views, role) = match store.engine() {
        Engine::Sqlite => return Ok(String::new()),
        Engine::Postgres => (
            "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind = 'v' AND relname LIKE 'v\\_web\\_%' ORDER BY 1",
            quoted(reader),
        ),
        Engine::MariaDb => (
            "SELECT table_name FROM information_schema.views WHERE table_schema = DATABASE() AND table_name LIKE 'v\\_web\\_%' ORDER BY 1",
            mariadb_user(reader),
        ),
    };
    let rows = store.fetch(views, &[]).await?;
    let lines = rows
        .iter()
        .map(|row| Ok(format!("GRANT SELECT ON {} TO {role};", row.text(0)?)));
    let lines: Vec<String> = lines.collect::<Result<_, StoreError>>()?;
    if lines.is_empty() {
        return Ok(String::new());
    }
    Ok(format!(
        "\n-- What spiders show to viewers\n{}\n",
        lines.join("\n")
    ))
}

/// What a table shows of itself to the reader.
enum Shown {
    Whole,
    /// The columns that are not hidden, between commas.
    Columns(String),
    Nothing,
}

/// Every table and view, and what the reader sees of it.
fn shown(hidden: &[HiddenColumn]) -> Result<Vec<(String, Shown)>, StoreError> {
    let of = |(table, columns): (String, Vec<String>)| {
        let shown: Vec<&str> = columns
            .iter()
            .map(String::as_str)
            .filter(|column| !hidden.iter().any(|hidden| hidden.covers(&table, column)))
            .collect();
        let shown = match shown.len() {
            0 => Shown::Nothing,
            all if all == columns.len() => Shown::Whole,
            _ => Shown::Columns(shown.join(", ")),
        };
        (table, shown)
    };
    Ok(schema::columns()?.into_iter().map(of).collect())
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
    for (table, shown) in shown(hidden)? {
        lines.push(match shown {
            Shown::Nothing => format!("REVOKE SELECT ON {table} FROM {role};"),
            Shown::Whole => format!("GRANT SELECT ON {table} TO {role};"),
            Shown::Columns(columns) => format!("GRANT SELECT ({columns}) ON {table} TO {role};"),
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

/// A grant adds to what is there: what is hidden is simply not granted.
fn mariadb_reader(reader: &str, hidden: &[HiddenColumn]) -> Result<String, StoreError> {
    let mut lines = vec![
        "-- Run in the database of mg-platform (USE …) as an administrator, after `mgctl db init`.".to_owned(),
        "-- '%' is any host: write the one that the servers run on instead. An account that had more rights".to_owned(),
        "-- keeps them: begin with a new one.".to_owned(),
    ];
    lines.extend(mariadb_account(reader, "reads: MG_DATABASE_URL"));
    let role = mariadb_user(reader);
    for (table, shown) in shown(hidden)? {
        lines.push(match shown {
            Shown::Nothing => format!("-- {table} is hidden"),
            Shown::Whole => format!("GRANT SELECT ON {table} TO {role};"),
            Shown::Columns(columns) => format!("GRANT SELECT ({columns}) ON {table} TO {role};"),
        });
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

/// `ON *` is the database in use.
fn mariadb_writer(writer: &str) -> String {
    let [heading, made] = mariadb_account(writer, "writes: MG_DATABASE_WRITE_URL");
    let role = mariadb_user(writer);
    format!(
        "{heading}\n{made}\nGRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW ON * TO {role};\n"
    )
}

fn mariadb_user(login: &str) -> String {
    format!("{}@'%'", literal(login).replace('\\', "\\\\"))
}

fn mariadb_account(login: &str, purpose: &str) -> [String; 2] {
    [
        format!("\n-- The account that {purpose}"),
        format!("-- CREATE USER {} IDENTIFIED BY '…';", mariadb_user(login)),
    ]
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
    fn mariadbs_reader_is_granted_no_hidden_column() {
        let sql = grants(Engine::MariaDb, "mg_reader", "o'r\\x", &defaults()).unwrap();
        let line = sql
            .lines()
            .find(|line| line.contains("ON fact_permis TO 'mg_reader'@'%';"))
            .unwrap();
        assert!(line.starts_with("GRANT SELECT (type_dau, fichier, comm,"));
        assert!(!line.contains("num_dau") && !line.contains("denom_dem"));
        assert!(sql.contains("GRANT SELECT ON v_permis_public TO 'mg_reader'@'%';"));
        assert!(sql.contains("ON * TO 'o''r\\\\x'@'%';"), "{sql}");
    }

    #[test]
    fn sqlite_is_told_to_have_no_accounts() {
        let sql = grants(Engine::Sqlite, "r", "w", &defaults()).unwrap();
        assert!(sql.lines().all(|line| line.starts_with("--")));
    }
}
