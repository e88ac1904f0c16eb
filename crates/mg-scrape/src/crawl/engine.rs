//! Links as the crate `spider` finds them. The only file that names it.
//!
//! Its `links()` folds the case of paths, drops files and keeps `&amp;` as it stands; its stream of strings does only the
//! latter two. What it finds is united with the links of the parsed page, and judged by the same rules.

use reqwest::StatusCode;
use spider::{page, utils::PageResponse};
use url::Url;

/// The links of a page, absolute.
pub(super) async fn links(url: &Url, body: &[u8]) -> Vec<Url> {
    let response = PageResponse {
        content: Some(body.to_vec()),
        status_code: StatusCode::OK,
        ..PageResponse::default()
    };
    let mut page = page::build(url.as_str(), response);
    let selectors = page::get_page_selectors(url.as_str(), false, false);
    let found = page.links_stream::<String>(&selectors, &None).await;
    // An attribute's `&amp;` is kept as it stands: such a link would be a second address of one page.
    let decoded = found.into_iter().map(|link| link.replace("&amp;", "&"));
    decoded.filter_map(|link| Url::parse(&link).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn links_keep_their_case_and_their_ampersands_are_decoded() {
        let url = Url::parse("http://a.fr/d/").unwrap();
        let body = br#"<html><body><a href="/l/A.html">a</a><a href="/l/a.html">b</a><a href="/q?b=2&amp;a=1">c</a></body></html>"#;
        let mut found: Vec<String> = links(&url, body)
            .await
            .into_iter()
            .map(String::from)
            .collect();
        found.sort();
        assert_eq!(
            found,
            [
                "http://a.fr/l/A.html",
                "http://a.fr/l/a.html",
                "http://a.fr/q?b=2&a=1"
            ]
        );
    }
}
