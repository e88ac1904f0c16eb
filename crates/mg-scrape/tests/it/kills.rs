//! A worker that is killed at any moment: the run goes on from there and ends with the same table.

use std::{process::Command, time::Duration};

use mg_testkit::{Site, generated};
use serde_json::json;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

use crate::home::{FAR, Home, fiches, runtime};

const PAGES: usize = 150;

fn undisturbed() -> Vec<String> {
    let site = Site::start(generated(PAGES));
    let home = Home::new();
    home.spider("fiches", &fiches(&site, 8, "/0", FAR));
    home.success("fiches");
    home.fiches()
}

/// The worker drops what was staged once its outcome is kept, which is when its follower ends.
fn nothing_staged(home: &Home) -> bool {
    (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        home.rows("SELECT name FROM sqlite_master WHERE name LIKE 'stg_%'")
            .is_empty()
    })
}

#[test]
fn a_kill_in_each_step_changes_nothing() {
    let expected = undisturbed();
    for step in ["page_fetched", "staged", "before_swap", "in_swap"] {
        let site = Site::start(generated(PAGES));
        let home = Home::new();
        home.spider("fiches", &fiches(&site, 8, "/0", FAR));
        let variables = [("MG_SCRAPE_STOP_AT", step)];
        let (exit, report) = home.command_with(&["run", "fiches", "--json"], &variables);
        assert_eq!(
            (exit.code, &report["state"]),
            (Some(75), &json!("interrupted")),
            "{step}: {}",
            exit.stderr
        );
        let again = home.success("fiches");
        assert_eq!(
            (&again["run_id"], &again["pages"]),
            (&report["run_id"], &json!(PAGES)),
            "{step}: {again:#}"
        );
        assert_eq!(home.fiches(), expected, "{step}");
        assert!(nothing_staged(&home), "{step}");
    }
}

#[test]
fn kills_at_random_moments_change_nothing() {
    let expected = undisturbed();
    let site = Site::start(generated(PAGES));
    let home = Home::new();
    home.spider(
        "fiches",
        &fiches(&site, 4, "/0", FAR).replace("delay_ms = 0", "delay_ms = 5"),
    );
    let mut seed = 20_261_125_u64;
    let mut last = None;
    for _ in 0..10 {
        let follower = home.process(&["run", "fiches", "--json"], &[]);
        let pid = worker(&home, last);
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis((seed >> 33) % 120));
        // It may have come to its end before.
        let _gone = Command::new("kill")
            .args(["-KILL", &pid.to_string()])
            .output()
            .unwrap();
        let exit = follower.finish();
        assert!(
            matches!(exit.code, Some(0 | 75)),
            "{:?} {}",
            exit.code,
            exit.stderr
        );
        last = Some(pid);
    }
    home.success("fiches");
    assert_eq!(home.fiches(), expected);
}

/// The process of the newest run, once another one than the last is there.
fn worker(home: &Home, last: Option<u32>) -> u32 {
    let path = home.path().join("scrape/ledger.db");
    runtime().block_on(async move {
        loop {
            let database = SqliteConnectOptions::new()
                .filename(&path)
                .read_only(true)
                .connect()
                .await;
            if let Ok(mut database) = database {
                let pid = sqlx::query_scalar::<_, Option<u32>>(
                    "SELECT pid FROM run ORDER BY heartbeat DESC LIMIT 1",
                );
                let pid = pid.fetch_one(&mut database).await.ok().flatten();
                if let Some(pid) = pid.filter(|pid| Some(*pid) != last) {
                    return pid;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
}

#[test]
fn the_same_run_goes_on_by_name() {
    let site = Site::start(generated(PAGES));
    let home = Home::new();
    home.spider("fiches", &fiches(&site, 8, "/0", FAR));
    let variables = [("MG_SCRAPE_STOP_AT", "staged")];
    let (_, report) = home.command_with(&["run", "fiches", "--json"], &variables);
    let run = report["run_id"].as_str().unwrap();
    let (exit, resumed) = home.command(&["resume", run, "--json"]);
    assert_eq!(
        (exit.code, &resumed["state"]),
        (Some(0), &json!("succeeded")),
        "{resumed:#} {}",
        exit.stderr
    );
    let (_, status) = home.command(&["status", run, "--json"]);
    assert_eq!(status["pages"], PAGES);
}
