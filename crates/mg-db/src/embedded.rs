//! The embedded demo database: made on first use, whole or not at all.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    demo::DemoOptions,
    fill, schema, sqlite_file,
    store::{Store, StoreError, Transaction},
    url::{DatabaseUrl, Engine},
};

/// Makes the demo database at `path` if there is none. Of several processes that ask at once one
/// makes it and the others wait; one that is killed leaves nothing that is taken for a database.
///
/// `now` is an ISO 8601 time in UTC.
///
/// # Errors
/// [`StoreError::Storage`] when folder or disk do not take it.
pub async fn ensure(path: &Path, now: &str) -> Result<(), StoreError> {
    if path.exists() {
        return Ok(());
    }
    let _lock = lock(path).await?;
    if path.exists() {
        return Ok(());
    }
    make(path, &calibrated(now)).await
}

/// Makes the demo database anew: in place and in one transaction where there is one, so that
/// programs which read it see the old rows or the new ones.
///
/// # Errors
/// As [`ensure`].
pub async fn reset(path: &Path, now: &str) -> Result<(), StoreError> {
    let _lock = lock(path).await?;
    if path.exists() {
        match remake(path, &calibrated(now)).await {
            // No database at all: only another file in its place can help.
            Err(StoreError::Unavailable(_)) => {}
            done => return done,
        }
    }
    make(path, &calibrated(now)).await
}

/// Makes a demo database at `path` as a file beside it that is renamed when it is complete; a file
/// that was there is replaced.
///
/// # Errors
/// As [`ensure`].
pub async fn make(path: &Path, options: &DemoOptions) -> Result<(), StoreError> {
    let unfinished = beside(path, ".new");
    remove_with_journals(&unfinished).map_err(|error| unwritable(path, &error))?;
    let url = DatabaseUrl::sqlite(&unfinished);
    let store = Store::builder(&url);
    let mut transaction = store.begin().await?;
    fill_empty(&mut transaction, options).await?;
    transaction.commit().await?;
    store.close().await;
    // The mode is kept in the file.
    let store = Store::creator(&url);
    store.fetch("PRAGMA journal_mode", &[]).await?;
    store.close().await;
    let (from, to) = (unfinished, path.to_path_buf());
    let moved = blocking(move || put_in_place(&from, &to)).await;
    moved.map_err(|error| unwritable(path, &error))
}

async fn remake(path: &Path, options: &DemoOptions) -> Result<(), StoreError> {
    let store = Store::writer(&DatabaseUrl::sqlite(path));
    let mut transaction = store.begin().await?;
    // What refers to a table was made after it.
    let objects = "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid DESC";
    for row in transaction.fetch(objects, &[]).await? {
        let (kind, name) = (row.text(0)?, Engine::Sqlite.quoted(row.text(1)?));
        transaction
            .execute(&format!("DROP {kind} {name}"), &[])
            .await?;
    }
    fill_empty(&mut transaction, options).await?;
    transaction.commit().await?;
    store.close().await;
    Ok(())
}

async fn fill_empty(
    transaction: &mut Transaction,
    options: &DemoOptions,
) -> Result<(), StoreError> {
    schema::init_in(transaction, Engine::Sqlite, &options.loaded_at).await?;
    fill::demo(transaction, options).await?;
    Ok(())
}

fn calibrated(now: &str) -> DemoOptions {
    DemoOptions {
        extra_permits: 0,
        loaded_at: now.to_owned(),
    }
}

/// Waits for the lock of the database at `path`; it is free again when the file is dropped or its
/// process ends.
async fn lock(path: &Path) -> Result<fs::File, StoreError> {
    let file = beside(path, ".lock");
    let folder = path.parent().unwrap_or(Path::new(".")).to_path_buf();
    let locked = blocking(move || {
        make_folder(&folder)?;
        let file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)?;
        file.lock()?;
        Ok(file)
    });
    locked.await.map_err(|error| unwritable(path, &error))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Durable first, visible then.
fn put_in_place(from: &Path, to: &Path) -> io::Result<()> {
    fs::File::open(from)?.sync_all()?;
    // Journals of a file that was there would be taken for the new one's.
    for journal in sqlite_file::journals(to) {
        remove(&journal)?;
    }
    fs::rename(from, to)?;
    #[cfg(unix)]
    if let Some(folder) = to.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn remove_with_journals(path: &Path) -> io::Result<()> {
    sqlite_file::journals(path)
        .iter()
        .try_for_each(|journal| remove(journal))?;
    remove(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

fn unwritable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Storage(format!(
        "the database {} cannot be made ({error}): check room and rights of the folder, or set MG_DATA_DIR to another one",
        path.display()
    ))
}
