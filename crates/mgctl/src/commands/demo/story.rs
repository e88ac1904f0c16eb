//! The steps of the story: what is asked, and what a right answer shows.

use rmcp::model::{CallToolResult, JsonObject};
use serde_json::{Value, json};

use crate::client;

/// One step of the story.
#[derive(Debug)]
pub(super) struct Step {
    /// What a person would ask, in French and in English.
    pub(super) question: (&'static str, &'static str),
    /// The server that knows.
    pub(super) server: &'static str,
    /// The tool that answers.
    pub(super) tool: &'static str,
    /// Its arguments.
    pub(super) arguments: fn() -> JsonObject,
    /// What a right answer shows, in French and in English.
    pub(super) shows: (&'static str, &'static str),
    /// Whether the answer shows it, else what is missing.
    pub(super) check: fn(&CallToolResult) -> Result<(), String>,
}

/// The story.
pub(super) const STORY: &[Step] = &[
    Step {
        question: ("Que contient la base ?", "What is in the database?"),
        server: "mg-sql",
        tool: "search_schema",
        arguments: || object(json!({"kind": "table", "detail": "names"})),
        shows: ("le schéma est trouvé", "the schema is found"),
        check: |answer| {
            let data = data(answer)?;
            let objects = data["objects"].as_array().into_iter().flatten();
            let found = objects
                .filter(|table| table["name"] == "fact_permis")
                .count();
            expect(found == 1, "the table fact_permis is not found")
        },
    },
    Step {
        question: (
            "Quelles communes ont le plus autorisé en 2022 ?",
            "Which communes authorised most in 2022?",
        ),
        server: "mg-sql",
        tool: "run_sql",
        arguments: || object(json!({"query": MOST_IN_2022})),
        shows: (
            "une requête SQL en lecture seule",
            "a read-only SQL statement",
        ),
        check: |answer| {
            let rows = data(answer)?["rows"].as_array().map_or(0, Vec::len);
            expect(rows == 5, "five rows were expected")
        },
    },
    Step {
        question: (
            "Combien de logements autorisés en 2022, est-ce assez ?",
            "How many dwellings authorised in 2022, is it enough?",
        ),
        server: "mg-kpi",
        tool: "get_indicator",
        arguments: || object(json!({"name": "logements_autorises", "date": "2022"})),
        shows: (
            "1 564, avec unité, période, source, millésime, objectif, année précédente",
            "1,564, with unit, period, source, vintage, target, year before",
        ),
        check: |answer| {
            let data = data(answer)?;
            expect(
                data["value"] == 1564 && data["status"] == "final",
                "1564 dwellings, final, were expected",
            )?;
            let told = ["unit", "source", "vintage", "target", "year_ago"]
                .iter()
                .find(|key| data[**key].is_null());
            expect(
                told.is_none(),
                &format!("{} is not told", told.copied().unwrap_or_default()),
            )
        },
    },
    Step {
        question: (
            "Et les logements commencés en 2024 ?",
            "And dwellings started in 2024?",
        ),
        server: "mg-kpi",
        tool: "get_indicator",
        arguments: || object(json!({"name": "logements_commences", "date": "2024"})),
        shows: ("manquant, et non zéro", "missing, not zero"),
        check: |answer| {
            let data = data(answer)?;
            expect(
                data["value"].is_null() && data["status"] == "missing",
                "a missing value was expected",
            )
        },
    },
    Step {
        question: ("Et à « Lagni » ?", "And in \"Lagni\"?"),
        server: "mg-kpi",
        tool: "get_indicator",
        arguments: || {
            object(json!({"name": "logements_autorises", "date": "2022", "territory": "Lagni"}))
        },
        shows: (
            "commune inconnue : les plus proches sont proposées",
            "unknown commune: the nearest are suggested",
        ),
        check: |answer| {
            expect(
                is_refused(answer) && client::text(answer).contains("Lagny-sur-Marne"),
                "Lagny-sur-Marne was expected to be suggested",
            )
        },
    },
    Step {
        question: (
            "Peut-on effacer les permis ?",
            "Can the permits be deleted?",
        ),
        server: "mg-sql",
        tool: "run_sql",
        arguments: || object(json!({"query": "DELETE FROM fact_permis"})),
        shows: ("l'écriture est refusée", "the write is refused"),
        check: |answer| expect(is_refused(answer), "the write was not refused"),
    },
];

const MOST_IN_2022: &str = "SELECT c.nom AS commune, a.log_aut AS logements FROM fact_logements_annuel a \
    JOIN dim_commune c ON c.comm = a.territoire WHERE a.annee = 2022 AND a.type_lgt = 'Tous' \
    ORDER BY a.log_aut DESC, c.nom LIMIT 5";

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

/// The structured content of an answer that succeeded.
fn data(answer: &CallToolResult) -> Result<&Value, String> {
    match &answer.structured_content {
        Some(data) if !is_refused(answer) => Ok(data),
        _ => Err("the call failed".to_owned()),
    }
}

fn is_refused(answer: &CallToolResult) -> bool {
    answer.is_error == Some(true)
}

fn expect(shown: bool, otherwise: &str) -> Result<(), String> {
    if shown {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::ContentBlock;

    use super::*;

    fn check(step: usize, answer: &CallToolResult) -> Result<(), String> {
        (STORY[step].check)(answer)
    }

    #[test]
    fn a_wrong_number_a_zero_and_a_silent_refusal_are_noticed() {
        let answer = |data| CallToolResult::structured(data);
        assert!(check(2, &answer(json!({"value": 1563, "status": "final"}))).is_err());
        assert!(check(3, &answer(json!({"value": 0, "status": "final"}))).is_err());
        assert!(check(3, &answer(json!({"value": null, "status": "missing"}))).is_ok());
        assert!(check(4, &CallToolResult::error(vec![ContentBlock::text("no")])).is_err());
        assert!(check(5, &answer(json!({}))).is_err());
    }

    #[test]
    fn a_number_without_its_meaning_is_noticed() {
        let mut data = json!({"value": 1564, "status": "final", "unit": "logements", "source": "s", "vintage": "2026-03", "target": {}, "year_ago": {}});
        assert_eq!(check(2, &CallToolResult::structured(data.clone())), Ok(()));
        data["vintage"] = Value::Null;
        assert_eq!(
            check(2, &CallToolResult::structured(data)),
            Err("vintage is not told".into())
        );
    }

    #[test]
    fn an_answer_that_failed_shows_nothing() {
        let failed = CallToolResult::error(vec![ContentBlock::text("down")]);
        for step in 0..4 {
            assert!(check(step, &failed).is_err());
        }
    }
}
