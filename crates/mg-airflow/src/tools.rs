//! The tools, one file each, and who may see them.

mod cancel_workflow_run;
mod describe_workflow;
mod diagnose_workflow_run;
mod get_workflow_run;
mod list_workflow_runs;
mod list_workflows;
mod run_workflow;

use rmcp::handler::server::router::tool::ToolRouter;

use crate::AirflowServer;

/// The tools of every role; a tool that is not here is neither listed nor callable.
pub(crate) fn for_viewers() -> ToolRouter<AirflowServer> {
    AirflowServer::list_workflows_tool()
        + AirflowServer::describe_workflow_tool()
        + AirflowServer::get_workflow_run_tool()
        + AirflowServer::list_workflow_runs_tool()
        + AirflowServer::diagnose_workflow_run_tool()
}

/// The tools of editors: those of everybody, and those that start and stop runs.
pub(crate) fn for_editors() -> ToolRouter<AirflowServer> {
    for_viewers() + AirflowServer::run_workflow_tool() + AirflowServer::cancel_workflow_run_tool()
}

/// Rows of an answer: what was asked for, within the cap, and a note where it was cut.
fn limited(asked: Option<usize>, default: usize, cap: usize) -> (usize, Option<String>) {
    match asked {
        None => (default, None),
        Some(asked) if asked > cap => (
            cap,
            Some(format!("limit {asked} was cut to the cap of {cap}")),
        ),
        Some(asked) => (asked.max(1), None),
    }
}
