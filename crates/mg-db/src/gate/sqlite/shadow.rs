//! The schema without its rows: where a caller's statement shows what it touches before it runs.
//!
//! SQLite has no accounts. Its authorizer is asked about columns, but it knows a reading view by its
//! name alone, which a CTE can borrow, and it is never asked about columns that `NATURAL JOIN` and
//! `USING` compare. So statements are compiled here first, in an empty database in memory where
//! - a trusted view shows columns of an empty table: reading it touches nothing hidden;
//! - a hidden column is refused to everyone, views included;
//! - and it is generated from itself, which the engine does not compile, asked about it or not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{
    Connection, Error,
    hooks::{AuthAction, AuthContext, Authorization},
};

use super::{
    authorizer::{authorize, shows_pages},
    error::{Failure, message},
    session::{connect_modules, harden},
};
use crate::{
    gate::{GateError, Object},
    hidden::Hidden,
    url::Engine,
};

/// An empty database with the tables and views of a file, as callers may use them.
#[derive(Debug)]
pub(super) struct Shadow {
    connection: Connection,
    /// The version of the file's schema that it was made from.
    pub(super) version: i64,
    withheld: Arc<Withheld>,
    /// What the authorizer refused last: a table and its column.
    refused: Arc<Mutex<Option<(String, String)>>>,
}

/// The columns of this schema that are refused, in lower case: `*` is every column.
#[derive(Debug, Default)]
struct Withheld(BTreeMap<String, BTreeSet<String>>);

/// A column as SQLite lists it.
struct Listed {
    name: String,
    generated: bool,
}

impl Shadow {
    /// The shadow of a file's schema at `version`. What cannot be made here is not there for callers.
    pub(super) fn of(file: &Connection, version: i64, hidden: &Hidden) -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        harden(&connection)?;
        let mut withheld = Withheld::default();
        for (kind, name, sql) in schema_of(file)? {
            let made = match kind.as_str() {
                "table" => make_table(&connection, file, &name, &sql, hidden, &mut withheld),
                "view" => make_view(&connection, &name, &sql, hidden, &mut withheld),
                _ => connection.execute(&sql, []).map(drop),
            };
            // A statement that needs what could not be made is refused with its name.
            if let Err(error) = made {
                tracing::debug!(%name, %error, "not made for callers");
            }
        }
        connect_modules(&connection)?;
        let (withheld, refused) = (Arc::new(withheld), Arc::default());
        let (asked, noted) = (Arc::clone(&withheld), Arc::clone(&refused));
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            authorize_shadow(&asked, &noted, context)
        }))?;
        Ok(Self {
            connection,
            version,
            withheld,
            refused,
        })
    }

    /// The empty database itself.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Compiles a statement: an error for one that touches what is hidden, and for one that the
    /// engine does not understand.
    pub(super) fn admit(&self, sql: &str) -> Result<(), Failure> {
        note(&self.refused, None);
        let Err(error) = self.connection.prepare(sql) else {
            return Ok(());
        };
        let refused = note(&self.refused, None).or_else(|| self.compared(&error));
        match refused {
            Some((table, column)) => Err(Failure::Told(GateError::Denied {
                table,
                column: Some(column).filter(|column| !column.is_empty()),
            })),
            None => Err(error.into()),
        }
    }

    /// The hidden column whose value a join needs, by the engine's complaint.
    fn compared(&self, error: &Error) -> Option<(String, String)> {
        let message = message(error);
        let column = message.strip_prefix("generated column loop on \"")?;
        let column = column.strip_suffix('"')?;
        let table = self.withheld.table_of(column)?;
        Some((table.to_owned(), column.to_owned()))
    }

    /// The object by the columns that a caller may read; `None` without any.
    pub(super) fn shown(&self, mut object: Object) -> Option<Object> {
        let table = quoted(&object.name);
        if self.admit(&format!("SELECT * FROM {table}")).is_ok() {
            return Some(object);
        }
        object.columns.retain(|column| {
            let column = quoted(&column.name);
            (self.admit(&format!("SELECT {table}.{column} FROM {table}"))).is_ok()
        });
        (!object.columns.is_empty()).then_some(object)
    }
}

impl Withheld {
    fn refuses(&self, table: &str, column: &str) -> bool {
        shows_pages(table)
            || self.0.get(&table.to_ascii_lowercase()).is_some_and(|them| {
                them.contains("*") || them.contains(&column.to_ascii_lowercase())
            })
    }

    fn table_of(&self, column: &str) -> Option<&str> {
        let column = column.to_ascii_lowercase();
        let mut tables = self.0.iter().filter(|(_, them)| them.contains(&column));
        tables.next().map(|(table, _)| table.as_str())
    }
}

fn authorize_shadow(
    withheld: &Withheld,
    refused: &Mutex<Option<(String, String)>>,
    context: AuthContext<'_>,
) -> Authorization {
    if let AuthAction::Read {
        table_name,
        column_name,
    } = context.action
        && withheld.refuses(table_name, column_name)
    {
        note(refused, Some((table_name.into(), column_name.into())));
        return Authorization::Deny;
    }
    authorize(context)
}

/// Notes what was refused; gives what was noted before.
fn note(
    refused: &Mutex<Option<(String, String)>>,
    what: Option<(String, String)>,
) -> Option<(String, String)> {
    let mut noted = refused.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut *noted, what)
}

/// Kind, name and SQL of what a file holds: tables, then views, then indexes.
fn schema_of(file: &Connection) -> rusqlite::Result<Vec<(String, String, String)>> {
    let sql = "SELECT type, name, sql FROM sqlite_schema \
        WHERE type IN ('table', 'view', 'index') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql IS NOT NULL \
        ORDER BY type = 'index', type = 'view', rowid";
    let mut statement = file.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Listed>> {
    let mut statement =
        connection.prepare("SELECT name, hidden IN (2, 3) FROM pragma_table_xinfo(?1)")?;
    let rows = statement.query_map([table], |row| {
        Ok(Listed {
            name: row.get(0)?,
            generated: row.get(1)?,
        })
    })?;
    rows.collect()
}

/// A table as it is, or by its columns where some are hidden.
fn make_table(
    shadow: &Connection,
    file: &Connection,
    name: &str,
    sql: &str,
    hidden: &Hidden,
    withheld: &mut Withheld,
) -> rusqlite::Result<()> {
    let columns = columns_of(file, name)?;
    if columns
        .iter()
        .any(|column| hidden.covers(name, &column.name))
    {
        if is_virtual(sql) {
            return withhold_module(shadow, file, name, columns, withheld);
        }
        return make_withholding(shadow, name, &columns, hidden, withheld);
    }
    // What a module of another program keeps is known by its columns alone.
    match shadow.execute(sql, []) {
        Err(_) => make_plain(shadow, name, &columns),
        Ok(_) => Ok(()),
    }
}

/// Whether a module keeps the table, such as full-text search.
fn is_virtual(sql: &str) -> bool {
    let mut words = sql.split_ascii_whitespace().skip(1);
    (words.next()).is_some_and(|word| word.eq_ignore_ascii_case("virtual"))
}

/// A module's table of which a column is hidden is refused whole, with the tables that the module keeps for it: its
/// functions (`highlight`, `MATCH`) reach every column, and those tables hold them under other names.
fn withhold_module(
    shadow: &Connection,
    file: &Connection,
    name: &str,
    mut columns: Vec<Listed>,
    withheld: &mut Withheld,
) -> rusqlite::Result<()> {
    let mut kept = file.prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow' \
         AND lower(substr(name, 1, length(?1) + 1)) = lower(?1) || '_'",
    )?;
    let kept = kept.query_map([name], |row| row.get::<_, String>(0))?;
    for table in kept.chain([Ok(name.to_owned())]) {
        let all = BTreeSet::from(["*".to_owned()]);
        withheld.0.insert(table?.to_ascii_lowercase(), all);
    }
    // What a module's functions are given is a column that has the table's name.
    if !(columns.iter()).any(|column| column.name.eq_ignore_ascii_case(name)) {
        columns.push(Listed {
            name: name.to_owned(),
            generated: false,
        });
    }
    make_plain(shadow, name, &columns)
}

/// A view as it is; a trusted one shows an empty table, and one with hidden columns becomes a table.
fn make_view(
    shadow: &Connection,
    name: &str,
    sql: &str,
    hidden: &Hidden,
    withheld: &mut Withheld,
) -> rusqlite::Result<()> {
    shadow.execute(sql, [])?;
    let view = quoted(name);
    let trusted = hidden.trusts(name);
    // Not to be read, but not needed either: what it would be shows when it is used.
    let columns = match columns_of(shadow, name) {
        Err(_) if !trusted => return Ok(()),
        columns => columns.unwrap_or_default(),
    };
    let conceals = columns
        .iter()
        .any(|column| hidden.covers(name, &column.name));
    if !trusted && !conceals {
        return Ok(());
    }
    shadow.execute(&format!("DROP VIEW {view}"), [])?;
    if conceals {
        return make_withholding(shadow, name, &columns, hidden, withheld);
    }
    let stand_in = format!("stand-in of {name}");
    make_plain(shadow, &stand_in, &columns)?;
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let (names, stand_in) = (names.join(", "), quoted(&stand_in));
    (shadow.execute(
        &format!("CREATE VIEW {view} AS SELECT {names} FROM {stand_in}"),
        [],
    ))
    .map(drop)
}

/// A table some of whose columns are refused: the hidden ones, what the file generates, perhaps from
/// them, and the row's number, which may be another name of one.
fn make_withholding(
    shadow: &Connection,
    name: &str,
    columns: &[Listed],
    hidden: &Hidden,
    withheld: &mut Withheld,
) -> rusqlite::Result<()> {
    let (refused, shown): (Vec<&Listed>, Vec<&Listed>) =
        (columns.iter()).partition(|column| column.generated || hidden.covers(name, &column.name));
    let mut refusals: BTreeSet<String> = (refused.iter())
        .map(|column| column.name.to_ascii_lowercase())
        .collect();
    refusals.insert("rowid".to_owned());
    if shown.is_empty() {
        refusals.insert("*".to_owned());
    }
    withheld.0.insert(name.to_ascii_lowercase(), refusals);
    let mut listed: Vec<String> = shown.iter().map(|column| quoted(&column.name)).collect();
    if listed.is_empty() {
        listed.push("\"a table needs one\"".to_owned());
    }
    create(shadow, name, &listed)?;
    for column in refused {
        let (table, column) = (quoted(name), quoted(&column.name));
        // CREATE TABLE compiles what it generates and finds the loop; ADD COLUMN does not look.
        let sql = format!("ALTER TABLE {table} ADD COLUMN {column} AS ({column})");
        shadow.execute(&sql, [])?;
    }
    Ok(())
}

fn make_plain(shadow: &Connection, name: &str, columns: &[Listed]) -> rusqlite::Result<()> {
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    create(shadow, name, &names)
}

fn create(shadow: &Connection, name: &str, columns: &[String]) -> rusqlite::Result<()> {
    let sql = format!("CREATE TABLE {} ({})", quoted(name), columns.join(", "));
    shadow.execute(&sql, []).map(drop)
}

/// A name as it stands in a statement.
pub(super) fn quoted(name: &str) -> String {
    Engine::Sqlite.quoted(name)
}
