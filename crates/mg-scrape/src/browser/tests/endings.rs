//! Nothing is left of a browser, however it or its parent ends.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

use super::{
    site::{Answer, page},
    *,
};

/// How long processes may take to be gone after their parent.
const UNTIL_GONE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_browser_is_started_anew_after_its_share_of_pages_and_closed_whole() {
    for settings in installed() {
        let site = Site::start(|_| page("<p>fine</p>")).await;
        let rules = rules("pages_before_recycle = 2");
        let browser = start_with(&site, &settings, rules).await;
        let mut leaders = vec![leader(&browser).await.unwrap()];
        for _ in 0..2 {
            let url = site.url("/");
            let pages = (0..2).map(|_| browser.render(&url, Some("p")));
            for rendered in futures::future::join_all(pages).await {
                rendered.unwrap();
            }
            leaders.extend(leader(&browser).await);
        }
        leaders.dedup();
        assert_eq!(leaders.len(), 2);
        browser.close().await;
        for leader in leaders {
            assert!(memory::members(leader).is_empty());
        }
        let closed = browser.render(&site.url("/"), None).await;
        assert!(matches!(closed, Err(BrowserError::Closed)), "{closed:?}");
    }
}

#[tokio::test]
async fn closing_fails_the_pages_that_are_open() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|_| Answer::Silence).await;
    let browser = start(&site, &settings).await;
    let url = site.url("/");
    let close = async {
        while site.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        browser.close().await;
    };
    let (rendered, ()) = tokio::join!(browser.render(&url, None), close);
    assert!(
        matches!(rendered, Err(BrowserError::Closed)),
        "{rendered:?}"
    );
}

#[tokio::test]
async fn dropping_a_browser_kills_it() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|_| page("<p>")).await;
    let browser = start(&site, &settings).await;
    let leader = leader(&browser).await.unwrap();
    drop(browser);
    assert_gone(leader).await;
}

#[tokio::test]
async fn a_browser_dies_with_its_parent() {
    for settings in installed() {
        let site = Site::start(|_| page("<script>for (;;) {}</script>")).await;
        let deps = std::env::current_exe().unwrap();
        let example = deps
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .join("examples/render");
        let mut parent = Command::new(&example)
            .args(["--allow-private", "--announce", "--program"])
            .arg(settings.program.unwrap())
            .arg(site.url("/").as_str())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}, which `cargo test` builds: {error}", example.display())
            });
        let mut line = String::new();
        let mut stdout = BufReader::new(parent.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let leader = line.trim().parse().ok().and_then(Pid::from_raw).unwrap();
        while site.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(memory::members(leader).len() > 1);
        parent.kill().unwrap();
        parent.wait().unwrap();
        assert_gone(leader).await;
    }
}

#[tokio::test]
async fn a_program_that_is_no_browser_is_told_with_its_words() {
    let (rules, settings) = (BrowserRules::default(), settings("/bin/false"));
    let error = Browser::start(Guard::new([], false), &rules, &settings);
    let error = error.await.unwrap_err().to_string();
    assert!(
        error.starts_with("the browser /bin/false did not start: "),
        "{error}"
    );
}

async fn assert_gone(leader: Pid) {
    let started = Instant::now();
    while !memory::members(leader).is_empty() {
        assert!(
            started.elapsed() < UNTIL_GONE,
            "{:?}",
            memory::members(leader)
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
