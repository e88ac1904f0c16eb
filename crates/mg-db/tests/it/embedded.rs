//! The embedded demo database: made once, whole or not at all, whoever asks and whoever is killed.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use mg_db::{
    DatabaseUrl, embedded,
    gate::{Gate, GateOptions},
    schema,
    store::{Store, StoreError},
};
use serde_json::json;

use crate::bench::{caps, read};

const NOW: &str = "2026-11-22T10:00:00Z";
/// Set for a child that makes the database at this path.
const MAKER: &str = "MG_TEST_MAKES_DEMO";
const DWELLINGS: &str = "SELECT SUM(nb_lgt_tot_crees) FROM fact_permis WHERE fichier = 'logements' AND etat_dau <> 4 AND date_reelle_autorisation LIKE '2022%'";

/// Not a test of its own: what the children run.
#[tokio::test]
async fn a_child_makes_the_database() {
    let Some(path) = std::env::var_os(MAKER) else {
        return;
    };
    embedded::ensure(Path::new(&path), NOW).await.unwrap();
    assert!(is_whole(Path::new(&path)).await);
}

fn child(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::a_child_makes_the_database"])
        .env(MAKER, path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

async fn is_whole(path: &Path) -> bool {
    let store = Store::reader(&DatabaseUrl::sqlite(path));
    let rows = store.fetch(DWELLINGS, &[]).await.unwrap();
    let check = store.fetch("PRAGMA integrity_check", &[]).await.unwrap();
    rows[0].integer(0) == Ok(1564) && check[0].text(0) == Ok("ok")
}

#[tokio::test]
async fn the_first_use_makes_it_for_this_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/deeper/mg.db");
    embedded::ensure(&path, NOW).await.unwrap();
    assert!(is_whole(&path).await);
    let status = schema::status(&Store::reader(&DatabaseUrl::sqlite(&path)))
        .await
        .unwrap();
    assert_eq!(status.advice(), None);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }
    let gate = Gate::new(&DatabaseUrl::sqlite(&path), GateOptions::default());
    let (mode, _) = read(&gate, "SELECT count(*) > 0 FROM dim_commune", &[], caps())
        .await
        .unwrap();
    assert_eq!(mode.values, [[json!(1)]]);
    assert_eq!(
        &std::fs::read(&path).unwrap()[18..20],
        [2, 2],
        "the file is in WAL mode"
    );
}

#[tokio::test]
async fn one_that_is_there_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mg.db");
    std::fs::write(&path, "mine").unwrap();
    embedded::ensure(&path, NOW).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
}

#[tokio::test]
async fn processes_that_race_end_with_one_good_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mg.db");
    let children: Vec<Child> = (0..4).map(|_| child(&path)).collect();
    let (here, there) = tokio::join!(embedded::ensure(&path, NOW), embedded::ensure(&path, NOW));
    assert_eq!((here, there), (Ok(()), Ok(())));
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert!(is_whole(&path).await);
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort();
    assert_eq!(names, ["mg.db", "mg.db.lock"]);
}

#[tokio::test]
async fn a_killed_maker_leaves_nothing_that_is_taken_for_a_database() {
    for wait in [3, 10, 30, 60, 100, 150, 250, 400] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mg.db");
        let mut child = child(&path);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            !path.exists() || is_whole(&path).await,
            "killed after {wait} ms"
        );
        embedded::ensure(&path, NOW).await.unwrap();
        assert!(is_whole(&path).await);
        assert!(!folder.path().join("mg.db.new").exists());
    }
}

#[tokio::test]
async fn a_reset_gives_new_rows_to_programs_that_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mg.db");
    embedded::ensure(&path, NOW).await.unwrap();
    let url = DatabaseUrl::sqlite(&path);
    let reader = Store::reader(&url);
    let gate = Gate::new(&url, GateOptions::default());
    let mut writer = Store::writer(&url).begin().await.unwrap();
    writer
        .execute("DELETE FROM fact_permis", &[])
        .await
        .unwrap();
    writer
        .execute("CREATE TABLE web_mine (a INTEGER)", &[])
        .await
        .unwrap();
    writer.commit().await.unwrap();
    let count = "SELECT COUNT(*) FROM fact_permis";
    assert_eq!(reader.fetch(count, &[]).await.unwrap()[0].integer(0), Ok(0));
    assert_eq!(
        read(&gate, count, &[], caps()).await.unwrap().0.values,
        [[json!(0)]]
    );
    embedded::reset(&path, "2026-12-01T00:00:00Z")
        .await
        .unwrap();
    assert_eq!(
        reader.fetch(DWELLINGS, &[]).await.unwrap()[0].integer(0),
        Ok(1564)
    );
    assert_eq!(
        read(&gate, DWELLINGS, &[], caps()).await.unwrap().0.values,
        [[json!(1564)]]
    );
    assert!(reader.fetch("SELECT a FROM web_mine", &[]).await.is_err());
    assert!(is_whole(&path).await);
}

#[tokio::test]
async fn a_reset_replaces_what_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mg.db");
    std::fs::write(
        &path,
        "a text that is no database, but stands where one should stand",
    )
    .unwrap();
    std::fs::write(folder.path().join("mg.db-wal"), "neither is this").unwrap();
    embedded::reset(&path, NOW).await.unwrap();
    assert!(is_whole(&path).await);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told_with_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = embedded::ensure(&file.join("mg.db"), NOW)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Storage(_)));
    assert!(error.to_string().contains("set MG_DATA_DIR"), "{error}");
}
