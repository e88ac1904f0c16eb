//! What a server of ours is: its name, its tools by role, and what else it offers.

use std::{future::Future, sync::Arc};

use rmcp::{handler::server::router::tool::ToolRouter, model::ResourceTemplate};

use super::{Prompt, View};
use crate::{Caller, ConfigError, Role, Settings, ToolError};

/// A domain server. [`super::Host`] wraps it for the protocol, so that limits, roles, audit, panics
/// and cancellation are handled in one place.
pub trait Server: Sized + Send + Sync + 'static {
    /// The binary's name, `mg-sql`.
    const NAME: &'static str;
    /// The name for people.
    const TITLE: &'static str;
    /// What a model should know before it calls the first tool.
    const INSTRUCTIONS: &'static str;
    /// Whether [`Self::complete`] has something to offer.
    const COMPLETES: bool = false;

    /// Builds the server. Opens nothing: no database, network or lock before the first call.
    ///
    /// # Errors
    ///
    /// When the settings cannot be served; the process exits with 78.
    fn new(settings: Arc<Settings>) -> Result<Self, ConfigError>;

    /// The tools a role may use. A tool that is not here is neither listed nor callable.
    fn offered_to(role: Role) -> ToolRouter<Self>;

    /// Questions an analyst would start from.
    #[must_use]
    fn prompts() -> &'static [Prompt] {
        &[]
    }

    /// Pages in which hosts show answers; listed and read as resources.
    #[must_use]
    fn views() -> &'static [View] {
        &[]
    }

    /// The kinds of resources that can be read.
    #[must_use]
    fn resource_templates() -> Vec<ResourceTemplate> {
        Vec::new()
    }

    /// The resources that can be listed: URI and name.
    fn resources(
        &self,
        caller: &Caller,
    ) -> impl Future<Output = Result<Vec<(String, String)>, ToolError>> + Send {
        let _ = caller;
        std::future::ready(Ok(Vec::new()))
    }

    /// A resource: MIME type and text; `None` where there is none at this URI.
    fn read_resource(
        &self,
        caller: &Caller,
        uri: &str,
    ) -> impl Future<Output = Result<Option<(&'static str, String)>, ToolError>> + Send {
        let _ = (caller, uri);
        std::future::ready(Ok(None))
    }

    /// Values for the argument of a prompt or of a resource template that begin like `typed`, best first.
    fn complete(
        &self,
        caller: &Caller,
        argument: &str,
        typed: &str,
    ) -> impl Future<Output = Vec<String>> + Send {
        let _ = (caller, argument, typed);
        std::future::ready(Vec::new())
    }

    /// What `--check` finds: the settings are read already, now the connections are tried.
    fn check(&self, caller: &Caller) -> impl Future<Output = Vec<Finding>> + Send;
}

/// One line of `--check` and of `mgctl doctor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// In order.
    Good(String),
    /// A wrong setting or file, with what mends it: exit code 78.
    Wrong(String),
    /// Something outside that is not there, with what to look at: exit code 69 (`EX_UNAVAILABLE`).
    Down(String),
}

impl Finding {
    /// The exit code this finding leads to.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Good(_) => 0,
            Self::Wrong(_) => ConfigError::EXIT_CODE,
            Self::Down(_) => 69,
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Good(text) => write!(formatter, "ok      {text}"),
            Self::Wrong(text) => write!(formatter, "wrong   {text}"),
            Self::Down(text) => write!(formatter, "down    {text}"),
        }
    }
}
