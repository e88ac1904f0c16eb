//! `mgctl db` and `mgctl doctor` on PostgreSQL.

use mg_testkit::{PostgresCluster, shared_postgres};

use crate::home::Home;

/// A new database, the URL of its reader, that of its owner.
fn database() -> Option<(&'static PostgresCluster, String, [String; 2])> {
    let cluster = shared_postgres()?;
    let name = cluster.create_database();
    let urls = [cluster.url("reader", &name), cluster.url("owner", &name)];
    Some((cluster, name, urls))
}

#[test]
fn tables_are_made_by_the_writer_and_read_by_the_reader_with_the_printed_grants() {
    let Some((cluster, name, [reader, owner])) = database() else {
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
        grants.contains("TO \"reader\"") && grants.contains("TO \"owner\""),
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
        status.contains("PostgreSQL, schema version 1") && status.contains("permis_synthetiques"),
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
    let Some((_, _, [reader, _])) = database() else {
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
fn the_doctor_names_a_reader_that_may_write() {
    let Some((_, _, [_, owner])) = database() else {
        return;
    };
    let (code, told) = Home::new()
        .mgctl(&["doctor"], &[("MG_DATABASE_URL", &owner)])
        .told();
    assert_eq!(code, Some(78), "{told}");
    assert!(
        told.contains("wrong   database.url: the account of") && told.contains("mgctl db grants"),
        "{told}"
    );
}

#[test]
fn the_doctor_names_a_privileged_reader_and_an_absent_schema() {
    let Some((cluster, name, _)) = database() else {
        return;
    };
    let superuser = cluster.url("postgres", &name);
    let (_, told) = Home::new()
        .mgctl(&["doctor"], &[("MG_DATABASE_URL", &superuser)])
        .told();
    assert!(
        told.contains("may do more than read (it is a superuser)"),
        "{told}"
    );
    let reader = cluster.url("reader", &name);
    cluster.sql(&name, "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let (code, told) = Home::new()
        .mgctl(&["doctor"], &[("MG_DATABASE_URL", &reader)])
        .told();
    assert!(
        code == Some(78) && told.contains("wrong   schema: ") && told.contains("mgctl db init"),
        "{told}"
    );
}

#[test]
fn the_sql_that_the_doctor_prints_for_a_privileged_account_makes_one_that_passes() {
    let Some((cluster, name, [_, owner])) = database() else {
        return;
    };
    let home = Home::new();
    let superuser = cluster.url("postgres", &name);
    let privileged = [
        ("MG_DATABASE_URL", superuser.as_str()),
        ("MG_DATABASE_WRITE_URL", owner.as_str()),
    ];
    home.mgctl(&["db", "init"], &privileged).ok();
    let (_, told) = home.mgctl(&["doctor"], &privileged).told();
    let sql: Vec<&str> = (told.lines())
        .filter_map(|line| line.strip_prefix("          "))
        .collect();
    let sql = sql.join("\n");
    assert!(
        sql.contains("GRANT SELECT (type_dau, fichier, comm,")
            && !sql.contains("denom_dem, siren_dem, siret"),
        "{sql}"
    );
    cluster.sql(&name, "CREATE ROLE mg_reader LOGIN");
    cluster.sql(&name, &sql);
    let reader = cluster.url("mg_reader", &name);
    let (_, told) = home
        .mgctl(&["doctor"], &[("MG_DATABASE_URL", reader.as_str())])
        .told();
    assert!(told.contains("and may do no more"), "{told}");
}

#[test]
fn the_sql_that_the_doctor_prints_for_a_database_of_others_makes_an_account_that_reads_it() {
    let Some((cluster, name, _)) = database() else {
        return;
    };
    cluster.sql(
        &name,
        "CREATE SCHEMA gis; CREATE TABLE gis.\"Parcels\" (id int); CREATE TABLE towns (id int); INSERT INTO gis.\"Parcels\" VALUES (7)",
    );
    let superuser = cluster.url("postgres", &name);
    let home = Home::new();
    let (_, told) = home
        .mgctl(&["doctor"], &[("MG_DATABASE_URL", superuser.as_str())])
        .told();
    let sql: Vec<&str> = (told.lines())
        .filter_map(|line| line.strip_prefix("          "))
        .collect();
    let sql = sql.join("\n").replace("mg_reader", "gis_reader");
    assert!(!sql.contains("fact_permis"), "{sql}");
    cluster.sql(&name, "CREATE ROLE gis_reader LOGIN");
    cluster.sql(&name, &sql);
    let reader = cluster.url("gis_reader", &name);
    let variables = [("MG_DATABASE_URL", reader.as_str())];
    let (_, told) = home.mgctl(&["doctor"], &variables).told();
    assert!(told.contains("and may do no more"), "{told}");
    let query = r#"{"query": "SELECT id AS parcel FROM gis.\"Parcels\""}"#;
    let told = home
        .mgctl(&["call", "mg-sql", "run_sql", query], &variables)
        .ok();
    assert!(told.contains("|7|"), "{told}");
}
