//! What a tool knows of the call it serves.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::{
    ErrorData, Peer, RoleServer,
    handler::server::common::{AsRequestContext, FromContextPart},
    model::{ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};

use super::view;
use crate::{Caller, audit::Record};

/// One call: who makes it, what the audit trail learns of it, and its progress. A tool takes it as an
/// argument (`call: Call`). Its work needs no cancellation of its own: the tool's future is dropped
/// when the client cancels, and whatever it drives must stop by that.
#[derive(Clone, Debug)]
pub struct Call {
    caller: Caller,
    record: Arc<Mutex<Record>>,
    progress: Option<Arc<Progress>>,
    shows_views: bool,
}

#[derive(Debug)]
struct Progress {
    token: ProgressToken,
    peer: Peer<RoleServer>,
    last: Mutex<f64>,
}

impl Call {
    pub(super) fn new(caller: Caller, context: &RequestContext<RoleServer>) -> Self {
        let progress = context.meta.get_progress_token().map(|token| {
            Arc::new(Progress {
                token,
                peer: context.peer.clone(),
                last: Mutex::new(0.0),
            })
        });
        Self {
            caller,
            record: Arc::default(),
            progress,
            shows_views: view::shown_by(context.client_capabilities().as_ref()),
        }
    }

    /// Who calls.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the client shows views: only then is an answer drawn for one.
    #[must_use]
    pub const fn shows_views(&self) -> bool {
        self.shows_views
    }

    /// Tells the audit trail which statement ran (its literals as `?`) on which tables.
    pub fn record_statement(&self, statement: String, tables: Vec<String>) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.statement = Some(statement);
        record.tables = tables;
    }

    /// Tells the audit trail how many rows were answered.
    pub fn record_rows(&self, rows: usize) {
        self.record
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .rows = Some(rows);
    }

    /// Tells the client how far the work is, if it asked to know. `done` only ever grows.
    pub async fn progress(&self, done: f64, total: Option<f64>, message: &str) {
        let Some(progress) = &self.progress else {
            return;
        };
        let done = {
            let mut last = progress.last.lock().unwrap_or_else(PoisonError::into_inner);
            *last = done.max(*last + 0.001);
            *last
        };
        let mut note =
            ProgressNotificationParam::new(progress.token.clone(), done).with_message(message);
        note.total = total;
        // A client that has gone away ends the call by itself.
        let _gone = progress.peer.notify_progress(note).await;
    }

    /// Whether the client asked to know how far the work is: what costs something to tell is told to such clients only.
    #[must_use]
    pub const fn wants_progress(&self) -> bool {
        self.progress.is_some()
    }

    pub(super) fn take_record(&self) -> Record {
        std::mem::take(&mut *self.record.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<C: AsRequestContext> FromContextPart<C> for Call {
    fn from_context_part(context: &mut C) -> Result<Self, ErrorData> {
        let call = context
            .as_request_context()
            .extensions
            .get::<Self>()
            .cloned();
        call.ok_or_else(|| {
            ErrorData::internal_error("the call did not come through the shared path", None)
        })
    }
}
