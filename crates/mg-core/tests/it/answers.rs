//! Answers, refusals and failures on the shared call path.

use mg_core::Role;
use serde_json::json;

use crate::fixture;

#[tokio::test]
async fn an_answer_has_a_text_and_the_same_data() {
    let (client, _folder) = fixture(Role::Viewer).await;
    let answer = client.call("echo", json!({"text": "ab", "times": 2})).await;
    assert_eq!(answer.text, "abab");
    assert_eq!(answer.ok(), json!({"said": "abab"}));
}

#[tokio::test]
async fn a_null_argument_counts_as_absent() {
    let (client, _folder) = fixture(Role::Viewer).await;
    assert_eq!(
        client
            .call("echo", json!({"text": "ab", "times": null}))
            .await
            .ok()["said"],
        "ab"
    );
}

#[tokio::test]
async fn an_unknown_argument_is_answered_with_the_nearest_one() {
    let (client, _folder) = fixture(Role::Viewer).await;
    let refusal = client
        .call("echo", json!({"text": "ab", "time": 2}))
        .await
        .refusal();
    assert_eq!(
        refusal,
        "echo has no argument `time`; did you mean `times`? It takes text, times"
    );
}

#[tokio::test]
async fn a_missing_argument_names_the_known_ones() {
    let (client, _folder) = fixture(Role::Viewer).await;
    let refusal = client.call("echo", json!({})).await.refusal();
    assert!(
        refusal.contains("missing field `text`") && refusal.contains("it takes"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_panicking_tool_is_told_as_an_internal_error_and_the_server_lives_on() {
    let (client, _folder) = fixture(Role::Viewer).await;
    let refusal = client.call("panics", json!({})).await.refusal();
    assert!(
        refusal.contains("internal error") && !refusal.contains("on purpose"),
        "{refusal}"
    );
    assert_eq!(
        client.call("echo", json!({"text": "alive"})).await.text,
        "alive"
    );
}

#[tokio::test]
async fn the_cause_of_an_internal_error_stays_in_the_log() {
    let (client, _folder) = fixture(Role::Viewer).await;
    let refusal = client.call("fails", json!({})).await.refusal();
    assert!(!refusal.contains("secret-cause"), "{refusal}");
}

#[tokio::test]
async fn an_answer_beyond_the_budget_is_refused_with_the_cap_and_a_way_out() {
    let (client, _folder) = fixture(Role::Viewer).await;
    assert!(
        !client
            .call("echo", json!({"text": "é", "times": 19_000}))
            .await
            .is_error
    );
    let refusal = client
        .call("echo", json!({"text": "é", "times": 20_000}))
        .await
        .refusal();
    assert!(
        refusal.contains("40000") && refusal.contains("ask for less"),
        "{refusal}"
    );
}

#[tokio::test]
async fn calls_beyond_the_slots_wait_and_all_are_answered() {
    let (client, _folder) = fixture(Role::Viewer).await;
    let calls = (0..40).map(|number| client.call("echo", json!({"text": number.to_string()})));
    let answers = futures::future::join_all(calls).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.text, number.to_string());
    }
}
