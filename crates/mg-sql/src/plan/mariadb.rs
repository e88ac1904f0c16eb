//! MariaDB's and MySQL's plans: a document of blocks, joins and tables, of which each adds its words.

use serde_json::Value;

use super::Plan;

/// Reads the answer to `EXPLAIN FORMAT=JSON`.
pub(super) fn plan(document: &str) -> Plan {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let block = &document["query_block"];
    let mut steps = Vec::new();
    push(&mut steps, block, 0);
    Plan {
        steps,
        estimated_rows: joined(block).and_then(|tables| {
            let rows = tables.iter().map(|table| rows(table));
            rows.collect::<Option<Vec<f64>>>()
                .filter(|rows| !rows.is_empty())
                .map(|rows| rows.iter().product())
        }),
        cost: number(&block["cost_info"]["query_cost"]).or_else(|| number(&block["cost"])),
    }
}

/// What stands around tables and deserves a line of its own.
const AROUND: [(&str, &str); 4] = [
    ("filesort", "Sort"),
    ("ordering_operation", "Sort"),
    ("temporary_table", "Temporary table"),
    ("union_result", "Union"),
];

fn push(steps: &mut Vec<String>, node: &Value, depth: usize) {
    for inside in node.as_array().into_iter().flatten() {
        push(steps, inside, depth);
    }
    for (key, inside) in node.as_object().into_iter().flatten() {
        let around = AROUND.iter().find(|(known, _)| known == key);
        let words = match around {
            _ if key == "table" => Some(table(inside)),
            Some((_, words)) => Some(match inside["sort_key"].as_str() {
                Some(sort_key) => format!("{words} by {sort_key}"),
                None => (*words).to_owned(),
            }),
            None => None,
        };
        if let Some(words) = words {
            steps.push(format!("{}{words}", "  ".repeat(depth)));
            push(steps, inside, depth + 1);
        } else {
            push(steps, inside, depth);
        }
    }
}

/// A table in the engine's own words: how it is reached, by which index, with which condition.
fn table(node: &Value) -> String {
    let Some(name) = node["table_name"].as_str() else {
        return node["message"].as_str().unwrap_or("table").to_owned();
    };
    let mut step = format!(
        "{} on {name}",
        node["access_type"].as_str().unwrap_or("read")
    );
    for (key, before) in [("key", " using "), ("attached_condition", ", filter ")] {
        if let Some(value) = node[key].as_str() {
            step.push_str(before);
            step.push_str(value);
        }
    }
    match number(&node["rows"]).or_else(|| number(&node["rows_examined_per_scan"])) {
        Some(rows) => format!("{step} (rows {rows})"),
        None => step,
    }
}

/// The tables of the outermost join; none where there are several joins, as in a union.
fn joined(node: &Value) -> Option<Vec<&Value>> {
    if let Some(table) = node.get("table") {
        return Some(vec![table]);
    }
    if let Some(parts) = node.as_array() {
        let tables = parts.iter().map(joined).collect::<Option<Vec<_>>>()?;
        return Some(tables.concat());
    }
    let node = node.as_object()?;
    if node.contains_key("query_specifications") {
        return None;
    }
    let mut inner = node.values().filter_map(joined);
    let only = inner.next()?;
    inner.next().is_none().then_some(only)
}

/// Rows that a table adds for each row of those before it.
fn rows(table: &Value) -> Option<f64> {
    let rows = number(&table["rows"]).or_else(|| number(&table["rows_examined_per_scan"]))?;
    let filtered = number(&table["filtered"]).unwrap_or(100.0);
    Some(rows * filtered / 100.0)
}

/// MySQL writes some of its numbers as text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_becomes_steps_with_rows_and_conditions() {
        let plan = plan(
            r#"{"query_block": {"select_id": 1, "filesort": {"sort_key": "t.a", "temporary_table": {"nested_loop": [
                {"table": {"table_name": "u", "access_type": "ALL", "rows": 20, "filtered": 50, "attached_condition": "u.n > 1"}},
                {"table": {"table_name": "<subquery2>", "access_type": "eq_ref", "key": "PRIMARY", "rows": 1, "filtered": 100,
                  "materialized": {"query_block": {"select_id": 2, "nested_loop": [{"table": {"table_name": "t", "access_type": "range", "rows": 7}}]}}}}]}}}}"#,
        );
        assert_eq!(
            plan.steps,
            [
                "Sort by t.a",
                "  Temporary table",
                "    ALL on u, filter u.n > 1 (rows 20)",
                "    eq_ref on <subquery2> using PRIMARY (rows 1)",
                "      range on t (rows 7)",
            ]
        );
        assert_eq!((plan.estimated_rows, plan.cost), (Some(10.0), None));
    }

    #[test]
    fn a_plan_without_tables_says_so() {
        let plan =
            plan(r#"{"query_block": {"select_id": 1, "table": {"message": "No tables used"}}}"#);
        assert_eq!(plan.steps, ["No tables used"]);
        assert_eq!(plan.estimated_rows, None);
    }

    #[test]
    fn mysqls_numbers_and_unions_are_read() {
        let plan = plan(
            r#"{"query_block": {"cost_info": {"query_cost": "12.50"}, "union_result": {"query_specifications": [
                {"query_block": {"table": {"table_name": "t", "access_type": "ALL", "rows_examined_per_scan": 3, "filtered": "100.00"}}},
                {"query_block": {"table": {"table_name": "u", "access_type": "ALL", "rows_examined_per_scan": 4}}}]}}}"#,
        );
        assert_eq!(
            plan.steps,
            ["Union", "  ALL on t (rows 3)", "  ALL on u (rows 4)"]
        );
        assert_eq!((plan.estimated_rows, plan.cost), (None, Some(12.5)));
    }

    #[test]
    fn what_is_no_document_has_no_steps() {
        assert_eq!(plan("nonsense"), Plan::default());
    }
}
