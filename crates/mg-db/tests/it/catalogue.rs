//! The objects an account may read, the same on every engine.

use mg_db::{
    Engine,
    gate::{ForeignKey, Gate, GateOptions, Index, Object, ObjectKind},
};
use mg_testkit::{shared_mariadb, shared_postgres};

use crate::bench::{Bench, benches};

const CHILD: &str = "CREATE TABLE parts (thing INTEGER NOT NULL REFERENCES things(id), number SMALLINT NOT NULL DEFAULT 1, note TEXT, PRIMARY KEY (thing, number))";

async fn with_parts(bench: &Bench) {
    let mut transaction = bench.store.begin().await.unwrap();
    for sql in [
        CHILD,
        "CREATE UNIQUE INDEX ix_parts_note ON parts (note, number)",
        "CREATE VIEW labels AS SELECT id, label FROM things",
        if bench.engine == Engine::MariaDb {
            "ANALYZE TABLE things"
        } else {
            "ANALYZE things"
        },
    ] {
        transaction.execute(sql, &[]).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

fn named<'a>(objects: &'a [Object], name: &str) -> &'a Object {
    objects
        .iter()
        .find(|object| object.name == name)
        .unwrap_or_else(|| panic!("{name}"))
}

#[tokio::test]
async fn tables_and_views_are_told_with_columns_keys_and_indexes() {
    for bench in benches().await {
        with_parts(&bench).await;
        let mut objects = bench.gate.objects().await.unwrap();
        // The owner of this database owns those of other tests on the same server.
        if bench.engine == Engine::MariaDb {
            objects.retain(|object| object.schema == bench.database);
        }
        let names: Vec<&str> = objects.iter().map(|object| object.name.as_str()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        let parts = named(&objects, "parts");
        let (schema, integer, small) = match bench.engine {
            Engine::Sqlite => ("main", "integer", "smallint"),
            Engine::Postgres => ("public", "integer", "smallint"),
            Engine::MariaDb => (bench.database.as_str(), "int(11)", "smallint(6)"),
        };
        assert_eq!(
            (parts.schema.as_str(), parts.kind),
            (schema, ObjectKind::Table)
        );
        let told: Vec<_> = parts
            .columns
            .iter()
            .map(|column| {
                (
                    column.name.as_str(),
                    column.r#type.as_str(),
                    column.nullable,
                    column.default.as_deref(),
                    column.primary_key,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("thing", integer, false, None, true),
                ("number", small, false, Some("1"), true),
                ("note", "text", true, None, false),
            ]
        );
        assert_eq!(
            parts.foreign_keys,
            [ForeignKey {
                columns: vec!["thing".into()],
                schema: schema.into(),
                table: "things".into(),
                references: vec!["id".into()]
            }]
        );
        let index = Index {
            name: "ix_parts_note".into(),
            columns: vec!["note".into(), "number".into()],
            unique: true,
        };
        assert!(parts.indexes.contains(&index), "{:?}", parts.indexes);
        assert_eq!(named(&objects, "labels").kind, ObjectKind::View);
        assert_eq!(named(&objects, "labels").columns.len(), 2);
        assert_eq!(
            named(&objects, "things").estimated_rows,
            Some(5),
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn what_the_account_may_not_read_is_left_out() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    with_parts(&bench).await;
    let cluster = shared_postgres().unwrap();
    cluster.sql(&bench.database, "REVOKE SELECT ON things, parts FROM reader; GRANT SELECT (id, day) ON things TO reader; CREATE SCHEMA closed; CREATE TABLE closed.secrets (a int); CREATE TABLE hidden (a int); REVOKE ALL ON hidden FROM reader");
    let objects = Gate::new(&bench.reader, GateOptions::default())
        .objects()
        .await
        .unwrap();
    let names: Vec<&str> = objects.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let columns: Vec<&str> = named(&objects, "things")
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(columns, ["id", "day"]);
    assert_eq!(named(&objects, "labels").kind, ObjectKind::View);
}

#[tokio::test]
async fn comments_and_functions_of_the_database_are_told() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(&bench.database, "COMMENT ON TABLE things IS 'Les choses'; COMMENT ON COLUMN things.day IS 'le jour'; CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * n'; COMMENT ON FUNCTION twice IS 'le double'; CREATE FUNCTION closed() RETURNS integer LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION closed FROM PUBLIC");
    let objects = bench.gate.objects().await.unwrap();
    let things = named(&objects, "things");
    assert_eq!(things.comment.as_deref(), Some("Les choses"));
    assert_eq!(things.columns[3].comment.as_deref(), Some("le jour"));
    let functions: Vec<_> = objects
        .iter()
        .filter(|object| object.kind == ObjectKind::Function)
        .collect();
    assert_eq!(functions.len(), 1);
    assert_eq!(
        functions[0].signature.as_deref(),
        Some("(n integer) → integer")
    );
    assert_eq!(functions[0].comment.as_deref(), Some("le double"));
}

#[tokio::test]
async fn an_account_of_mariadb_is_told_what_it_may_read() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    with_parts(&bench).await;
    let cluster = shared_mariadb().unwrap();
    cluster.sql(&bench.database, "ALTER TABLE things COMMENT 'Les choses', MODIFY day DATE COMMENT 'le jour'; CREATE FUNCTION twice(n INT, m TEXT) RETURNS BIGINT DETERMINISTIC COMMENT 'le double' RETURN 2 * n; CREATE FUNCTION closed() RETURNS INT RETURN 1; CREATE TABLE hidden (a INT); CREATE USER catalogue; GRANT SELECT (id, day) ON things TO catalogue; GRANT SELECT ON labels TO catalogue; GRANT SELECT ON parts TO catalogue; GRANT EXECUTE ON FUNCTION twice TO catalogue");
    let url = mg_db::DatabaseUrl::parse(&cluster.url("catalogue", &bench.database)).unwrap();
    let objects = Gate::new(&url, GateOptions::default())
        .objects()
        .await
        .unwrap();
    let names: std::collections::BTreeSet<&str> =
        objects.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names, ["labels", "parts", "things", "twice"].into());
    let things = named(&objects, "things");
    let columns: Vec<_> = things
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.comment.as_deref()))
        .collect();
    assert_eq!(columns, [("id", None), ("day", Some("le jour"))]);
    assert_eq!(things.comment.as_deref(), Some("Les choses"));
    assert_eq!(named(&objects, "labels").comment, None);
    assert_eq!(named(&objects, "parts").indexes.len(), 2);
    let twice = named(&objects, "twice");
    assert_eq!(twice.kind, ObjectKind::Function);
    assert_eq!(
        twice.signature.as_deref(),
        Some("(n int(11), m text) → bigint(20)")
    );
    assert_eq!(twice.comment.as_deref(), Some("le double"));
}

/// The references of a table as `columns → schema.table.columns`.
fn references(object: &Object) -> Vec<String> {
    let told = |key: &ForeignKey| {
        let (columns, others) = (key.columns.join(","), key.references.join(","));
        format!("{columns} → {}.{}.{others}", key.schema, key.table)
    };
    object.foreign_keys.iter().map(told).collect()
}

#[tokio::test]
async fn references_lead_to_other_schemas_and_to_names_in_any_case() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(&bench.database, "CREATE SCHEMA s; CREATE TABLE s.dim (id int PRIMARY KEY, note text); CREATE TABLE dim (code int PRIMARY KEY); CREATE TABLE \"Order\" (\"Id\" int PRIMARY KEY); CREATE TABLE s.fact (dim int REFERENCES s.dim, code int REFERENCES public.dim, \"order\" int REFERENCES public.\"Order\"); GRANT USAGE ON SCHEMA s TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA s, public TO reader");
    let reader = Gate::new(&bench.reader, GateOptions::default());
    let objects = reader.objects().await.unwrap();
    assert_eq!(
        references(named(&objects, "fact")),
        [
            "code → public.dim.code",
            "dim → s.dim.id",
            "order → public.Order.Id"
        ]
    );
    let dims = objects.iter().filter(|object| object.name == "dim");
    assert_eq!(dims.count(), 2);
}

#[tokio::test]
async fn references_of_mariadb_lead_to_other_databases() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let cluster = shared_mariadb().unwrap();
    let other = cluster.create_database();
    cluster.sql(&bench.database, &format!("CREATE TABLE `{other}`.dim (id INT PRIMARY KEY); CREATE TABLE `Order` (`Id` INT PRIMARY KEY); CREATE TABLE fact (dim INT, o INT, FOREIGN KEY (dim) REFERENCES `{other}`.dim (id), FOREIGN KEY (o) REFERENCES `Order` (`ID`))"));
    let objects = bench.gate.objects().await.unwrap();
    let fact = (objects.iter())
        .find(|object| object.name == "fact" && object.schema == bench.database)
        .unwrap();
    let here = &bench.database;
    let expected = [
        format!("dim → {other}.dim.id"),
        format!("o → {here}.Order.Id"),
    ];
    let told = references(fact);
    assert_eq!(
        told.iter()
            .map(|way| way.to_lowercase())
            .collect::<Vec<_>>(),
        expected.map(|way| way.to_lowercase())
    );
}
