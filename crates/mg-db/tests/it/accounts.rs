//! Accounts: what they may do is told, and one that may do more than read is refused.

use std::time::Duration;

use mg_db::{
    DatabaseUrl, Engine,
    gate::{Gate, GateError, GateOptions},
};
use mg_testkit::{shared_mariadb, shared_postgres};
use serde_json::json;

use crate::bench::{Bench, benches, caps, read};

#[tokio::test]
async fn a_privileged_account_is_refused_until_the_operator_allows_it() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    let url = DatabaseUrl::parse(&cluster.url("postgres", &bench.database)).unwrap();
    let gate = Gate::new(&url, GateOptions::default());
    for _ in 0..2 {
        let error = read(&gate, "SELECT 1", &[], caps()).await.unwrap_err();
        let GateError::Privileged { login, why } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(
            (login.as_str(), why.as_str()),
            ("postgres", "it is a superuser")
        );
        assert!(error.to_string().contains("`mgctl db grants`"), "{error}");
    }
    let account = gate.account().await.unwrap();
    assert_eq!(account.privileged.as_deref(), Some("it is a superuser"));
    let allowed = Gate::new(
        &url,
        GateOptions {
            allow_privileged: true,
            ..GateOptions::default()
        },
    );
    assert_eq!(
        read(&allowed, "SELECT 1", &[], caps())
            .await
            .unwrap()
            .0
            .values,
        [[json!(1)]]
    );
}

#[tokio::test]
async fn membership_in_a_strong_role_counts_as_privileged() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    for (login, role) in [
        ("strong_a", "pg_read_all_data"),
        ("strong_b", "pg_read_server_files"),
        ("strong_c", "postgres"),
        ("strong_d", "pg_signal_backend"),
    ] {
        cluster.sql(
            &bench.database,
            &format!("CREATE ROLE {login} LOGIN NOINHERIT; GRANT {role} TO {login}"),
        );
        let url = DatabaseUrl::parse(&cluster.url(login, &bench.database)).unwrap();
        let error = read(
            &Gate::new(&url, GateOptions::default()),
            "SELECT 1",
            &[],
            caps(),
        )
        .await
        .unwrap_err();
        assert!(
            matches!(&error, GateError::Privileged { why, .. } if why.contains(role)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn the_account_is_told_with_its_rights() {
    for bench in benches().await {
        let reader = Gate::new(&bench.reader, GateOptions::default())
            .account()
            .await
            .unwrap();
        let owner = bench.gate.account().await.unwrap();
        assert_eq!(owner.login, bench.owner.login());
        assert_eq!(reader.login, bench.reader.login());
        assert!(owner.may_write);
        assert!(!owner.server_version.is_empty());
        if bench.engine != Engine::Sqlite {
            assert!(!reader.may_write);
            assert_eq!(reader.privileged, None);
        }
    }
}

#[tokio::test]
async fn what_the_account_may_not_read_is_told_with_the_tables_name() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(
        &bench.database,
        "REVOKE SELECT ON things FROM reader; GRANT SELECT (id) ON things TO reader",
    );
    let gate = Gate::new(&bench.reader, GateOptions::default());
    let (rows, _) = read(&gate, "SELECT id FROM things", &[], caps())
        .await
        .unwrap();
    assert_eq!(rows.values.len(), 5);
    let error = read(&gate, "SELECT label FROM things", &[], caps())
        .await
        .unwrap_err();
    let table = "things".to_owned();
    assert_eq!(
        error,
        GateError::Denied {
            table,
            column: None
        }
    );
}

#[tokio::test]
async fn an_account_of_mariadb_that_is_too_strong_is_refused_until_the_operator_allows_it() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let cluster = shared_mariadb().unwrap();
    cluster.sql(&bench.database, "CREATE USER strong_a; GRANT FILE ON *.* TO strong_a; CREATE USER strong_b; GRANT SELECT ON *.* TO strong_b; CREATE USER strong_c; GRANT SELECT ON mysql.global_priv TO strong_c; CREATE ROLE strong_role; GRANT PROCESS ON *.* TO strong_role; CREATE USER strong_d; GRANT strong_role TO strong_d; SET DEFAULT ROLE strong_role FOR strong_d");
    for login in ["strong_a", "strong_b", "strong_c", "strong_d"] {
        cluster.sql(
            &bench.database,
            &format!("GRANT SELECT ON `{}`.* TO {login}", bench.database),
        );
    }
    for (login, why) in [
        ("root", "GRANT OPTION"),
        ("strong_a", "it has FILE on the whole server"),
        ("strong_b", "it has SELECT on the whole server"),
        ("strong_c", "password hashes"),
        ("strong_d", "PROCESS"),
    ] {
        let url = DatabaseUrl::parse(&cluster.url(login, &bench.database)).unwrap();
        let gate = Gate::new(&url, GateOptions::default());
        for _ in 0..2 {
            let error = read(&gate, "SELECT 1", &[], caps()).await.unwrap_err();
            assert!(
                matches!(&error, GateError::Privileged { why: told, .. } if told.contains(why)),
                "{login}: {error:?}"
            );
        }
        let options = GateOptions {
            allow_privileged: true,
            ..GateOptions::default()
        };
        let (rows, _) = read(&Gate::new(&url, options), "SELECT 1", &[], caps())
            .await
            .unwrap();
        assert_eq!(rows.values, [[json!(1)]]);
    }
}

#[tokio::test]
async fn an_account_that_makes_others_is_privileged_whatever_it_asks() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    for (login, attribute, told) in [
        ("strong_e", "CREATEROLE", "it may create roles"),
        ("strong_f", "REPLICATION", "it may replicate the server"),
    ] {
        cluster.sql(
            &bench.database,
            &format!("CREATE ROLE {login} LOGIN {attribute}"),
        );
        let url = DatabaseUrl::parse(&cluster.url(login, &bench.database)).unwrap();
        let gate = Gate::new(&url, GateOptions::default());
        for sql in [
            "SELECT 1",
            "DELETE FROM things",
            "EXPLAIN DELETE FROM things",
            "SELECT pg_sleep(1)",
        ] {
            let error = read(&gate, sql, &[], caps()).await.unwrap_err();
            assert!(
                matches!(&error, GateError::Privileged { why, .. } if why == told),
                "{sql}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn rights_on_mariadb_are_told_without_the_hash_of_the_password() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let cluster = shared_mariadb().unwrap();
    let made = "CREATE USER viewer_hashed IDENTIFIED BY 'hunter2'; GRANT SELECT ON";
    cluster.sql(
        &bench.database,
        &format!("{made} `{}`.* TO viewer_hashed", bench.database),
    );
    let url = cluster.url("viewer_hashed:hunter2", &bench.database);
    let gate = Gate::new(&DatabaseUrl::parse(&url).unwrap(), GateOptions::default());
    for sql in ["SHOW GRANTS", "SHOW GRANTS FOR CURRENT_USER"] {
        let (rows, _) = read(&gate, sql, &[], caps()).await.unwrap();
        let told = json!(rows.values).to_string();
        assert!(
            told.contains("IDENTIFIED BY PASSWORD '…'") && told.contains("GRANT SELECT"),
            "{told}"
        );
    }
    let error = read(&gate, "SHOW CREATE USER", &[], caps())
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Refused(_)), "{error:?}");
}

/// A gate that believes for so long what a server said.
fn believing(url: &DatabaseUrl, recheck: Duration) -> Gate {
    let options = GateOptions {
        recheck,
        ..GateOptions::default()
    };
    Gate::new(url, options)
}

/// Gates that ask each time, and hardly ever, of which each has answered once.
async fn watchful_and_trusting(url: &DatabaseUrl) -> [Gate; 2] {
    let gates = [Duration::ZERO, Duration::from_hours(1)].map(|recheck| believing(url, recheck));
    for gate in &gates {
        read(gate, "SELECT 1", &[], caps()).await.unwrap();
    }
    gates
}

#[tokio::test]
async fn rights_that_an_account_was_given_later_are_noticed_on_mariadb() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let (cluster, database) = (shared_mariadb().unwrap(), &bench.database);
    let login = format!("strong_in_{database}");
    let made = format!("CREATE USER {login}; GRANT SELECT ON `{database}`.* TO {login}");
    cluster.sql(database, &made);
    let url = DatabaseUrl::parse(&cluster.url(&login, database)).unwrap();
    let [watchful, trusting] = watchful_and_trusting(&url).await;
    cluster.sql(database, &format!("GRANT FILE ON *.* TO {login}"));
    let refused = read(&watchful, "SELECT 1", &[], caps()).await;
    let is_refused = matches!(refused, Err(GateError::Privileged { .. }));
    assert!(is_refused, "{refused:?}");
    read(&trusting, "SELECT 1", &[], caps()).await.unwrap();
}

#[tokio::test]
async fn functions_and_rights_that_are_new_are_noticed_on_postgresql() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let (cluster, database) = (shared_postgres().unwrap(), &bench.database);
    let login = format!("strong_in_{database}");
    cluster.sql(database, &format!("CREATE ROLE {login} LOGIN"));
    let url = DatabaseUrl::parse(&cluster.url(&login, database)).unwrap();
    let [watchful, trusting] = watchful_and_trusting(&url).await;
    cluster.sql(database, "CREATE EXTENSION dblink");
    let sql = "SELECT dblink_get_connections()";
    let refused = read(&watchful, sql, &[], caps()).await;
    assert!(matches!(refused, Err(GateError::Refused(_))), "{refused:?}");
    read(&trusting, sql, &[], caps()).await.unwrap();
    cluster.sql(database, &format!("GRANT pg_read_all_data TO {login}"));
    let refused = read(&watchful, "SELECT 1", &[], caps()).await;
    let is_refused = matches!(refused, Err(GateError::Privileged { .. }));
    assert!(is_refused, "{refused:?}");
    read(&trusting, "SELECT 1", &[], caps()).await.unwrap();
}
