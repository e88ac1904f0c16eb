//! The versions of our tables: made, upgraded and told.

pub(crate) mod comments;
mod mariadb;
mod references;
mod shape;

pub use shape::{Column, Reference, Table, table};

use crate::{
    gate::Object,
    store::{Store, StoreError, Transaction, statements},
    url::Engine,
    value::Value,
};

/// Every version and the statements that lead to it from the one before.
const VERSIONS: &[(i64, &str)] = &[(1, include_str!("schema/0001_star.sql"))];

/// The version a database has and the one this program works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaStatus {
    /// The newest version applied; none where the tables were never made.
    pub version: Option<i64>,
    /// The version this program works with.
    pub expected: i64,
}

impl SchemaStatus {
    /// What to do before the database can be used; nothing when the versions agree.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let expected = self.expected;
        match self.version {
            None => {
                Some("the database has no tables of mg-platform: run `mgctl db init`".to_owned())
            }
            Some(version) if version < expected => Some(format!(
                "the database has schema version {version}, this program needs {expected}: run `mgctl db migrate`"
            )),
            Some(version) if version > expected => Some(format!(
                "the database has schema version {version}, this program knows {expected}: update the program"
            )),
            Some(_) => None,
        }
    }
}

/// Whether these are the tables of a database of mg-platform's.
#[must_use]
pub fn is_ours(objects: &[Object]) -> bool {
    let has = |name| objects.iter().any(|object| object.name == name);
    has("source_couverture") && has("schema_version")
}

/// The version this program works with.
#[must_use]
pub fn expected_version() -> i64 {
    VERSIONS.last().map_or(0, |(version, _)| *version)
}

/// Makes the tables in a database that has none of them. `now` is an ISO 8601 time in UTC.
///
/// On MariaDB each table is there for good once it is made: an attempt that was broken off is gone on
/// with, since its tables carry our mark and no version stands in the database yet.
///
/// # Errors
/// [`StoreError::Schema`] when tables of these names are already there.
pub async fn init(store: &Store, now: &str) -> Result<SchemaStatus, StoreError> {
    let mut transaction = store.begin().await?;
    init_in(&mut transaction, store.engine(), now).await?;
    transaction.commit().await?;
    status(store).await
}

/// As [`init`], in a transaction that goes on.
pub(crate) async fn init_in(
    transaction: &mut Transaction,
    engine: Engine,
    now: &str,
) -> Result<(), StoreError> {
    lock(transaction, engine).await?;
    if let Some(version) = version_in(transaction, engine).await? {
        return Err(StoreError::Schema(format!(
            "the tables are already there, at schema version {version}: `mgctl db migrate` upgrades them"
        )));
    }
    refuse_strangers(transaction, engine).await?;
    apply(transaction, VERSIONS, now).await?;
    if engine == Engine::Postgres {
        for comment in comments::statements(&columns()?) {
            transaction.execute(&comment, &[]).await?;
        }
    }
    Ok(())
}

/// Upgrades the tables to the version this program works with; one that has it stays as it is.
///
/// # Errors
/// [`StoreError::Schema`] when the tables were never made or are newer than this program.
pub async fn migrate(store: &Store, now: &str) -> Result<SchemaStatus, StoreError> {
    let engine = store.engine();
    for step in VERSIONS {
        // One transaction a version: what was reached stays.
        let mut transaction = store.begin().await?;
        lock(&mut transaction, engine).await?;
        let version = version_in(&mut transaction, engine).await?;
        let found = SchemaStatus {
            version,
            expected: expected_version(),
        };
        match version {
            Some(version) if version < step.0 => {
                apply(&mut transaction, &[*step], now).await?;
                transaction.commit().await?;
            }
            Some(version) if version <= found.expected => {}
            _ => return Err(StoreError::Schema(found.advice().unwrap_or_default())),
        }
    }
    status(store).await
}

/// Which version the database has.
///
/// # Errors
/// When the database cannot be reached, or its `schema_version` not be read.
pub async fn status(store: &Store) -> Result<SchemaStatus, StoreError> {
    let expected = expected_version();
    if store
        .fetch(version_table(store.engine()), &[])
        .await?
        .is_empty()
    {
        return Ok(SchemaStatus {
            version: None,
            expected,
        });
    }
    let rows = store.fetch(VERSION, &[]).await?;
    let version = rows
        .first()
        .map_or(Ok(None), |row| row.optional_integer(0))?;
    Ok(SchemaStatus { version, expected })
}

const VERSION: &str = "SELECT MAX(version) FROM schema_version";

/// Answers one row where the table of versions is.
fn version_table(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'",
        Engine::Postgres => "SELECT 1 WHERE to_regclass('schema_version') IS NOT NULL",
        Engine::MariaDb => {
            "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'schema_version'"
        }
    }
}

async fn version_in(
    transaction: &mut Transaction,
    engine: Engine,
) -> Result<Option<i64>, StoreError> {
    if transaction
        .fetch(version_table(engine), &[])
        .await?
        .is_empty()
    {
        return Ok(None);
    }
    let rows = transaction.fetch(VERSION, &[]).await?;
    rows.first().map_or(Ok(None), |row| row.optional_integer(0))
}

/// Two programs that upgrade at once: the second waits. A SQLite transaction that writes is alone.
async fn lock(transaction: &mut Transaction, engine: Engine) -> Result<(), StoreError> {
    let lock = match engine {
        Engine::Sqlite => return Ok(()),
        Engine::Postgres => {
            "SELECT CAST(pg_advisory_xact_lock(hashtext('mg-platform schema')) AS TEXT)"
        }
        // Freed by the store when the connection is given back. Names are the server's: ours holds the database's.
        Engine::MariaDb => "SELECT GET_LOCK(CONCAT('mg-platform ', SHA1(DATABASE())), 60)",
    };
    let rows = transaction.fetch(lock, &[]).await?;
    match rows.first().map(|row| row.value(0)) {
        Some(Value::Integer(0)) => Err(StoreError::Busy),
        _ => Ok(()),
    }
}

/// Tables of our names that we did not make are never touched.
async fn refuse_strangers(transaction: &mut Transaction, engine: Engine) -> Result<(), StoreError> {
    let names = match engine {
        Engine::Sqlite => "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')",
        Engine::Postgres => {
            "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind IN ('r', 'p', 'v', 'm', 'f')"
        }
        Engine::MariaDb => mariadb::STRANGERS,
    };
    let rows = transaction.fetch(names, &[]).await?;
    let ours = table_names();
    let strangers: Vec<&str> = rows
        .iter()
        .filter_map(|row| row.text(0).ok())
        .filter(|name| ours.contains(name))
        .collect();
    if strangers.is_empty() {
        return Ok(());
    }
    Err(StoreError::Schema(format!(
        "the database has tables of these names without a schema version ({}): use an empty database or remove them",
        strangers.join(", ")
    )))
}

/// The names of all tables and views of all versions.
fn table_names() -> Vec<&'static str> {
    let name = |line: &'static str| {
        let rest = line
            .strip_prefix("CREATE TABLE ")
            .or_else(|| line.strip_prefix("CREATE VIEW "))?;
        rest.split([' ', '(']).next()
    };
    VERSIONS
        .iter()
        .flat_map(|(_, script)| script.lines().filter_map(name))
        .collect()
}

async fn apply(
    transaction: &mut Transaction,
    versions: &[(i64, &str)],
    now: &str,
) -> Result<(), StoreError> {
    for (version, script) in versions {
        for statement in statements(script) {
            match transaction.engine() {
                Engine::Sqlite | Engine::Postgres => {
                    transaction.execute(&statement, &[]).await?;
                }
                Engine::MariaDb => mariadb::apply(transaction, &statement).await?,
            }
        }
        let row = vec![Value::from(*version), now.into()];
        transaction
            .insert("schema_version", &["version", "applique_le"], &[row])
            .await?;
    }
    Ok(())
}

/// The columns of every table and view, in order, as this program makes them.
///
/// # Errors
/// Never in practice: the tables are made in memory, as the tests do.
pub fn columns() -> Result<Vec<(String, Vec<String>)>, StoreError> {
    described().map_err(|error| StoreError::Schema(error.to_string()))
}

/// The empty tables, in memory.
fn in_memory() -> rusqlite::Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open_in_memory()?;
    for (_, script) in VERSIONS {
        connection.execute_batch(script)?;
    }
    Ok(connection)
}

fn described() -> rusqlite::Result<Vec<(String, Vec<String>)>> {
    let connection = in_memory()?;
    let mut prepared = connection.prepare(
        "SELECT o.name, group_concat(c.name ORDER BY c.cid) FROM sqlite_schema AS o JOIN pragma_table_info(o.name) AS c WHERE o.type IN ('table', 'view') GROUP BY o.rowid ORDER BY o.rowid",
    )?;
    let table = |row: &rusqlite::Row<'_>| {
        let columns: String = row.get(1)?;
        Ok((row.get(0)?, columns.split(',').map(str::to_owned).collect()))
    };
    prepared.query_map([], table)?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_follows_the_one_before() {
        let versions: Vec<i64> = VERSIONS.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (1..=expected_version()).collect::<Vec<_>>());
    }

    #[test]
    fn the_names_found_in_the_script_are_the_tables_it_makes() {
        let columns = columns().unwrap();
        let made: Vec<&str> = columns.iter().map(|(table, _)| table.as_str()).collect();
        assert_eq!(made, table_names());
        assert_eq!(made.len(), 21);
    }

    #[test]
    fn the_permits_have_their_columns_in_order() {
        let columns = columns().unwrap();
        let (_, permits) = columns
            .iter()
            .find(|(table, _)| table == "fact_permis")
            .unwrap();
        assert_eq!(permits[..3], ["type_dau", "num_dau", "fichier"]);
        assert_eq!(permits.last().map(String::as_str), Some("synthetique"));
    }

    #[test]
    fn a_status_says_what_to_run() {
        let advice = |version| {
            SchemaStatus {
                version,
                expected: 3,
            }
            .advice()
            .unwrap_or_default()
        };
        assert!(advice(None).ends_with("`mgctl db init`"));
        assert!(advice(Some(2)).ends_with("`mgctl db migrate`"));
        assert!(advice(Some(4)).ends_with("update the program"));
        assert_eq!(advice(Some(3)), "");
    }
}
