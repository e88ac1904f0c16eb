//! Results that go beyond one answer, kept for a while so that they can be paged.
//!
//! Rows lie in anonymous files: only this process reaches them, and they are gone with it however it ends.

mod encoding;
mod writer;

use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mg_core::{Role, ToolError};
use mg_db::gate::{Column, Flow, RowSink};

pub(crate) use writer::SpoolWriter;

/// Why nothing is kept where several instances may stand behind one address.
const NOT_KEPT: &str =
    "over HTTP no rows are kept for a next page: any instance may answer the next call";

/// How long a result is kept.
pub(crate) const KEPT: Duration = Duration::from_mins(15);

/// The results of this process.
#[derive(Debug)]
pub(crate) struct Spool {
    /// Where files are made; a sentence where there is no place.
    folder: Result<PathBuf, String>,
    limit: u64,
    used: Arc<AtomicU64>,
    kept: Mutex<HashMap<String, Kept>>,
}

/// A page that can be asked for: its cursor leads here.
#[derive(Clone, Debug)]
struct Kept {
    result: Arc<Stored>,
    offset: u64,
    since: Instant,
}

/// The rows of one statement that an answer had no room for.
#[derive(Debug)]
pub(crate) struct Stored {
    file: Mutex<File>,
    /// Who asked: nobody else reads it.
    role: Role,
    /// The columns of every row.
    pub(crate) columns: Vec<Column>,
    /// Whether the statement had more rows than were kept.
    pub(crate) truncated: bool,
    bytes: u64,
    used: Arc<AtomicU64>,
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Spool {
    /// A spool of at most `megabytes`; nothing is made before the first row is kept.
    pub(crate) fn new(folder: Result<PathBuf, ToolError>, megabytes: u64) -> Self {
        Self {
            folder: folder.map_err(|error| error.to_string()),
            limit: megabytes * 1_000_000,
            used: Arc::default(),
            kept: Mutex::default(),
        }
    }

    /// Keeps nothing: what does not fit is told to be narrowed.
    pub(crate) fn none() -> Self {
        Self::new(Err(ToolError::Unavailable(NOT_KEPT.into())), 1)
    }

    /// A writer for the rows of one statement.
    pub(crate) fn writer(&self) -> SpoolWriter {
        SpoolWriter::new(self.folder.clone(), self.limit, Arc::clone(&self.used))
    }

    /// Keeps what a writer wrote and flushed; gives the cursor of its first row, `None` when nothing was written.
    pub(crate) fn keep(
        &self,
        role: Role,
        writer: SpoolWriter,
        columns: &[Column],
        truncated: bool,
    ) -> Option<String> {
        let (file, bytes) = writer.into_file()?;
        let result = Stored {
            file: Mutex::new(file),
            role,
            columns: columns.to_vec(),
            truncated,
            bytes,
            used: Arc::clone(&self.used),
        };
        self.remember(Arc::new(result), 0)
    }

    /// Remembers a place in a result; gives its cursor.
    fn remember(&self, result: Arc<Stored>, offset: u64) -> Option<String> {
        let cursor = mg_core::random_id().ok()?;
        let mut kept = lock(&self.kept);
        kept.retain(|_, page| page.since.elapsed() < KEPT);
        kept.insert(
            cursor.clone(),
            Kept {
                result,
                offset,
                since: Instant::now(),
            },
        );
        Some(cursor)
    }

    /// Gives the rows from a cursor on to a sink, until it is full. What is left has a new cursor.
    pub(crate) fn read<S: RowSink>(
        &self,
        role: Role,
        cursor: &str,
        sink: &mut S,
    ) -> Result<(Arc<Stored>, Option<String>), ToolError> {
        if let Err(why) = &self.folder {
            return Err(ToolError::Invalid(format!(
                "{why}; aggregate, filter, or page by a key (WHERE key > … ORDER BY key LIMIT …)"
            )));
        }
        let page = lock(&self.kept)
            .get(cursor)
            .filter(|page| page.since.elapsed() < KEPT && page.result.role == role)
            .cloned();
        let Some(page) = page else {
            return Err(ToolError::Invalid(format!(
                "this cursor is not known, or its result is older than {} minutes: run the query again without cursor",
                KEPT.as_secs() / 60
            )));
        };
        sink.columns(&page.result.columns);
        let next = page
            .result
            .read(page.offset, sink)
            .map_err(|error| ToolError::Internal(error.into()))?;
        let next = next.and_then(|offset| self.remember(Arc::clone(&page.result), offset));
        Ok((page.result, next))
    }
}

impl Stored {
    /// Reads rows from an offset; gives the offset of the first row that the sink had no room for.
    fn read<S: RowSink>(&self, mut offset: u64, sink: &mut S) -> std::io::Result<Option<u64>> {
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(offset))?;
        let mut reader = BufReader::new(&mut *file);
        let mut row = Vec::new();
        while offset < self.bytes {
            let mut length = [0; 4];
            reader.read_exact(&mut length)?;
            let length = u32::from_le_bytes(length);
            row.resize(length as usize, 0);
            reader.read_exact(&mut row)?;
            if sink.row(&encoding::cells(&row)?) == Flow::Full {
                return Ok(Some(offset));
            }
            offset += 4 + u64::from(length);
        }
        Ok(None)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use mg_db::gate::Cell;

    use super::*;

    /// Takes a number of rows as text.
    #[derive(Default)]
    struct Taker {
        room: usize,
        rows: Vec<String>,
    }

    impl RowSink for Taker {
        fn columns(&mut self, _columns: &[Column]) {}
        fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
            if self.rows.len() == self.room {
                return Flow::Full;
            }
            self.rows.push(format!("{cells:?}"));
            Flow::More
        }
    }

    fn spool(megabytes: u64) -> (Spool, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (
            Spool::new(Ok(folder.path().join("results")), megabytes),
            folder,
        )
    }

    fn written(spool: &Spool, rows: i64) -> SpoolWriter {
        let mut writer = spool.writer();
        for number in 0..rows {
            assert_eq!(
                writer.row(&[Cell::Integer(number), Cell::Text("é")]),
                Flow::More
            );
        }
        writer
    }

    #[test]
    fn a_result_is_paged_without_losing_or_repeating_a_row() {
        let (spool, _folder) = spool(1);
        let mut cursor = spool.keep(Role::Viewer, written(&spool, 25), &[], true);
        let mut rows = Vec::new();
        for _page in 0..10 {
            let Some(at) = cursor else { break };
            let mut taker = Taker {
                room: 7,
                ..Taker::default()
            };
            let (result, next) = spool.read(Role::Viewer, &at, &mut taker).unwrap();
            assert!(result.truncated);
            rows.append(&mut taker.rows);
            cursor = next;
        }
        let expected: Vec<_> = (0..25)
            .map(|number| format!("{:?}", [Cell::Integer(number), Cell::Text("é")]))
            .collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_page_may_be_asked_for_again() {
        let (spool, _folder) = spool(1);
        let cursor = spool
            .keep(Role::Viewer, written(&spool, 3), &[], false)
            .unwrap();
        for _ in 0..2 {
            let mut taker = Taker {
                room: 9,
                ..Taker::default()
            };
            assert_eq!(
                spool.read(Role::Viewer, &cursor, &mut taker).unwrap().1,
                None
            );
            assert_eq!(taker.rows.len(), 3);
        }
    }

    #[test]
    fn a_result_is_read_by_the_role_that_asked_alone() {
        let (spool, _folder) = spool(1);
        let cursor = spool.keep(Role::Editor, written(&spool, 3), &[], false);
        let cursor = cursor.unwrap();
        let refusal = spool.read(Role::Viewer, &cursor, &mut Taker::default());
        assert!(refusal.unwrap_err().to_string().contains("not known"));
        assert!(
            spool
                .read(Role::Editor, &cursor, &mut Taker::default())
                .is_ok()
        );
    }

    #[test]
    fn an_unknown_cursor_says_what_to_do() {
        let (spool, _folder) = spool(1);
        let refusal = spool
            .read(Role::Viewer, "0", &mut Taker::default())
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("run the query again"), "{refusal}");
    }

    #[test]
    fn nothing_lies_in_the_folder_under_a_name() {
        let (spool, folder) = spool(1);
        let _cursor = spool
            .keep(Role::Viewer, written(&spool, 3), &[], false)
            .unwrap();
        assert_eq!(
            std::fs::read_dir(folder.path().join("results"))
                .unwrap()
                .count(),
            0
        );
    }
}
