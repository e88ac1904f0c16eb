//! Makes the JSON schemas of tools plain, so that every client and model provider reads them.

use std::sync::Arc;

use rmcp::handler::server::router::tool::ToolRouter;
use serde_json::{Map, Value, json};

/// Rewrites the schemas of every tool of a router by [`plain`] and [`plain_output`].
pub(crate) fn make_plain<S>(router: &mut ToolRouter<S>) {
    for route in router.map.values_mut() {
        let tool = &mut route.attr;
        rewrite(&mut tool.input_schema, plain);
        if let Some(schema) = &mut tool.output_schema {
            rewrite(schema, plain_output);
        }
    }
}

fn rewrite(schema: &mut Arc<Map<String, Value>>, rule: impl Fn(Value) -> Value) {
    if let Value::Object(object) = rule(Value::Object((**schema).clone())) {
        *schema = Arc::new(object);
    }
}

/// The same schema without what some clients break on: `$schema`, `$ref`, `additionalProperties`,
/// `oneOf`, `const`, lists of types, `null` alternatives, boolean schemas and number formats.
///
/// An optional field stays optional by its absence from `required`.
#[must_use]
pub fn plain(schema: Value) -> Value {
    rewritten(schema, Nulls::Dropped)
}

/// The same of what a tool answers, which clients check answers against: a field that is always there and may be null
/// says so. Only the outermost fields are described, for the list of tools is sent to models.
#[must_use]
pub(crate) fn plain_output(schema: Value) -> Value {
    let mut schema = rewritten(schema, Nulls::Told);
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for field in fields.into_iter().flat_map(Map::values_mut) {
        let described = field.get("description").cloned();
        drop_descriptions(field);
        if let (Some(object), Some(text)) = (field.as_object_mut(), described) {
            object.insert("description".into(), text);
        }
    }
    schema
}

/// What becomes of `null` as an alternative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// It goes: a null given counts as absent.
    Dropped,
    /// It stays where a field is required.
    Told,
}

fn drop_descriptions(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    object.remove("description");
    for (key, value) in object {
        match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                fields.values_mut().for_each(drop_descriptions);
            }
            ("anyOf", Value::Array(alternatives)) => {
                alternatives.iter_mut().for_each(drop_descriptions);
            }
            ("items", items) => drop_descriptions(items),
            _ => {}
        }
    }
}

fn rewritten(mut schema: Value, nulls: Nulls) -> Value {
    let definitions = schema
        .as_object_mut()
        .and_then(|object| object.remove("$defs"))
        .unwrap_or_default();
    let mut schema = simplify(schema, &definitions, nulls, 0);
    if let Some(object) = schema.as_object_mut() {
        object.entry("properties").or_insert_with(|| json!({}));
    }
    schema
}

/// Definitions may refer to themselves; no schema of ours is nested deeper than this.
const DEEPEST: usize = 12;

fn simplify(schema: Value, definitions: &Value, nulls: Nulls, depth: usize) -> Value {
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
    join_alternatives(&mut object, definitions, nulls, depth);
    let required = object.get("required").cloned().unwrap_or_default();
    let deeper =
        |schema: &mut Value| *schema = simplify(schema.take(), definitions, nulls, depth + 1);
    for (key, value) in &mut object {
        match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                for (name, field) in fields {
                    let is_required = required
                        .as_array()
                        .is_some_and(|all| all.contains(&json!(name)));
                    let told = nulls == Nulls::Told && is_required && may_be_null(field);
                    deeper(field);
                    if told {
                        allow_null(field);
                    }
                }
            }
            ("items", items) => deeper(items),
            _ => {}
        }
    }
    Value::Object(object)
}

/// Whether a schema has `null` beside one other type.
fn may_be_null(schema: &Value) -> bool {
    let null = json!("null");
    let types = schema.get("type").and_then(Value::as_array);
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    types.is_some_and(|types| types.contains(&null))
        || alternatives.is_some_and(|all| all.iter().any(|one| one.get("type") == Some(&null)))
}

/// The schema or null, under one description.
fn allow_null(schema: &mut Value) {
    let mut inner = schema.take();
    let described = inner
        .as_object_mut()
        .and_then(|object| object.remove("description"));
    *schema = json!({ "anyOf": [inner, { "type": "null" }] });
    if let (Some(object), Some(text)) = (schema.as_object_mut(), described) {
        object.insert("description".into(), text);
    }
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
fn join_alternatives(
    object: &mut Map<String, Value>,
    definitions: &Value,
    nulls: Nulls,
    depth: usize,
) {
    let Some(Value::Array(found)) = object.remove("oneOf").or_else(|| object.remove("anyOf"))
    else {
        return;
    };
    let optional = found.len() == 2; // `Option<T>`; in a longer list null is an alternative that was meant
    let mut alternatives: Vec<Value> = found
        .into_iter()
        .filter(|alternative| !optional || alternative.get("type") != Some(&json!("null")))
        .map(|alternative| simplify(alternative, definitions, nulls, depth + 1))
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

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Answered {
        /// Null when unknown
        value: Option<f64>,
        /// Which
        kind: Option<Kind>,
        /// Absent when there is none
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<f64>,
        /// Some
        nested: Vec<Part>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Part {
        /// Described for readers of the code
        part: u32,
    }

    #[test]
    fn an_answer_says_which_fields_may_be_null_and_describes_the_outermost() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<Answered>();
        let schema = plain_output(schema.to_value());
        let fields = &schema["properties"];
        assert_eq!(
            fields["value"],
            json!({"description": "Null when unknown", "anyOf": [{"type": "number"}, {"type": "null"}]})
        );
        assert_eq!(fields["kind"]["anyOf"][1], json!({"type": "null"}));
        assert_eq!(
            fields["target"],
            json!({"description": "Absent when there is none", "type": "number"})
        );
        assert_eq!(
            fields["nested"]["items"]["properties"]["part"],
            json!({"type": "integer", "minimum": 0})
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
