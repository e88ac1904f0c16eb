//! Plans of statements that are never run: asked for in each engine's form, told in one.

mod mariadb;

use mg_db::{
    Engine,
    gate::{Cell, Column, Flow, RowSink},
};
use serde_json::Value;

/// A plan as the engine tells it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// One line a step, indented below the step that needs it.
    pub(crate) steps: Vec<String>,
    /// Rows the engine expects the statement to give; SQLite has no estimate, MariaDB's is that of the
    /// join, before its rows are grouped.
    pub(crate) estimated_rows: Option<f64>,
    /// The engine's cost, in its own unit; SQLite has none, nor has MariaDB before version 11.
    pub(crate) cost: Option<f64>,
}

/// The statement that asks for the plan of another.
pub(crate) fn asking(engine: Engine, query: &str) -> String {
    match engine {
        Engine::Sqlite => format!("EXPLAIN QUERY PLAN {query}"),
        Engine::Postgres => format!("EXPLAIN (FORMAT JSON) {query}"),
        Engine::MariaDb => format!("EXPLAIN FORMAT=JSON {query}"),
    }
}

/// Takes the rows of an answer to [`asking`].
#[derive(Debug)]
pub(crate) struct PlanSink {
    engine: Engine,
    /// SQLite: the depth of each step by its number.
    depths: Vec<(i64, usize)>,
    plan: Plan,
}

impl PlanSink {
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            engine,
            depths: Vec::new(),
            plan: Plan::default(),
        }
    }

    pub(crate) fn finish(self) -> Plan {
        self.plan
    }

    /// SQLite: step number, number of the step that needs it, unused, words.
    fn sqlite(&mut self, cells: &[Cell<'_>]) {
        let [
            Cell::Integer(step),
            Cell::Integer(parent),
            _,
            Cell::Text(words),
        ] = cells
        else {
            return;
        };
        let above = self.depths.iter().find(|(known, _)| known == parent);
        let depth = above.map_or(0, |(_, depth)| depth + 1);
        self.depths.push((*step, depth));
        self.plan
            .steps
            .push(format!("{}{words}", "  ".repeat(depth)));
    }

    /// PostgreSQL: one cell with the whole plan as JSON.
    fn postgres(&mut self, cells: &[Cell<'_>]) {
        let [Cell::Json(document) | Cell::Text(document)] = cells else {
            return;
        };
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let root = &document[0]["Plan"];
        self.plan.estimated_rows = root["Plan Rows"].as_f64();
        self.plan.cost = root["Total Cost"].as_f64();
        push_node(&mut self.plan.steps, root, 0);
    }

    /// MariaDB and MySQL: one cell with the whole plan as JSON.
    fn mariadb(&mut self, cells: &[Cell<'_>]) {
        if let [Cell::Json(document) | Cell::Text(document)] = cells {
            self.plan = mariadb::plan(document);
        }
    }
}

impl RowSink for PlanSink {
    fn columns(&mut self, _columns: &[Column]) {}

    fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        match self.engine {
            Engine::Sqlite => self.sqlite(cells),
            Engine::Postgres => self.postgres(cells),
            Engine::MariaDb => self.mariadb(cells),
        }
        Flow::More
    }
}

fn push_node(steps: &mut Vec<String>, node: &Value, depth: usize) {
    let text = |key: &str| node[key].as_str().unwrap_or_default();
    let mut step = format!("{}{}", "  ".repeat(depth), text("Node Type"));
    for (key, before) in [
        ("Relation Name", " on "),
        ("Index Name", " using "),
        ("Join Type", ", "),
        ("Hash Cond", ", "),
        ("Index Cond", ", "),
        ("Filter", ", filter "),
    ] {
        if let Some(value) = node[key].as_str() {
            step.push_str(before);
            step.push_str(value);
        }
    }
    steps.push(format!(
        "{step} (rows {}, cost {})",
        node["Plan Rows"], node["Total Cost"]
    ));
    for below in node["Plans"].as_array().into_iter().flatten() {
        push_node(steps, below, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlites_steps_are_indented_below_the_step_that_needs_them() {
        let mut sink = PlanSink::new(Engine::Sqlite);
        for (step, parent, words) in [(2, 0, "CO-ROUTINE a"), (5, 2, "SCAN t"), (9, 0, "SCAN a")] {
            sink.row(&[
                Cell::Integer(step),
                Cell::Integer(parent),
                Cell::Integer(0),
                Cell::Text(words),
            ]);
        }
        assert_eq!(sink.finish().steps, ["CO-ROUTINE a", "  SCAN t", "SCAN a"]);
    }

    #[test]
    fn postgresqls_document_becomes_steps_with_rows_and_cost() {
        let document = r#"[{"Plan": {"Node Type": "Aggregate", "Plan Rows": 1, "Total Cost": 12.5, "Plans":
            [{"Node Type": "Seq Scan", "Relation Name": "fact_permis", "Plan Rows": 300, "Total Cost": 9.25, "Filter": "(n > 1)"}]}}]"#;
        let mut sink = PlanSink::new(Engine::Postgres);
        sink.row(&[Cell::Json(document)]);
        let plan = sink.finish();
        assert_eq!((plan.estimated_rows, plan.cost), (Some(1.0), Some(12.5)));
        assert_eq!(
            plan.steps,
            [
                "Aggregate (rows 1, cost 12.5)",
                "  Seq Scan on fact_permis, filter (n > 1) (rows 300, cost 9.25)"
            ]
        );
    }
}
