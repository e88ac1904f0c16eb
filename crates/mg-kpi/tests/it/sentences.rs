//! The text of an answer: every number of it, in the language of the settings.

use serde_json::json;

use crate::engines::sqlite;

#[tokio::test]
async fn the_french_text_holds_every_number_of_the_answer() {
    let engine = sqlite("").await;
    let answer = engine
        .ask(json!({"name": "logements_autorises", "date": "2022"}))
        .await;
    for part in [
        "Logements autorisés — CA Marne et Gondoire, 2022\u{a0}: 1\u{202f}564\u{a0}logements (définitif).",
        "Année précédente (2021)\u{a0}: 1\u{202f}124 (+39,1\u{a0}%).",
        "Objectif\u{a0}: 1\u{202f}250\u{a0}logements (atteint à 125,1\u{a0}%), Objectif fictif",
        "Source\u{a0}: SDES, Sit@del2",
        "millésime 2026-03",
        "non comparée au site du producteur",
    ] {
        assert!(
            answer.text.contains(part),
            "{part} is not in {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_synthetic_answer_says_so_in_capitals() {
    let engine = sqlite("").await;
    let answer = engine
        .ask(json!({"name": "logements_autorises", "date": "2022-03"}))
        .await;
    assert!(
        answer.text.contains("DONNÉES SYNTHÉTIQUES"),
        "{}",
        answer.text
    );
    assert!(
        answer.text.contains("Permis comptés\u{a0}: "),
        "{}",
        answer.text
    );
    let published = engine
        .ask(json!({"name": "logements_autorises", "date": "2022"}))
        .await;
    assert!(
        !published.text.contains("SYNTHÉTIQUES"),
        "{}",
        published.text
    );
}

#[tokio::test]
async fn english_is_spoken_where_it_is_set() {
    let engine = sqlite("lang = \"en\"").await;
    let answer = engine
        .ask(json!({"name": "logements_autorises", "date": "2022"}))
        .await;
    assert!(
        answer.text.starts_with(
            "Dwellings authorised — CA Marne et Gondoire, 2022: 1,564 dwellings (final)."
        ),
        "{}",
        answer.text
    );
    assert!(
        answer.text.contains("Year before (2021): 1,124 (+39.1%)."),
        "{}",
        answer.text
    );
    let missing = engine
        .ask(json!({"name": "logements_commences", "date": "March 2024"}))
        .await;
    assert!(
        missing
            .text
            .contains("March 2024: missing (not published), which is not zero."),
        "{}",
        missing.text
    );
    assert!(missing.text.contains("SYNTHETIC DATA"), "{}", missing.text);
    let listed = engine
        .client
        .call("list_indicators", json!({"search": "flats"}))
        .await;
    assert!(
        listed.text.contains("|part_collectif|Share of flats|"),
        "{}",
        listed.text
    );
}
