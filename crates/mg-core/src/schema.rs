//! Makes the JSON schemas of tools plain, so that every client and model provider reads them.

use std::sync::Arc;

use rmcp::handler::server::router::tool::ToolRouter;
use serde_json::{Map, Value, json};

/// Rewrites the schemas of every tool of a router by [`plain`].
pub(crate) fn make_plain<S>(router: &mut ToolRouter<S>) {
    for route in router.map.values_mut() {
        let tool = &mut route.attr;
        let schemas = [Some(&mut tool.input_schema), tool.output_schema.as_mut()];
        for schema in schemas.into_iter().flatten() {
            if let Value::Object(object) = plain(Value::Object((**schema).clone())) {
                *schema = Arc::new(object);
            }
        }
    }
}

/// The same schema without what some clients break on: `$schema`, `$ref`, `additionalProperties`,
/// `oneOf`, `const`, lists of types, `null` alternatives, boolean schemas and number formats.
///
/// An optional field stays optional by its absence from `required`.
#[must_use]
pub fn plain(mut schema: Value) -> Value {
    let definitions = schema
        .as_object_mut()
        .and_then(|object| object.remove("$defs"))
        .unwrap_or_default();
    let mut schema = simplify(schema, &definitions, 0);
    if let Some(object) = schema.as_object_mut() {
        object.entry("properties").or_insert_with(|| json!({}));
    }
    schema
}

/// Definitions may refer to themselves; no schema of ours is nested deeper than this.
const DEEPEST: usize = 12;

fn simplify(schema: Value, definitions: &Value, depth: usize) -> Value {
    let Value::Object(mut object) = schema else {
        return json!({}); // `true`: anything
    };
    if let Some(target) = referred(&object, definitions).filter(|_| depth < DEEPEST) {
        for (key, value) in target {
            object.entry(key).or_insert(value);
        }
    }
    for unwanted in ["$ref", "$schema", "additionalProperties"] {
        object.remove(unwanted);
    }
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
    if let Some(value) = object.remove("const") {
        object.insert("enum".into(), json!([value]));
    }
    drop_number_format(&mut object);
    single_type(&mut object);
    join_alternatives(&mut object, definitions, depth);
    for (key, value) in &mut object {
        match key.as_str() {
            "properties" => {
                for property in value.as_object_mut().into_iter().flat_map(Map::values_mut) {
                    *property = simplify(property.take(), definitions, depth + 1);
                }
            }
            "items" => *value = simplify(value.take(), definitions, depth + 1),
            _ => {}
        }
    }
    Value::Object(object)
}

fn referred(object: &Map<String, Value>, definitions: &Value) -> Option<Map<String, Value>> {
    let name = object.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    definitions.get(name)?.as_object().cloned()
}

fn drop_number_format(object: &mut Map<String, Value>) {
    let named = |value: &Value| {
        value.as_str().is_some_and(|name| {
            name.starts_with("int")
                || name.starts_with("uint")
                || name == "double"
                || name == "float"
        })
    };
    if object.get("format").is_some_and(named) {
        object.remove("format");
    }
}

/// `["string", "null"]` becomes `"string"`.
fn single_type(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get("type") {
        let real: Vec<Value> = types
            .iter()
            .filter(|name| *name != "null")
            .cloned()
            .collect();
        match <[Value; 1]>::try_from(real) {
            Ok([one]) => object.insert("type".into(), one),
            Err(several) => {
                let alternatives = several
                    .into_iter()
                    .map(|name| json!({ "type": name }))
                    .collect();
                object.insert("anyOf".into(), Value::Array(alternatives));
                object.remove("type")
            }
        };
    }
}

/// Alternatives of fixed strings become one `enum`; `null` alternatives go; a single one left is inlined.
fn join_alternatives(object: &mut Map<String, Value>, definitions: &Value, depth: usize) {
    let Some(Value::Array(found)) = object.remove("oneOf").or_else(|| object.remove("anyOf"))
    else {
        return;
    };
    let optional = found.len() == 2; // `Option<T>`; in a longer list null is an alternative that was meant
    let mut alternatives: Vec<Value> = found
        .into_iter()
        .filter(|alternative| !optional || alternative.get("type") != Some(&json!("null")))
        .map(|alternative| simplify(alternative, definitions, depth + 1))
        .collect();
    let fixed: Option<Vec<Value>> = alternatives
        .iter()
        .map(fixed_values)
        .collect::<Option<Vec<_>>>()
        .map(|lists| lists.concat());
    if let Some(values) = fixed {
        object.insert("type".into(), json!("string"));
        object.insert("enum".into(), Value::Array(values));
    } else if let [Value::Object(_)] = alternatives.as_slice() {
        if let Some(Value::Object(only)) = alternatives.pop() {
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    } else {
        object.insert("anyOf".into(), Value::Array(alternatives));
    }
}

fn fixed_values(alternative: &Value) -> Option<Vec<Value>> {
    let values = alternative.get("enum")?.as_array()?;
    values.iter().all(Value::is_string).then(|| values.clone())
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;

    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        /// A name
        name: Option<String>,
        kind: Option<Kind>,
        limit: Option<u32>,
        ratio: f64,
        nested: Vec<Inner>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        /// documented, so schemars writes oneOf with const
        Table,
        /// another
        View,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Inner {
        next: Option<Box<Inner>>,
        value: serde_json::Value,
    }

    fn forbidden(schema: &Value, path: &str, found: &mut Vec<String>) {
        match schema {
            Value::Object(object) => {
                for (key, value) in object {
                    let here = format!("{path}/{key}");
                    let wrong = matches!(
                        key.as_str(),
                        "$schema"
                            | "$ref"
                            | "$defs"
                            | "oneOf"
                            | "const"
                            | "additionalProperties"
                            | "nullable"
                    ) || (key == "type" && value.is_array())
                        || (key == "format" && value != "date");
                    if wrong && !path.ends_with("/properties") {
                        found.push(here.clone());
                    }
                    forbidden(value, &here, found);
                }
            }
            Value::Array(list) => list.iter().for_each(|item| forbidden(item, path, found)),
            _ => {}
        }
    }

    #[test]
    fn a_plain_schema_has_nothing_that_clients_break_on_and_keeps_its_meaning() {
        let schema = plain(schemars::schema_for!(Arguments).to_value());
        let mut found = Vec::new();
        forbidden(&schema, "", &mut found);
        assert_eq!(found, Vec::<String>::new(), "{schema:#}");
        assert_eq!(
            schema["properties"]["name"],
            json!({"type": "string", "description": "A name"})
        );
        assert_eq!(
            schema["properties"]["kind"]["enum"],
            json!(["table", "view"])
        );
        assert_eq!(schema["required"], json!(["ratio", "nested"]));
        assert_eq!(
            schema["properties"]["nested"]["items"]["properties"]["next"]["type"],
            "object"
        );
    }

    #[test]
    fn an_empty_object_still_names_its_properties() {
        assert_eq!(
            plain(json!({"type": "object"})),
            json!({"type": "object", "properties": {}})
        );
    }

    #[test]
    fn null_stays_where_it_is_one_of_several_alternatives() {
        let all = json!([{"type": "string"}, {"type": "number"}, {"type": "null"}]);
        assert_eq!(plain(json!({"anyOf": all}))["anyOf"], all);
    }

    #[test]
    fn several_types_become_alternatives_without_null() {
        assert_eq!(
            plain(json!({"type": ["string", "number", "null"]}))["anyOf"],
            json!([{"type": "string"}, {"type": "number"}])
        );
    }
}
