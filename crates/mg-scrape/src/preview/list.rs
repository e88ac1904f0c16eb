//! Sitemaps and feeds: how many pages they list for the spider, and which is the first.

use mg_core::ToolError;
use url::Url;

use super::Line;
use crate::{
    crawl::feed,
    definition::{Bound, RequestRole},
    extract::{self, Link},
    web::sitemap::{self, Entry},
};

/// The links of a feed.
pub(super) async fn feed(bound: &Bound, line: &Line, url: &Url) -> Result<Vec<Link>, ToolError> {
    let page = line.page(url).await?;
    let found = feed::links(&page.url, &page.body);
    let found = found.map_err(|reason| ToolError::Unavailable(format!("{url}: {reason}")))?;
    let links = found.iter().filter_map(|link| extract::listed(bound, link));
    Ok(links.collect())
}

/// The links of a sitemap, or of the first one that it lists.
pub(super) async fn sitemap(bound: &Bound, line: &Line, url: &Url) -> Result<Vec<Link>, ToolError> {
    let mut url = url.clone();
    for _ in 0..=sitemap::DEEPEST {
        let (download, _) = line.file(&url, sitemap::MOST_BYTES).await?;
        let base = download.url;
        let parsing = tokio::task::spawn_blocking(move || sitemap::read(&base, download.file));
        let parsed = parsing
            .await
            .map_err(|error| ToolError::Internal(error.into()))?;
        let read = parsed.map_err(|reason| ToolError::Unavailable(format!("{url}: {reason}")))?;
        let mut further = None;
        let mut links = Vec::new();
        for entry in read.entries {
            match entry {
                Entry::Page(page) => links.extend(extract::listed(bound, &page)),
                Entry::Sitemap(next) => further = further.or(Some(next)),
            }
        }
        match further {
            Some(next) if links.is_empty() => url = next,
            _ => return Ok(links),
        }
    }
    Ok(Vec::new())
}

/// The first of the links that is a page.
pub(super) fn first_page(links: &[Link]) -> Option<Url> {
    let mut pages = links.iter().filter(|link| link.role == RequestRole::Page);
    pages.next()?.url.parse().ok()
}
