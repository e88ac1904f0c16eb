//! `mgctl db` and `mgctl doctor` on MariaDB.

use mg_testkit::{MariaDbCluster, shared_mariadb};

use crate::home::Home;

/// A new database, the URL of a login of its own that reads, that of its owner.
fn database(reader: &str) -> Option<(&'static MariaDbCluster, String, [String; 2])> {
    let cluster = shared_mariadb()?;
    let name = cluster.create_database();
    cluster.sql(&name, &format!("CREATE USER {reader}"));
    let urls = [cluster.url(reader, &name), cluster.url("owner", &name)];
    Some((cluster, name, urls))
}

#[test]
fn tables_are_made_by_the_writer_and_read_by_the_reader_with_the_printed_grants() {
    let Some((cluster, name, [reader, owner])) = database("reader_a") else {
        return;
    };
    let home = Home::new();
    let variables = [
        ("MG_DATABASE_URL", reader.as_str()),
        ("MG_DATABASE_WRITE_URL", owner.as_str()),
    ];
    let told = home.mgctl(&["db", "init", "--demo"], &variables).ok();
    assert!(
        told.contains("schema version 1") && told.contains("mgctl db grants"),
        "{told}"
    );
    let grants = home.mgctl(&["db", "grants"], &variables).ok();
    assert!(
        grants.contains("TO 'reader_a'@'%'") && grants.contains("TO 'owner'@'%'"),
        "{grants}"
    );
    cluster.sql(&name, &grants);
    let doctor = home.mgctl(&["doctor"], &variables).ok();
    assert!(
        doctor.contains("may do no more") && doctor.contains("database.write_url writes"),
        "{doctor}"
    );
    assert!(doctor.contains("ok      schema version 1"), "{doctor}");
    let status = home.mgctl(&["db", "status"], &variables).ok();
    assert!(
        status.contains("MariaDB, schema version 1") && status.contains("permis_synthetiques"),
        "{status}"
    );
    assert!(
        home.mgctl(&["db", "migrate"], &variables)
            .ok()
            .contains("nothing to upgrade")
    );
    let story = home
        .mgctl(&["demo"], &[("MG_DATABASE_URL", reader.as_str())])
        .ok();
    assert!(story.contains("1\u{202f}564"), "{story}");
}

#[test]
fn without_a_writing_account_the_variable_and_the_grants_are_told() {
    let Some((_, _, [reader, _])) = database("reader_b") else {
        return;
    };
    for command in ["init", "migrate"] {
        let told = Home::new()
            .mgctl(&["db", command], &[("MG_DATABASE_URL", &reader)])
            .failed(78);
        assert!(
            told.contains("MG_DATABASE_WRITE_URL") && told.contains("GRANT"),
            "{told}"
        );
    }
}

#[test]
fn the_doctor_names_a_reader_that_may_write_and_a_privileged_one() {
    let Some((cluster, name, [_, owner])) = database("reader_c") else {
        return;
    };
    let told = |url: &str| {
        Home::new()
            .mgctl(&["doctor"], &[("MG_DATABASE_URL", url)])
            .told()
    };
    let (code, doctor) = told(&owner);
    assert_eq!(code, Some(78), "{doctor}");
    assert!(
        doctor.contains("wrong   database.url: the account of")
            && doctor.contains("mgctl db grants"),
        "{doctor}"
    );
    let (_, doctor) = told(&cluster.url("root", &name));
    assert!(
        doctor.contains("may do more than read (it may pass its rights on (GRANT OPTION))"),
        "{doctor}"
    );
}

/// The SQL below a finding of the doctor's.
fn printed(doctor: &str) -> String {
    let lines = doctor
        .lines()
        .filter_map(|line| line.strip_prefix("          "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sql_that_the_doctor_prints_for_a_privileged_account_makes_one_that_passes() {
    let Some((cluster, name, [_, owner])) = database("reader_d") else {
        return;
    };
    let home = Home::new();
    let root = cluster.url("root", &name);
    let privileged = [
        ("MG_DATABASE_URL", root.as_str()),
        ("MG_DATABASE_WRITE_URL", owner.as_str()),
    ];
    home.mgctl(&["db", "init"], &privileged).ok();
    let (_, told) = home.mgctl(&["doctor"], &privileged).told();
    let sql = printed(&told).replace("mg_reader", "doctors_reader");
    assert!(
        sql.contains("GRANT SELECT (type_dau, fichier, comm,") && !sql.contains("denom_dem,"),
        "{sql}"
    );
    cluster.sql(&name, "CREATE USER doctors_reader");
    cluster.sql(&name, &sql);
    let reader = cluster.url("doctors_reader", &name);
    let (_, told) = home
        .mgctl(&["doctor"], &[("MG_DATABASE_URL", reader.as_str())])
        .told();
    assert!(told.contains("and may do no more"), "{told}");
}

#[test]
fn the_sql_that_the_doctor_prints_for_a_database_of_others_makes_an_account_that_reads_it() {
    let Some((cluster, name, _)) = database("reader_e") else {
        return;
    };
    cluster.sql(
        &name,
        "CREATE TABLE parcels (id INT); INSERT INTO parcels VALUES (7)",
    );
    let home = Home::new();
    let root = cluster.url("root", &name);
    let (_, told) = home
        .mgctl(&["doctor"], &[("MG_DATABASE_URL", &root)])
        .told();
    let sql = printed(&told).replace("mg_reader", "parcels_reader");
    assert!(!sql.contains("fact_permis"), "{sql}");
    cluster.sql(&name, "CREATE USER parcels_reader");
    cluster.sql(&name, &sql);
    let reader = cluster.url("parcels_reader", &name);
    let variables = [("MG_DATABASE_URL", reader.as_str())];
    let (_, told) = home.mgctl(&["doctor"], &variables).told();
    assert!(told.contains("and may do no more"), "{told}");
    let query = r#"{"query": "SELECT id AS parcel FROM parcels"}"#;
    let told = home
        .mgctl(&["call", "mg-sql", "run_sql", query], &variables)
        .ok();
    assert!(told.contains("|7|"), "{told}");
}
