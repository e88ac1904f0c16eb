//! The rows of one statement on their way into an anonymous file.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
    sync::Arc,
};

use mg_db::gate::{Cell, Flow};

use super::{
    encoding,
    shelf::{Shelf, Taken},
};

/// Writes the rows of one statement as they arrive.
#[derive(Debug)]
pub(crate) struct SpoolWriter {
    folder: Result<PathBuf, String>,
    shelf: Arc<Shelf>,
    taken: Taken,
    file: Option<BufWriter<File>>,
    trouble: Option<String>,
}

impl SpoolWriter {
    pub(super) fn new(folder: Result<PathBuf, String>, shelf: Arc<Shelf>) -> Self {
        Self {
            folder,
            taken: shelf.place(),
            shelf,
            file: None,
            trouble: None,
        }
    }

    /// The file and the bytes it takes; `None` when nothing was written.
    pub(super) fn into_file(self) -> Option<(File, Taken)> {
        let file = self.file?.into_inner().ok()?;
        Some((file, self.taken))
    }

    /// Keeps a row; [`Flow::Full`] when the spool is full or cannot be written.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        match self.write(&encoding::bytes(cells)) {
            Ok(()) => Flow::More,
            Err(trouble) => {
                self.trouble.get_or_insert(trouble);
                Flow::Full
            }
        }
    }

    /// Writes what is still in memory; afterwards [`Self::trouble`] is the last word.
    pub(crate) fn flush(&mut self) {
        if let Some(file) = &mut self.file
            && let Err(error) = file.flush()
        {
            self.file = None;
            self.trouble.get_or_insert(unwritten(&error));
        }
    }

    /// Why rows were not kept, if they were not.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    fn write(&mut self, row: &[u8]) -> Result<(), String> {
        let length =
            u32::try_from(row.len()).map_err(|_| "a row is too large to be kept".to_owned())?;
        if !self.shelf.take(&mut self.taken, 4 + u64::from(length)) {
            return Err(format!(
                "the spool of {} MB is full",
                self.shelf.limit / 1_000_000
            ));
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(open(&self.folder)?)),
        };
        let written = file
            .write_all(&length.to_le_bytes())
            .and_then(|()| file.write_all(row));
        written.map_err(|error| {
            self.file = None; // half a row must not be read back
            unwritten(&error)
        })
    }
}

fn unwritten(error: &std::io::Error) -> String {
    format!("the rest cannot be kept ({error})")
}

fn open(folder: &Result<PathBuf, String>) -> Result<File, String> {
    let folder = folder.as_ref().map_err(Clone::clone)?;
    let made = mg_core::make_private_folder(folder).and_then(|()| tempfile::tempfile_in(folder));
    made.map_err(|error| format!("the rest cannot be kept in {} ({error})", folder.display()))
}

#[cfg(test)]
mod tests {
    use mg_core::{Clock, Role};

    use super::*;
    use crate::spool::Spool;

    fn spool(megabytes: u64) -> (Spool, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (
            Spool::new(
                Ok(folder.path().join("results")),
                megabytes,
                Clock::system(),
            ),
            folder,
        )
    }

    #[test]
    fn the_limit_counts_over_all_results_and_is_given_back() {
        let (spool, _folder) = spool(1);
        let fill = |writer: &mut SpoolWriter| {
            let text = "x".repeat(10_000);
            (0..1000)
                .take_while(|_| writer.row(&[Cell::Text(&text)]) == Flow::More)
                .count()
        };
        let mut first = spool.writer();
        assert_eq!(fill(&mut first), 99);
        assert!(first.trouble().unwrap().contains("1 MB is full"));
        assert_eq!(fill(&mut spool.writer()), 0);
        drop(first);
        assert_eq!(fill(&mut spool.writer()), 99);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_is_full_is_told_however_late_it_shows() {
        let (spool, _folder) = spool(1);
        let on_full_disk = || {
            let mut writer = spool.writer();
            let full = File::options().write(true).open("/dev/full").unwrap();
            writer.file = Some(BufWriter::new(full));
            writer
        };
        let text = "x".repeat(1_000);
        let mut writer = on_full_disk();
        let kept = (0..50).take_while(|_| writer.row(&[Cell::Text(&text)]) == Flow::More);
        assert!(kept.count() < 50);
        assert!(writer.trouble().unwrap().contains("No space left"));
        assert_eq!(spool.keep(Role::Viewer, writer, &[], false), None);
        let mut writer = on_full_disk();
        assert_eq!(writer.row(&[Cell::Null]), Flow::More); // in memory so far
        writer.flush();
        assert!(writer.trouble().unwrap().contains("No space left"));
        assert_eq!(spool.keep(Role::Viewer, writer, &[], false), None);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_told_and_nothing_is_kept() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let spool = Spool::new(Ok(file.path().join("results")), 1, Clock::system());
        let mut writer = spool.writer();
        assert_eq!(writer.row(&[Cell::Null]), Flow::Full);
        assert!(writer.trouble().unwrap().contains("cannot be kept"));
        assert_eq!(spool.keep(Role::Viewer, writer, &[], false), None);
    }
}
