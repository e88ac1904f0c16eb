//! The publisher's release, asked before the first row and after the last one.

use std::time::Duration;

use mg_core::ToolError;
use url::Url;

use crate::{
    definition::{Bound, RequestRole, Retry, SourceRule, Vintage},
    ledger::{Ledger, Run},
    load::{self, Release},
    web::{
        Transport,
        transport::{Answer, Asked},
    },
};

/// The first pause before a document is asked for again; it doubles.
const BACKOFF: Duration = Duration::from_millis(250);

/// The releases of a spider's sources that a document tells, in the order of the sources; `None` for the others.
///
/// # Errors
///
/// When a document cannot be had or tells none.
pub(super) async fn asked(
    transport: &Transport,
    bound: &Bound,
) -> Result<Vec<Option<String>>, ToolError> {
    let retry = &bound.spider.definition.politeness.retry;
    let mut told = Vec::new();
    for source in &bound.spider.definition.source {
        told.push(match &source.vintage {
            Some(Vintage::Json(place)) => {
                let url = bound.fill(&place.url, RequestRole::Page);
                Some(document(transport, retry, &url, &place.path).await?)
            }
            _ => None,
        });
    }
    Ok(told)
}

/// The month that a document tells; asked for again where the site is out of order for a moment.
async fn document(
    transport: &Transport,
    retry: &Retry,
    url: &str,
    path: &str,
) -> Result<String, ToolError> {
    let unavailable = |why: String| ToolError::Unavailable(format!("the release at {url}: {why}"));
    let place = Url::parse(url).map_err(|error| unavailable(error.to_string()))?;
    let mut tries = 0;
    loop {
        let asked = Asked {
            url: &place,
            unless: None,
            robots: None,
        };
        match transport.page(asked).await {
            Ok(Answer::Fresh(page)) => {
                return load::release_of_json(&page.body, path).map_err(unavailable);
            }
            Ok(Answer::Unchanged) => return Err(unavailable("no answer".into())),
            Err(failure) if failure.is_transient(&retry.on) && tries < retry.times => {
                tries += 1;
                let pause = BACKOFF * 2_u32.saturating_pow(tries.min(6));
                tokio::time::sleep(pause.min(Duration::from_secs(retry.max_wait_s))).await;
            }
            Err(failure) => return Err(unavailable(failure.to_string())),
        }
    }
}

/// The releases for the summary: those that documents told before and after, constants, and the newest that the rows'
/// own answers name.
///
/// # Errors
///
/// When the ledger cannot be read.
pub(super) async fn told(
    ledger: &mut Ledger,
    run: &Run,
    sources: &[SourceRule],
    before: Vec<Option<String>>,
    after: Vec<Option<String>>,
) -> Result<Vec<Release>, ToolError> {
    let mut releases = Vec::new();
    for ((source, before), after) in sources.iter().zip(before).zip(after) {
        releases.push(match &source.vintage {
            Some(Vintage::Json(_)) => Release { before, after },
            Some(Vintage::Const(constant)) => Release::still(Some(constant.month.clone())),
            Some(Vintage::Header(_)) => {
                let answers = ledger.modified(run.id).await?;
                let months = answers
                    .iter()
                    .filter_map(|value| load::release_of_header(value).ok());
                Release::still(months.max())
            }
            None => Release::still(None),
        });
    }
    Ok(releases)
}
