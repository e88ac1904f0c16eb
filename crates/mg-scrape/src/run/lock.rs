//! Whether the worker of a run is there: it holds a lock on a file, which the system takes from it however it ends. A
//! process id alone would be another process's one day.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// A looker holds the lock for a moment.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// A worker's hold on its run.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes a run; `None` where another worker has it.
    pub(super) fn take(folder: &Path, run_id: &str) -> io::Result<Option<Self>> {
        let path = place(folder, run_id);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { path, _file: file })),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether a worker holds the run.
    pub(super) fn is_held(folder: &Path, run_id: &str) -> bool {
        let Ok(file) = File::open(place(folder, run_id)) else {
            return false;
        };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The run has ended or waits to be resumed; a new file will do.
        let _gone = std::fs::remove_file(&self.path);
    }
}

fn place(folder: &Path, run_id: &str) -> PathBuf {
    folder.join(format!("{run_id}.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_one_worker() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Lock::is_held(folder.path(), "a"));
        let lock = Lock::take(folder.path(), "a").unwrap().unwrap();
        assert!(Lock::is_held(folder.path(), "a"));
        drop(lock);
        assert!(!Lock::is_held(folder.path(), "a"));
    }
}
