//! What a list of tools must keep to, so that every client and model provider can read it.

use serde_json::{Value, json};

/// Bytes a model may be sent of one server's `tools/list`.
pub const MODEL_BYTES: usize = 8192;

/// What a model is sent of `tools/list`: names, descriptions and input schemas, as compact JSON.
#[must_use]
pub fn model_part(tools: &[Value]) -> String {
    let part: Vec<Value> = tools
        .iter()
        .map(|tool| json!({"name": tool["name"], "description": tool["description"], "inputSchema": tool["inputSchema"]}))
        .collect();
    Value::Array(part).to_string()
}

/// Asserts that the tools of `tools/list` are plain, complete and small.
pub fn assert_portable(tools: &[Value]) {
    for tool in tools {
        let name = tool["name"].as_str().unwrap();
        let mut wrong = Vec::new();
        find_unportable(&tool["inputSchema"], "", &mut wrong);
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
        assert!(
            name.len() <= 40
                && name
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter == '_'),
            "{name}"
        );
        assert!(
            tool["title"]
                .as_str()
                .is_some_and(|title| !title.is_empty()),
            "{name} has no title"
        );
        assert!(
            tool["description"]
                .as_str()
                .is_some_and(|text| text.len() > 80),
            "{name} has no real description"
        );
        for hint in [
            "readOnlyHint",
            "destructiveHint",
            "idempotentHint",
            "openWorldHint",
        ] {
            assert!(
                tool["annotations"][hint].is_boolean(),
                "{name} does not tell {hint}"
            );
        }
        assert_eq!(
            tool["outputSchema"]["type"], "object",
            "{name} has no output schema"
        );
        let properties = tool["inputSchema"]["properties"].as_object().unwrap();
        for (argument, schema) in properties {
            assert!(
                schema["description"].is_string(),
                "{name}.{argument} is not described"
            );
        }
    }
    assert!(
        model_part(tools).len() < MODEL_BYTES,
        "the model's part has {} bytes",
        model_part(tools).len()
    );
    assert!(
        json!({ "tools": tools }).to_string().len() < 3 * MODEL_BYTES,
        "the whole list is too long"
    );
}

/// Which clients break on what: `additionalProperties`, `oneOf`, `const`, type lists, references,
/// boolean schemas and integer formats are each refused or misread by at least one.
fn find_unportable(schema: &Value, path: &str, wrong: &mut Vec<String>) {
    let Some(object) = schema.as_object() else {
        wrong.push(format!("{path} is not an object"));
        return;
    };
    for (key, value) in object {
        let here = format!("{path}/{key}");
        match key.as_str() {
            "$schema"
            | "$ref"
            | "$defs"
            | "additionalProperties"
            | "oneOf"
            | "allOf"
            | "const"
            | "nullable" => wrong.push(here),
            "type" if !value.is_string() => wrong.push(here),
            "format" if value.as_str().is_some_and(|name| name.contains("int")) => wrong.push(here),
            "default" if value.is_null() => wrong.push(here),
            "properties" => {
                for (name, inner) in value.as_object().unwrap() {
                    find_unportable(inner, &format!("{here}/{name}"), wrong);
                }
            }
            "items" => find_unportable(value, &here, wrong),
            "anyOf" => value
                .as_array()
                .unwrap()
                .iter()
                .for_each(|inner| find_unportable(inner, &here, wrong)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_break_on_is_found_at_any_depth() {
        let schema = json!({"type": "object", "properties": {
            "a": {"type": ["string", "null"]}, "b": {"type": "array", "items": {"const": 1}}, "const": {"type": "integer", "format": "uint32"},
        }});
        let mut wrong = Vec::new();
        find_unportable(&schema, "", &mut wrong);
        assert_eq!(
            wrong,
            [
                "/properties/a/type",
                "/properties/b/items/const",
                "/properties/const/format"
            ]
        );
    }
}
