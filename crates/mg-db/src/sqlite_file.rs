//! A SQLite file as a file: which one stands at a path, why it cannot be opened, how it is recovered.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, ffi};

/// Tells files apart that stood at the same path one after the other.
pub(crate) fn identity(path: &Path) -> io::Result<u64> {
    let metadata = fs::metadata(path)?;
    #[cfg(unix)]
    return Ok(std::os::unix::fs::MetadataExt::ino(&metadata));
    #[cfg(not(unix))]
    return Ok(u64::from(metadata.is_file()));
}

/// Whether a file stands on a disk of this machine, by the numbers that statfs(2) tells: over a network one read may take
/// any time.
#[cfg(target_os = "linux")]
pub(crate) fn is_local(path: &Path) -> bool {
    const EXT: u32 = 0xef53;
    const BTRFS: u32 = 0x9123_683e;
    const XFS: u32 = 0x5846_5342;
    const F2FS: u32 = 0xf2f5_2010;
    const ZFS: u32 = 0x2fc1_2fc1;
    const TMPFS: u32 = 0x0102_1994;
    const OVERLAY: u32 = 0x794c_7630;
    let local = [EXT, BTRFS, XFS, F2FS, ZFS, TMPFS, OVERLAY];
    rustix::fs::statfs(path)
        .is_ok_and(|found| u32::try_from(found.f_type).is_ok_and(|kind| local.contains(&kind)))
}

/// Not known of other systems.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_local(_: &Path) -> bool {
    false
}

/// Makes an empty file that only this user may read; one that exists stays.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// The files that SQLite keeps beside a database while it is written.
pub(crate) fn journals(path: &Path) -> [PathBuf; 3] {
    ["-journal", "-wal", "-shm"].map(|ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        name.into()
    })
}

/// Why the file at `path` cannot be opened, and what to do.
pub(crate) fn unopened(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    if error.kind() == io::ErrorKind::NotFound {
        return format!(
            "no database file at {path}: create it with `mgctl db init` or correct MG_DATABASE_URL"
        );
    }
    format!("the database file {path} cannot be opened ({error}): check that this user may read it")
}

/// Whether an extended result code says that a reader cannot go on before the file is recovered.
pub(crate) fn needs_recovery(code: i32) -> bool {
    [
        ffi::SQLITE_READONLY_ROLLBACK,
        ffi::SQLITE_READONLY_RECOVERY,
        ffi::SQLITE_READONLY_CANTINIT,
        ffi::SQLITE_CANTOPEN,
    ]
    .contains(&code)
}

/// Opens the file read-write once: SQLite then undoes what a killed writer left unfinished.
///
/// # Errors
/// A sentence that says why this process cannot do it.
pub(crate) fn recover(path: &Path) -> Result<(), String> {
    tracing::warn!(path = %path.display(), "a writer was interrupted: recovering the database file");
    recovered(path).map_err(|error| {
        format!(
            "the last writer of {} was interrupted and the file cannot be recovered from here ({error}): run `mgctl db status` once as a user who may write the file and its folder",
            path.display()
        )
    })
}

fn recovered(path: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_memory_is_local_and_what_is_not_known_is_not() {
        let local = |path: &str| is_local(Path::new(path));
        assert!(!local("/proc") && !local("/nowhere/at/all"));
        // Where there is such a folder at all.
        assert!(!Path::new("/dev/shm").exists() || local("/dev/shm"));
    }
}
