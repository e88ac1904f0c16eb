//! A tool that only a higher role has: behind an identity server its caller is told which scope to ask for, so that a client
//! can get a token that has it and try again (MCP authorization, "step-up").

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use super::{refusal::Refusal, router::Front};
use crate::serve::Server;

/// Travels with a request; the call path marks it where the caller's role lacks the tool.
#[derive(Clone, Debug, Default)]
pub(in crate::serve) struct LacksRole(Arc<AtomicBool>);

impl LacksRole {
    pub(in crate::serve) fn mark(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_marked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Answers 403 with the missing scope instead of the sentence of an unknown tool.
pub(super) async fn step_up<S: Server>(
    State(front): State<Arc<Front<S>>>,
    mut request: Request,
    next: Next,
) -> Response {
    if front.gate.issuer().is_none() {
        return next.run(request).await;
    }
    let lacks = LacksRole::default();
    request.extensions_mut().insert(lacks.clone());
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    if !lacks.is_marked() {
        return response;
    }
    front.metrics.refused(Refusal::Role.word());
    let metadata = front.addresses.metadata_url(&path);
    Refusal::Role.response(&front.gate.challenge(metadata))
}
