//! The tools, one file each.

mod explain_sql;
mod run_sql;
mod search_schema;

use rmcp::handler::server::router::tool::ToolRouter;

use crate::SqlServer;

/// Every tool reads, so both roles have the same.
pub(crate) fn all() -> ToolRouter<SqlServer> {
    SqlServer::run_sql_tool() + SqlServer::search_schema_tool() + SqlServer::explain_sql_tool()
}

/// The schema of `params`: a list of strings, numbers, booleans and nulls.
fn scalars(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "array",
        "items": {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]}
    })
}
