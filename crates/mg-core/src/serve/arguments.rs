//! What the shared call path does to arguments and to the words that refuse them.

use rmcp::model::{JsonObject, Tool};
use serde_json::Value;

use crate::{alike, excerpt};

/// The arguments as the tool's schema types them. A null counts as absent: models write it for "no value".
pub(super) fn as_typed(mut arguments: JsonObject, schema: &JsonObject) -> JsonObject {
    let properties = schema.get("properties").and_then(Value::as_object);
    arguments.retain(|_, value| !value.is_null());
    for (name, value) in &mut arguments {
        if let Some(schema) = properties.and_then(|properties| properties.get(name)) {
            fit(value, schema);
        }
    }
    arguments
}

/// Gives a value the one type of its schema where it means the same: 12.0 and "12" for an integer, 2022 for a text, "true"
/// for a boolean, "[1, 2]" or a single value for a list. What has the type already, what means something else, and what the
/// schema leaves open stay as they are.
fn fit(value: &mut Value, schema: &Value) {
    let wanted = schema.get("type").and_then(Value::as_str);
    let fitted = match (wanted, &*value) {
        (Some("string"), Value::Number(number)) => Some(Value::String(written(number))),
        (Some("integer"), Value::Number(number)) if number.is_f64() => whole(number.as_f64()),
        (Some("integer"), Value::String(text)) => integer(text.trim()),
        (Some("number"), Value::String(text)) => number(text.trim()),
        (Some("boolean"), Value::String(text)) => boolean(text.trim()),
        (Some("array"), Value::String(text)) if text.trim_start().starts_with('[') => {
            parsed(text).filter(Value::is_array)
        }
        (Some("object"), Value::String(text)) => parsed(text).filter(Value::is_object),
        (Some("array"), single) if !single.is_array() => listed_alone(single, schema),
        _ => None,
    };
    if let Some(fitted) = fitted {
        *value = fitted;
    }
    if let (Value::Array(elements), Some(schema)) = (value, schema.get("items")) {
        for element in elements {
            fit(element, schema);
        }
    }
}

/// 2022.0 is written 2022.
fn written(number: &serde_json::Number) -> String {
    let is_whole = number.is_f64().then(|| whole(number.as_f64())).flatten();
    is_whole.map_or_else(|| number.to_string(), |whole| whole.to_string())
}

fn whole(number: Option<f64>) -> Option<Value> {
    /// Beyond it a double does not tell neighbours apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = number.filter(|number| number.fract() == 0.0 && number.abs() < EXACT)?;
    format!("{number:.0}").parse::<i64>().ok().map(Value::from)
}

fn integer(text: &str) -> Option<Value> {
    let exact = text.parse::<i64>().ok().map(Value::from);
    exact.or_else(|| whole(text.parse().ok()))
}

fn number(text: &str) -> Option<Value> {
    parsed(text).filter(Value::is_number)
}

fn boolean(text: &str) -> Option<Value> {
    let told = ["false", "true"].map(|word| text.eq_ignore_ascii_case(word));
    told.contains(&true).then_some(Value::Bool(told[1]))
}

/// One value for a list of one type. A text with a comma may be several: it is left to be refused.
fn listed_alone(single: &Value, schema: &Value) -> Option<Value> {
    schema.get("items")?.get("type")?;
    let is_one = match single {
        Value::String(text) => !text.contains([',', ';']),
        other => !other.is_object(),
    };
    is_one.then(|| Value::Array(vec![single.clone()]))
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// Turns serde's refusal into a sentence that names what would work.
pub(super) fn explain(refusal: &str, tool: &Tool) -> String {
    let plain = brief(refusal.trim_start_matches("failed to deserialize parameters: "));
    let properties = tool.input_schema.get("properties");
    let properties = properties.and_then(Value::as_object);
    let known: Vec<&str> = properties
        .into_iter()
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect();
    if let Some(given) = below_zero(&plain) {
        let counts = properties.into_iter().flatten();
        let counts: Vec<_> = counts
            .filter(|(_, schema)| schema.get("minimum").is_some_and(|least| *least == 0))
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        return format!(
            "{}: {given} is below 0; {} takes a whole number from 0 on, or is left out",
            tool.name,
            counts.join(" or ")
        );
    }
    let Some(unknown) = plain
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next())
    else {
        return format!("{}: {plain}; it takes {}", tool.name, listed(&known));
    };
    let meant = alike(unknown, known.iter().copied(), 1);
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

/// The integer that serde refused to an unsigned type.
fn below_zero(refusal: &str) -> Option<&str> {
    let (given, wanted) = refusal
        .strip_prefix("invalid value: integer `")?
        .split_once("`, expected ")?;
    let is_unsigned = ["usize", "u64", "u32", "u16", "u8"].contains(&wanted);
    (is_unsigned && given.starts_with('-')).then_some(given)
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
    fn a_number_below_zero_is_answered_with_the_range() {
        let schema = json!({"type": "object", "properties": {
            "limit": {"type": "integer", "minimum": 0}, "name": {"type": "string"},
        }});
        let tool = Tool::new("list", "", Arc::new(schema.as_object().cloned().unwrap()));
        let sentence = explain(
            "failed to deserialize parameters: invalid value: integer `-1`, expected usize",
            &tool,
        );
        assert_eq!(
            sentence,
            "list: -1 is below 0; `limit` takes a whole number from 0 on, or is left out"
        );
    }

    fn typed(schema: &Value, given: &Value) -> Value {
        let schema = json!({"properties": {"a": schema}});
        let arguments = json!({"a": given});
        let (arguments, schema) = (arguments.as_object().unwrap(), schema.as_object().unwrap());
        json!(as_typed(arguments.clone(), schema))["a"].take()
    }

    #[test]
    fn a_value_that_means_the_same_gets_the_type_of_the_schema() {
        let texts = json!({"type": "array", "items": {"type": "string"}});
        let numbers = json!({"type": "array", "items": {"type": "number"}});
        for (schema, given, expected) in [
            (&json!({"type": "integer"}), json!(12.0), json!(12)),
            (&json!({"type": "integer"}), json!(-1.0), json!(-1)),
            (&json!({"type": "integer"}), json!(" 12 "), json!(12)),
            (&json!({"type": "integer"}), json!("12.0"), json!(12)),
            (&json!({"type": "string"}), json!(2022), json!("2022")),
            (&json!({"type": "string"}), json!(2022.0), json!("2022")),
            (&json!({"type": "string"}), json!(0.5), json!("0.5")),
            (&json!({"type": "number"}), json!("0.5"), json!(0.5)),
            (&json!({"type": "boolean"}), json!("True"), json!(true)),
            (&json!({"type": "boolean"}), json!("false"), json!(false)),
            (
                &json!({"type": "object"}),
                json!("{\"b\": 1}"),
                json!({"b": 1}),
            ),
            (&numbers, json!("[80, 95]"), json!([80, 95])),
            (&numbers, json!(95), json!([95])),
            (&numbers, json!(["80", 95]), json!([80, 95])),
            (&texts, json!("Lagny"), json!(["Lagny"])),
            (&texts, json!([77243]), json!(["77243"])),
            (&texts, json!("[77243]"), json!(["77243"])),
        ] {
            assert_eq!(typed(schema, &given), expected, "{schema} {given}");
        }
    }

    #[test]
    fn what_means_something_else_is_left_to_be_refused() {
        let texts = json!({"type": "array", "items": {"type": "string"}});
        for (schema, given) in [
            (&json!({"type": "integer"}), json!(12.5)),
            (&json!({"type": "integer"}), json!(1e300)),
            (&json!({"type": "integer"}), json!("twelve")),
            (&json!({"type": "integer"}), json!("inf")),
            (&json!({"type": "number"}), json!("true")),
            (&json!({"type": "boolean"}), json!("yes")),
            (&json!({"type": "boolean"}), json!(1)),
            (&json!({"type": "string"}), json!(true)),
            (&json!({"type": "object"}), json!("[1]")),
            (&texts, json!("Lagny, Torcy")),
            (&texts, json!({"b": 1})),
        ] {
            assert_eq!(typed(schema, &given), given, "{schema}");
        }
    }

    #[test]
    fn what_the_schema_leaves_open_keeps_its_type() {
        let open =
            json!({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}});
        let given = json!(["1", 1, 1.0, true, null]);
        assert_eq!(typed(&open, &given), given);
        assert_eq!(typed(&json!({}), &json!("12")), json!("12"));
        let alone = json!("12");
        assert_eq!(typed(&open, &alone), alone);
    }

    #[test]
    fn a_null_counts_as_absent_but_a_null_inside_a_list_stays() {
        let given = json!({"a": null, "b": [null]})
            .as_object()
            .cloned()
            .unwrap();
        assert_eq!(
            json!(as_typed(given, &JsonObject::new())),
            json!({"b": [null]})
        );
    }
}
