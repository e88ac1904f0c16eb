//! A refresh that is killed half way, run again, against one that nobody disturbed.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use mg_db::{
    DatabaseUrl,
    store::{Row, Store},
};

/// How long a refresh is waited for, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(3);

/// Starts `mg-kpi refresh --all` on the embedded database of a folder.
fn refreshing(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mg-kpi"))
        .args(["refresh", "--all"])
        .env_clear()
        .env("MG_DATA_DIR", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What is stored, but for the time at which it was.
async fn stored(folder: &Path) -> Vec<Row> {
    let url = DatabaseUrl::sqlite(folder.join("mg.db"));
    let sql = "SELECT kpi_code, territoire, grain, periode, millesime, valeur, statut, nb_obs \
               FROM kpi_value ORDER BY 1, 2, 3, 4, 5";
    Store::reader(&url).fetch(sql, &[]).await.unwrap()
}

/// How many indicators are stored; none while there is no database yet.
async fn indicators(folder: &Path) -> i64 {
    let path = folder.join("mg.db");
    if !path.is_file() {
        return 0;
    }
    let sql = "SELECT COUNT(DISTINCT kpi_code) FROM kpi_value";
    let store = Store::reader(&DatabaseUrl::sqlite(path));
    let rows = store.fetch(sql, &[]).await;
    rows.map_or(0, |rows| rows[0].integer(0).unwrap())
}

#[tokio::test]
async fn a_refresh_that_was_killed_ends_with_the_rows_of_one_that_was_not() {
    let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(refreshing(whole.path()).wait().unwrap().success());
    let all = indicators(whole.path()).await;
    // Killed twice, the second time in a run that found a part of the work done.
    for done in [1, 5] {
        let mut run = refreshing(killed.path());
        let begun = Instant::now();
        while indicators(killed.path()).await < done {
            assert!(begun.elapsed() < PATIENCE, "nothing is stored");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        run.kill().unwrap();
        assert_eq!(run.wait().unwrap().code(), None, "it was killed, not done");
        let left = indicators(killed.path()).await;
        assert!((done..all).contains(&left), "{left} of {all}");
    }
    assert!(refreshing(killed.path()).wait().unwrap().success());
    let (whole, resumed) = (stored(whole.path()).await, stored(killed.path()).await);
    assert!(whole.len() > 20_000, "{}", whole.len());
    assert!(whole == resumed, "{} and {}", whole.len(), resumed.len());
}
