//! `explain_sql`: the plan of a statement that is never run.

use mg_core::{Answer, ToolError, serve::Call};
use mg_db::gate::Statement;
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    schemars, tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{SqlServer, statement};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The statement to plan, as run_sql takes it
    #[serde(alias = "sql")]
    query: String,
    /// Values for its parameters, as run_sql takes them
    #[serde(default)]
    #[schemars(schema_with = "super::scalars")]
    params: Vec<Value>,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
struct Planned {
    /// SQLite, PostgreSQL or MariaDB
    engine: String,
    /// One step a line, indented below the step that needs it
    plan: Vec<String>,
    /// Rows the engine expects; null where it has no estimate
    estimated_rows: Option<f64>,
    /// The engine's cost in its own unit; null where it has none
    cost: Option<f64>,
    /// What to know about this plan
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[tool_router(router = explain_sql_tool, vis = "pub(crate)")]
impl SqlServer {
    /// Tells how the database would run a SQL statement (plan d'exécution): steps, estimated rows and cost. It never runs
    /// the statement. Use it before a heavy query on a large table, to see whether an index serves it.
    /// Example: {"query": "SELECT COUNT(*) FROM fact_permis WHERE comm = '77243'"}
    #[tool(
        title = "Explain a SQL statement",
        output_schema = schema_for_output::<Planned>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn explain_sql(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Planned>, ToolError> {
        let role = call.caller().role;
        let audited = statement::audited(self.database.engine(role), &arguments.query);
        call.record_statement(audited.text, audited.tables);
        let statement = Statement {
            sql: arguments.query,
            params: arguments.params,
        };
        let (engine, plan) = self.database.plan(role, statement).await?;
        let rows = plan
            .estimated_rows
            .map_or("no estimate of rows".to_owned(), |rows| {
                format!("about {rows} rows")
            });
        let cost = plan
            .cost
            .map_or(String::new(), |cost| format!(", cost {cost}"));
        let text = format!("{engine}: {rows}{cost}\n{}", plan.steps.join("\n"));
        let planned = Planned {
            engine: engine.to_string(),
            plan: plan.steps,
            estimated_rows: plan.estimated_rows,
            cost: plan.cost,
            notes: self.database.caveat(role).await?.into_iter().collect(),
        };
        Ok(Answer::new(text, planned))
    }
}
