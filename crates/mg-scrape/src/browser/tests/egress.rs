//! Nothing but the proxy is reached, and through it nothing but what the guard lets through.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::atomic::{AtomicUsize, Ordering},
};

use tokio::net::{TcpListener, UdpSocket};

use super::{
    site::{answer, page},
    *,
};
use crate::web::guard::Refusal;

/// Counts who knocks, by TCP and by UDP, on the same port of every loopback address.
struct Trap {
    port: u16,
    hits: Arc<AtomicUsize>,
}

impl Trap {
    async fn set() -> Self {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = first.local_addr().unwrap().port();
        let hits = Arc::new(AtomicUsize::new(0));
        let six = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await;
        // A machine without IPv6 has nothing to listen on there.
        for listener in [Some(first), six.ok()].into_iter().flatten() {
            let hits = Arc::clone(&hits);
            tokio::spawn(async move {
                while listener.accept().await.is_ok() {
                    hits.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let datagrams = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let counted = Arc::clone(&hits);
        tokio::spawn(async move {
            while datagrams.recv(&mut [0; 64]).await.is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, hits }
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

/// A page that tries every way out to every spelling of this machine, and to where clouds keep their credentials.
fn escaping(port: u16) -> String {
    const PAGE: &str = include_str!("escaping.html");
    PAGE.replace("PORT", &port.to_string())
}

#[tokio::test]
async fn a_page_reaches_nothing_but_what_it_may() {
    for settings in installed() {
        let trap = Trap::set().await;
        let html = escaping(trap.port);
        let site = Site::start(move |path| match path {
            "/" => page(&html),
            _ => answer("200 OK", "Content-Type: text/plain", b"allowed"),
        })
        .await;
        let browser = start_with(&site, &settings, rules("block = []\nwait_ms = 20000")).await;
        let rendered = browser
            .render(&site.url("/"), Some("[data-done]"))
            .await
            .unwrap();
        assert!(rendered.awaited, "{}", rendered.html);
        assert_eq!(trap.hits(), 0, "{}", rendered.html);
        assert!(rendered.html.contains("own: allowed"), "{}", rendered.html);
        assert!(!rendered.html.contains("root:"), "{}", rendered.html);
        let tried = rendered.html.matches("tried ").count();
        assert!(tried > 100, "{tried} ways were tried: {}", rendered.html);

        let refused = browser.tally().refused_hosts();
        for host in [
            "127.0.0.1",
            "localhost",
            "0.0.0.0",
            "[::1]",
            "[::ffff:7f00:1]",
        ] {
            let host = format!("{host}:{}", trap.port);
            assert!(
                refused.iter().any(|(name, _)| *name == host),
                "{host}: {refused:?}"
            );
        }
        let metadata = |(name, _): &(String, u64)| name.starts_with("169.254.169.254");
        assert!(refused.iter().any(metadata), "{refused:?}");
        browser.close().await;
    }
}

#[tokio::test]
async fn the_same_ways_lead_out_where_they_are_allowed() {
    let Some(settings) = shell() else { return };
    let trap = Trap::set().await;
    let html = escaping(trap.port);
    let site = Site::start(move |_| page(&html)).await;
    let hosts = [site.host(), format!("127.0.0.1:{}", trap.port)];
    let guard = Guard::new(hosts.iter().map(|host| host.parse().unwrap()), true);
    let rules = rules("block = []\nwait_ms = 2000");
    let browser = Browser::start(guard, &rules, &settings).await.unwrap();
    let rendered = browser.render(&site.url("/"), Some("[data-done]")).await;
    assert!(trap.hits() > 0, "{rendered:?}");
    browser.close().await;
}

#[tokio::test]
async fn other_schemes_are_refused_before_the_browser_hears_of_them() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|_| page("<p>")).await;
    let browser = start(&site, &settings).await;
    for address in [
        "file:///etc/passwd",
        "chrome://version",
        "view-source:http://127.0.0.1/",
        "data:text/html,<p>x",
        "javascript:1",
        "about:blank",
        "ftp://127.0.0.1/",
        "blob:http://127.0.0.1/x",
    ] {
        let refused = browser.render(&Url::parse(address).unwrap(), None).await;
        assert!(
            matches!(refused, Err(BrowserError::Refused(Refusal::Scheme(_)))),
            "{address}: {refused:?}"
        );
    }
    assert!(site.asked().is_empty());
    browser.close().await;
}

#[tokio::test]
async fn a_page_that_leads_to_a_refused_host_is_not_told() {
    let Some(settings) = shell() else { return };
    let trap = Trap::set().await;
    let there = format!("http://127.0.0.1:{}/", trap.port);
    let (moved, script) = (format!("Location: {there}"), there.clone());
    let site = Site::start(move |path| match path {
        "/moved" => answer("302 Found", &moved, b""),
        "/file" => page("<script>location = 'file:///etc/passwd'</script><p>stayed</p>"),
        _ => page(&format!("<script>location = '{script}'</script>")),
    })
    .await;
    let browser = start(&site, &settings).await;
    for path in ["/moved", "/script"] {
        let refused = browser.render(&site.url(path), None).await;
        assert!(refused.is_err(), "{path}: {refused:?}");
    }
    let stayed = browser.render(&site.url("/file"), None).await.unwrap();
    assert!(stayed.html.contains("stayed"), "{}", stayed.html);
    assert_eq!(trap.hits(), 0);
    assert!(browser.tally().refused() >= 2);
    browser.close().await;
}
