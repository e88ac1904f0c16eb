//! The tools of runs, through a client.

use mg_testkit::{Process, Site, ToolAnswer, generated};
use serde_json::{Value, json};

use crate::home::{FAR, Home, fiches};

/// A home with a spider that takes a while.
fn slow(site: &Site) -> Home {
    let home = Home::new();
    home.spider(
        "fiches",
        &fiches(site, 1, "/0", FAR).replace("delay_ms = 0", "delay_ms = 200"),
    );
    home
}

fn launch(server: &mut Process, arguments: &Value) -> ToolAnswer {
    let launched = server.call("launch_scraper", arguments);
    assert!(!launched.is_error, "{}", launched.text);
    launched
}

#[test]
fn a_run_is_launched_followed_listed_and_read() {
    let site = Site::start(generated(30));
    let home = Home::new();
    home.spider("fiches", &fiches(&site, 4, "/0", FAR));
    let mut server = home.server();
    let launched = launch(&mut server, &json!({"spider": "fiches"}));
    assert_eq!(
        (&launched.data["state"], &launched.data["table"]),
        (&json!("running"), &json!("web_fiche"))
    );
    let run = launched.data["run_id"].as_str().unwrap().to_owned();
    let followed = server.call("get_scrape_run", &json!({"run_id": run, "wait_s": 40}));
    assert_eq!(followed.data["state"], "succeeded", "{}", followed.text);
    assert_eq!(followed.data["rows"]["inserted"], 29);
    assert_eq!(
        followed.data["sample"].as_array().unwrap().len(),
        5,
        "{}",
        followed.text
    );
    assert!(
        followed.text.contains("<untrusted source=\"fiches\">"),
        "{}",
        followed.text
    );
    let listed = server.call(
        "list_scrape_runs",
        &json!({"spider": "fiches", "state": "succeeded"}),
    );
    assert_eq!(listed.data["runs"][0]["run_id"], json!(run));
    let resource = server.ask(
        "resources/read",
        &json!({"uri": format!("mg://scrape/{run}")}),
    );
    let text = resource["result"]["contents"][0]["text"].as_str().unwrap();
    let told: Value = serde_json::from_str(text).unwrap();
    assert_eq!(told["pages"], 30);
}

#[test]
fn a_viewer_follows_runs_and_launches_none_and_sees_no_row_that_is_for_editors() {
    let site = Site::start(generated(5));
    let home = Home::new();
    home.spider("fiches", &fiches(&site, 4, "/0", FAR));
    let report = home.success("fiches");
    let mut viewer = home.process(&[], &[]);
    viewer.initialize();
    let refused = viewer.ask(
        "tools/call",
        &json!({"name": "launch_scraper", "arguments": {"spider": "fiches"}}),
    );
    assert!(
        refused["error"].is_object() || refused["result"]["isError"] == true,
        "{refused}"
    );
    let followed = viewer.call("get_scrape_run", &json!({"run_id": report["run_id"]}));
    assert_eq!(followed.data["pages"], 5);
    assert!(
        followed.data["sample"].is_null() && !followed.text.contains("Lagny"),
        "{}",
        followed.text
    );
}

#[test]
fn two_launches_of_a_spider_do_not_collide() {
    let site = Site::start(generated(50));
    let home = slow(&site);
    let (mut one, mut other) = (home.server(), home.server());
    let first = launch(&mut one, &json!({"spider": "fiches"}));
    let again = launch(&mut other, &json!({"spider": "fiches"}));
    assert_eq!(first.data["run_id"], again.data["run_id"]);
    assert!(again.text.contains("under way already"), "{}", again.text);
    let others = other.call(
        "launch_scraper",
        &json!({"spider": "fiches", "limits": {"max_pages": 3}}),
    );
    assert!(
        others.is_error && others.text.contains("with other arguments"),
        "{}",
        others.text
    );
    let cancelled = other.call(
        "cancel_scrape_run",
        &json!({"run_id": first.data["run_id"]}),
    );
    assert_eq!(cancelled.data["state"], "cancelled", "{}", cancelled.text);
    let limited = launch(
        &mut one,
        &json!({"spider": "fiches", "limits": {"max_pages": 3}}),
    );
    let followed = one.call(
        "get_scrape_run",
        &json!({"run_id": limited.data["run_id"], "wait_s": 40}),
    );
    assert_eq!(
        (&followed.data["state"], &followed.data["stopped"]),
        (&json!("succeeded"), &json!("max_pages"))
    );
}

#[test]
fn a_cancelled_run_leaves_nothing() {
    let site = Site::start(generated(50));
    let home = slow(&site);
    let mut server = home.server();
    let run = json!({"run_id": launch(&mut server, &json!({"spider": "fiches"})).data["run_id"]});
    while site.asked().len() < 4 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let cancelled = server.call("cancel_scrape_run", &run);
    assert_eq!(cancelled.data["state"], "cancelled", "{}", cancelled.text);
    let tables = home.rows("SELECT name FROM sqlite_master WHERE name LIKE 'stg_%'");
    assert!(tables.is_empty(), "{tables:?}");
    let again = server.call("cancel_scrape_run", &run);
    assert!(
        again.is_error && again.text.contains("has ended already"),
        "{}",
        again.text
    );
}

#[test]
fn an_interrupted_run_is_told_and_can_be_cancelled() {
    let site = Site::start(generated(20));
    let home = slow(&site);
    let variables = [("MG_SCRAPE_STOP_AT", "staged")];
    let (exit, report) = home.command_with(&["run", "fiches", "--json"], &variables);
    assert_eq!(
        (exit.code, &report["state"]),
        (Some(75), &json!("interrupted")),
        "{}",
        exit.stderr
    );
    let mut server = home.server();
    let cancelled = server.call("cancel_scrape_run", &json!({"run_id": report["run_id"]}));
    assert_eq!(cancelled.data["state"], "cancelled", "{}", cancelled.text);
    assert!(
        home.rows("SELECT name FROM sqlite_master WHERE name LIKE 'stg_%'")
            .is_empty()
    );
}

#[test]
fn what_cannot_be_is_refused_with_what_would_work() {
    let site = Site::start(generated(3));
    let home = Home::new();
    home.spider("fiches", &fiches(&site, 4, "/0", FAR));
    let mut server = home.server();
    for (tool, arguments, told) in [
        ("launch_scraper", json!({"spider": "fishes"}), "fiches"),
        (
            "launch_scraper",
            json!({"spider": "fiches", "url": "https://example.com/"}),
            "127.0.0.1",
        ),
        (
            "launch_scraper",
            json!({"spider": "fiches", "limits": {"max_pages": 1_000_000}}),
            "max_pages",
        ),
        (
            "launch_scraper",
            json!({"spider": "fiches", "headers": {"a": "b"}}),
            "has no argument `headers`",
        ),
        (
            "get_scrape_run",
            json!({"run_id": "20200101-000000-abcdef"}),
            "no run named",
        ),
        (
            "list_scrape_runs",
            json!({"state": "done"}),
            "no state named",
        ),
    ] {
        let answer = server.call(tool, &arguments);
        assert!(
            answer.is_error && answer.text.contains(told),
            "{tool} {arguments}: {}",
            answer.text
        );
    }
    assert!(site.asked().is_empty());
}
