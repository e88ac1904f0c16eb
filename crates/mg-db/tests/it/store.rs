//! Our own statements: values there and back, transactions, rights.

use mg_db::{
    DatabaseUrl, Engine, Value,
    store::{Store, StoreError},
};
use mg_testkit::shared_postgres;
use rust_decimal::Decimal;

use crate::bench::{Bench, benches};

const WIDE: &str = "CREATE TABLE wide (id INTEGER NOT NULL PRIMARY KEY, small SMALLINT, large BIGINT, code CHAR(7), name VARCHAR(80), note TEXT, day DATE, money DECIMAL(18,4), share DOUBLE PRECISION)";
const COLUMNS: [&str; 9] = [
    "id", "small", "large", "code", "name", "note", "day", "money", "share",
];

fn wide(id: i64) -> Vec<Value> {
    vec![
        id.into(),
        (-3_i16).into(),
        9_007_199_254_740_993_i64.into(),
        "2024-03".into(),
        "L'Haÿ\tles\\Roses\n?".into(),
        "".into(),
        "2024-02-29".into(),
        Decimal::new(12_5000, 4).into(),
        Value::Real(0.1),
    ]
}

async fn with_wide(bench: &Bench, rows: &[Vec<Value>]) -> Result<(), StoreError> {
    let mut transaction = bench.store.begin().await?;
    transaction.execute(WIDE, &[]).await?;
    transaction.insert("wide", &COLUMNS, rows).await?;
    transaction.commit().await
}

#[tokio::test]
async fn values_come_back_as_they_were_given() {
    for bench in benches().await {
        let nothing: Vec<Value> = std::iter::once(2.into())
            .chain(vec![Value::Null; 8])
            .collect();
        with_wide(&bench, &[wide(1), nothing]).await.unwrap();
        let sql = format!("SELECT {} FROM wide ORDER BY id", COLUMNS.join(", "));
        let rows = bench.store.fetch(&sql, &[]).await.unwrap();
        let row = &rows[0];
        assert_eq!(row.values()[..7], wide(1)[..7], "{}", bench.engine);
        assert_eq!(row.decimal(7), Ok(Decimal::new(125, 1)));
        assert_eq!(row.value(8), &Value::Real(0.1));
        assert!(
            rows[1].values()[1..]
                .iter()
                .all(|value| *value == Value::Null)
        );
    }
}

#[tokio::test]
async fn a_parameter_is_bound_as_its_column_wants_it() {
    for bench in benches().await {
        with_wide(&bench, &[wide(1)]).await.unwrap();
        for (column, index) in COLUMNS.iter().zip(0..) {
            let sql = format!("SELECT id FROM wide WHERE {column} = ? AND '?' <> ?");
            let params = [wide(1)[index].clone(), "x".into()];
            let rows = bench.store.fetch(&sql, &params).await;
            let rows = rows.unwrap_or_else(|error| panic!("{}: {column}: {error}", bench.engine));
            assert_eq!(rows.len(), 1, "{}: {column}", bench.engine);
        }
        let sql = "SELECT id FROM wide WHERE day BETWEEN ? AND ? AND small IN (?, ?)";
        let params = [
            "2024-02-01".into(),
            "2024-02-29".into(),
            (-3).into(),
            4.into(),
        ];
        assert_eq!(bench.store.fetch(sql, &params).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn sums_counts_and_averages_are_numbers_on_every_engine() {
    for bench in benches().await {
        let sql =
            "SELECT COUNT(*), SUM(id), SUM(amount), MIN(day), MAX(label), AVG(id) FROM things";
        let rows = bench.store.fetch(sql, &[]).await.unwrap();
        let row = &rows[0];
        assert_eq!((row.integer(0), row.integer(1)), (Ok(5), Ok(15)));
        assert_eq!(row.decimal(2), Ok(Decimal::new(75, 1)));
        assert_eq!(
            (row.text(3), row.text(4)),
            (Ok("2024-03-01"), Ok("thing 5"))
        );
        assert_eq!(
            row.decimal(5).map(|mean| mean.normalize()),
            Ok(Decimal::from(3))
        );
    }
}

#[tokio::test]
async fn the_month_of_a_date_is_cut_alike() {
    for bench in benches().await {
        let sql = "SELECT SUBSTR(CAST(day AS CHAR(10)),1,7), COUNT(*) FROM things GROUP BY SUBSTR(CAST(day AS CHAR(10)),1,7)";
        let rows = bench.store.fetch(sql, &[]).await.unwrap();
        assert_eq!(rows[0].values(), ["2024-03".into(), Value::Integer(5)]);
    }
}

#[tokio::test]
async fn what_is_not_committed_was_never_there() {
    for bench in benches().await {
        let before = bench.fingerprint().await;
        let mut transaction = bench.store.begin().await.unwrap();
        assert_eq!(
            transaction
                .execute("DELETE FROM things WHERE id > ?", &[2.into()])
                .await,
            Ok(3)
        );
        assert_eq!(
            transaction
                .fetch("SELECT id FROM things", &[])
                .await
                .unwrap()
                .len(),
            2
        );
        drop(transaction);
        assert_eq!(bench.fingerprint().await, before, "{}", bench.engine);
    }
}

#[tokio::test]
async fn an_insert_that_fails_leaves_nothing() {
    for bench in benches().await {
        let rows = [wide(1), wide(2), wide(1)];
        let error = with_wide(&bench, &rows).await.unwrap_err();
        assert!(matches!(&error, StoreError::Statement { .. }), "{error:?}");
        assert!(!error.to_string().contains("at line"), "{error}");
        let left = bench.store.fetch("SELECT 1 FROM wide", &[]).await;
        if bench.engine == Engine::MariaDb {
            assert_eq!(left, Ok(vec![]), "the table stays, without a row");
        } else {
            assert!(
                matches!(left, Err(StoreError::Statement { .. })),
                "the table is gone too"
            );
        }
        let short = [vec![Value::Null]];
        let mut transaction = bench.store.begin().await.unwrap();
        let error = transaction
            .insert("things", &["id", "label"], &short)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "a row for things has 1 values for 2 columns"
        );
    }
}

#[tokio::test]
async fn many_rows_go_in_as_one() {
    for bench in benches().await {
        let rows: Vec<_> = (0..20_000).map(wide).collect();
        with_wide(&bench, &rows).await.unwrap();
        let sums = bench
            .store
            .fetch("SELECT COUNT(*), SUM(id) FROM wide", &[])
            .await
            .unwrap();
        assert_eq!(sums[0].integer(0), Ok(20_000));
        assert_eq!(sums[0].integer(1), Ok(199_990_000));
    }
}

#[tokio::test]
async fn a_reader_writes_nothing() {
    for bench in benches().await {
        let reader = Store::reader(&bench.owner);
        let mut transaction = reader.begin().await.unwrap();
        assert_eq!(
            transaction
                .fetch("SELECT id FROM things", &[])
                .await
                .unwrap()
                .len(),
            5
        );
        let error = transaction
            .execute("DELETE FROM things", &[])
            .await
            .unwrap_err();
        assert!(
            error.to_string().to_lowercase().contains("read"),
            "{}: {error:?}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn a_missing_right_is_told_as_denied() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let url = shared_postgres().unwrap().url("writer", &bench.database);
    let mut transaction = Store::writer(&DatabaseUrl::parse(&url).unwrap())
        .begin()
        .await
        .unwrap();
    let error = transaction
        .execute("DELETE FROM things", &[])
        .await
        .unwrap_err();
    assert_eq!(
        error,
        StoreError::Denied("permission denied for table things".into())
    );
}

#[tokio::test]
async fn wrong_parameters_are_told_before_the_statement_runs() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    for (params, told) in [
        (vec!["2024-02-30".into()], "`2024-02-30` is no date"),
        (vec![], "bind message"),
        (
            vec!["2024-02-01".into(), 1.into()],
            "does not have the 2 parameters",
        ),
    ] {
        let error = bench
            .store
            .fetch("SELECT id FROM things WHERE day = ?", &params)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[tokio::test]
async fn two_writers_of_one_file_wait_for_each_other() {
    let bench = Bench::sqlite().await;
    assert_eq!(bench.engine, Engine::Sqlite);
    let writes = (10..30).map(|id| {
        let store = Store::writer(&bench.owner);
        async move {
            let mut transaction = store.begin().await?;
            let count = transaction
                .fetch("SELECT COUNT(*) FROM things", &[])
                .await?;
            assert!(count[0].integer(0).is_ok());
            transaction
                .execute("INSERT INTO things (id) VALUES (?)", &[id.into()])
                .await?;
            transaction.commit().await
        }
    });
    let written = futures::future::join_all(writes).await;
    assert!(written.iter().all(Result::is_ok), "{written:?}");
    let rows = bench
        .store
        .fetch("SELECT COUNT(*) FROM things", &[])
        .await
        .unwrap();
    assert_eq!(rows[0].integer(0), Ok(25));
}

#[tokio::test]
async fn calls_that_are_dropped_cost_no_connection() {
    for bench in benches().await {
        // More than the store has connections, dropped at moments from "just sent" to "answered".
        for wait in 0..24_u32 {
            let params = [wait.into()];
            let call = bench.store.fetch(
                "SELECT COUNT(*) FROM things AS a, things AS b WHERE a.id <> ?",
                &params,
            );
            let time = std::time::Duration::from_micros(u64::from(wait) * 150);
            let _ = tokio::time::timeout(time, call).await;
        }
        let rows = bench.store.fetch("SELECT COUNT(*) FROM things", &[]).await;
        assert_eq!(rows.unwrap()[0].integer(0), Ok(5), "{}", bench.engine);
    }
}
