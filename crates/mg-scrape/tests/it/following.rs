//! A run outlives whoever launched it, and the next server tells of it.

use mg_testkit::{Site, generated};
use serde_json::json;

use crate::home::{FAR, Home, fiches};

#[test]
fn a_client_sees_the_end_of_a_closed_server_at_once_while_the_crawl_goes_on() {
    let site = Site::start(generated(60));
    let home = Home::new();
    home.spider(
        "fiches",
        &fiches(&site, 1, "/0", FAR).replace("delay_ms = 0", "delay_ms = 50"),
    );
    let mut server = home.server();
    let launched = server.call("launch_scraper", &json!({"spider": "fiches"}));
    assert!(!launched.is_error, "{}", launched.text);
    let run = json!({"run_id": launched.data["run_id"], "wait_s": 40});
    // Both pipes are read to their ends in here: a worker that held one would keep this waiting until its own end.
    let exit = server.close();
    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    let mut next = home.server();
    let listed = next.call("list_scrape_runs", &json!({}));
    assert_eq!(
        listed.data["runs"][0]["state"], "running",
        "{}",
        listed.text
    );
    let followed = next.call("get_scrape_run", &run);
    assert_eq!(followed.data["state"], "succeeded", "{}", followed.text);
    assert_eq!(
        (&followed.data["pages"], home.fiches().len()),
        (&json!(60), 59)
    );
}

#[test]
fn a_worker_leads_a_session_of_its_own_and_is_given_little() {
    let site = Site::start(generated(40));
    let home = Home::new();
    home.spider(
        "fiches",
        &fiches(&site, 1, "/0", FAR).replace("delay_ms = 0", "delay_ms = 100"),
    );
    let mut server = home.process(
        &[],
        &[
            ("MG_ROLE", "editor"),
            ("HTTP_PROXY", "http://127.0.0.1:9"),
            ("CHROME_URL", "x"),
        ],
    );
    server.initialize();
    let launched = server.call("launch_scraper", &json!({"spider": "fiches"}));
    let followed = server.call(
        "get_scrape_run",
        &json!({"run_id": launched.data["run_id"], "wait_s": 1}),
    );
    assert_eq!(followed.data["state"], "running", "{}", followed.text);
    let pid = launched.data["pid"].as_u64().unwrap();
    let told = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let stat = told("stat");
    let session = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .nth(3)
        .unwrap()
        .to_owned();
    assert_eq!(session, pid.to_string());
    let environment = told("environ");
    assert!(
        environment.contains("MG_DATA_DIR=")
            && !environment.contains("HTTP_PROXY")
            && !environment.contains("CHROME_URL")
    );
    let opened = |number: u32| std::fs::read_link(format!("/proc/{pid}/fd/{number}")).unwrap();
    assert_eq!(
        (opened(0), opened(1)),
        ("/dev/null".into(), "/dev/null".into())
    );
    assert!(opened(2).starts_with(home.path()));
    let cancelled = server.call(
        "cancel_scrape_run",
        &json!({"run_id": launched.data["run_id"]}),
    );
    assert_eq!(cancelled.data["state"], "cancelled", "{}", cancelled.text);
}
