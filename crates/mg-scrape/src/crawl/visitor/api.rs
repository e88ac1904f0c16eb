//! Answers of APIs: their rows, and the next page of the chain.

use url::Url;

use super::{Job, Read, Trouble, Visitor, parsed};
use crate::{
    definition::ApiRule,
    extract::{self, Document},
    web::{
        Failure,
        transport::{Answer, Page},
    },
};

impl Visitor {
    pub(super) async fn api(&self, job: &Job, rule: usize) -> Result<Read, Trouble> {
        let rule = self.bound.spider.definition.api.get(rule);
        let rule = rule.ok_or_else(|| Trouble::Unreadable("the spider has no such API".into()))?;
        let page = self.answered(rule, &parsed(&job.url)?).await?;
        let document = Document {
            url: &page.url,
            content_type: &page.content_type,
            body: &page.body,
        };
        let extracted =
            extract::api(&self.bound, job.role, &document).map_err(Trouble::Unreadable)?;
        Ok(self.read(&page.url, page.validators, page.body.len(), extracted))
    }

    /// The page; an API that refuses a page size (400) is asked for the next smaller one. Once a chain has its size, the
    /// links to its next pages carry it.
    async fn answered(&self, rule: &ApiRule, url: &Url) -> Result<Page, Trouble> {
        let mut sizes: Vec<Option<u32>> = rule
            .page_size
            .iter()
            .flat_map(|size| &size.values)
            .map(|size| Some(*size))
            .collect();
        if sizes.is_empty() {
            sizes.push(None);
        }
        for size in sizes {
            let asked = extract::api_page(rule, url, size);
            match self.transport.page(self.asked(&asked, None)).await {
                Ok(Answer::Fresh(page)) => return Ok(page),
                Ok(Answer::Unchanged) => return Err(Failure::Status(304).into()),
                Err(Failure::Status(400)) if asked != *url => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(Failure::Status(400).into())
    }
}
