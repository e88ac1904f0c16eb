//! The call path that all servers share: role, limits, cancellation, panics, answer size, audit.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::FutureExt;
use http::{header::USER_AGENT, request::Parts};
use rmcp::{
    ErrorData, RoleServer,
    handler::server::{
        router::tool::ToolRouter,
        tool::{IntoCallToolResult, ToolCallContext},
    },
    model::{CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock},
    service::RequestContext,
};

use super::{
    Call, Server,
    arguments::{as_typed, explain},
    failure::{bounded, bounded_error},
    http::LacksRole,
    logs, size,
    tally::Tally,
};
use crate::{
    Caller, Clock, ConfigError, Role, Settings, ToolError,
    audit::{Audit, Entry},
    limits::Limits,
    schema,
};

/// A server of ours behind the protocol. Cheap to clone: over HTTP each session has one.
#[derive(Debug)]
pub struct Host<S>(pub(super) Arc<Shared<S>>);

#[derive(Debug)]
pub(super) struct Shared<S> {
    pub(super) server: S,
    pub(super) settings: Arc<Settings>,
    caller: Caller,
    viewer: ToolRouter<S>,
    editor: ToolRouter<S>,
    limits: Limits,
    audit: Audit,
    tally: Tally,
    clock: Clock,
}

impl<S> Clone for Host<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// How a call ended, with the word for the audit trail.
struct Ended {
    outcome: &'static str,
    answer: Result<CallToolResponse, ErrorData>,
}

/// Counts a call and writes it to the audit trail at its end, which may be that nobody waits for it any more.
struct Trail<'a, S> {
    shared: &'a Shared<S>,
    call: &'a Call,
    client: Option<String>,
    tool: String,
    known: bool,
    /// Of the arguments.
    digest: String,
    started: Instant,
    outcome: &'static str,
}

impl<S> Drop for Trail<'_, S> {
    fn drop(&mut self) {
        let seconds = self.started.elapsed().as_secs_f64();
        let counted = if self.known { &self.tool } else { "unknown" };
        self.shared.tally.count(counted, self.outcome, seconds);
        self.shared.audit.write(Entry {
            caller: self.call.caller(),
            client: self.client.take(),
            tool: &self.tool,
            arguments: std::mem::take(&mut self.digest),
            record: self.call.take_record(),
            milliseconds: (seconds * 1e6).round() / 1e3,
            outcome: self.outcome,
        });
    }
}

impl<S: Server> Host<S> {
    /// Builds the server and both roles' tools. `caller` is who owns the process.
    ///
    /// # Errors
    ///
    /// As [`Server::new`].
    pub fn new(settings: Arc<Settings>, caller: Caller, clock: Clock) -> Result<Self, ConfigError> {
        let router = |role| {
            let mut router = S::offered_to(role);
            schema::make_plain(&mut router);
            router
        };
        Ok(Self(Arc::new(Shared {
            server: S::new(Arc::clone(&settings))?,
            viewer: router(Role::Viewer),
            editor: router(Role::Editor),
            limits: Limits::new(&settings.file.limits),
            audit: Audit::new(
                S::NAME,
                Arc::clone(&settings),
                clock.clone(),
                logs::write_line,
            ),
            tally: Tally::default(),
            settings,
            caller,
            clock,
        })))
    }

    /// The wrapped server.
    #[must_use]
    pub fn server(&self) -> &S {
        &self.0.server
    }

    /// The tools of a role, as `tools/list` shows them.
    #[must_use]
    pub fn tools(&self, role: Role) -> &ToolRouter<S> {
        match role {
            Role::Viewer => &self.0.viewer,
            Role::Editor => &self.0.editor,
        }
    }

    /// Writes what is counted of the calls, for Prometheus.
    pub(super) fn write_tally(&self, text: &mut String) {
        self.0.tally.write(text);
    }

    /// Who makes this request: over HTTP its own caller, over stdio the owner of the process.
    pub(super) fn caller(&self, context: &RequestContext<RoleServer>) -> Caller {
        match context.extensions.get::<Parts>() {
            // Every request passes the gate, which puts its caller there; one that did not is nobody.
            Some(request) => (request.extensions.get::<Caller>().cloned())
                .unwrap_or_else(|| Caller::local(Role::Viewer)),
            None => self.0.caller.clone(),
        }
    }

    /// Runs one tool call through the whole path.
    pub(super) async fn call(
        &self,
        request: CallToolRequestParams,
        mut context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let call = Call::new(self.caller(&context), &context);
        let arguments = serde_json::to_string(&request.arguments).unwrap_or_default();
        let mut trail = Trail {
            shared: &self.0,
            call: &call,
            client: client_name(&context),
            known: self.0.editor.has_route(&request.name),
            tool: request.name.to_string(),
            digest: String::new(),
            started: Instant::now(),
            outcome: "cancelled",
        };
        context.extensions.insert(call.clone());
        // What has to be computed for the trail is computed while the tool waits for what it asked.
        let digesting = async { trail.digest = self.0.audit.digest(&arguments) };
        let (ended, ()) = tokio::join!(biased; self.run(request, context, &call), digesting);
        trail.outcome = ended.outcome;
        ended.answer
    }

    async fn run(
        &self,
        mut request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
        call: &Call,
    ) -> Ended {
        let role = call.caller().role;
        let router = self.tools(role);
        // A hidden tool answers like an unknown one; the audit trail tells them apart, and a challenge over HTTP.
        let Some(tool) = router.get(&request.name) else {
            let outcome = if self.0.editor.has_route(&request.name) {
                ask_for_role(&context);
                "forbidden"
            } else {
                "unknown_tool"
            };
            let known: Vec<String> = router
                .list_all()
                .iter()
                .map(|tool| tool.name.to_string())
                .collect();
            let sentence = format!(
                "no tool named `{}`; this server offers {}",
                crate::excerpt(&crate::clean(&request.name)),
                known.join(", ")
            );
            return Ended {
                outcome,
                answer: Err(ErrorData::invalid_params(sentence, None)),
            };
        };
        if let Err(refusal) = call.caller().still_valid(&self.0.clock) {
            return Ended {
                outcome: "refused",
                answer: refusal.into_call_tool_result(),
            };
        }
        let _permit = match self.0.limits.enter().await {
            Ok(permit) => permit,
            Err(refusal) => {
                return Ended {
                    outcome: "busy",
                    answer: refusal.into_call_tool_result(),
                };
            }
        };
        request.arguments = request
            .arguments
            .map(|arguments| as_typed(arguments, &tool.input_schema))
            .or_else(|| Some(serde_json::Map::new()));
        let cancelled = context.ct.clone();
        let work = router.call(ToolCallContext::new(&self.0.server, request, context));
        let answer = tokio::select! {
            biased;
            () = cancelled.cancelled() => return Ended { outcome: "cancelled", answer: cancelled_answer() },
            answer = AssertUnwindSafe(work).catch_unwind() => answer,
            never = heartbeat(call) => match never {},
        };
        match answer {
            Ok(answer) => self.finish(answer, tool),
            Err(_panic) => {
                tracing::error!(tool = %tool.name, "the tool panicked; the server goes on");
                let error = ToolError::Internal(anyhow::anyhow!("the tool panicked"));
                Ended {
                    outcome: "panicked",
                    answer: error.into_call_tool_result(),
                }
            }
        }
    }

    fn finish(
        &self,
        answer: Result<CallToolResponse, ErrorData>,
        tool: &rmcp::model::Tool,
    ) -> Ended {
        let mut result = match answer {
            Ok(CallToolResponse::Complete(result)) => result,
            other => {
                return Ended {
                    outcome: "error",
                    answer: other.map_err(bounded_error),
                };
            }
        };
        if result.is_error == Some(true) {
            explain_refused_arguments(&mut result, tool);
            return Ended {
                outcome: "error",
                answer: Ok(bounded(result).into()),
            };
        }
        let cap = self.0.settings.file.limits.answer_chars;
        if let Some(size) = size::beyond(cap, &result) {
            let sentence = format!(
                "the answer would have {size} characters, more than the {cap} this server may send; \
                 ask for less: a narrower question, fewer rows or columns, a smaller `limit`"
            );
            return Ended {
                outcome: "too_large",
                answer: ToolError::Invalid(sentence).into_call_tool_result(),
            };
        }
        Ended {
            outcome: "ok",
            answer: Ok(result.into()),
        }
    }
}

/// Lets a challenge name the scope that the caller lacks, where a challenge can be made.
fn ask_for_role(context: &RequestContext<RoleServer>) {
    let request = context.extensions.get::<Parts>();
    if let Some(lacks) = request.and_then(|request| request.extensions.get::<LacksRole>()) {
        lacks.mark();
    }
}

/// The program that calls, for the audit trail: requests without a session name it in their `User-Agent`.
fn client_name(context: &RequestContext<RoleServer>) -> Option<String> {
    let named = match context.extensions.get::<Parts>() {
        Some(request) => context
            .meta
            .client_info()
            .map(|client| client.name)
            .or_else(|| {
                let agent = request.headers.get(USER_AGENT)?.to_str().ok()?;
                Some(agent.chars().take(100).collect())
            }),
        None => context.client_info().map(|client| client.name),
    };
    named.map(|name| crate::clean(&name))
}

fn explain_refused_arguments(result: &mut CallToolResult, tool: &rmcp::model::Tool) {
    if let [ContentBlock::Text(block)] = result.content.as_mut_slice()
        && block.text.starts_with("failed to deserialize parameters: ")
    {
        block.text = explain(&block.text, tool);
    }
}

/// Tells a client that asked for progress that the call is alive; never ends.
async fn heartbeat(call: &Call) -> std::convert::Infallible {
    if !call.wants_progress() {
        return std::future::pending().await;
    }
    let started = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let seconds = started.elapsed().as_secs_f64();
        call.progress(seconds, None, &format!("{seconds:.0} s"))
            .await;
    }
}

fn cancelled_answer() -> Result<CallToolResponse, ErrorData> {
    Err(ErrorData::internal_error("cancelled", None))
}
