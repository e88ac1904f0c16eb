//! The line to the web: time, redirections, secrets, names that change.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mg_scrape::web::{
    Failure, Guard, HostPattern, Refusal, Robots, Secrets, Transport,
    transport::{Answer, Asked, Bounds},
};
use mg_testkit::{Reply, Site, evil};
use url::Url;

fn hosts(sites: &[&Site]) -> Vec<HostPattern> {
    sites
        .iter()
        .map(|site| site.host().parse().unwrap())
        .collect()
}

fn transport(sites: &[&Site], secrets: Secrets) -> Transport {
    let second = Duration::from_secs(1);
    let bounds = Bounds {
        connect: second,
        read: second,
        total: 2 * second,
        body: 1_000_000,
    };
    Transport::new(
        Guard::new(hosts(sites), true),
        secrets,
        "mg-scrape/0 (test)",
        bounds,
    )
    .unwrap()
}

async fn page(
    transport: &Transport,
    url: &str,
    robots: Option<&Robots>,
) -> Result<String, Failure> {
    let url = Url::parse(url).unwrap();
    match transport
        .page(Asked {
            url: &url,
            unless: None,
            robots,
        })
        .await?
    {
        Answer::Fresh(page) => Ok(String::from_utf8_lossy(&page.body).into_owned()),
        Answer::Unchanged => Ok("unchanged".into()),
    }
}

#[tokio::test]
async fn a_site_that_dawdles_is_left() {
    let site = Site::start(evil(String::new()));
    let transport = transport(&[&site], Secrets::default());
    for path in ["/slow", "/silent"] {
        let failure = page(&transport, &site.url(path), None).await.unwrap_err();
        assert!(
            matches!(failure, Failure::Timeout(_)),
            "{path}: {failure:?}"
        );
    }
}

#[tokio::test]
async fn a_secret_is_dropped_on_a_hop_to_another_origin() {
    let told = |asked: &mg_testkit::Asked| {
        Reply::html(
            asked
                .headers
                .get("authorization")
                .cloned()
                .unwrap_or_default(),
        )
    };
    let other = Site::start(told);
    let away = other.url("/b");
    let site = Site::start(move |asked: &mg_testkit::Asked| match asked.path.as_str() {
        "/away" => Reply::redirect(&away),
        "/near" => Reply::redirect("/a"),
        _ => told(asked),
    });
    let own = Url::parse(&site.url("/")).unwrap();
    let secrets =
        Secrets::read(&own, [("Authorization", "X")], |_| Some("hunter2".into())).unwrap();
    let transport = transport(&[&site, &other], secrets);
    assert_eq!(
        page(&transport, &site.url("/near"), None).await.unwrap(),
        "hunter2"
    );
    assert_eq!(
        page(&transport, &site.url("/away"), None).await.unwrap(),
        ""
    );
}

#[tokio::test]
async fn robots_are_kept_on_every_hop() {
    let site = Site::start(|asked: &mg_testkit::Asked| match asked.path.as_str() {
        "/robots.txt" => Reply::of(
            200,
            "text/plain",
            b"User-agent: *\nDisallow: /private\nCrawl-delay: 2".to_vec(),
        ),
        "/open" => Reply::redirect("/private/a"),
        _ => Reply::html("page"),
    });
    let transport = transport(&[&site], Secrets::default());
    let robots = Robots::new("mg-scrape/0 (test)");
    let url = site.url("/a");
    assert_eq!(page(&transport, &url, Some(&robots)).await.unwrap(), "page");
    assert_eq!(
        robots.delay(&Url::parse(&url).unwrap()),
        Some(Duration::from_secs(2))
    );
    let failure = page(&transport, &site.url("/open"), Some(&robots))
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::Robots(_)), "{failure:?}");
    assert_eq!(
        (site.count("/robots.txt"), site.count("/private/a")),
        (1, 0)
    );
}

#[tokio::test]
async fn robots_that_are_not_there_allow_and_that_cannot_be_read_forbid() {
    for (status, allowed) in [(404, true), (403, true), (500, false), (503, false)] {
        let site = Site::start(move |asked: &mg_testkit::Asked| match asked.path.as_str() {
            "/robots.txt" => Reply::status(status),
            _ => Reply::html("page"),
        });
        let transport = transport(&[&site], Secrets::default());
        let robots = Robots::new("mg-scrape/0");
        let answer = page(&transport, &site.url("/a"), Some(&robots)).await;
        assert_eq!(answer.is_ok(), allowed, "{status}: {answer:?}");
    }
}

#[tokio::test]
async fn a_name_that_moves_to_a_private_address_is_refused_at_the_next_connection() {
    let site = Site::start(|_: &mg_testkit::Asked| Reply::html("secret"));
    let port = Url::parse(&site.url("/")).unwrap().port().unwrap();
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&lookups);
    let guard = Guard::new([format!("rebind.test:{port}").parse().unwrap()], false).with_lookup(
        Arc::new(move |_| {
            let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
            // TEST-NET-like: public, and nobody answers there.
            let address = if first { "192.31.196.1" } else { "127.0.0.1" };
            Box::pin(async move { Ok(vec![address.parse().map_err(std::io::Error::other)?]) })
        }),
    );
    let bounds = Bounds {
        connect: Duration::from_millis(300),
        ..Bounds::default()
    };
    let transport = Transport::new(guard, Secrets::default(), "mg-scrape/0", bounds).unwrap();
    let url = format!("http://rebind.test:{port}/");
    let first = page(&transport, &url, None).await.unwrap_err();
    assert!(!matches!(first, Failure::Refused(_)), "{first:?}");
    let second = page(&transport, &url, None).await.unwrap_err();
    assert_eq!(
        second,
        Failure::Refused(Refusal::Address("rebind.test".into()))
    );
    assert!(site.asked().is_empty() && lookups.load(Ordering::Relaxed) == 2);
}
