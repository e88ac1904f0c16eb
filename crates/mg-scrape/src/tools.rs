//! The tools, one file each, and who may see them.

use rmcp::handler::server::router::tool::ToolRouter;

use crate::ScrapeServer;

/// The tools of every role; a tool that is not here is neither listed nor callable.
pub(crate) fn for_viewers() -> ToolRouter<ScrapeServer> {
    ToolRouter::new()
}

/// The tools of editors: those of everybody, and those that reach out.
pub(crate) fn for_editors() -> ToolRouter<ScrapeServer> {
    for_viewers()
}
