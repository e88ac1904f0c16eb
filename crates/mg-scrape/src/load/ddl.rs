//! Makes and drops the tables of a load: those that rows are staged in, and those of spiders' own.

use mg_db::{
    Engine,
    store::{Store, StoreError},
};

use super::{
    shape::{BOOKKEEPING, Shape},
    sql::{listed, quoted},
};

/// The names of the two tables in which the rows for one target wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    /// Every row, by page and number.
    pub(super) staged: String,
    /// The newest row of each key.
    pub(super) keyed: String,
}

impl Names {
    /// For a target of a run. Engines take names of 63 characters: the spider's is cut.
    pub(super) fn of(spider: &str, run_id: &str, target: usize) -> Self {
        let run: String = run_id
            .to_ascii_lowercase()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(34)
            .collect();
        let spider: String = spider.chars().take(52 - run.len()).collect();
        let which = if target == 0 {
            String::new()
        } else {
            format!("_{target}")
        };
        let staged = format!("stg_{spider}_{run}{which}");
        Self {
            keyed: format!("{staged}_k"),
            staged,
        }
    }
}

/// Stands behind `CREATE TABLE`: texts are compared letter by letter, as on the other engines.
fn options(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite | Engine::Postgres => "",
        Engine::MariaDb => {
            " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT = 'mg-scrape'"
        }
    }
}

/// Makes the tables that rows wait in, unless an earlier attempt has.
pub(super) async fn make_staging(
    store: &Store,
    shape: &Shape,
    names: &Names,
) -> Result<(), StoreError> {
    let engine = store.engine();
    let fields = shape
        .columns
        .iter()
        .map(|column| definition(&column.name, &column.declared, None));
    let staged = [
        "_page BIGINT NOT NULL",
        "_item BIGINT NOT NULL",
        "_source_url TEXT",
        "_fetched_at VARCHAR(25)",
        "_content_hash VARCHAR(32)",
        "_refused TEXT",
    ];
    let staged: Vec<String> = staged
        .into_iter()
        .map(str::to_owned)
        .chain(fields)
        .collect();
    create(store, &names.staged, &staged, "_page, _item", engine).await?;
    let keyed: Vec<String> = table_columns(shape).collect();
    create(
        store,
        &names.keyed,
        &keyed,
        &listed(shape.key.iter().map(String::as_str)),
        engine,
    )
    .await
}

/// Makes a spider's own table, or brings it the columns that its definition has won since.
pub(super) async fn make_own(store: &Store, shape: &Shape) -> Result<(), StoreError> {
    let columns: Vec<String> = table_columns(shape).collect();
    let key = listed(shape.key.iter().map(String::as_str));
    create(store, &shape.table, &columns, &key, store.engine()).await?;
    let there = columns_of(store, &shape.table).await?;
    for (name, declared) in own_columns(shape) {
        if !there.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let column = definition(name, declared, None);
            run(
                store,
                &format!("ALTER TABLE {} ADD COLUMN {column}", shape.table),
            )
            .await?;
        }
    }
    Ok(())
}

/// Drops the tables that the rows of a target waited in.
pub(super) async fn drop_staging(store: &Store, names: &Names) -> Result<(), StoreError> {
    run(store, &format!("DROP TABLE IF EXISTS {}", names.keyed)).await?;
    run(store, &format!("DROP TABLE IF EXISTS {}", names.staged)).await
}

/// Runs one statement in a transaction of its own.
pub(super) async fn run(store: &Store, sql: &str) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    transaction.execute(sql, &[]).await?;
    transaction.commit().await
}

async fn create(
    store: &Store,
    table: &str,
    columns: &[String],
    key: &str,
    engine: Engine,
) -> Result<(), StoreError> {
    let sql = format!(
        "CREATE TABLE IF NOT EXISTS {table} ({}, PRIMARY KEY ({key})){}",
        columns.join(", "),
        options(engine)
    );
    run(store, &sql).await
}

/// The columns of a table with the names of [`Shape::all`]; only its key needs values, so that what is missing is
/// told by us.
fn table_columns(shape: &Shape) -> impl Iterator<Item = String> {
    let others = shape
        .others
        .iter()
        .map(|column| definition(&column.name, &column.declared, column.default.as_deref()));
    let key = |name: &str| shape.key.iter().any(|key| key == name);
    own_columns(shape)
        .map(move |(name, declared)| {
            let needed = if key(name) { " NOT NULL" } else { "" };
            definition(name, declared, None) + needed
        })
        .chain(others)
}

fn own_columns(shape: &Shape) -> impl Iterator<Item = (&str, &str)> {
    let fields = shape.columns.iter();
    let fields = fields.map(|column| (column.name.as_str(), column.declared.as_str()));
    fields.chain(BOOKKEEPING.iter().copied().filter(|_| shape.own))
}

fn definition(name: &str, declared: &str, default: Option<&str>) -> String {
    let default = default.map(|literal| format!(" DEFAULT {literal}"));
    format!("{} {declared}{}", quoted(name), default.unwrap_or_default())
}

/// The columns that a table of ours has in the database.
async fn columns_of(store: &Store, table: &str) -> Result<Vec<String>, StoreError> {
    let sql = match store.engine() {
        Engine::Sqlite => "SELECT name FROM pragma_table_info(?)",
        Engine::Postgres => {
            "SELECT CAST(attname AS TEXT) FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped"
        }
        Engine::MariaDb => {
            "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?"
        }
    };
    let rows = store.fetch(sql, &[table.into()]).await?;
    rows.iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_tell_runs_and_targets_apart() {
        let names = Names::of("sitadel", "20261125-203416-9f3c", 0);
        assert_eq!(names.staged, "stg_sitadel_202611252034169f3c");
        assert_eq!(names.keyed, "stg_sitadel_202611252034169f3c_k");
        let long = Names::of(&"x".repeat(49), &"a".repeat(36), 11);
        assert!(long.keyed.len() <= 63, "{}", long.keyed.len());
        assert_ne!(names, Names::of("sitadel", "20261125-203416-9f3c", 1));
        assert_ne!(names, Names::of("sitadel", "20261125-203416-9f3d", 0));
    }
}
