//! What the shared call path does to arguments and to the words that refuse them.

use rmcp::model::{JsonObject, Tool};

use crate::{excerpt, nearest};

/// A null counts as absent: models write it for "no value".
pub(super) fn without_nulls(arguments: JsonObject) -> JsonObject {
    arguments
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}

/// Turns serde's refusal into a sentence that names what would work.
pub(super) fn explain(refusal: &str, tool: &Tool) -> String {
    let plain = refusal.trim_start_matches("failed to deserialize parameters: ");
    let plain = brief(plain);
    let known: Vec<&str> = tool
        .input_schema
        .get("properties")
        .and_then(|properties| properties.as_object())
        .into_iter()
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect();
    let Some(unknown) = plain
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next())
    else {
        return format!("{}: {plain}; it takes {}", tool.name, listed(&known));
    };
    let meant = nearest(unknown, known.iter().copied(), 1);
    let meant = meant
        .first()
        .map_or_else(String::new, |name| format!(" did you mean `{name}`?"));
    format!(
        "{} has no argument `{unknown}`;{meant} It takes {}",
        tool.name,
        listed(&known)
    )
}

/// The words with what they quote cut: who sent ten thousand letters does not need them back.
fn brief(plain: &str) -> String {
    ['`', '"'].into_iter().fold(plain.to_owned(), |text, mark| {
        let parts = text.split(mark).enumerate();
        let parts = parts.map(|(index, part)| match index % 2 {
            0 => part.into(),
            _ => excerpt(part),
        });
        parts.collect::<Vec<_>>().join(&mark.to_string())
    })
}

fn listed(known: &[&str]) -> String {
    match known {
        [] => "no arguments".into(),
        names => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn tool() -> Tool {
        let schema = json!({"type": "object", "properties": {"query": {}, "max_rows": {}}});
        Tool::new(
            "run_sql",
            "",
            Arc::new(schema.as_object().cloned().unwrap()),
        )
    }

    #[test]
    fn an_unknown_argument_is_answered_with_the_nearest_one() {
        let sentence = explain(
            "failed to deserialize parameters: unknown field `max_row`, expected `query` or `max_rows`",
            &tool(),
        );
        assert_eq!(
            sentence,
            "run_sql has no argument `max_row`; did you mean `max_rows`? It takes max_rows, query"
        );
    }

    #[test]
    fn another_mistake_keeps_its_reason_and_names_the_arguments() {
        let sentence = explain(
            "failed to deserialize parameters: missing field `query`",
            &tool(),
        );
        assert_eq!(
            sentence,
            "run_sql: missing field `query`; it takes max_rows, query"
        );
    }

    #[test]
    fn what_is_quoted_is_cut() {
        let long = "x".repeat(10_000);
        for refusal in [
            format!("unknown field `{long}`, expected `query`"),
            format!("unknown variant `{long}`, expected one of `month`, `year`"),
            format!("invalid type: string \"{long}\", expected a sequence"),
        ] {
            let sentence = explain(&refusal, &tool());
            assert!(sentence.len() < 250, "{sentence}");
            assert!(sentence.contains("x…"), "{sentence}");
        }
    }

    #[test]
    fn a_null_counts_as_absent_but_a_null_inside_a_list_stays() {
        let given = json!({"a": null, "b": [null]})
            .as_object()
            .cloned()
            .unwrap();
        assert_eq!(json!(without_nulls(given)), json!({"b": [null]}));
    }
}
