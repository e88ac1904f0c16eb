//! Where weights are kept: a file in the data folder, read when they are first asked for.

use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use mg_core::{Settings, ToolError};
use mg_tft::Weights;

use super::memory::Memory;

const WEIGHTS: &str = "tft.weights";
const CHECKPOINT: &str = "tft.checkpoint";

/// The network once it was asked for, until its file is another one.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    read: Mutex<Option<(Stamp, Arc<Known>)>>,
}

/// A network, and what it said lately.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) weights: Weights,
    pub(super) memory: Memory,
}

/// When a file was written, and its length.
type Stamp = (Option<SystemTime>, u64);

impl Shelf {
    /// The network; none where none was trained.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, is damaged or of another version, with what to do.
    pub(super) fn network(&self, settings: &Settings) -> Result<Option<Arc<Known>>, ToolError> {
        let path = settings.data_dir()?.join(WEIGHTS);
        let stamp = match std::fs::metadata(&path) {
            Ok(known) => (known.modified().ok(), known.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&path, &error)),
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, known)) = &*read
            && *of == stamp
        {
            return Ok(Some(Arc::clone(known)));
        }
        let file = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        let weights = Weights::from_bytes(&file, &mg_tft::processor());
        let known = Arc::new(Known {
            weights: weights.map_err(|error| unreadable(&path, &error))?,
            memory: Memory::default(),
        });
        *read = Some((stamp, Arc::clone(&known)));
        Ok(Some(known))
    }
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> ToolError {
    ToolError::Unavailable(format!(
        "{}: {error}; `mg-kpi train tft` makes new ones, auto forecasts without",
        path.display()
    ))
}

/// The files that training writes.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    /// In the data folder, which is made where it is not there.
    pub(super) fn of(settings: &Settings) -> Result<Self, String> {
        let folder = settings.data_dir().map_err(|error| error.to_string())?;
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    pub(super) fn weights(&self) -> PathBuf {
        self.folder.join(WEIGHTS)
    }

    /// The training that was stopped.
    pub(super) fn checkpoint(&self) -> Result<Vec<u8>, String> {
        let path = self.folder.join(CHECKPOINT);
        std::fs::read(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => "no training was stopped; leave --resume out".into(),
            _ => format!("{}: {error}", path.display()),
        })
    }

    pub(super) fn keep_checkpoint(&self, bytes: &[u8]) -> Result<(), String> {
        replace(&self.folder.join(CHECKPOINT), bytes)
    }

    pub(super) fn keep_weights(&self, bytes: &[u8]) -> Result<(), String> {
        replace(&self.weights(), bytes)
    }

    /// What is finished needs no checkpoint.
    pub(super) fn forget_checkpoint(&self) {
        // It may never have been written.
        let _absent = std::fs::remove_file(self.folder.join(CHECKPOINT));
    }
}

/// Writes beside and puts in place: whoever reads sees the old file or the new one, never a part.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let beside = path.with_extension(format!("{}.part", std::process::id()));
    let written = std::fs::File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| std::fs::rename(&beside, path));
    placed.map_err(|error| {
        let _absent = std::fs::remove_file(&beside);
        format!("{}: {error}", path.display())
    })
}
