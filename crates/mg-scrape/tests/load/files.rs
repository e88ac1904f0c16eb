//! Rows of files: CSV in every dress, workbooks by a process of their own, JSON.

use std::{fs::File, io::Write};

use mg_scrape::{
    definition::Bound,
    files::{self, Outcome},
    item::{Item, Value},
};
use mg_testkit::binary;

use crate::engines::bound;

const LOVAC: &str = r#"
name = "lovac"
title = "Lovac"
description = "Logements vacants"
[params.commune]
type = "list"
default = "77307,77464"
[start]
allow_hosts = ["a.fr"]
[[file]]
url = "https://a.fr/lovac"
kind = "csv"
where = "CODGEO_26 in {commune}"
table = "web_lovac"
key = ["comm"]
[file.columns]
CODGEO_26 = { to = "comm", type = "insee", required = true }
LIBGEO_26 = { to = "nom" }
pp_vacant_26 = { to = "vacants", type = "decimal", map = { "s" = "" } }
"#;

fn lovac(change: (&str, &str)) -> Bound {
    bound("lovac", &LOVAC.replace(change.0, change.1), &[])
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    file
}

fn read(bound: &Bound, bytes: &[u8]) -> Result<(Vec<Item>, Outcome), String> {
    let mut rows = Vec::new();
    let role = bound.start[0].role;
    let outcome = files::read(bound, role, ("/lovac", file(bytes)), |_, items| {
        rows.extend(items);
        true
    })?;
    Ok((rows, outcome))
}

/// comm, nom, vacants.
fn names(rows: &[Item]) -> Vec<&Value> {
    rows.iter().map(|row| &row.values[1]).collect()
}

#[test]
fn a_latin_1_file_with_secrets_is_read() {
    let text = "CODGEO_26;LIBGEO_26;pp_vacant_26\n77307;Montévrain;12,5\n77464;Thorigny-sur-Marne;s\n01004;Ambérieu;3\n";
    let latin: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let (rows, outcome) = read(&lovac(("", "")), &latin).unwrap();
    assert_eq!((rows.len(), outcome.rejected), (2, 0));
    assert_eq!(names(&rows)[0], &Value::Text("Montévrain".into()));
    assert_eq!(rows[0].values[2], Value::Decimal("12.5".parse().unwrap()));
    assert_eq!(rows[1].values[2], Value::Null, "s is no 0");
}

#[test]
fn a_column_that_is_not_there_is_named_with_the_nearest() {
    let refusal = read(
        &lovac(("", "")),
        b"CODGEO_25;LIBGEO_25;pp_vacant_25\n1;2;3\n",
    )
    .unwrap_err();
    assert!(
        refusal.contains("`CODGEO_26` (nearest: `CODGEO_25`)"),
        "{refusal}"
    );
    assert!(read(&lovac(("", "")), b"").unwrap_err().contains("no line"));
}

#[test]
fn rows_that_are_cut_short_are_rejected_with_their_line() {
    let text = b"CODGEO_26,LIBGEO_26,pp_vacant_26\n77307,\"Mont, \"\"vrain\",1\n77464,Thorigny\n";
    let (rows, outcome) = read(&lovac(("", "")), text).unwrap();
    assert_eq!(names(&rows), [&Value::Text("Mont, \"vrain".into())]);
    assert_eq!(outcome.rejected, 1);
    assert!(
        outcome.rejections[0].reason.contains("line 3 has 2 cells"),
        "{:?}",
        outcome.rejections
    );
}

#[test]
fn a_gzipped_file_is_read_and_an_archive_refused() {
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped
        .write_all("CODGEO_26;LIBGEO_26;pp_vacant_26\n77307;Montévrain;1\n".as_bytes())
        .unwrap();
    let (rows, _) = read(&lovac(("", "")), &zipped.finish().unwrap()).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(
        read(&lovac(("", "")), b"PK\x03\x04rest")
            .unwrap_err()
            .contains("xlsx")
    );
}

/// The same file with its figures as rows, whatever year its columns are of.
const WIDE: &str = r##"
name = "wide"
title = "Wide"
description = "Logements vacants"
[start]
allow_hosts = ["a.fr"]
[[file]]
url = "https://a.fr/lovac"
kind = "csv"
where = "CODGEO != '01004'"
table = "web_lovac"
key = ["comm", "annee"]
[file.rename]
'(CODGEO|LIBGEO)_\d\d' = "$1"
[file.unpivot]
columns = 'pp_vacant_(?<annee>\d\d)'
withheld = ["s"]
[file.columns]
CODGEO = { to = "comm", type = "insee", required = true }
LIBGEO = { to = "nom" }
"#annee" = { to = "annee", type = "int", format = "year" }
"#row" = { to = "ligne", type = "int" }
"#value" = { to = "vacants", type = "decimal" }
"#withheld" = { to = "secret", type = "bool" }
"##;

/// comm, annee, ligne, nom, secret, vacants: of each row the year, whether it is withheld, and the value.
fn figures(rows: &[Item]) -> Vec<String> {
    let told = rows
        .iter()
        .map(|row| format!("{} {} {}", row.values[1], row.values[4], row.values[5]));
    told.collect()
}

#[test]
fn a_column_for_each_year_is_a_row_for_each_year() {
    let text = "pp_vacant_25;CODGEO_26;LIBGEO_26; pp_vacant_26 ;pp_vacant_plus_2ans_26\n\
        0;77307;Montévrain;12,5;1\n;77464;Thorigny; s ;2\nbeaucoup;77243;Lagny;3;4\n5;01004;Ambérieu;6;7\n8;77018\n";
    let (rows, outcome) = read(&bound("wide", WIDE, &[]), text.as_bytes()).unwrap();
    // An empty cell is no row, a 0 is one, and so is what is withheld.
    assert_eq!(
        figures(&rows),
        [
            "2025 false 0",
            "2026 false 12.5",
            "2026 true ",
            "2026 false 3"
        ]
    );
    assert_eq!(rows[2].values[5], Value::Null);
    assert_eq!(rows[0].values[2], rows[1].values[2], "of one line");
    assert_eq!(outcome.unpivoted, ["pp_vacant_25", "pp_vacant_26"]);
    // A cell that is no number, and a line that is cut short.
    let fields: Vec<&str> = outcome
        .rejections
        .iter()
        .map(|rejection| rejection.field.as_str())
        .collect();
    assert_eq!((outcome.rejected, fields), (2, vec!["#value", ""]));
}

#[test]
fn a_file_without_any_of_the_columns_that_become_rows_is_told_so() {
    let wide = bound("wide", WIDE, &[]);
    let refusal = read(&wide, b"CODGEO_26;LIBGEO_26;vacants\n77307;a;1\n").unwrap_err();
    assert!(
        refusal.contains("`pp_vacant_(?<annee>\\d\\d)`")
            && refusal.contains("CODGEO, LIBGEO, vacants")
            && refusal.contains("[file.unpivot]"),
        "{refusal}"
    );
    let refusal = read(&wide, b"CODE;LIBGEO_26;pp_vacant_26\n77307;a;1\n").unwrap_err();
    assert!(refusal.contains("`CODGEO`"), "{refusal}");
}

#[test]
fn json_is_read_as_a_document_and_line_by_line() {
    let json = lovac(("kind = \"csv\"", "kind = \"json\""));
    let row = r#"{"CODGEO_26":"77307","LIBGEO_26":"Montévrain","pp_vacant_26":1.5}"#;
    for text in [format!("[{row},\n{row}]"), format!("{row}\n{row}\n")] {
        assert_eq!(read(&json, text.as_bytes()).unwrap().0.len(), 2, "{text}");
    }
    assert!(
        read(&json, b"{\"a\":1}")
            .unwrap_err()
            .contains("no list of rows")
    );
}

#[test]
fn a_workbook_is_read_by_a_process_of_its_own() {
    let _built = binary("mg-scrape");
    let workbook = lovac(("kind = \"csv\"", "kind = \"xlsx\""));
    let (rows, outcome) = read(&workbook, include_bytes!("data/lovac.xlsx")).unwrap();
    assert_eq!((rows.len(), outcome.rejected), (1, 0));
    assert_eq!(names(&rows), [&Value::Text("Montévrain".into())]);
    let wide = WIDE.replace("kind = \"csv\"", "kind = \"xlsx\"");
    let (rows, outcome) = read(
        &bound("wide", &wide, &[]),
        include_bytes!("data/lovac.xlsx"),
    )
    .unwrap();
    assert!(!rows.is_empty() && outcome.unpivoted == ["pp_vacant_26"]);
    let wrong = LOVAC.replace("kind = \"csv\"", "kind = \"xlsx\"\nsheet = \"Absente\"");
    let refusal = read(
        &bound("lovac", &wrong, &[]),
        include_bytes!("data/lovac.xlsx"),
    )
    .unwrap_err();
    assert!(refusal.contains("Communes"), "{refusal}");
    assert!(
        read(&workbook, b"no workbook")
            .unwrap_err()
            .contains("no workbook")
    );
}
