//! The parameters of a run, held against the workflow's own JSON Schemas before Airflow sees them.
//!
//! Airflow checks the values too, but takes unknown names without a word: a misspelt parameter would run with its default.

use std::collections::BTreeMap;

use mg_core::{ToolError, nearest};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Mistakes told at once.
const MOST: usize = 5;

/// A parameter as the workflow declares it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Parameter {
    /// Its default.
    pub(crate) value: Value,
    /// Its JSON Schema; empty for a parameter that is just a value.
    pub(crate) schema: Value,
    /// What it means.
    pub(crate) description: Option<String>,
}

impl Parameter {
    /// Whether a run needs a value for it.
    pub(crate) fn is_required(&self) -> bool {
        self.value.is_null() && !self.accepts(&Value::Null)
    }

    /// The types a value may have, as the schema names them.
    pub(crate) fn kind(&self) -> String {
        match &self.schema["type"] {
            Value::String(kind) => kind.clone(),
            Value::Array(kinds) => {
                let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
                kinds.join(" or ")
            }
            _ => "any".into(),
        }
    }

    /// What the schema asks beyond the type: `pattern ^\d{5}$`, `minimum 1`.
    pub(crate) fn constraints(&self) -> Vec<String> {
        let schema = self.schema.as_object();
        let kept = schema.into_iter().flatten().filter(|(key, _)| {
            !matches!(
                key.as_str(),
                "type" | "title" | "description" | "description_md" | "examples" | "values_display"
            )
        });
        kept.map(|(key, value)| match value {
            Value::String(text) => format!("{key} {text}"),
            other => format!("{key} {other}"),
        })
        .collect()
    }

    fn accepts(&self, value: &Value) -> bool {
        validator(&self.schema).is_none_or(|validator| validator.is_valid(value))
    }

    /// The first thing wrong with a value.
    fn mistake(&self, value: &Value) -> Option<String> {
        let validator = validator(&self.schema)?;
        let error = validator.iter_errors(value).next()?;
        Some(error.to_string())
    }

    fn asked(&self) -> String {
        let mut asked = vec![self.kind()];
        asked.extend(self.constraints());
        asked.join(", ")
    }
}

/// A schema that cannot be read here is left to Airflow.
fn validator(schema: &Value) -> Option<jsonschema::Validator> {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).ok()
}

/// Refuses parameters that the workflow does not know, lacks or cannot take.
///
/// # Errors
///
/// [`ToolError::Invalid`] with every mistake and what would work.
pub(crate) fn check(
    declared: &BTreeMap<String, Parameter>,
    given: &Map<String, Value>,
) -> Result<(), ToolError> {
    let unknown = given.keys().filter(|name| !declared.contains_key(*name));
    let mut mistakes: Vec<String> = unknown.map(|name| told_unknown(name, declared)).collect();
    for (name, parameter) in declared {
        match given.get(name) {
            Some(value) => mistakes.extend(
                parameter
                    .mistake(value)
                    .map(|mistake| format!("`{name}`: {mistake} (it takes {})", parameter.asked())),
            ),
            None if parameter.is_required() => {
                mistakes.push(format!("`{name}` is required ({})", parameter.asked()));
            }
            None => {}
        }
    }
    if mistakes.is_empty() {
        return Ok(());
    }
    mistakes.truncate(MOST);
    Err(ToolError::Invalid(format!(
        "nothing was started; params: {}",
        mistakes.join("; ")
    )))
}

fn told_unknown(name: &str, declared: &BTreeMap<String, Parameter>) -> String {
    let name = mg_core::clean(name);
    let known: Vec<&str> = declared.keys().map(String::as_str).collect();
    match nearest(&name, known.iter().copied(), 1).first() {
        Some(meant) => format!(
            "there is no `{name}`, did you mean `{meant}`? The workflow takes {}",
            known.join(", ")
        ),
        None => format!("there is no `{name}`, the workflow takes no parameters"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn declared() -> BTreeMap<String, Parameter> {
        serde_json::from_value(json!({
            "commune": {"value": "77243", "schema": {"type": "string", "pattern": "^\\d{5}$"}, "description": "INSEE code", "source": null},
            "months": {"value": 12, "schema": {"type": "integer", "minimum": 1, "maximum": 60}},
            "comment": {"value": null, "schema": {"type": ["null", "string"]}},
            "day": {"value": "2026-01-01", "schema": {"type": "string", "format": "date"}},
            "release": {"value": null, "schema": {"type": "string"}},
            "plain": {"value": 3, "schema": {}},
        }))
        .unwrap()
    }

    fn refusal(given: &Value) -> String {
        check(&declared(), given.as_object().unwrap())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_fits_is_taken() {
        for given in [
            json!({"release": "2026-10"}),
            json!({"release": "2026-10", "commune": "77307", "months": 3, "comment": null, "day": "2026-11-25", "plain": "x"}),
        ] {
            assert!(
                check(&declared(), given.as_object().unwrap()).is_ok(),
                "{given}"
            );
        }
        assert!(check(&BTreeMap::new(), &Map::new()).is_ok());
    }

    #[test]
    fn every_mistake_is_told_with_what_would_work() {
        let told = refusal(&json!({"comune": "77243", "months": "12"}));
        for part in [
            "nothing was started",
            "did you mean `commune`",
            "commune, day, months",
            "`months`: \"12\" is not of type \"integer\"",
            "minimum 1",
            "`release` is required (string)",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let told = refusal(&json!({"release": "x", "commune": "abc"}));
        assert!(told.contains("pattern ^\\d{5}$"), "{told}");
        assert!(refusal(&json!({"release": "x", "day": "25/11/2026"})).contains("format date"));
        assert!(refusal(&json!({"release": "x", "months": 61})).contains("maximum"));
    }

    #[test]
    fn a_schema_that_cannot_be_read_is_left_to_airflow() {
        let odd: BTreeMap<String, Parameter> = serde_json::from_value(json!({
            "odd": {"value": 1, "schema": {"type": "no type"}},
            "far": {"value": 1, "schema": {"$ref": "https://example.org/schema"}},
        }))
        .unwrap();
        let given = json!({"odd": 2, "far": 2});
        assert!(check(&odd, given.as_object().unwrap()).is_ok());
    }

    #[test]
    fn a_workflow_without_parameters_says_so() {
        let given = json!({"x": 1});
        let told = check(&BTreeMap::new(), given.as_object().unwrap()).unwrap_err();
        assert!(told.to_string().contains("takes no parameters"), "{told}");
    }
}
