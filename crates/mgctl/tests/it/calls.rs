//! `mgctl call`.

use crate::home::{Home, text};

const AREAS: &str =
    r#"{"query": "SELECT nom, 1.5 * 2.5 AS surface FROM dim_commune ORDER BY nom LIMIT 2"}"#;

#[test]
fn the_answer_of_a_tool_is_printed_as_text() {
    let told = Home::new()
        .mgctl(
            &[
                "call",
                "mg-kpi",
                "get_indicator",
                r#"{"name": "logements_autorises", "date": "2022"}"#,
            ],
            &[],
        )
        .ok();
    assert!(
        told.contains("1\u{202f}564") && !told.contains("{\""),
        "{told}"
    );
}

#[test]
fn structured_content_is_printed_on_request() {
    let told = Home::new()
        .mgctl(
            &[
                "call",
                "mg-kpi",
                "get_indicator",
                r#"{"name": "logements_autorises", "date": "2022"}"#,
                "--json",
            ],
            &[],
        )
        .ok();
    let data: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(data["value"], 1564);
}

#[test]
fn rows_go_to_a_file_that_a_french_excel_opens() {
    let home = Home::new();
    let out = home.path("communes.csv");
    let ended = home.mgctl(
        &[
            "call",
            "mg-sql",
            "run_sql",
            AREAS,
            "--csv",
            "--out",
            text(&out),
        ],
        &[],
    );
    assert!(ended.stderr.contains("communes.csv"), "{ended:?}");
    assert_eq!(ended.ok(), "");
    assert_eq!(
        home.read("communes.csv"),
        "\u{feff}nom;surface\r\nBussy-Saint-Georges;3,75\r\nBussy-Saint-Martin;3,75\r\n"
    );
}

/// More rows than one answer has room for, fewer than the server keeps.
const DATES: &str =
    "SELECT date_id, mois FROM dim_date WHERE date_id < '2020-01-01' ORDER BY date_id";

#[test]
fn a_file_holds_all_pages_of_a_result_under_one_header() {
    let home = Home::new();
    let call = |format: &str, flags: &[&str]| {
        let given = serde_json::json!({"query": DATES, "format": format}).to_string();
        let out = home.path("dates");
        let mut arguments = vec!["call", "mg-sql", "run_sql", &given, "--out", text(&out)];
        arguments.extend(flags);
        let told = home.mgctl(&arguments, &[]).stderr;
        (home.read("dates"), told)
    };
    let (csv, told) = call("csv", &[]);
    let lines: Vec<&str> = csv.lines().collect();
    let days = lines.len() - 1;
    assert!(
        days > 3_000 && told.contains(&format!("{days} rows written")),
        "{told}"
    );
    assert_eq!(lines[0], "date_id,mois");
    assert_eq!(lines.last(), Some(&"2019-12-31,12"));
    assert_eq!(
        lines.iter().filter(|line| line.contains("date_id")).count(),
        1
    );
    let (table, _) = call("markdown", &[]);
    assert_eq!(table.lines().count(), days + 2);
    let (excel, _) = call("arrays", &["--csv"]);
    assert!(excel.starts_with("\u{feff}date_id;mois\r\n"));
    assert!(excel.ends_with("\r\n2019-12-31;12\r\n"));
    assert_eq!(excel.matches("\r\n").count(), days + 1);
    let (json, _) = call("objects", &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), days);
    assert_eq!(json["rows"][days - 1]["date_id"], "2019-12-31");
}

#[test]
fn a_result_larger_than_the_server_keeps_says_how_to_get_the_rest() {
    let home = Home::new();
    let out = home.path("numbers.csv");
    let query = r#"{"query": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", "format": "csv"}"#;
    let told = home
        .mgctl(
            &["call", "mg-sql", "run_sql", query, "--out", text(&out)],
            &[],
        )
        .stderr;
    assert!(told.contains("10000 rows written"), "{told}");
    assert!(
        told.contains("truncated: true") && told.contains("max_rows"),
        "{told}"
    );
    assert!(home.read("numbers.csv").ends_with("\n9999\n10000\n"));
}

#[test]
fn a_call_that_fails_leaves_the_file_as_it_was() {
    let home = Home::new();
    let out = home.write("kept.csv", "what was there");
    for given in [
        r#"{"query": "SELECT a FROM nowhere"}"#,
        r#"{"query": "SELECT 1", "format": "csv"}"#,
    ] {
        let told = home
            .mgctl(
                &[
                    "call",
                    "mg-sql",
                    "run_sql",
                    given,
                    "--csv",
                    "--out",
                    text(&out),
                ],
                &[],
            )
            .failed(1);
        assert!(
            told.contains("nowhere") || told.contains("leave `format` out"),
            "{told}"
        );
        assert_eq!(home.read("kept.csv"), "what was there");
    }
    let folder = home.path("no/such/folder.csv");
    let given = r#"{"query": "SELECT 1"}"#;
    let told = home
        .mgctl(
            &["call", "mg-sql", "run_sql", given, "--out", text(&folder)],
            &[],
        )
        .failed(1);
    assert!(
        told.contains("cannot write") && told.contains("folder.csv"),
        "{told}"
    );
}

#[test]
fn a_refusal_goes_to_stderr_with_exit_code_1() {
    let ended = Home::new().mgctl(
        &[
            "call",
            "mg-sql",
            "run_sql",
            r#"{"query": "DELETE FROM fact_permis"}"#,
        ],
        &[],
    );
    assert_eq!(ended.stdout, "");
    assert!(ended.failed(1).contains("only one statement that reads"));
}

#[test]
fn unknown_servers_tools_and_arguments_are_answered_with_what_would_work() {
    let home = Home::new();
    assert!(
        home.mgctl(&["call", "mg-sq", "run_sql"], &[])
            .failed(78)
            .contains("there is mg-sql")
    );
    assert!(
        home.mgctl(&["call", "mg-sql", "run_sq"], &[])
            .failed(1)
            .contains("there is run_sql")
    );
    assert!(
        home.mgctl(&["call", "mg-sql", "run_sql", "SELECT 1"], &[])
            .failed(78)
            .contains("a JSON object is needed")
    );
    assert!(
        home.mgctl(
            &["call", "mg-sql", "run_sql", r#"{"querry": "SELECT 1"}"#],
            &[]
        )
        .failed(1)
        .contains("query")
    );
}

#[test]
fn the_flags_of_mgctl_reach_the_server() {
    let home = Home::new();
    let folder = home.path("elsewhere");
    home.mgctl(
        &[
            "call",
            "mg-sql",
            "search_schema",
            "--data-dir",
            text(&folder),
        ],
        &[],
    )
    .ok();
    assert!(folder.join("mg.db").is_file());
    assert!(!home.path(".local/share/mg-platform/mg.db").exists());
}

#[test]
fn a_server_inherits_no_descriptor_beyond_its_pipes() {
    let home = Home::new();
    let program = home.script("mg-sql", "ls /proc/$$/fd >&2; exit 3");
    let servers = home.write(
        "servers.json",
        &format!(
            r#"{{"mcpServers": {{"mg-sql": {{"command": {:?}}}}}}}"#,
            text(&program)
        ),
    );
    let told = home
        .mgctl(
            &["call", "mg-sql", "run_sql", "--servers", text(&servers)],
            &[],
        )
        .failed(1);
    // The shell keeps its script open, by convention at 10 or above or as the one that follows.
    let open: Vec<u32> = told
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .filter(|number| *number < 10)
        .collect();
    assert!(
        open.contains(&0) && open.contains(&1) && open.contains(&2),
        "{told}"
    );
    assert!(
        open.iter().filter(|number| **number > 3).count() == 0,
        "{told}"
    );
}
