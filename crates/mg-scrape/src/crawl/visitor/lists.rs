//! Sitemaps and feeds: lists of pages.

use url::Url;

use super::{Job, Read, Trouble, Visitor, parsed};
use crate::{
    crawl::feed,
    definition::RequestRole,
    extract::{self, Link, LinkReason},
    web::{
        Failure,
        sitemap::{self, Entry},
        transport::Answer,
    },
};

impl Visitor {
    pub(super) async fn sitemap(&self, job: &Job) -> Result<Read, Trouble> {
        let url = parsed(&job.url)?;
        if job.depth > sitemap::DEEPEST {
            return Err(Trouble::Heavy(format!(
                "sitemaps list sitemaps more than {} deep",
                sitemap::DEEPEST
            )));
        }
        let answer = self
            .transport
            .file(self.asked(&url, None), sitemap::MOST_BYTES)
            .await?;
        let Answer::Fresh(download) = answer else {
            return Err(Failure::Status(304).into());
        };
        let base = download.url.clone();
        let parsing = tokio::task::spawn_blocking(move || sitemap::read(&base, download.file));
        let sitemap = parsing
            .await
            .map_err(|_| Trouble::Internal)?
            .map_err(Trouble::Unreadable)?;
        let links = sitemap.entries.into_iter().filter_map(|entry| match entry {
            Entry::Page(url) => extract::listed(&self.bound, &url),
            Entry::Sitemap(url) => Some(Link {
                url: url.into(),
                role: RequestRole::Sitemap,
                reason: LinkReason::Allowed,
            }),
        });
        let cut = sitemap
            .cut
            .then(|| ("sitemap_cut", 1, format!("{url}: more than 50,000 entries")));
        Ok(self.listed(&download.url, download.length, links.collect(), cut))
    }

    pub(super) async fn feed(&self, job: &Job) -> Result<Read, Trouble> {
        let url = parsed(&job.url)?;
        let Answer::Fresh(page) = self.transport.page(self.asked(&url, None)).await? else {
            return Err(Failure::Status(304).into());
        };
        let found = feed::links(&page.url, &page.body).map_err(Trouble::Unreadable)?;
        let links = found
            .iter()
            .filter_map(|link| extract::listed(&self.bound, link));
        Ok(self.listed(&page.url, page.body.len() as u64, links.collect(), None))
    }

    fn listed(
        &self,
        url: &Url,
        bytes: u64,
        links: Vec<Link>,
        remark: Option<(&'static str, u64, String)>,
    ) -> Read {
        Read {
            url: url.to_string(),
            fetched_at: self.clock.now_iso(),
            status: 200,
            bytes,
            links,
            remarks: remark.into_iter().collect(),
            ..Read::default()
        }
    }
}
