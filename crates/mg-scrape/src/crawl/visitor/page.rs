//! Pages: as the server sends them, or as a browser shows them.

use url::Url;

use super::{Job, Known, Read, Trouble, Visitor, parsed};
use crate::{
    browser::{Browser, BrowserError, Rendered},
    crawl::weight,
    definition::Engine,
    extract::{self, Document, Extracted},
    web::{
        Failure,
        transport::{Answer, Page, Validators},
    },
};

/// A page beyond this is parsed alone.
const LARGE: usize = 512 * 1024;

impl Visitor {
    pub(super) async fn page(&self, job: &Job, known: Option<&Known>) -> Result<Read, Trouble> {
        let url = parsed(&job.url)?;
        if self.bound.spider.definition.engine == Engine::Browser {
            return self.rendered(&url).await;
        }
        let unless = known.map(|known| &known.validators);
        let page = match self.transport.page(self.asked(&url, unless)).await? {
            Answer::Fresh(page) => page,
            Answer::Unchanged => {
                let known = known.ok_or(Failure::Status(304))?;
                return Ok(self.unchanged(job, known));
            }
        };
        if !is_page(&page.content_type) {
            return Err(Trouble::Unreadable(format!(
                "it is {} and no page; a [[file]] rule reads files",
                page.content_type
            )));
        }
        let extracted = self.extracted(&page).await?;
        if extracted.wants_browser {
            return self.rendered(&url).await;
        }
        let Page {
            url,
            validators,
            body,
            ..
        } = page;
        Ok(self.read(&url, validators, body.len(), extracted))
    }

    async fn extracted(&self, page: &Page) -> Result<Extracted, Trouble> {
        weight::bearable(&page.body).map_err(Trouble::Heavy)?;
        // One large document at a time: its tree is many times its text.
        let _alone = if page.body.len() > LARGE {
            self.large.acquire().await.ok()
        } else {
            None
        };
        let found = self.engine_links(page).await;
        let document = Document {
            url: &page.url,
            content_type: &page.content_type,
            body: &page.body,
        };
        let extracted = extract::page(&self.bound, &document, &found);
        Ok(extracted)
    }

    #[cfg(feature = "engine-spider")]
    async fn engine_links(&self, page: &Page) -> Vec<Url> {
        crate::crawl::engine::links(&page.url, &page.body).await
    }

    #[cfg(not(feature = "engine-spider"))]
    async fn engine_links(&self, _page: &Page) -> Vec<Url> {
        Vec::new()
    }

    async fn rendered(&self, url: &Url) -> Result<Read, Trouble> {
        if let Some(robots) = &self.robots {
            robots.check(&self.transport, url).await?;
        }
        let browser = self
            .browser
            .get_or_try_init(|| self.started())
            .await
            .map_err(told)?;
        let Rendered {
            final_url,
            status,
            html,
            ..
        } = browser.render(url, None).await.map_err(told)?;
        if !(200..300).contains(&status) {
            return Err(Failure::Status(status).into());
        }
        let page = Page {
            url: final_url,
            content_type: Rendered::CONTENT_TYPE.to_owned(),
            validators: Validators::default(),
            body: html.into_bytes(),
        };
        let extracted = self.extracted(&page).await?;
        Ok(self.read(&page.url, page.validators, page.body.len(), extracted))
    }

    async fn started(&self) -> Result<Browser, BrowserError> {
        let rules = &self.bound.spider.definition.browser;
        Browser::start(
            self.transport.guard().clone(),
            rules,
            &self.browser_settings,
        )
        .await
    }

    pub(super) fn read(
        &self,
        url: &Url,
        validators: Validators,
        bytes: usize,
        extracted: Extracted,
    ) -> Read {
        let rejected = extracted.rejected.len() as u64;
        let remark = extracted.rejected.first().map(|first| {
            let told = format!(
                "{url}: `{}`: {} (`{}`)",
                first.field, first.reason, first.raw
            );
            ("rejected_row", rejected, told)
        });
        Read {
            url: url.to_string(),
            fetched_at: self.clock.now_iso(),
            status: 200,
            bytes: bytes as u64,
            validators,
            hash: extracted.hash,
            count: extracted.items.len() as u64,
            items: extracted.items,
            rejected,
            remarks: remark.into_iter().collect(),
            links: extracted.links,
            unchanged: false,
        }
    }
}

/// Whether a Content-Type is one of pages; a server that names none is believed to send one.
fn is_page(content_type: &str) -> bool {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind.is_empty() || kind.starts_with("text/") || kind.ends_with("xml") || kind.ends_with("json")
}

fn told(error: BrowserError) -> Trouble {
    match error {
        BrowserError::Refused(refusal) => Failure::Refused(refusal).into(),
        error => Trouble::Browser {
            passes: matches!(
                error,
                BrowserError::TimedOut(_) | BrowserError::Crashed | BrowserError::Gone
            ),
            told: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::is_page;

    #[test]
    fn files_are_no_pages() {
        for page in [
            "",
            "text/html; charset=utf-8",
            "application/xhtml+xml",
            "TEXT/PLAIN",
        ] {
            assert!(is_page(page), "{page}");
        }
        for file in [
            "application/pdf",
            "image/png",
            "application/zip",
            "application/octet-stream",
        ] {
            assert!(!is_page(file), "{file}");
        }
    }
}
