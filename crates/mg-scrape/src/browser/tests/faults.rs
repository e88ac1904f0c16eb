//! Pages and browsers that break.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Signal, kill_process};

use super::{
    site::{Answer, answer, page},
    *,
};

fn patient(settings: Settings, seconds: u64) -> Settings {
    Settings {
        patience: Duration::from_secs(seconds),
        ..settings
    }
}

/// Whether pages are still shown.
async fn assert_works(browser: &Browser, site: &Site) {
    let rendered = browser.render(&site.url("/fine"), Some("p")).await.unwrap();
    assert!(rendered.html.contains("<p>fine</p>"));
}

fn fine() -> Answer {
    page("<p>fine</p>")
}

#[tokio::test]
async fn a_page_that_crashes_is_heard_of() {
    for settings in installed() {
        let site = Site::start(|_| fine()).await;
        let browser = start(&site, &settings).await;
        let crashed = browser.visit("chrome://crash", None).await;
        assert!(matches!(crashed, Err(BrowserError::Crashed)), "{crashed:?}");
        assert_works(&browser, &site).await;
        browser.close().await;
    }
}

/// A site whose first visitor finds its browser attacked, by `harm`, while the page waits.
async fn harmed_once(harm: impl Fn() + Send + Sync + 'static) -> Site {
    let visits = AtomicUsize::new(0);
    Site::start(move |path| match path {
        "/" if visits.fetch_add(1, Ordering::SeqCst) == 0 => {
            page("<script>fetch('/harm')</script>")
        }
        "/harm" => {
            harm();
            Answer::Silence
        }
        _ => fine(),
    })
    .await
}

/// The browser's processes: the first is the one that was started.
fn members(leader: &Mutex<Option<Pid>>) -> Vec<Pid> {
    let leader = leader.lock().unwrap().unwrap();
    let mut members: Vec<Pid> = memory::members(leader)
        .into_iter()
        .map(|(pid, _)| pid)
        .collect();
    members.sort_by_key(|pid| (*pid != leader, pid.as_raw_pid()));
    members
}

#[tokio::test]
async fn a_browser_or_a_page_that_is_killed_costs_nothing_but_time() {
    for settings in installed() {
        for whole in [true, false] {
            let known = Arc::new(Mutex::new(None));
            let seen = Arc::clone(&known);
            let site = harmed_once(move || {
                let members = members(&seen);
                let (first, others) = members.split_first().unwrap();
                for victim in if whole {
                    std::slice::from_ref(first)
                } else {
                    others
                } {
                    let _gone = kill_process(*victim, Signal::KILL);
                }
            })
            .await;
            let browser = start(&site, &settings).await;
            let first = leader(&browser).await.unwrap();
            *known.lock().unwrap() = Some(first);
            let rendered = browser.render(&site.url("/"), Some("p")).await.unwrap();
            assert!(rendered.html.contains("fine"));
            let asked = site.asked();
            // A browser without its helpers may end only when the page is asked for again.
            let asked = asked.iter().filter(|path| *path == "/").count();
            assert!(asked == 2 || (asked == 3 && !whole), "{asked}");
            assert!(!whole || leader(&browser).await != Some(first));
            browser.close().await;
            assert!(memory::members(first).is_empty());
        }
    }
}

#[tokio::test]
async fn a_page_that_hangs_is_given_up_and_the_others_go_on() {
    for settings in installed() {
        let site = Site::start(|path| match path {
            "/hung" => page("<script>for (;;) {}</script>"),
            "/silent" => Answer::Silence,
            _ => fine(),
        })
        .await;
        let browser = start(&site, &patient(settings, 6)).await;
        for path in ["/hung", "/silent"] {
            let url = site.url(path);
            let (hung, ()) =
                tokio::join!(browser.render(&url, None), assert_works(&browser, &site));
            assert!(
                matches!(hung, Err(BrowserError::TimedOut(6))),
                "{path}: {hung:?}"
            );
        }
        assert_works(&browser, &site).await;
        browser.close().await;
    }
}

#[tokio::test]
async fn a_page_that_never_ends_or_never_rests_is_told_as_it_is() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|path| match path {
        "/restless" => {
            page("<p>more</p><script>setInterval(() => document.title = Math.random(), 5)</script>")
        }
        _ => Answer::Endless,
    })
    .await;
    let rules = rules("wait_ms = 500");
    let browser = start_with(&site, &patient(settings, 3), rules).await;
    for path in ["/endless", "/restless"] {
        let rendered = browser.render(&site.url(path), None).await.unwrap();
        assert!(rendered.html.contains("<p>more</p>"));
    }
    browser.close().await;
}

#[tokio::test]
async fn what_cannot_be_a_page_is_told_in_words() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|path| match path {
        "/file" => answer("200 OK", "Content-Type: application/zip", b"PK"),
        "/again" => page("<script>location.href = '/again?' + Math.random()</script>"),
        "/big" => page("<script>document.write('x'.repeat(5_000_001))</script>"),
        _ if path.starts_with("/again") => {
            page("<script>location.href = '/again?' + Math.random()</script>")
        }
        _ => page("<script>close()</script>"),
    })
    .await;
    let gone = Url::parse("http://127.0.0.1:1/").unwrap();
    let hosts = [site.host(), "127.0.0.1:1".to_owned()];
    let guard = Guard::new(hosts.iter().map(|host| host.parse().unwrap()), true);
    let rules = BrowserRules::default();
    let browser = Browser::start(guard, &rules, &patient(settings, 60))
        .await
        .unwrap();
    for (url, words) in [
        (site.url("/file"), "leads to a file"),
        (site.url("/again"), "elsewhere again and again"),
        (site.url("/big"), "more than the 5000000"),
        (gone, "could not load"),
    ] {
        let error = browser.render(&url, None).await.unwrap_err();
        assert!(error.to_string().contains(words), "{url}: {error}");
    }
    browser.close().await;
}

#[tokio::test]
async fn a_page_that_takes_too_much_memory_is_ended() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|path| match path {
        "/greedy" => page(
            "<script>const kept = [];
             setInterval(() => kept.push(new Uint8Array(64 << 20).fill(1)), 1)</script>",
        ),
        _ => fine(),
    })
    .await;
    let browser = start(&site, &settings).await;
    let crashed = browser.render(&site.url("/greedy"), Some("p")).await;
    assert!(matches!(crashed, Err(BrowserError::Crashed)), "{crashed:?}");
    assert_works(&browser, &site).await;
    browser.close().await;
}

#[tokio::test]
async fn a_window_that_dies_or_is_not_let_go_is_replaced() {
    for settings in installed() {
        let site = Site::start(|path| match path {
            "/clinging" => page(
                "<p>there</p><script>onbeforeunload = onpagehide = () => { for (;;) {} }</script>",
            ),
            _ => fine(),
        })
        .await;
        let browser = start(&site, &settings).await;
        let rendered = browser
            .render(&site.url("/clinging"), Some("p"))
            .await
            .unwrap();
        assert!(rendered.html.contains("there"));
        assert_works(&browser, &site).await;
        let leader = leader(&browser).await.unwrap();
        for (process, _) in memory::members(leader) {
            if process != leader {
                let _gone = kill_process(process, Signal::KILL);
            }
        }
        assert_works(&browser, &site).await;
        browser.close().await;
    }
}
