//! One page of a result: what fits into an answer, the rest kept for the next call.

use std::{sync::Arc, time::Duration};

use mg_core::{Role, ToolError};
use mg_db::gate::{Cell, Column, Flow, Outcome, RowSink};

use crate::{
    rows::{Rows, Written},
    spool::{Spool, SpoolWriter},
};

/// Takes rows into the answer until it is full, then into the spool.
#[derive(Debug)]
pub(crate) struct Paged {
    page: Rows,
    rest: SpoolWriter,
    full: bool,
}

/// A page, ready for an answer.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) written: Written,
    /// Leads to the next page.
    pub(crate) next: Option<String>,
    /// Whether the statement has rows beyond this page.
    pub(crate) truncated: bool,
    /// Time in the database; none for rows that were kept.
    pub(crate) elapsed: Duration,
}

impl Paged {
    /// An empty page whose rest goes into `spool`.
    pub(crate) fn new(page: Rows, spool: &Spool) -> Self {
        Self {
            page,
            rest: spool.writer(),
            full: false,
        }
    }

    /// The first page of a statement; what was kept of the rest has a cursor.
    pub(crate) fn finish(
        mut self,
        role: Role,
        outcome: &Outcome,
        spool: &Spool,
    ) -> Result<Page, ToolError> {
        self.rest.flush();
        let trouble = self.rest.trouble().map(str::to_owned);
        let mut written = self.page.finish()?;
        let incomplete = outcome.truncated || trouble.is_some();
        let next = spool.keep(role, self.rest, &written.columns, incomplete);
        written.notes.extend(trouble);
        if incomplete && next.is_none() {
            written
                .notes
                .push("the rest was not kept: aggregate or filter".to_owned());
        }
        let truncated = self.full || outcome.truncated;
        Ok(Page {
            written,
            next,
            truncated,
            elapsed: outcome.elapsed,
        })
    }
}

/// The page a cursor leads to.
pub(crate) fn next(
    role: Role,
    cursor: &str,
    mut page: Rows,
    spool: &Arc<Spool>,
) -> Result<Page, ToolError> {
    let (result, next) = spool.read(role, cursor, &mut page)?;
    let mut written = page.finish()?;
    let truncated = next.is_some() || result.truncated;
    if next.is_none() && result.truncated {
        written.notes.push(
            "these are the last rows that were kept, not the last there are: aggregate or filter"
                .to_owned(),
        );
    }
    Ok(Page {
        written,
        next,
        truncated,
        elapsed: Duration::ZERO,
    })
}

impl RowSink for Paged {
    fn columns(&mut self, columns: &[Column]) {
        self.page.columns(columns);
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        if !self.full && self.page.row(cells) == Flow::More {
            return Flow::More;
        }
        if self.page.has_no_room() {
            return Flow::Full;
        }
        self.full = true;
        self.rest.row(cells)
    }
}
