//! A client in the same process, over an in-memory pipe, in either protocol era.

use std::sync::Arc;

use mg_core::{
    Caller, Clock, Role, Settings,
    serve::{Host, Server},
};
use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, ProtocolVersion},
    service::{ClientLifecycleMode, ClientServiceExt, Peer, RunningService},
};
use serde_json::Value;

use crate::ToolAnswer;

/// How a client opens the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// `initialize`, as most clients do today.
    Initialize,
    /// `server/discover` of 2026-07-28.
    Discover,
}

/// A connected client; the server ends with it.
#[derive(Debug)]
pub struct MemoryClient(RunningService<RoleClient, ()>);

impl MemoryClient {
    /// A server with these settings, called by the owner of the process in the settings' role.
    pub async fn connect<S: Server>(settings: Settings, clock: Clock) -> Self {
        Self::connect_in::<S>(Era::Initialize, settings, clock).await
    }

    /// The same in a given era.
    pub async fn connect_in<S: Server>(era: Era, settings: Settings, clock: Clock) -> Self {
        let caller = Caller::local(settings.role);
        let host =
            Host::<S>::new(Arc::new(settings), caller, clock).expect("the settings can be served");
        Self::to(era, host).await
    }

    /// A client of this host.
    pub async fn to<S: Server>(era: Era, host: Host<S>) -> Self {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        tokio::spawn(async move {
            host.serve(theirs)
                .await?
                .waiting()
                .await
                .map_err(anyhow::Error::from)
        });
        let mode = match era {
            Era::Initialize => ClientLifecycleMode::Initialize,
            Era::Discover => ClientLifecycleMode::Discover {
                preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            },
        };
        Self(
            ().serve_with_lifecycle(ours, mode)
                .await
                .expect("the handshake succeeds"),
        )
    }

    /// The client's side of the connection, for anything beyond calling a tool.
    #[must_use]
    pub fn peer(&self) -> &Peer<RoleClient> {
        self.0.peer()
    }

    /// Calls a tool; `arguments` is a JSON object. A protocol error is told as an error answer.
    pub async fn call(&self, tool: &str, arguments: Value) -> ToolAnswer {
        let Value::Object(arguments) = arguments else {
            panic!("arguments are a JSON object")
        };
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        match self.0.call_tool(request).await {
            Ok(result) => ToolAnswer::of(&serde_json::to_value(result).unwrap()),
            Err(error) => ToolAnswer {
                text: format!("protocol error: {error}"),
                data: Value::Null,
                is_error: true,
            },
        }
    }
}

/// The settings of a role with a data folder, and no file or environment around them.
impl MemoryClient {
    /// Settings for tests: this role, this data folder, this database URL (or the embedded one).
    #[must_use]
    pub fn settings(
        role: Role,
        data_dir: &std::path::Path,
        database_url: Option<&str>,
    ) -> Settings {
        let config = data_dir.join("mg.toml");
        if !config.exists() {
            std::fs::write(&config, "").expect("the data folder can be written");
        }
        let flags = mg_core::Flags {
            role: Some(role),
            data_dir: Some(data_dir.to_owned()),
            database_url: database_url.map(Into::into),
            config: Some(config),
            ..mg_core::Flags::default()
        };
        Settings::load(&flags, &mg_core::Environment::default()).expect("these settings are valid")
    }
}
