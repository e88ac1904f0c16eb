//! The network: trained from the command line, asked by name, refused where its file is none of ours.

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde_json::json;

use crate::engines::{Engine, sqlite};

const WEIGHTS: &str = "tft.weights";
const CHECKPOINT: &str = "tft.checkpoint";

/// `mg-kpi` with these arguments and this data folder.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mg-kpi"));
    command.env_clear().args(arguments);
    command.env("MG_DATA_DIR", folder).env("HOME", folder);
    command
}

fn train(folder: &Path, more: &[&str]) -> Output {
    let mut command = command(folder, &["train", "tft", "--steps", "50"]);
    command.args(more).output().unwrap()
}

/// Training that runs, once its first round is over.
async fn training(folder: &Path, steps: &str) -> Child {
    let mut command = command(folder, &["train", "tft", "--steps", steps]);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = piped.spawn().unwrap();
    while !folder.join(CHECKPOINT).exists() {
        assert!(
            running.try_wait().unwrap().is_none(),
            "ended before its first round"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running
}

async fn ask(engine: &Engine, model: &str) -> mg_testkit::ToolAnswer {
    let asked = json!({"name": "permis_autorises", "model": model});
    engine.client.call("forecast_kpi", asked).await
}

#[tokio::test]
async fn a_trained_network_answers_and_says_what_it_looked_at() {
    let engine = sqlite("").await;
    let folder = engine.folder.path();
    let before = ask(&engine, "auto").await.ok();
    let trained = train(folder, &[]);
    assert_eq!(trained.status.code(), Some(0), "{trained:?}");
    assert!(
        !folder.join(CHECKPOINT).exists(),
        "what is finished needs none"
    );
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

    a_forecast_that_it_joined_is_stored(&engine).await;

    let file = folder.join(WEIGHTS);
    let weights = std::fs::read(&file).unwrap();
    let mut damaged = weights.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    let refusal = ask(&engine, "tft").await.refusal();
    assert!(
        refusal.contains("damaged") && refusal.contains("mg-kpi train tft"),
        "{refusal}"
    );
    let without = ask(&engine, "auto").await.ok();
    assert_eq!(
        without["forecast"], before["forecast"],
        "auto forecasts without"
    );
    let warnings = without["warnings"].to_string();
    assert!(
        warnings.contains("le réseau n'est pas écouté"),
        "{warnings}"
    );
    // The batch asks the network as auto does.
    refresh(folder, "permis_autorises");
    let unheard = "SELECT COUNT(*) FROM forecast_run WHERE parametres LIKE '%est pas écouté%'";
    assert!(engine.number(unheard).await > 0.5);

    let mut other = weights.clone();
    let format = b"\"format\":1";
    let place = weights
        .windows(format.len())
        .position(|bytes| bytes == format);
    other[place.unwrap() + format.len() - 1] = b'9';
    std::fs::write(&file, other).unwrap();
    let refusal = ask(&engine, "tft").await.refusal();
    assert!(refusal.contains("format 9"), "{refusal}");
}

/// The batch takes the network in where `auto` does, and keeps what `auto` tells.
async fn a_forecast_that_it_joined_is_stored(engine: &Engine) {
    let asked = json!({"name": "demolitions"});
    let told = engine.client.call("forecast_kpi", asked).await.ok();
    let why = told["why"].as_str().unwrap();
    assert!(why.contains("celle du réseau (TFT)"), "{why}");
    refresh(engine.folder.path(), "demolitions");
    let stored = "FROM forecast_run WHERE kpi_code = 'demolitions' AND territoire = '247700594' \
                  AND parametres LIKE '%celle du réseau (TFT)%'";
    assert!((engine.number(&format!("SELECT COUNT(*) {stored}")).await - 1.0).abs() < 0.1);
    let sum = format!(
        "SELECT SUM(prevision) FROM forecast_value WHERE niveau = 95 AND run_id IN (SELECT run_id {stored})"
    );
    let points = told["forecast"].as_array().unwrap().iter();
    let points: f64 = points.map(|step| step["value"].as_f64().unwrap()).sum();
    let sum = engine.number(&sum).await;
    assert!((sum - points).abs() < 1e-6, "{sum} of {points}");
}

fn refresh(folder: &Path, name: &str) {
    let refreshed = command(folder, &["refresh", name, "--forecast"]).output();
    assert_eq!(refreshed.unwrap().status.code(), Some(0));
}

#[tokio::test]
async fn nothing_to_resume_is_told() {
    let engine = sqlite("").await;
    let output = train(engine.folder.path(), &["--resume"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("leave --resume out"), "{told}");
}

#[tokio::test]
async fn a_training_that_was_killed_gets_where_it_would_have_got() {
    let engine = sqlite("").await;
    let folder = engine.folder.path();
    assert_eq!(train(folder, &[]).status.code(), Some(0));
    let weights = folder.join(WEIGHTS);
    let whole = std::fs::read(&weights).unwrap();
    std::fs::remove_file(&weights).unwrap();
    let mut killed = training(folder, "50").await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!weights.exists() && folder.join(CHECKPOINT).exists());
    let resumed = train(folder, &["--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{resumed:?}");
    assert!(
        std::fs::read(&weights).unwrap() == whole,
        "the same seed, the same file"
    );
}

/// A person presses Ctrl-C after a while, and goes on later with other settings.
#[tokio::test]
async fn a_training_that_was_stopped_keeps_its_best() {
    let engine = sqlite("").await;
    let folder = engine.folder.path();
    let running = training(folder, "5000").await;
    let interrupted = Command::new("kill")
        .args(["-INT", &running.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    let output = running.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(told.contains("go on with --resume"), "{told}");
    assert_eq!(ask(&engine, "tft").await.ok()["model"], "tft");
    let other = train(folder, &["--resume"]);
    let told = String::from_utf8_lossy(&other.stderr);
    assert!(told.contains("other data, inputs or settings"), "{told}");
}
