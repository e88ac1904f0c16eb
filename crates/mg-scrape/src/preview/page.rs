//! The first page, as the server sends it or as a browser shows it; or the first answer of an API.

use mg_core::ToolError;
use url::Url;

use super::{Line, Opening};
use crate::{
    browser::{Browser, Settings as BrowserSettings},
    crawl::weight,
    definition::{Bound, Engine, RequestRole},
    extract::{self, Document},
};

/// The first answer of an API, as few rows as it lets itself be asked for.
pub(super) async fn api(
    bound: &Bound,
    line: &Line,
    role: RequestRole,
    place: usize,
    url: &Url,
) -> Result<Opening, ToolError> {
    let wanted = bound.spider.definition.api.get(place);
    let smallest = wanted.and_then(|wanted| wanted.page_size.as_ref()?.values.last().copied());
    let asked = wanted.map_or_else(
        || url.clone(),
        |wanted| extract::api_page(wanted, url, smallest),
    );
    let page = line.page(&asked).await?;
    let document = Document {
        url: &page.url,
        content_type: &page.content_type,
        body: &page.body,
    };
    let extracted = extract::api(bound, role, &document).map_err(ToolError::Unavailable)?;
    Ok(Opening::of(page.url, extracted))
}

/// A page.
pub(super) async fn page(bound: &Bound, line: &Line, url: &Url) -> Result<Opening, ToolError> {
    if bound.spider.definition.engine != Engine::Browser {
        let page = line.page(url).await?;
        let document = Document {
            url: &page.url,
            content_type: &page.content_type,
            body: &page.body,
        };
        let extracted = extract::page(bound, &document, &[]);
        if !extracted.wants_browser {
            return Ok(Opening::of(page.url, extracted));
        }
    } else if let Some(robots) = &line.robots {
        let allowed = robots.check(&line.transport, url).await;
        allowed.map_err(|failure| ToolError::Unavailable(format!("{url}: {failure}")))?;
    }
    rendered(bound, line, url).await
}

async fn rendered(bound: &Bound, line: &Line, url: &Url) -> Result<Opening, ToolError> {
    let definition = &bound.spider.definition;
    let settings = BrowserSettings {
        user_agent: definition.politeness.user_agent.clone(),
        ..BrowserSettings::default()
    };
    let unavailable =
        |error: crate::browser::BrowserError| ToolError::Unavailable(format!("{url}: {error}"));
    let browser = Browser::start(line.guard.clone(), &definition.browser, &settings)
        .await
        .map_err(unavailable)?;
    let rendered = browser.render(url, None).await;
    browser.close().await;
    let rendered = rendered.map_err(unavailable)?;
    weight::bearable(rendered.html.as_bytes()).map_err(ToolError::Unavailable)?;
    let document = Document {
        url: &rendered.final_url,
        content_type: "text/html; charset=utf-8",
        body: rendered.html.as_bytes(),
    };
    let extracted = extract::page(bound, &document, &[]);
    Ok(Opening {
        rendered: true,
        ..Opening::of(rendered.final_url, extracted)
    })
}
