//! Tables of a spider's own: keyed, with bookkeeping, shown to viewers by a view or not at all.

use mg_scrape::{definition::Bound, item::Value, load::SwapError};

use crate::engines::{Engine, bound, day, engines, load, page, summary, text};

const AVIS: &str = r#"
name = "avis"
title = "Avis"
description = "Avis"
visible_to = "viewer"
[start]
urls = ["https://www.ville.fr/avis"]
allow_hosts = ["www.ville.fr"]
[[page]]
[[page.item]]
table = "web_avis"
rows = "tr"
key = ["dossier"]
fields.dossier = { css = "td", required = true }
fields.date_depot = { css = "td", type = "date" }
fields.demandeur = { css = "td", personal = true }
fields.rank = { css = "td", type = "int" }
"#;

fn avis(change: &str) -> Bound {
    bound(
        "avis",
        &AVIS.replace("[start]", &format!("{change}\n[start]")),
        &[],
    )
}

/// dossier, date_depot, demandeur, rank: the key first, the others by name.
fn row(dossier: &str, rank: i64) -> Vec<Value> {
    vec![
        text(dossier),
        day("2026-03-12"),
        text("Mme Untel"),
        Value::Integer(rank),
    ]
}

async fn seen(engine: &Engine) -> Vec<Vec<String>> {
    engine
        .told("SELECT dossier, \"rank\", _run_id FROM web_avis ORDER BY dossier")
        .await
}

#[tokio::test]
async fn rows_are_inserted_updated_and_left_alone_and_the_same_again_changes_nothing() {
    for engine in engines().await {
        let bound = avis("");
        let pages = [
            page(1, vec![row("A", 1), row("B", 1)]),
            page(2, vec![row("B", 2), row("C", 1)]),
        ];
        let first = load(&engine, &bound, "r1", &pages, &[]).await.unwrap();
        assert_eq!(
            (first.rows.inserted, first.duplicates),
            (3, 1),
            "{}",
            engine.name
        );
        // Of two rows with one key the later page's stands.
        assert_eq!(seen(&engine).await[1][1], "2", "{}", engine.name);
        let again = load(&engine, &bound, "r2", &pages, &[]).await.unwrap();
        assert_eq!(
            (again.rows.unchanged, again.change_report),
            (3, None),
            "{}",
            engine.name
        );
        let pages = [page(1, vec![row("A", 9), row("D", 1)])];
        let third = load(&engine, &bound, "r3", &pages, &[]).await.unwrap();
        let report = third.change_report.unwrap();
        let [change] = report.tables.as_slice() else {
            panic!("{report:?}")
        };
        assert_eq!(
            (change.inserted, change.updated, change.removed),
            (1, 1, 0),
            "{}",
            engine.name
        );
        assert_eq!(
            (change.columns[0].column.as_str(), change.columns[0].rows),
            ("rank", 1)
        );
        let rows = seen(&engine).await;
        let runs: Vec<&str> = rows.iter().map(|row| row[2].as_str()).collect();
        assert_eq!(runs, ["r3", "r2", "r2", "r3"], "{}", engine.name);
        let kept = engine
            .count("web_avis WHERE _first_seen <= _last_seen AND _content_hash IS NOT NULL")
            .await;
        assert_eq!(kept, 4, "{}", engine.name);
        let summaries = engine
            .told("SELECT statut, nb_items FROM scrape_run ORDER BY run_id")
            .await;
        assert_eq!(
            summaries,
            [["succeeded", "3"], ["succeeded", "3"], ["succeeded", "2"]],
            "{}",
            engine.name
        );
        assert!(staging(&engine).await.is_empty(), "{}", engine.name);
    }
}

/// The staging tables that are left.
async fn staging(engine: &Engine) -> Vec<Vec<String>> {
    let sql = match engine.name {
        "sqlite" => "SELECT name FROM sqlite_schema WHERE name LIKE 'stg%'",
        "postgres" => {
            "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relname LIKE 'stg%' AND relkind = 'r'"
        }
        _ => {
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'stg%'"
        }
    };
    engine.told(sql).await
}

#[tokio::test]
async fn a_page_that_is_staged_again_and_a_run_that_is_swapped_again_change_nothing() {
    for engine in engines().await {
        let bound = avis("");
        let loader = engine.loader(&bound, "r1").await;
        loader
            .stage(&[page(1, vec![row("A", 1), row("B", 1), row("X", 1)])])
            .await
            .unwrap();
        drop(loader);
        // The run was killed before the page was marked; it has one row less now.
        let loader = engine.loader(&bound, "r1").await;
        loader
            .stage(&[page(1, vec![row("A", 1), row("B", 1)])])
            .await
            .unwrap();
        let swapped = loader.swap(&summary(&[])).await.unwrap();
        assert_eq!(swapped.rows.inserted, 2, "{}", engine.name);
        // Killed after the swap, before it could tell.
        let loader = engine.loader(&bound, "r1").await;
        assert_eq!(
            loader.swap(&summary(&[])).await.unwrap(),
            swapped,
            "{}",
            engine.name
        );
        loader.discard().await.unwrap();
        assert_eq!(engine.count("web_avis").await, 2, "{}", engine.name);
    }
}

#[tokio::test]
async fn rows_that_are_not_as_expected_stay_staged() {
    for engine in engines().await {
        load(
            &engine,
            &avis(""),
            "r1",
            &[page(1, vec![row("A", 1), row("B", 1)])],
            &[],
        )
        .await
        .unwrap();
        let expecting = |expect: &str| {
            let text = format!("{AVIS}\n[expect]\n{expect}");
            bound("avis", &text, &[])
        };
        for (expect, told) in [
            ("min_items = 5", "at least 5"),
            (
                "max_null = { date_depot = 0.1 }",
                "date_depot is empty in 1 of 1",
            ),
            ("min_ratio_vs_last = 0.9", "the last run had 2"),
        ] {
            let mut only = row("A", 7);
            only[1] = Value::Null;
            let refused = load(
                &engine,
                &expecting(expect),
                "r2",
                &[page(1, vec![only])],
                &[],
            )
            .await;
            let Err(SwapError::Unmet(sentences)) = refused else {
                panic!("{}: {expect}", engine.name)
            };
            assert!(
                sentences[0].contains(told),
                "{}: {sentences:?}",
                engine.name
            );
        }
        assert_eq!(seen(&engine).await.len(), 2, "{}", engine.name);
        assert!(!staging(&engine).await.is_empty(), "{}", engine.name);
    }
}

#[tokio::test]
async fn replacing_removes_what_is_gone_and_old_rows_expire() {
    for engine in engines().await {
        let replace = AVIS.replace(
            "key = [\"dossier\"]",
            "key = [\"dossier\"]\nmode = \"replace\"",
        );
        let replace = bound("avis", &replace, &[]);
        load(
            &engine,
            &replace,
            "r1",
            &[page(1, vec![row("A", 1), row("B", 1)])],
            &[],
        )
        .await
        .unwrap();
        let swapped = load(&engine, &replace, "r2", &[page(1, vec![row("B", 1)])], &[])
            .await
            .unwrap();
        assert_eq!(
            swapped.change_report.unwrap().tables[0].removed,
            1,
            "{}",
            engine.name
        );
        engine
            .change("UPDATE web_avis SET _last_seen = '2020-01-01T00:00:00Z'")
            .await;
        let kept = avis("retention_days = 30");
        let swapped = load(&engine, &kept, "r3", &[page(1, vec![row("C", 1)])], &[])
            .await
            .unwrap();
        assert_eq!(
            swapped.change_report.unwrap().tables[0].expired,
            1,
            "{}",
            engine.name
        );
        assert_eq!(seen(&engine).await.len(), 1, "{}", engine.name);
    }
}

#[tokio::test]
async fn rows_of_pages_that_did_not_change_count_as_seen() {
    for engine in engines().await {
        let kept = avis("retention_days = 30");
        let pages = [page(1, vec![row("A", 1)]), page(2, vec![row("B", 1)])];
        load(&engine, &kept, "r1", &pages, &[]).await.unwrap();
        engine
            .change("UPDATE web_avis SET _last_seen = '2020-01-01T00:00:00Z'")
            .await;
        let mut still = page(1, Vec::new());
        still.unchanged = true;
        let swapped = load(&engine, &kept, "r2", &[still], &[]).await.unwrap();
        assert_eq!(swapped.rows.unchanged, 1, "{}", engine.name);
        assert_eq!(seen(&engine).await[0][0], "A", "{}", engine.name);
        assert_eq!(seen(&engine).await.len(), 1, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_field_that_is_new_becomes_a_column() {
    for engine in engines().await {
        load(&engine, &avis(""), "r1", &[page(1, vec![row("A", 1)])], &[])
            .await
            .unwrap();
        let wider = format!("{AVIS}fields.zone = {{ css = \"td\" }}\n");
        let mut wide = row("A", 1);
        wide.push(text("ZAC"));
        load(
            &engine,
            &bound("avis", &wider, &[]),
            "r2",
            &[page(1, vec![wide])],
            &[],
        )
        .await
        .unwrap();
        assert_eq!(
            engine.told("SELECT zone FROM web_avis").await,
            [["ZAC"]],
            "{}",
            engine.name
        );
    }
}

#[tokio::test]
async fn viewers_see_a_view_without_personal_fields_or_nothing() {
    for engine in engines().await {
        load(&engine, &avis(""), "r1", &[page(1, vec![row("A", 1)])], &[])
            .await
            .unwrap();
        let columns = "SELECT dossier, \"rank\", _source_url FROM v_web_avis";
        assert_eq!(engine.told(columns).await.len(), 1, "{}", engine.name);
        assert!(
            engine.is_read("SELECT dossier FROM v_web_avis").await,
            "{}",
            engine.name
        );
        for hidden in [
            "SELECT dossier FROM web_avis",
            "SELECT demandeur FROM v_web_avis",
        ] {
            assert!(!engine.is_read(hidden).await, "{}: {hidden}", engine.name);
        }
        let private = AVIS.replace("visible_to = \"viewer\"", "visible_to = \"editor\"");
        load(
            &engine,
            &bound("avis", &private, &[]),
            "r2",
            &[page(1, vec![row("A", 1)])],
            &[],
        )
        .await
        .unwrap();
        let view = mg_db::store::Store::reader(&engine.owner)
            .fetch(columns, &[])
            .await;
        assert!(view.is_err(), "{}", engine.name);
    }
}
