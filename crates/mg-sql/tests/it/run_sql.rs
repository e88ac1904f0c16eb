//! `run_sql`: rows, formats, parameters, limits and refusals.

use serde_json::json;

use crate::engines::{client, engines};

const GOLDEN: &str = "SELECT annee, CAST(SUM(log_aut) AS INTEGER) AS logements FROM fact_logements_annuel AS a \
    JOIN dim_commune AS c ON c.comm = a.territoire WHERE type_lgt = 'Tous' GROUP BY annee ORDER BY annee";

#[tokio::test]
async fn the_fourteen_published_years_are_the_same_on_every_engine() {
    let golden = [
        1618, 518, 1545, 1123, 936, 1966, 2195, 1230, 746, 1294, 1124, 1564, 1311, 929,
    ];
    for engine in engines().await {
        let data = engine
            .client
            .call("run_sql", json!({"query": GOLDEN}))
            .await
            .ok();
        let rows: Vec<_> = (2011..)
            .zip(golden)
            .map(|(year, value)| json!([year, value]))
            .collect();
        assert_eq!(data["rows"], json!(rows), "{}", engine.name);
        assert_eq!(
            (&data["row_count"], &data["truncated"]),
            (&json!(14), &json!(false))
        );
    }
}

#[tokio::test]
async fn the_alias_that_models_guess_works_too() {
    for engine in engines().await {
        assert_eq!(
            engine
                .client
                .call("run_sql", json!({"sql": "SELECT 7 AS n"}))
                .await
                .ok()["rows"],
            json!([[7]])
        );
    }
}

#[tokio::test]
async fn arrays_and_objects_stand_in_both_halves_and_csv_and_markdown_in_the_text_alone() {
    for engine in engines().await {
        let ask = async |format: &str| {
            let query = "SELECT comm, nom FROM dim_commune WHERE comm = '77243'";
            engine
                .client
                .call("run_sql", json!({"query": query, "format": format}))
                .await
        };
        let arrays = ask("arrays").await;
        assert!(
            arrays
                .text
                .starts_with("|comm|nom|\n|-|-|\n|77243|Lagny-sur-Marne|\n"),
            "{}",
            arrays.text
        );
        assert_eq!(arrays.data["rows"], json!([["77243", "Lagny-sur-Marne"]]));
        assert_eq!(
            ask("objects").await.data["rows"],
            json!([{"comm": "77243", "nom": "Lagny-sur-Marne"}])
        );
        let csv = ask("csv").await;
        assert!(
            csv.text.starts_with("comm,nom\n77243,Lagny-sur-Marne\n"),
            "{}",
            csv.text
        );
        assert!(csv.data.get("rows").is_none() && csv.data["columns"][1]["name"] == "nom");
        assert!(ask("markdown").await.data.get("rows").is_none());
    }
}

#[tokio::test]
async fn parameters_are_bound_and_never_become_sql() {
    for engine in engines().await {
        let query = format!(
            "SELECT COUNT(*) AS n FROM dim_commune WHERE nom = {} OR comm = {}",
            engine.mark(1),
            engine.mark(2)
        );
        let ask = async |name: &str| {
            engine
                .client
                .call(
                    "run_sql",
                    json!({"query": query, "params": [name, "77307"]}),
                )
                .await
                .ok()["rows"][0][0]
                .clone()
        };
        assert_eq!(ask("Lagny-sur-Marne").await, 2, "{}", engine.name);
        assert_eq!(ask("x' OR '1'='1").await, 1, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_parameter_keeps_the_type_it_was_given_in() {
    let engine = client("sqlite", None, "").await;
    let query = "SELECT typeof(?), typeof(?), typeof(?)";
    let arguments = json!({"query": query, "params": ["12", 12, 1.5], "max_rows": "5"});
    let answer = engine.client.call("run_sql", arguments).await.ok();
    assert_eq!(answer["rows"], json!([["text", "integer", "real"]]));
}

#[tokio::test]
async fn a_text_parameter_works_for_a_date() {
    for engine in engines().await {
        let query = format!(
            "SELECT CAST(SUM(nb_lgt_tot_crees) AS INTEGER) AS n FROM fact_permis WHERE fichier = 'logements' AND etat_dau <> 4 \
             AND date_reelle_autorisation >= {} AND date_reelle_autorisation <= {}",
            engine.mark(1),
            engine.mark(2)
        );
        let arguments = json!({"query": query, "params": ["2022-01-01", "2022-12-31"]});
        assert_eq!(
            engine.client.call("run_sql", arguments).await.ok()["rows"],
            json!([[1564]]),
            "{}",
            engine.name
        );
    }
}

#[tokio::test]
async fn repeated_column_names_are_kept() {
    for engine in engines().await {
        let data = engine
            .client
            .call("run_sql", json!({"query": "SELECT 1 AS a, 2 AS a"}))
            .await
            .ok();
        assert_eq!(
            (&data["columns"][1]["name"], &data["rows"]),
            (&json!("a"), &json!([[1, 2]])),
            "{}",
            engine.name
        );
    }
}

#[tokio::test]
async fn truncation_is_exact_and_says_how_to_get_the_rest() {
    for engine in engines().await {
        let ask = async |rows: u32| {
            engine
                .client
                .call(
                    "run_sql",
                    json!({"query": "SELECT comm FROM dim_commune", "max_rows": rows}),
                )
                .await
        };
        let cut = ask(19).await;
        assert!(
            cut.text.contains("there are more") && cut.text.contains("with cursor"),
            "{}",
            cut.text
        );
        assert_eq!(
            (&cut.data["row_count"], &cut.data["truncated"]),
            (&json!(19), &json!(true))
        );
        assert_eq!(ask(20).await.data["truncated"], json!(false));
    }
}

#[tokio::test]
async fn rows_beyond_the_budget_are_cut_and_the_answer_stays_within_it() {
    for engine in engines().await {
        let query = "SELECT * FROM dim_date ORDER BY date_id";
        let answer = engine
            .client
            .call("run_sql", json!({"query": query, "max_rows": 5000}))
            .await;
        let size = answer.text.chars().count() + answer.data.to_string().chars().count();
        assert!(size <= 40_000 && size > 30_000, "{}: {size}", engine.name);
        assert_eq!(answer.data["truncated"], json!(true));
        assert!(answer.text.contains("budget"), "{}", answer.text);
    }
}

#[tokio::test]
async fn max_rows_above_the_cap_is_clamped_and_told() {
    let engine = client("sqlite", None, "[sql]\nmax_rows = 5").await;
    let data = engine
        .client
        .call(
            "run_sql",
            json!({"query": "SELECT comm FROM dim_commune", "max_rows": 50}),
        )
        .await
        .ok();
    assert_eq!(data["row_count"], 5);
    assert!(
        data["notes"][0].as_str().unwrap().contains("cap of 5"),
        "{data}"
    );
}

#[tokio::test]
async fn writes_and_second_statements_are_refused_and_change_nothing() {
    let attempts = [
        "DELETE FROM dim_commune",
        "UPDATE dim_commune SET nom = 'x'",
        "INSERT INTO dim_zac (zac_id, nom, comm) VALUES ('x', 'x', '77243')",
        "DROP TABLE dim_zac",
        "CREATE TABLE x (n INTEGER)",
        "SELECT 1; DELETE FROM dim_zac",
        "WITH gone AS (DELETE FROM dim_zac RETURNING *) SELECT * FROM gone",
        "COMMIT",
    ];
    for engine in engines().await {
        let count = json!({"query": "SELECT COUNT(*) AS n FROM dim_commune"});
        for attempt in attempts {
            let refusal = engine
                .client
                .call("run_sql", json!({"query": attempt}))
                .await
                .refusal();
            assert!(refusal.len() > 20, "{}: {attempt}: {refusal}", engine.name);
        }
        assert_eq!(
            engine.client.call("run_sql", count).await.ok()["rows"],
            json!([[20]]),
            "{}",
            engine.name
        );
    }
}

#[tokio::test]
async fn explain_is_welcome() {
    for engine in engines().await {
        let query = if engine.name == "sqlite" {
            "EXPLAIN QUERY PLAN SELECT * FROM dim_commune"
        } else {
            "EXPLAIN SELECT * FROM dim_commune"
        };
        let text = engine
            .client
            .call("run_sql", json!({"query": query}))
            .await
            .text;
        assert!(text.contains("dim_commune"), "{}: {text}", engine.name);
    }
}

#[tokio::test]
async fn exact_values_survive() {
    for engine in engines().await {
        let query = "SELECT 9007199254740993 AS big, CAST('0.10' AS DECIMAL(4,2)) AS price, NULL AS absent, 'été' AS text";
        let rows = engine
            .client
            .call("run_sql", json!({"query": query}))
            .await
            .ok()["rows"]
            .clone();
        assert_eq!(rows[0][0], json!("9007199254740993"), "{}", engine.name);
        assert_eq!(
            (&rows[0][2], &rows[0][3]),
            (&json!(null), &json!("été")),
            "{}",
            engine.name
        );
        let price = if engine.name == "sqlite" {
            json!(0.1)
        } else {
            json!("0.10")
        };
        assert_eq!(rows[0][1], price, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_long_result_is_paged_by_cursor_and_every_row_comes_once() {
    for engine in engines().await {
        let query = "SELECT date_id, annee FROM dim_date ORDER BY date_id";
        let mut arguments = json!({"query": query, "max_rows": 400});
        let (mut dates, mut pages) = (Vec::new(), 0);
        loop {
            let data = engine.client.call("run_sql", arguments.clone()).await.ok();
            dates.extend(
                data["rows"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row[0].as_str().unwrap().to_owned()),
            );
            pages += 1;
            assert!(pages <= 60, "paging does not end");
            match data["next_cursor"].as_str() {
                Some(cursor) => arguments["cursor"] = json!(cursor),
                None => break,
            }
        }
        assert_eq!(
            (dates.len(), dates.first().unwrap().as_str()),
            (7305, "2011-01-01"),
            "{}",
            engine.name
        );
        assert!(dates.is_sorted() && pages >= 18, "{}: {pages}", engine.name);
    }
}

#[tokio::test]
async fn a_page_may_have_another_format_than_the_one_before() {
    for engine in engines().await {
        let query = "SELECT comm FROM dim_commune ORDER BY comm";
        let first = engine
            .client
            .call("run_sql", json!({"query": query, "max_rows": 18}))
            .await
            .ok();
        let rest = json!({"query": query, "cursor": first["next_cursor"], "format": "csv"});
        let answer = engine.client.call("run_sql", rest).await;
        assert!(
            answer.text.starts_with("comm\n77438\n77464\n"),
            "{}: {}",
            engine.name,
            answer.text
        );
        assert_eq!(answer.data["truncated"], json!(false));
    }
}

#[tokio::test]
async fn an_unknown_cursor_says_what_to_do() {
    let engine = engines().await.remove(0);
    let refusal = engine
        .client
        .call("run_sql", json!({"query": "SELECT 1", "cursor": "x"}))
        .await
        .refusal();
    assert!(refusal.contains("run the query again"), "{refusal}");
}

#[tokio::test]
async fn rows_beyond_the_operators_cap_are_not_kept_and_the_last_page_says_so() {
    let engine = client("sqlite", None, "[sql]\nmax_rows = 10").await;
    let query = "SELECT comm FROM dim_commune ORDER BY comm";
    let first = engine
        .client
        .call("run_sql", json!({"query": query, "max_rows": 6}))
        .await
        .ok();
    let last = engine
        .client
        .call(
            "run_sql",
            json!({"query": query, "cursor": first["next_cursor"]}),
        )
        .await;
    assert_eq!(
        (&last.data["row_count"], &last.data["truncated"]),
        (&json!(4), &json!(true))
    );
    assert!(
        last.text.contains("last rows that were kept"),
        "{}",
        last.text
    );
}

#[tokio::test]
async fn a_row_of_a_thousand_columns_is_refused_with_what_would_work() {
    let columns: Vec<String> = (0..1_000)
        .map(|number| format!("'some words' AS column_{number}"))
        .collect();
    let query = format!("SELECT {} FROM dim_commune", columns.join(", "));
    for engine in engines().await {
        for format in ["arrays", "csv"] {
            let ask = json!({"query": query, "format": format});
            let refusal = engine.client.call("run_sql", ask).await.refusal();
            assert!(
                refusal.contains("select fewer columns"),
                "{}: {refusal}",
                engine.name
            );
        }
    }
}
