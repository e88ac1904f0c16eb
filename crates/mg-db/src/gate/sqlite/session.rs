//! One read-only connection to a SQLite file and the statements it runs.

use std::{mem, path::Path, sync::Arc, time::Duration};

use rusqlite::{
    Connection, OpenFlags, Row, Rows, config::DbConfig, hooks::AuthContext, limits::Limit,
    types::ValueRef,
};
use serde_json::Value as Json;

use super::{
    Deadline,
    authorizer::{authorize, authorize_hiding},
    error::{Failure, WELCOME, row_too_large},
    functions,
    shadow::{Shadow, quoted},
};
use crate::{
    gate::{
        Column, Flow, GateError, Object, RowSink, Statement, StatementFault,
        cell::{Cell, Delivery, real},
    },
    hidden::Hidden,
    sqlite_file,
    value::hexadecimal,
};

/// How long a reader waits for a writer that locks the whole file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);
/// Virtual machine steps between two looks at the deadline.
const STEPS: i32 = 200;
/// What all connections of the process may allocate together: a sort that grows without end stops here.
const HEAP_BYTES: i64 = 256 << 20;

/// Changes whenever a table or view does.
const SCHEMA_VERSION: &str = "PRAGMA schema_version";

/// An open connection and the file that stood at the path when it was opened.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: Connection,
    hidden: Arc<Hidden>,
    /// Where statements are checked first; made by the first one, where anything is hidden.
    shadow: Option<Shadow>,
    /// The most that one row may take.
    row_bytes: usize,
    pub(super) file: u64,
    /// Whether statements may be tried where the call is.
    pub(super) may_glance: bool,
}

impl Session {
    /// Opens the file for reading. The authorizer comes last: it would refuse the set-up.
    pub(super) fn open(
        path: &Path,
        file: u64,
        row_bytes: usize,
        hidden: Arc<Hidden>,
    ) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "query_only", true)?;
        harden(&connection)?;
        functions::register(&connection, row_bytes)?;
        connect_modules(&connection)?;
        if hidden.is_empty() {
            connection.authorizer(Some(authorize))?;
        } else {
            let hidden = hidden.clone();
            connection.authorizer(Some(move |context: AuthContext<'_>| {
                authorize_hiding(&hidden, context)
            }))?;
        }
        let session = Self {
            connection,
            hidden,
            shadow: None,
            row_bytes,
            file,
            may_glance: sqlite_file::is_local(path),
        };
        session.limit(BUSY_TIMEOUT)?;
        Ok(session)
    }

    /// Runs one statement of a caller to its end, its deadline or the sink's.
    pub(super) fn read<S: RowSink>(
        &mut self,
        statement: &Statement,
        deadline: &Arc<Deadline>,
        delivery: &mut Delivery<S>,
    ) -> Result<(), Failure> {
        if self.hidden.is_empty() {
            return self.run(statement, deadline, delivery);
        }
        watch(&self.connection, deadline)?;
        // Open until the statement has run: one read transaction, so that what is checked is what runs.
        let mut version = self.connection.prepare(SCHEMA_VERSION)?;
        let mut snapshot = version.raw_query();
        let version = schema_version(&mut snapshot)?;
        let shadow = current(&mut self.shadow, &self.connection, version, &self.hidden)?;
        watch(shadow.connection(), deadline)?;
        shadow.admit(&statement.sql)?;
        self.run(statement, deadline, delivery)
    }

    /// Works with no larger row and no larger value than `bytes`, waiting so long for a writer.
    pub(super) fn bounded<T>(
        &mut self,
        bytes: usize,
        wait: Duration,
        work: impl FnOnce(&mut Self) -> T,
    ) -> rusqlite::Result<T> {
        let usual = mem::replace(&mut self.row_bytes, bytes);
        let done = self.limit(wait).map(|()| work(self));
        self.row_bytes = usual;
        self.limit(BUSY_TIMEOUT)?;
        done
    }

    fn limit(&self, wait: Duration) -> rusqlite::Result<()> {
        let bytes = i32::try_from(self.row_bytes).unwrap_or(i32::MAX);
        self.connection
            .set_limit(Limit::SQLITE_LIMIT_LENGTH, bytes)?;
        self.connection.busy_timeout(wait)
    }

    /// The objects by the columns that a caller may read; those without any are left out.
    pub(super) fn shown(
        &mut self,
        objects: Vec<Object>,
        deadline: &Arc<Deadline>,
    ) -> Result<Vec<Object>, Failure> {
        watch(&self.connection, deadline)?;
        let mut version = self.connection.prepare(SCHEMA_VERSION)?;
        let version = schema_version(&mut version.raw_query())?;
        let shadow = current(&mut self.shadow, &self.connection, version, &self.hidden)?;
        watch(shadow.connection(), deadline)?;
        Ok((objects.into_iter())
            .filter_map(|object| shadow.shown(object))
            .collect())
    }

    /// The names of tables and views.
    pub(super) fn names(&self, deadline: &Arc<Deadline>) -> Result<Vec<String>, Failure> {
        watch(&self.connection, deadline)?;
        let mut names = self.connection.prepare(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name",
        )?;
        let names = names.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// Runs one statement that needs no check for hidden columns.
    pub(super) fn run<S: RowSink>(
        &self,
        statement: &Statement,
        deadline: &Arc<Deadline>,
        delivery: &mut Delivery<S>,
    ) -> Result<(), Failure> {
        watch(&self.connection, deadline)?;
        let mut prepared = self.connection.prepare(&statement.sql)?;
        // REINDEX of nothing passes the authorizer, which has nothing to be asked about.
        if !prepared.readonly() || prepared.column_count() == 0 {
            return Err(Failure::Told(GateError::Refused(WELCOME.to_owned())));
        }
        bind(&mut prepared, &statement.params)?;
        let declared = declared_columns(&prepared);
        let mut rows = prepared.raw_query();
        let mut owned = Vec::with_capacity(declared.len());
        let mut row = next(&mut rows, self.row_bytes)?;
        delivery.columns(&typed_columns(declared, row));
        while let Some(current) = row {
            if deliver(current, &mut owned, delivery)? == Flow::Full {
                break;
            }
            row = next(&mut rows, self.row_bytes)?;
        }
        Ok(())
    }
}

/// What every connection that compiles a caller's text is set to.
pub(super) fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "hard_heap_limit", HEAP_BYTES)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200)?;
    Ok(())
}

/// Has the modules of virtual tables (R-trees of maps) prepare what they will need, writing included, which the authorizer
/// would refuse. They never write: the file is open for reading.
pub(super) fn connect_modules(connection: &Connection) -> rusqlite::Result<()> {
    let mut names = connection
        .prepare("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")?;
    for name in names.query_map([], |row| row.get::<_, String>(0))? {
        let sql = format!("SELECT 1 FROM {}", quoted(&name?));
        if let Err(error) = connection.prepare(&sql) {
            tracing::debug!(%error, "a virtual table cannot be read");
        }
    }
    Ok(())
}

/// Lets the deadline stop what the connection does, and no longer that of the call before.
fn watch(connection: &Connection, deadline: &Arc<Deadline>) -> rusqlite::Result<()> {
    let watched = deadline.clone();
    connection.progress_handler(STEPS, Some(move || watched.is_over()))
}

fn schema_version(snapshot: &mut Rows<'_>) -> rusqlite::Result<i64> {
    match snapshot.next()? {
        Some(row) => row.get(0),
        None => Ok(0),
    }
}

/// The shadow of the schema as it is now.
fn current<'a>(
    shadow: &'a mut Option<Shadow>,
    file: &Connection,
    version: i64,
    hidden: &Hidden,
) -> rusqlite::Result<&'a Shadow> {
    let shadow_now = match shadow.take().filter(|made| made.version == version) {
        Some(made) => made,
        None => Shadow::of(file, version, hidden)?,
    };
    Ok(shadow.insert(shadow_now))
}

/// Binds parameters in order; their number has to be the statement's.
fn bind(prepared: &mut rusqlite::Statement<'_>, params: &[Json]) -> Result<(), Failure> {
    let wanted = prepared.parameter_count();
    if wanted != params.len() {
        let fault = StatementFault::parameters(wanted, params.len());
        return Err(Failure::Told(GateError::Statement(fault)));
    }
    for (index, value) in params.iter().enumerate() {
        let index = index + 1;
        match value {
            Json::Null => prepared.raw_bind_parameter(index, rusqlite::types::Null),
            Json::Bool(value) => prepared.raw_bind_parameter(index, value),
            Json::String(value) => prepared.raw_bind_parameter(index, value),
            Json::Number(value) => match value.as_i64() {
                Some(value) => prepared.raw_bind_parameter(index, value),
                None => prepared.raw_bind_parameter(index, value.as_f64()),
            },
            other => prepared.raw_bind_parameter(index, other.to_string()),
        }?;
    }
    Ok(())
}

fn declared_columns(prepared: &rusqlite::Statement<'_>) -> Vec<Column> {
    let column = |column: &rusqlite::Column<'_>| Column {
        name: column.name().to_owned(),
        r#type: column.decl_type().unwrap_or_default().to_ascii_lowercase(),
    };
    prepared.columns().iter().map(column).collect()
}

/// An expression has no declared type: the first row's value tells one.
fn typed_columns(mut columns: Vec<Column>, first: Option<&Row<'_>>) -> Vec<Column> {
    for (index, column) in columns
        .iter_mut()
        .enumerate()
        .filter(|(_, column)| column.r#type.is_empty())
    {
        let value = first.and_then(|row| row.get_ref(index).ok());
        column.r#type = match value {
            Some(value) => value.data_type().to_string().to_ascii_lowercase(),
            None => "any".to_owned(),
        };
    }
    columns
}

/// The next row, of at most so many bytes. The engine makes a value (the zeros of a `zeroblob`) only when it is looked at:
/// nobody looks at those behind one that is too much.
fn next<'a>(rows: &'a mut Rows<'_>, most: usize) -> Result<Option<&'a Row<'a>>, Failure> {
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let mut bytes = 0;
    for index in 0..row.as_ref().column_count() {
        bytes += match row.get_ref(index)? {
            ValueRef::Text(value) | ValueRef::Blob(value) => value.len(),
            _ => size_of::<i64>(),
        };
        if bytes > most {
            return Err(Failure::Told(row_too_large(most)));
        }
    }
    Ok(Some(row))
}

/// Gives one row to the sink; `owned` is room for the texts that had to be written out.
fn deliver<S: RowSink>(
    row: &Row<'_>,
    owned: &mut Vec<Option<String>>,
    delivery: &mut Delivery<S>,
) -> rusqlite::Result<Flow> {
    let count = row.as_ref().column_count();
    owned.clear();
    for index in 0..count {
        owned.push(written_out(row.get_ref(index)?));
    }
    let mut cells = Vec::with_capacity(count);
    for (index, text) in owned.iter().enumerate() {
        cells.push(match (text, row.get_ref(index)?) {
            (Some(text), _) => Cell::Text(text),
            (None, ValueRef::Integer(value)) => Cell::Integer(value),
            (None, ValueRef::Real(value)) => real(value),
            (None, ValueRef::Text(text)) => {
                Cell::Text(std::str::from_utf8(text).unwrap_or_default())
            }
            (None, ValueRef::Null | ValueRef::Blob(_)) => Cell::Null,
        });
    }
    Ok(delivery.row(&cells))
}

/// The text of a value that is no text as it stands: bytes, and text that is not UTF-8.
fn written_out(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Blob(bytes) => Some(hexadecimal(bytes)),
        ValueRef::Text(text) if std::str::from_utf8(text).is_err() => {
            Some(String::from_utf8_lossy(text).into_owned())
        }
        _ => None,
    }
}
