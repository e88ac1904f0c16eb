//! What viewers see of a spider's own table: nothing, or a view without its personal fields.
//!
//! The tables themselves are never theirs: on SQLite the gate withholds them by their names, on PostgreSQL and MariaDB
//! nobody is granted them. The view's name is the table's behind `v_`, as that of `v_permis_public`.

use mg_core::{Role, Settings};
use mg_db::{
    DatabaseUrl, Engine,
    store::{Store, StoreError},
};
use secrecy::ExposeSecret;

use super::{
    ddl,
    shape::Shape,
    sql::{listed, quoted},
};

/// Bookkeeping that says where a row came from and when.
const SHOWN: [&str; 4] = ["_source_url", "_fetched_at", "_first_seen", "_last_seen"];

/// The login that viewers read with, on engines that have logins.
pub(super) fn reader(settings: &Settings) -> Option<String> {
    let url = settings.file.database.url.as_ref()?;
    DatabaseUrl::parse(url.expose_secret()).ok()?.login()
}

/// Makes the view of a table that viewers may read, or removes it. Answers what the operator has to do.
pub(super) async fn publish(
    store: &Store,
    shape: &Shape,
    visible_to: Role,
    reader: Option<&str>,
) -> Result<Option<String>, StoreError> {
    let view = format!("v_{}", shape.table);
    if visible_to > Role::Viewer {
        ddl::run(store, &format!("DROP VIEW IF EXISTS {view}")).await?;
        return Ok(None);
    }
    make(store, shape, &view).await?;
    match (store.engine(), reader) {
        (Engine::Postgres, Some(reader)) => {
            ddl::run(
                store,
                &format!("GRANT SELECT ON {view} TO {}", quoted(reader)),
            )
            .await?;
            Ok(None)
        }
        (Engine::MariaDb, _) => Ok(Some(format!(
            "viewers read {view} once their account may: `mgctl db grants` prints the statement"
        ))),
        _ => Ok(None),
    }
}

/// `CREATE OR REPLACE` where the engine has it; where the columns are no longer those of before, the view is made anew.
async fn make(store: &Store, shape: &Shape, view: &str) -> Result<(), StoreError> {
    let fields = shape.columns.iter().filter(|column| !column.personal);
    let columns = listed(fields.map(|column| column.name.as_str()).chain(SHOWN));
    let body = format!("{view} AS SELECT {columns} FROM {}", shape.table);
    if store.engine() != Engine::Sqlite {
        let replaced = ddl::run(store, &format!("CREATE OR REPLACE VIEW {body}")).await;
        if !matches!(replaced, Err(StoreError::Statement { .. })) {
            return replaced;
        }
    }
    ddl::run(store, &format!("DROP VIEW IF EXISTS {view}")).await?;
    ddl::run(store, &format!("CREATE VIEW {body}")).await
}
