//! Databases of others: several schemas, names in any letters, comments of anybody.

use mg_testkit::{shared_mariadb, shared_postgres};
use rmcp::model::ReadResourceRequestParams;
use serde_json::{Value, json};

use crate::engines::{Engine, client};

const TABLES: &str = "CREATE SCHEMA s; CREATE TYPE mood AS ENUM ('sad', 'ok'); \
    CREATE TABLE s.dim (id int PRIMARY KEY, \"Nom\" text); INSERT INTO s.dim VALUES (1, 'in s'), (2, 'in s'); \
    CREATE TABLE dim (code int PRIMARY KEY, nom text); INSERT INTO dim VALUES (7, 'in public'); \
    CREATE TABLE s.\"Order\" (id int PRIMARY KEY, dim int REFERENCES s.dim, code int REFERENCES public.dim, mood mood); \
    COMMENT ON TABLE s.dim IS E'le\\u202E monde'; COMMENT ON COLUMN s.dim.\"Nom\" IS E'nom\\u200B'; \
    GRANT USAGE ON SCHEMA s TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA s, public TO reader";

/// Clients of a database with two schemas: of an account that reads, of one that is privileged.
async fn clients() -> Option<[Engine; 2]> {
    let cluster = shared_postgres()?;
    let database = cluster.create_database();
    cluster.sql(&database, TABLES);
    let (reader, superuser) = (
        cluster.url("reader", &database),
        cluster.url("postgres", &database),
    );
    let allowed = "[database]\nallow_privileged_account = true";
    Some([
        client("postgres", Some(&reader), "").await,
        client("postgres", Some(&superuser), allowed).await,
    ])
}

async fn full(engine: &Engine, pattern: &str) -> Vec<Value> {
    let ask = json!({"pattern": pattern, "kind": "table", "detail": "full"});
    let data = engine.client.call("search_schema", ask).await.ok();
    data["objects"].as_array().unwrap().clone()
}

async fn resource(engine: &Engine, uri: &str) -> Result<Value, String> {
    let request = ReadResourceRequestParams::new(uri);
    let read = engine.client.peer().read_resource(request).await;
    let read = serde_json::to_value(read.map_err(|error| error.to_string())?).unwrap();
    Ok(serde_json::from_str(read["contents"][0]["text"].as_str().unwrap()).unwrap())
}

#[tokio::test]
async fn join_paths_lead_through_schemas_and_names_in_any_letters() {
    let Some([reader, _]) = clients().await else {
        return;
    };
    let order = full(&reader, "order").await.remove(0);
    assert_eq!(
        order["joins"],
        json!(["s.Order.code → public.dim.code", "Order.dim → dim.id"])
    );
    let column = |name: &str| {
        let mut columns = order["columns"].as_array().unwrap().iter();
        columns.find(|column| column["name"] == name)
    };
    assert_eq!(column("mood").unwrap()["values"], json!(["sad", "ok"]));
}

#[tokio::test]
async fn tables_of_one_name_are_told_apart() {
    let Some([reader, _]) = clients().await else {
        return;
    };
    let found = full(&reader, "dim").await;
    let told: Vec<_> = (found.iter().filter(|table| table["name"] == "dim"))
        .map(|table| {
            (
                &table["schema"],
                &table["columns"][1]["values"],
                &table["referenced_by"],
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                &json!(null),
                &json!(["in public"]),
                &json!(["s.Order.code → public.dim.code"])
            ),
            (
                &json!("s"),
                &json!(["in s"]),
                &json!(["Order.dim → dim.id"])
            ),
        ]
    );
    let listed = reader.client.peer().list_all_resources().await.unwrap();
    let uris: Vec<&str> = listed.iter().map(|resource| &*resource.uri).collect();
    for uri in [
        "mg://schema/public.dim",
        "mg://schema/s.dim",
        "mg://schema/Order",
    ] {
        assert!(uris.contains(&uri), "{uris:?}");
    }
    assert_eq!(uris.len(), 3, "{uris:?}");
    let table = resource(&reader, "mg://schema/s.dim").await.unwrap();
    assert_eq!(table["columns"][0]["name"], "id");
    let refusal = resource(&reader, "mg://schema/dim").await.unwrap_err();
    assert!(refusal.contains("public.dim or s.dim"), "{refusal}");
}

#[tokio::test]
async fn names_and_comments_are_cleaned_wherever_they_are_told() {
    let Some([reader, _]) = clients().await else {
        return;
    };
    let table = resource(&reader, "mg://schema/s.dim").await.unwrap();
    assert_eq!(
        (&table["comment"], &table["columns"][1]["comment"]),
        (&json!("le monde"), &json!("nom"))
    );
    for object in full(&reader, "dim").await {
        assert!(!mg_core::needs_cleaning(&object.to_string()), "{object}");
    }
    let ask = json!({"query": "SELECT 1 AS \"a\u{202e}b\"", "format": "objects"});
    let data = reader.client.call("run_sql", ask).await.ok();
    assert_eq!(
        (&data["columns"][0]["name"], &data["rows"]),
        (&json!("ab"), &json!([{"ab": 1}]))
    );
}

#[tokio::test]
async fn resources_note_what_answers_note() {
    let Some([_, privileged]) = clients().await else {
        return;
    };
    let table = resource(&privileged, "mg://schema/s.dim").await.unwrap();
    assert!(table["notes"].to_string().contains("privileged"), "{table}");
    let ask =
        json!({"query": "SELECT repeat('x', 9000) FROM generate_series(1, 3)", "max_rows": 1});
    let data = privileged.client.call("run_sql", ask).await.ok();
    let uri = format!("mg://results/{}", data["next_cursor"].as_str().unwrap());
    let page = resource(&privileged, &uri).await.unwrap();
    let notes = page["notes"].to_string();
    assert!(
        notes.contains("privileged") && notes.contains("2 cells were cut"),
        "{page}"
    );
}

#[tokio::test]
async fn databases_of_one_mariadb_are_told_apart() {
    let Some(cluster) = shared_mariadb() else {
        return;
    };
    let (here, there) = (cluster.create_database(), cluster.create_database());
    let login = format!("both_{here}");
    cluster.sql(
        &here,
        &format!(
            "CREATE TABLE dim (id INT, place TEXT); INSERT INTO dim VALUES (1, 'here'); \
             CREATE TABLE `{there}`.dim (id INT, place TEXT, extra INT); INSERT INTO `{there}`.dim VALUES (2, 'there', 0); \
             CREATE USER {login}; GRANT SELECT ON `{here}`.* TO {login}; GRANT SELECT (id, place) ON `{there}`.dim TO {login}"
        ),
    );
    let engine = client("mariadb", Some(&cluster.url(&login, &here)), "").await;
    for table in full(&engine, "dim").await {
        let place = if table["schema"] == *here {
            "here"
        } else {
            "there"
        };
        assert_eq!(table["columns"][1]["values"], json!([place]), "{table}");
    }
    let query = format!("SELECT extras FROM `{there}`.dim");
    let refusal = engine.client.call("run_sql", json!({"query": query}));
    let refusal = refusal.await.refusal();
    assert!(
        refusal.contains(&format!("of {there}.dim this role may read: id, place")),
        "{refusal}"
    );
    assert!(!refusal.contains(&format!("of {here}.dim")), "{refusal}");
}
