//! The network: trained from the command line, asked by name, refused where its file is none of ours.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::json;

use crate::engines::{Engine, sqlite};

const WEIGHTS: &str = "tft.weights";

fn train(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mg-kpi"));
    command.env_clear().args(["train", "tft", "--steps", "50"]);
    command.args(more).env("MG_DATA_DIR", folder);
    command.env("HOME", folder).output().unwrap()
}

async fn ask(engine: &Engine, model: &str) -> mg_testkit::ToolAnswer {
    let asked = json!({"name": "permis_autorises", "model": model});
    engine.client.call("forecast_kpi", asked).await
}

#[tokio::test]
async fn a_trained_network_answers_and_says_what_it_looked_at() {
    let engine = sqlite("").await;
    let before = ask(&engine, "auto").await.ok();
    let trained = train(engine.folder.path(), &[]);
    assert_eq!(trained.status.code(), Some(0), "{trained:?}");
    let file = engine.folder.path().join(WEIGHTS);
    let weights = std::fs::read(&file).unwrap();
    let told = ask(&engine, "tft").await.ok();
    assert_eq!(told["model"], "tft");
    assert_eq!(told["forecast"].as_array().unwrap().len(), 12);
    let why = told["why"].as_str().unwrap();
    assert!(
        why.contains("s'appuie surtout sur") && why.contains("regarde surtout"),
        "{why}"
    );
    assert_eq!(told["backtest"]["origins"], 24, "{}", told["backtest"]);
    assert_eq!(before["model"], ask(&engine, "auto").await.ok()["model"]);

    // The same seed on the same data: the same file.
    assert_eq!(train(engine.folder.path(), &[]).status.code(), Some(0));
    assert!(std::fs::read(&file).unwrap() == weights);

    let mut damaged = weights.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    let refusal = ask(&engine, "tft").await.refusal();
    assert!(
        refusal.contains("damaged") && refusal.contains("mg-kpi train tft"),
        "{refusal}"
    );
    let other = String::from_utf8_lossy(&weights).replacen("\"format\":1", "\"format\":9", 1);
    std::fs::write(&file, other.as_bytes()).unwrap();
    let refusal = ask(&engine, "tft").await.refusal();
    assert!(refusal.contains("format 9"), "{refusal}");
    assert_eq!(
        ask(&engine, "auto").await.ok(),
        before,
        "auto forecasts without"
    );
}

#[tokio::test]
async fn nothing_to_resume_is_told() {
    let engine = sqlite("").await;
    let output = train(engine.folder.path(), &["--resume"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("leave --resume out"), "{told}");
}

/// A person presses Ctrl-C after a while, and goes on later.
#[tokio::test]
async fn a_training_that_was_stopped_keeps_its_best_and_goes_on() {
    let engine = sqlite("").await;
    let folder = engine.folder.path();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mg-kpi"));
    command
        .env_clear()
        .args(["train", "tft", "--steps", "5000"]);
    command.env("MG_DATA_DIR", folder).env("HOME", folder);
    let running = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while !folder.join("tft.checkpoint").exists() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let interrupted = Command::new("kill")
        .args(["-INT", &running.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    let output = running.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(told.contains("go on with --resume"), "{told}");
    assert!(folder.join(WEIGHTS).exists() && folder.join("tft.checkpoint").exists());
    let other = train(folder, &["--resume"]);
    let told = String::from_utf8_lossy(&other.stderr);
    assert!(told.contains("other inputs or settings"), "{told}");
}
