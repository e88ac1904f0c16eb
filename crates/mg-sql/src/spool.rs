//! Results that go beyond one answer, kept for a while so that they can be paged.
//!
//! Rows lie in anonymous files: only this process reaches them, and they are gone with it however it ends.

mod encoding;
mod shelf;
mod writer;

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use mg_core::{Clock, Role, ToolError};
use mg_db::gate::{Column, Flow, RowSink};

use shelf::{KEPT, Shelf, Taken};
pub(crate) use writer::SpoolWriter;

/// Why nothing is kept where several instances may stand behind one address.
const NOT_KEPT: &str =
    "over HTTP no rows are kept for a next page: any instance may answer the next call";

/// The results of this process.
#[derive(Debug)]
pub(crate) struct Spool {
    /// Where files are made; a sentence where there is no place.
    folder: Result<PathBuf, String>,
    shelf: Arc<Shelf>,
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
    taken: Taken,
}

impl Spool {
    /// A spool of at most `megabytes`; nothing is made before the first row is kept.
    pub(crate) fn new(folder: Result<PathBuf, ToolError>, megabytes: u64, clock: Clock) -> Self {
        Self {
            folder: folder.map_err(|error| error.to_string()),
            shelf: Arc::new(Shelf::new(clock, megabytes * 1_000_000)),
        }
    }

    /// Keeps nothing: what does not fit is told to be narrowed.
    pub(crate) fn none(clock: Clock) -> Self {
        Self::new(Err(ToolError::Unavailable(NOT_KEPT.into())), 1, clock)
    }

    /// A writer for the rows of one statement.
    pub(crate) fn writer(&self) -> SpoolWriter {
        self.shelf.drop_expired();
        SpoolWriter::new(self.folder.clone(), Arc::clone(&self.shelf))
    }

    /// Keeps what a writer wrote and flushed; gives the cursor of its first row, `None` when nothing was written.
    pub(crate) fn keep(
        &self,
        role: Role,
        writer: SpoolWriter,
        columns: &[Column],
        truncated: bool,
    ) -> Option<String> {
        let (file, taken) = writer.into_file()?;
        let result = Stored {
            file: Mutex::new(file),
            role,
            columns: columns.to_vec(),
            truncated,
            taken,
        };
        self.shelf.remember(Arc::new(result), 0)
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
        let Some(page) = self.shelf.find(role, cursor) else {
            return Err(ToolError::Invalid(format!(
                "this cursor is not known, or its result is older than {} minutes or made room for newer ones: \
                 run the query again without cursor",
                KEPT.as_mins()
            )));
        };
        sink.columns(&page.result.columns);
        let next = page
            .result
            .read(page.offset, sink)
            .map_err(|error| ToolError::Internal(error.into()))?;
        let next = next.and_then(|offset| self.shelf.remember(Arc::clone(&page.result), offset));
        Ok((page.result, next))
    }
}

impl Stored {
    /// Reads rows from an offset; gives the offset of the first row that the sink had no room for.
    fn read<S: RowSink>(&self, mut offset: u64, sink: &mut S) -> std::io::Result<Option<u64>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        let mut reader = BufReader::new(&mut *file);
        let mut row = Vec::new();
        while offset < self.taken.bytes {
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
            Spool::new(
                Ok(folder.path().join("results")),
                megabytes,
                Clock::system(),
            ),
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
