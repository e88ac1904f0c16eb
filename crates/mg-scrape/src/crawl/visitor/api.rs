//! Answers of APIs.

use url::Url;

use super::{Job, Read, Trouble, Visitor, parsed};
use crate::{
    definition::ApiRule,
    extract::{self, Document, Link, LinkReason},
    web::{Failure, transport::Answer},
};

impl Visitor {
    pub(super) async fn api(&self, job: &Job, rule: usize) -> Result<Read, Trouble> {
        let url = parsed(&job.url)?;
        let page = match self.transport.page(self.asked(&url, None)).await {
            Ok(Answer::Fresh(page)) => page,
            Ok(Answer::Unchanged) => return Err(Failure::Status(304).into()),
            Err(Failure::Status(400)) => {
                let rule = self.bound.spider.definition.api.get(rule);
                let smaller = rule.and_then(|rule| smaller(rule, &url));
                let smaller = smaller.ok_or(Failure::Status(400))?;
                return Ok(self.retried(job, smaller));
            }
            Err(failure) => return Err(failure.into()),
        };
        let document = Document {
            url: &page.url,
            content_type: &page.content_type,
            body: &page.body,
        };
        let extracted = extract::api(&self.bound, job.role, &document).map_err(Trouble::Unreadable)?;
        Ok(self.read(&page.url, page.validators, page.body.len(), extracted))
    }

    /// The API refuses pages of this size: the same with a smaller one.
    fn retried(&self, job: &Job, smaller: Url) -> Read {
        let link = Link {
            url: smaller.into(),
            role: job.role,
            reason: LinkReason::Next,
        };
        Read {
            url: job.url.clone(),
            fetched_at: self.clock.now_iso(),
            status: 400,
            links: vec![link],
            remarks: vec![("page_size_refused", 1, job.url.clone())],
            ..Read::default()
        }
    }
}

/// The first page with the next smaller size that the rule names. Later pages would begin elsewhere.
fn smaller(rule: &ApiRule, url: &Url) -> Option<Url> {
    let size = rule.page_size.as_ref()?;
    let value = |wanted: &str| {
        let found = url.query_pairs().find(|(name, _)| name == wanted)?;
        found.1.parse::<u64>().ok()
    };
    let page = rule.page.as_ref();
    if page.is_some_and(|page| value(&page.param).is_some_and(|number| number != page.start)) {
        return None;
    }
    let refused = value(&size.param)?;
    let next = size.values.iter().copied().find(|size| u64::from(*size) < refused)?;
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| *name != size.param)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut without = url.clone();
    without.set_query(None);
    if !others.is_empty() {
        without.query_pairs_mut().extend_pairs(others);
    }
    Some(extract::api_page(rule, &without, Some(next)))
}
