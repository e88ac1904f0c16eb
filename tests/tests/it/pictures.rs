//! Pictures from the shipped binary: in a host's view, as an image, as files; looked at in a real browser.

use std::path::{Path, PathBuf};

use mg_testkit::{Chromium, Page, Process, REPORT, Scheme};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

const HOST: &str = include_str!("pictures/host.html");
const VIEW: &str = "ui://mg-kpi/chart.html";

/// mg-kpi under a client with these extensions.
fn connected(extensions: &Value) -> (Process, Value, TempDir) {
    let home = tempdir().unwrap();
    let mut server = Process::start("mg-kpi", &[], &[], home.path());
    let parameters = json!({
        "protocolVersion": "2025-11-25", "capabilities": {"extensions": extensions},
        "clientInfo": {"name": "host", "version": "0"},
    });
    let welcome = server.ask("initialize", &parameters);
    server.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    (server, welcome, home)
}

fn shows_views() -> Value {
    json!({"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}})
}

/// The result of a tool.
fn call(server: &mut Process, name: &str, arguments: &Value) -> Value {
    let called = json!({"name": name, "arguments": arguments});
    server.ask("tools/call", &called)["result"].clone()
}

/// The genuine years of the authority.
fn years(server: &mut Process, chart: bool) -> Value {
    let arguments = json!({"name": "logements_autorises", "from": "2011", "to": "2024", "grain": "year", "chart": chart});
    call(server, "get_series", &arguments)
}

/// The page of the view, by the way a host takes: the tool names it, the resource is read.
fn page_of_view(server: &mut Process) -> String {
    let tools = server.ask("tools/list", &json!({}));
    let tools = tools["result"]["tools"].as_array().unwrap();
    let tool = tools
        .iter()
        .find(|tool| tool["name"] == "get_series")
        .unwrap();
    assert_eq!(tool["_meta"], json!({"ui": {"resourceUri": VIEW}}));
    let listed = server.ask("resources/list", &json!({}));
    let listed = listed["result"]["resources"].as_array().unwrap();
    assert!(
        listed.iter().any(|resource| resource["uri"] == VIEW),
        "{listed:?}"
    );
    let read = server.ask("resources/read", &json!({"uri": VIEW}));
    let contents = &read["result"]["contents"][0];
    assert_eq!(contents["mimeType"], "text/html;profile=mcp-app");
    contents["text"].as_str().unwrap().to_owned()
}

/// A host's page that shows this view and hands it this result.
fn hosted(folder: &Path, page: &str, result: &Value, theme: &str) -> PathBuf {
    let handed = json!({"page": page, "result": result, "theme": theme}).to_string();
    let host = HOST.replace("REPORT", REPORT);
    let host = host.replace("HANDED", &handed.replace('<', "\\u003c"));
    let file = folder.join("host.html");
    std::fs::write(&file, host).unwrap();
    file
}

#[test]
fn a_host_shows_the_answer_in_its_own_theme_and_nothing_leaves_the_view() {
    let Some(browser) = Chromium::find() else {
        return;
    };
    let (mut server, welcome, home) = connected(&shows_views());
    let declared = &welcome["result"]["capabilities"]["extensions"];
    assert_eq!(declared, &shows_views());
    let page = page_of_view(&mut server);
    let result = years(&mut server, false);
    for (theme, preferred, ink, surface) in [
        (
            "light",
            Scheme::Dark,
            "rgb(22, 22, 22)",
            "rgb(255, 255, 255)",
        ),
        (
            "dark",
            Scheme::Light,
            "rgb(245, 245, 245)",
            "rgb(22, 22, 22)",
        ),
    ] {
        let seen = browser.open(&hosted(home.path(), &page, &result, theme), preferred);
        assert!(seen.requests.is_empty(), "{:?}", seen.requests);
        let seen = seen.report();
        assert_eq!(
            (&seen["ink"], &seen["surface"]),
            (&json!(ink), &json!(surface)),
            "{seen}"
        );
        assert_eq!(
            (&seen["dots"], &seen["rows"]),
            (&json!(14), &json!(14)),
            "{seen}"
        );
        assert_eq!(
            (&seen["violations"], &seen["tall"]),
            (&json!(0), &json!(true)),
            "{seen}"
        );
        assert_eq!(seen["name"], "Logements autorisés — CA Marne et Gondoire");
        assert_eq!(
            seen["caption"],
            "Logements autorisés — CA Marne et Gondoire (logements)"
        );
        let described = seen["description"].as_str().unwrap();
        assert!(
            described.contains("Dernière valeur\u{a0}: 929\u{a0}logements (2024)"),
            "{described}"
        );
        assert!(
            seen["source"]
                .as_str()
                .unwrap()
                .contains("millésime 2026-03"),
            "{seen}"
        );
        for word in [
            "ui/initialize",
            "ui/notifications/initialized",
            "ui/notifications/size-changed",
            "end",
        ] {
            assert!(
                seen["said"].as_array().unwrap().contains(&json!(word)),
                "{word}: {seen}"
            );
        }
    }
}

#[test]
fn a_host_shows_targets_and_what_stands_out_in_series_and_in_forecasts() {
    let Some(browser) = Chromium::find() else {
        return;
    };
    let (mut server, _, home) = connected(&shows_views());
    let page = page_of_view(&mut server);
    let name = "logements_autorises";
    let found = call(&mut server, "detect_anomalies", &json!({"name": name}));
    let found = found["structuredContent"]["anomalies"].clone();
    // How many of a kind stand out in the periods that a picture shows.
    let standing_out = |kind: &str, shown: &Value| {
        let first = shown[0]["period"]["start"].as_str().unwrap();
        let all = found.as_array().unwrap().iter();
        all.filter(|anomaly| {
            anomaly["kind"] == kind && anomaly["period"]["start"].as_str() >= Some(first)
        })
        .count()
    };
    let mut drawn = 0;
    for (tool, shown, arguments) in [
        (
            "get_series",
            "points",
            json!({"name": name, "from": "2013"}),
        ),
        ("forecast_kpi", "history", json!({"name": name})),
    ] {
        let result = call(&mut server, tool, &arguments);
        let shown = &result["structuredContent"][shown];
        let expected = ["outlier", "level_shift"].map(|kind| standing_out(kind, shown));
        let seen = browser.open(&hosted(home.path(), &page, &result, "light"), Scheme::Light);
        let seen = seen.report();
        assert_eq!(
            [&seen["rings"], &seen["shifts"]],
            expected.each_ref().map(|count| json!(count)).each_ref(),
            "{tool}: {seen}"
        );
        assert_eq!(seen["targets"], 1, "{tool}: {seen}");
        let described = seen["description"].as_str().unwrap();
        assert!(
            described.contains("Objectif\u{a0}: "),
            "{tool}: {described}"
        );
        let told = described.contains("Valeur inhabituelle\u{a0}: ");
        assert_eq!(told, expected[0] > 0, "{tool}: {described}");
        drawn += expected[0];
    }
    assert!(drawn > 0, "{found}");
}

#[test]
fn a_view_that_is_not_painted_tells_its_height_all_the_same() {
    let Some(browser) = Chromium::find() else {
        return;
    };
    let (mut server, _, home) = connected(&shows_views());
    let unpainted = "<head><script>ResizeObserver = class { observe() {} };</script>";
    let page = page_of_view(&mut server).replacen("<head>", unpainted, 1);
    let result = years(&mut server, false);
    let seen = browser
        .open(&hosted(home.path(), &page, &result, "light"), Scheme::Light)
        .report();
    assert_eq!(
        (&seen["dots"], &seen["tall"]),
        (&json!(14), &json!(true)),
        "{seen}"
    );
}

#[test]
fn a_view_that_gets_no_drawing_shows_the_words_of_the_answer() {
    let Some(browser) = Chromium::find() else {
        return;
    };
    let (mut server, _, home) = connected(&shows_views());
    let page = page_of_view(&mut server);
    let mut result = years(&mut server, false);
    result["_meta"] = Value::Null;
    let seen = browser
        .open(&hosted(home.path(), &page, &result, "light"), Scheme::Light)
        .report();
    assert!(
        seen["told"].as_str().unwrap().contains("1\u{202f}564"),
        "{seen}"
    );
    let unknown = json!({"name": "get_series", "arguments": {"name": "logement_autorise"}});
    let refusal = server.ask("tools/call", &unknown)["result"].clone();
    let seen = browser
        .open(
            &hosted(home.path(), &page, &refusal, "light"),
            Scheme::Light,
        )
        .report();
    assert!(
        seen["told"]
            .as_str()
            .unwrap()
            .contains("logements_autorises"),
        "{seen}"
    );
}

#[test]
fn clients_without_views_are_sent_nothing_more() {
    let (mut server, _, _home) = connected(&json!({}));
    let result = years(&mut server, false);
    assert_eq!(result["_meta"], Value::Null);
    assert_eq!(result["content"].as_array().unwrap().len(), 1, "{result}");
}

#[test]
fn an_image_is_added_for_those_who_ask() {
    let (mut server, _, _home) = connected(&json!({}));
    let result = years(&mut server, true);
    let image = result["content"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&image["type"], &image["mimeType"]),
        (&json!("image"), &json!("image/png"))
    );
    let data = image["data"].as_str().unwrap();
    assert!(
        data.starts_with("iVBORw0KGgo") && data.len() < 400_000,
        "{}",
        data.len()
    );
}

/// Runs `mg-kpi chart`: its exit code and what it says.
fn chart(home: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let arguments = [&["chart"][..], arguments].concat();
    let output = Process::command("mg-kpi", &arguments, &[], home)
        .output()
        .unwrap();
    assert!(output.stdout.is_empty());
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// A page around an SVG file that reports its colours.
fn looked_at(browser: &Chromium, folder: &Path, svg: &str, scheme: Scheme) -> Page {
    let page = format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><body>{svg}<script>{REPORT}\
         const style = (selector, property) => getComputedStyle(document.querySelector(selector))[property];\
         report({{line: style('path.observed', 'stroke'), surface: style('.surface', 'fill')}})</script>"
    );
    let file = folder.join("around.html");
    std::fs::write(&file, page).unwrap();
    browser.open(&file, scheme)
}

#[test]
fn files_are_written_as_svg_png_and_html() {
    let home = tempdir().unwrap();
    let written = |name: &str| {
        let file = home.path().join(name);
        let out = file.display().to_string();
        let asked = [
            "logements_autorises",
            "--from",
            "2011",
            "--to",
            "2024",
            "--grain",
            "year",
            "--out",
            &out,
        ];
        let (code, told) = chart(home.path(), &asked);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains(name), "{told}");
        std::fs::read(file).unwrap()
    };
    assert!(written("a.png").starts_with(b"\x89PNG\r\n\x1a\n"));
    let html = String::from_utf8(written("a.html")).unwrap();
    assert_eq!(html.matches("scope=\"row\"").count(), 14);
    let svg = String::from_utf8(written("a.svg")).unwrap();
    assert!(
        svg.contains("role=\"img\" lang=\"fr\"") && svg.contains("Source\u{a0}: "),
        "{svg}"
    );
    let Some(browser) = Chromium::find() else {
        return;
    };
    for (scheme, line, surface) in [
        (Scheme::Light, "rgb(11, 79, 158)", "rgb(255, 255, 255)"),
        (Scheme::Dark, "rgb(138, 184, 255)", "rgb(22, 22, 22)"),
    ] {
        let page = looked_at(&browser, home.path(), &svg, scheme);
        assert_eq!(page.report(), json!({"line": line, "surface": surface}));
        assert!(page.requests.is_empty(), "{:?}", page.requests);
    }
}

#[test]
fn a_file_is_not_cut_to_what_an_answer_may_have() {
    let home = tempdir().unwrap();
    let settings = home.path().join("mg.toml");
    std::fs::write(&settings, "[limits]\nanswer_chars = 5000\n").unwrap();
    let file = home.path().join("a.html");
    let [settings, out] = [&settings, &file].map(|path| path.display().to_string());
    let arguments = [
        "chart",
        "permis_autorises",
        "--from",
        "2013",
        "--forecast",
        "--out",
        &out,
    ];
    let drawn = Process::command(
        "mg-kpi",
        &arguments,
        &[("MG_CONFIG", &settings)],
        home.path(),
    )
    .output()
    .unwrap();
    assert!(drawn.status.success(), "{drawn:?}");
    let html = std::fs::read_to_string(file).unwrap();
    let first = html.split("<th scope=\"row\">").nth(1).unwrap();
    assert!(first.starts_with("janvier 2013<"), "{first}");
    let forecast = html.matches("<td>prévision</td>").count();
    let observed = html.matches("scope=\"row\"").count() - forecast;
    assert_eq!((observed, forecast), (12 * 13 + 10, 12), "to October 2026");
}

#[test]
fn what_cannot_be_drawn_is_told_with_what_would_work() {
    let home = tempdir().unwrap();
    let asked = |name: &str, out: &str| {
        let out = home.path().join(out).display().to_string();
        chart(home.path(), &[name, "--out", &out])
    };
    let (code, told) = asked("logements_autorises", "picture.jpg");
    assert_eq!(code, Some(78), "{told}");
    assert!(told.contains(".svg, .png or .html"), "{told}");
    let (code, told) = asked("logement_autorise", "a.svg");
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("nearest: logements_autorises"), "{told}");
    let (code, told) = asked("logements_autorises", "no/such/folder/a.svg");
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("a.svg cannot be written"), "{told}");
}
