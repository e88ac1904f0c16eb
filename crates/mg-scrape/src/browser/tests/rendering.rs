//! What a page is told as.

use super::{
    site::{Answer, answer, page},
    *,
};

/// A page that fetches its content, and the content.
fn fetching(path: &str) -> Answer {
    match path {
        "/data.json" => answer("200 OK", "Content-Type: application/json", b"[\"Lagny\",\"Torcy\"]"),
        "/" => page(
            "<!DOCTYPE html><ul></ul><script>fetch('/data.json').then(r => r.json()).then(names => {
               for (const name of names) {
                 const item = document.createElement('li');
                 item.textContent = name;
                 document.querySelector('ul').append(item);
               }
             })</script>",
        ),
        _ => answer("404 Not Found", "Content-Type: text/html", b"<p>nothing here</p>"),
    }
}

#[tokio::test]
async fn content_that_a_page_fetches_is_told_with_and_without_a_selector() {
    for settings in installed() {
        let site = Site::start(fetching).await;
        let browser = start(&site, &settings).await;
        for selector in [Some("li:nth-child(2)"), None] {
            let rendered = browser.render(&site.url("/"), selector).await.unwrap();
            assert!(
                rendered.html.starts_with("<!DOCTYPE html><html>"),
                "{}",
                rendered.html
            );
            assert!(
                rendered.html.contains("<li>Lagny</li><li>Torcy</li>"),
                "{}",
                rendered.html
            );
            assert_eq!(rendered.final_url, site.url("/"));
            assert_eq!((rendered.status, rendered.awaited), (200, true));
        }
        browser.close().await;
    }
}

#[tokio::test]
async fn a_selector_that_does_not_come_leaves_the_page_as_it_is() {
    let Some(settings) = shell() else { return };
    let site = Site::start(fetching).await;
    let rules = rules("wait_for = '.never'\nwait_ms = 300");
    let browser = start_with(&site, &settings, rules).await;
    let rendered = browser.render(&site.url("/absent"), None).await.unwrap();
    assert!(rendered.html.contains("nothing here"));
    assert_eq!((rendered.status, rendered.awaited), (404, false));
    browser.close().await;
}

#[tokio::test]
async fn many_pages_at_once_each_get_their_own_document() {
    for settings in installed() {
        let site =
            Site::start(|path| page(&format!("<script>document.write('<p>{path}</p>')</script>")))
                .await;
        let browser = start(&site, &settings).await;
        let urls: Vec<Url> = (0..8)
            .map(|number| site.url(&format!("/{number}")))
            .collect();
        let pages = urls.iter().map(|url| browser.render(url, Some("p")));
        for (url, rendered) in urls.iter().zip(futures::future::join_all(pages).await) {
            let wanted = format!("<p>{}</p>", url.path());
            assert!(rendered.unwrap().html.contains(&wanted), "{wanted}");
        }
        browser.close().await;
    }
}

#[tokio::test]
async fn a_page_that_goes_elsewhere_is_followed() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|path| match path {
        "/moved" => answer("302 Found", "Location: /refresh", b""),
        "/refresh" => page("<meta http-equiv=refresh content='0;url=/script'>"),
        "/script" => page("<script>setTimeout(() => location.replace('/last'), 50)</script>"),
        _ => page("<p>arrived</p>"),
    })
    .await;
    let browser = start(&site, &settings).await;
    for selector in [Some("p"), None] {
        let rendered = browser.render(&site.url("/moved"), selector).await.unwrap();
        assert_eq!(rendered.final_url, site.url("/last"));
        assert!(rendered.html.contains("arrived"));
    }
    browser.close().await;
}

#[tokio::test]
async fn declared_scrolls_and_clicks_bring_more() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|_| {
        page(
            "<body style='height:5000px'><button>plus</button><script>
             const add = (tag) => document.body.append(document.createElement(tag));
             addEventListener('scroll', () => setTimeout(() => add('article'), 30));
             let left = 3;
             document.querySelector('button').onclick = (event) => setTimeout(() => {
               add('section');
               if (!--left) event.target.remove();
             }, 30);
             </script>",
        )
    })
    .await;
    let rules = rules("scroll = 1\nclick_more = 'button'");
    let browser = start_with(&site, &settings, rules).await;
    let html = browser.render(&site.url("/"), None).await.unwrap().html;
    assert!(html.contains("<article>"), "{html}");
    assert_eq!(html.matches("<section>").count(), 3, "{html}");
    browser.close().await;
}

#[tokio::test]
async fn blocked_kinds_of_resource_are_not_asked_for() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|path| match path {
        "/" => page("<link rel=stylesheet href=/style.css><img src=/image.png><script src=/script.js></script>"),
        _ => answer("200 OK", "Content-Type: text/javascript", b"document.title = 'ran'"),
    })
    .await;
    let browser = start(&site, &settings).await;
    let html = browser.render(&site.url("/"), None).await.unwrap().html;
    assert!(html.contains("<title>ran</title>"), "{html}");
    let asked = site.asked();
    assert!(asked.contains(&"/style.css".to_owned()), "{asked:?}");
    assert!(!asked.contains(&"/image.png".to_owned()), "{asked:?}");
    browser.close().await;
}

#[tokio::test]
async fn a_document_in_another_charset_is_text_already() {
    let Some(settings) = shell() else { return };
    let site = Site::start(|_| {
        let body = b"<meta charset=iso-8859-15><p>Arr\xeat\xe9 \xe0 5 \xa4</p>";
        answer("200 OK", "Content-Type: text/html", body)
    })
    .await;
    let browser = start(&site, &settings).await;
    let html = browser.render(&site.url("/"), None).await.unwrap().html;
    assert!(html.contains("<p>Arrêté à 5 €</p>"), "{html}");
    browser.close().await;
}

#[tokio::test]
async fn dialogs_windows_and_names_that_hide_methods_do_not_stop_a_page() {
    for settings in installed() {
        let site = Site::start(|_| {
            page(
                "<img name=querySelector><form name=documentElement></form><script>
                 onbeforeunload = (event) => { event.preventDefault(); return 'stay'; };
                 Document.prototype.querySelector = MutationObserver = () => { throw 'mine'; };
                 let opened = 0;
                 for (let turn = 0; turn < 20; turn++) if (open('/other')) opened++;
                 const answer = confirm('leave?');
                 alert('so');
                 document.title = `${answer} ${opened}`;
                 </script><p>there</p>",
            )
        })
        .await;
        let browser = start(&site, &settings).await;
        let html = browser
            .render(&site.url("/"), Some("p"))
            .await
            .unwrap()
            .html;
        assert!(html.contains("<title>false 0</title>"), "{html}");
        assert!(html.contains("<p>there</p>"), "{html}");
        browser.close().await;
        assert_eq!(
            site.asked().iter().filter(|path| *path == "/other").count(),
            0
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_in_one_window_and_leave_nothing_running() {
    for settings in installed() {
        let site = Site::start(|path| match path {
            "/beat" => answer("200 OK", "Content-Type: text/plain", b""),
            "/bare" => page("<p>bare</p>"),
            _ => page(&format!(
                "<script>
                 sessionStorage.shown = Number(sessionStorage.shown ?? 0) + 1;
                 document.write(`<p>{path} ${{sessionStorage.shown}}</p>`);
                 setInterval(() => fetch('/beat'), 5);
                 </script>"
            )),
        })
        .await;
        let browser = start(&site, &settings).await;
        for (path, told) in [
            ("/a", "<p>/a 1</p>"),
            ("/b", "<p>/b 2</p>"),
            ("/c", "<p>/c 3</p>"),
        ] {
            let rendered = browser.render(&site.url(path), Some("p")).await.unwrap();
            assert!(rendered.html.contains(told), "{}", rendered.html);
            assert_eq!(rendered.final_url, site.url(path));
        }
        let beats = async || {
            browser.render(&site.url("/bare"), Some("p")).await.unwrap();
            let asked = site.asked();
            asked.iter().filter(|path| *path == "/beat").count()
        };
        let before = beats().await;
        assert_eq!(beats().await, before);
        browser.close().await;
    }
}
