//! A file that has a column for each figure and year, previewed before anything is written.

use mg_testkit::{Asked, Reply, Site};
use serde_json::{Value, json};

use crate::home::Home;

/// A spider that begins with such a file of this site.
fn spider(site: &Site) -> String {
    let host = site.host();
    format!(
        r##"
name = "vacance"
title = "Vacance"
description = "Un fichier large d'un site local"
[start]
allow_hosts = ["{host}"]
allow_private = true
[[file]]
url = "http://{host}/vacance.csv"
kind = "csv"
where = "COM == '77243'"
table = "web_vacance"
key = ["comm", "figure", "annee"]
unpivot = {{ columns = '(?<figure>vacants|total)_(?<annee>\d\d)', withheld = ["s"] }}
[file.columns]
COM = {{ to = "comm", type = "insee" }}
"#figure" = {{ to = "figure" }}
"#annee" = {{ to = "annee", type = "int", format = "year" }}
"#value" = {{ to = "valeur", type = "int" }}
"#withheld" = {{ to = "secret", type = "bool" }}
"##
    )
}

/// The wanted commune stands behind more than what the preview of any file begins with.
fn file() -> Vec<u8> {
    let others = "01004;1;2;3\n".repeat(200_000);
    format!("COM;vacants_26;vacants_25;total_25\n{others}77243;s;;900\n").into_bytes()
}

#[test]
fn a_preview_tells_which_columns_become_rows() {
    let site = Site::start(|asked: &Asked| match asked.path.as_str() {
        "/vacance.csv" => Reply::of(200, "text/csv", file()),
        _ => Reply::status(404),
    });
    let home = Home::new();
    home.spider("vacance", &spider(&site));
    let mut server = home.server();
    let preview = server.call("preview_spider", &json!({"spider": "vacance"}));
    assert!(!preview.is_error, "{}", preview.text);
    let first = &preview.data["matches"][0];
    assert_eq!(
        (&first["rule"], &first["count"]),
        (&json!("file[0].unpivot"), &json!(3)),
        "{}",
        preview.text
    );
    let told = "Columns that became rows: vacants_26, vacants_25, total_25.";
    assert!(preview.text.contains(told), "{}", preview.text);
    let sample = preview.data["sample"].as_array().unwrap();
    let rows: Vec<[&Value; 4]> = sample
        .iter()
        .map(|one| ["figure", "annee", "valeur", "secret"].map(|name| &one["row"][name]))
        .collect();
    assert_eq!(
        rows,
        [
            [&json!("vacants"), &json!(2026), &Value::Null, &json!(true)],
            [&json!("total"), &json!(2025), &json!(900), &json!(false)],
        ]
    );
    assert!(!home.path().join("mg.db").exists() && !home.path().join("scrape").exists());
}
