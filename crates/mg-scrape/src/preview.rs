//! The first page of a spider, read and shown, nothing written: why an extraction is empty, before a run is launched.

use mg_core::{Language, ToolError, envelope, markdown_table};
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::{
    browser::{Browser, Settings as BrowserSettings},
    crawl::weight,
    definition::{Bound, Engine, Request, RequestRole},
    extract::{self, Document, Extracted},
    reach::fetched,
    sample::{self, MatchCount, RejectedRow, SampleRow},
    web::{
        Guard, Robots, Secrets, Transport,
        transport::{Bounds, Page, USER_AGENT},
    },
};

/// Links that are shown.
const LINKS: usize = 5;

/// What the first page gives.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Preview {
    /// The spider
    pub(crate) spider: String,
    /// The page, after redirections
    pub(crate) url: String,
    /// Whether a browser made the page
    pub(crate) rendered: bool,
    /// What each selector found
    pub(crate) matches: Vec<MatchCount>,
    /// Rows found
    pub(crate) items: usize,
    /// Rows left out
    pub(crate) rejected: usize,
    /// The first rows left out, and why: data from outside
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rejections: Vec<RejectedRow>,
    /// The first rows: data from outside
    pub(crate) sample: Vec<SampleRow>,
    /// Links that would be followed
    pub(crate) links: usize,
    /// The first of them
    pub(crate) link_examples: Vec<String>,
    /// Caveats
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// Reads the first page of a bound spider, or the first answer of its API.
///
/// # Errors
///
/// What the site answered; that the spider begins with no page.
pub(crate) async fn preview(bound: Bound, language: Language) -> Result<Preview, ToolError> {
    let request = bound
        .start
        .iter()
        .find(|request| matches!(request.role, RequestRole::Page | RequestRole::Api { .. }));
    let request = request.cloned().ok_or_else(|| nothing_to_preview(&bound))?;
    let url = Url::parse(&request.url).map_err(|error| ToolError::Internal(error.into()))?;
    let line = Line::of(&bound)?;
    let (page, rendered, extracted) = match request.role {
        RequestRole::Api { rule, .. } => api(&bound, &line, &request, rule, &url).await?,
        _ => page(&bound, &line, &url).await?,
    };
    Ok(told(&bound, &page, rendered, &extracted, language))
}

fn nothing_to_preview(bound: &Bound) -> ToolError {
    let name = bound.spider.name();
    ToolError::Invalid(format!(
        "the spider `{name}` begins with a file or a sitemap, of which there is no preview; give the `url` of a page within its \
         scope, or launch it with small limits, e.g. {{\"max_items\": 100}}"
    ))
}

/// The line of a preview: the spider's own hosts, and no secrets, which only runs have.
struct Line {
    transport: Transport,
    guard: Guard,
    robots: Option<Robots>,
}

impl Line {
    fn of(bound: &Bound) -> Result<Self, ToolError> {
        let definition = &bound.spider.definition;
        let agent = definition
            .politeness
            .user_agent
            .as_deref()
            .unwrap_or(USER_AGENT);
        let guard = Guard::new(
            definition.start.allow_hosts.iter().cloned(),
            definition.start.allow_private,
        );
        let bounds = Bounds {
            body: bound.limits.max_page_bytes,
            ..Bounds::default()
        };
        let transport = Transport::new(guard.clone(), Secrets::default(), agent, bounds)
            .map_err(ToolError::Unavailable)?;
        let robots = definition
            .politeness
            .respect_robots
            .then(|| Robots::new(agent));
        Ok(Self {
            transport,
            guard,
            robots,
        })
    }

    async fn fetch(&self, url: &Url) -> Result<Page, ToolError> {
        let page = fetched(&self.transport, self.robots.as_ref(), url).await?;
        weight::bearable(&page.body).map_err(ToolError::Unavailable)?;
        Ok(page)
    }
}

type Read = (Url, bool, Extracted);

async fn api(
    bound: &Bound,
    line: &Line,
    request: &Request,
    rule: usize,
    url: &Url,
) -> Result<Read, ToolError> {
    let rule = bound.spider.definition.api.get(rule);
    let smallest = rule.and_then(|rule| rule.page_size.as_ref()?.values.last().copied());
    let asked = rule.map_or_else(
        || url.clone(),
        |rule| extract::api_page(rule, url, smallest),
    );
    let page = line.fetch(&asked).await?;
    let document = Document {
        url: &page.url,
        content_type: &page.content_type,
        body: &page.body,
    };
    let extracted = extract::api(bound, request.role, &document).map_err(ToolError::Unavailable)?;
    Ok((page.url, false, extracted))
}

async fn page(bound: &Bound, line: &Line, url: &Url) -> Result<Read, ToolError> {
    if bound.spider.definition.engine != Engine::Browser {
        let page = line.fetch(url).await?;
        let document = Document {
            url: &page.url,
            content_type: &page.content_type,
            body: &page.body,
        };
        let extracted = extract::page(bound, &document, &[]);
        if !extracted.wants_browser {
            return Ok((page.url, false, extracted));
        }
    } else if let Some(robots) = &line.robots {
        let allowed = robots.check(&line.transport, url).await;
        allowed.map_err(|failure| ToolError::Unavailable(format!("{url}: {failure}")))?;
    }
    rendered(bound, line, url).await
}

async fn rendered(bound: &Bound, line: &Line, url: &Url) -> Result<Read, ToolError> {
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
    Ok((rendered.final_url, true, extracted))
}

fn told(
    bound: &Bound,
    url: &Url,
    rendered: bool,
    extracted: &Extracted,
    language: Language,
) -> Preview {
    let spider = &bound.spider;
    Preview {
        spider: spider.name().to_owned(),
        url: url.to_string(),
        rendered,
        matches: sample::matches(extracted),
        items: extracted.items.len(),
        rejected: extracted.rejected.len(),
        rejections: sample::rejected(spider, extracted),
        sample: sample::rows(spider, extracted),
        links: extracted.links.len(),
        link_examples: extracted
            .links
            .iter()
            .take(LINKS)
            .map(|link| link.url.clone())
            .collect(),
        notes: notes(bound, extracted, language),
    }
}

fn notes(bound: &Bound, extracted: &Extracted, language: Language) -> Vec<String> {
    let mut notes = Vec::new();
    if extracted.matches.is_empty() && extracted.items.is_empty() {
        notes.push(
            language
                .pick(
                    "Aucune règle [[page]] ne s'applique à cette page.",
                    "No [[page]] rule fits this page.",
                )
                .to_owned(),
        );
    }
    if bound.spider.definition.auth.is_some() {
        notes.push(
            language
                .pick(
                    "Les secrets du robot ne sont pas envoyés lors d'un aperçu.",
                    "A preview does not send the spider's secrets.",
                )
                .to_owned(),
        );
    }
    notes
}

impl Preview {
    /// As text, the page's own words in envelopes.
    pub(crate) fn text(&self, language: Language) -> String {
        let mut lines = vec![match language {
            Language::French => format!(
                "{}\u{a0}: {} lignes, {} rejetées, {} liens à suivre ({})",
                self.spider, self.items, self.rejected, self.links, self.url
            ),
            Language::English => format!(
                "{}: {} rows, {} rejected, {} links to follow ({})",
                self.spider, self.items, self.rejected, self.links, self.url
            ),
        }];
        let columns = match language {
            Language::French => ["règle", "sélecteur", "trouvé"],
            Language::English => ["rule", "selector", "found"],
        };
        let rows = self.matches.iter().map(|found| {
            [
                found.rule.clone(),
                found.selector.clone(),
                found.count.to_string(),
            ]
        });
        lines.push(markdown_table(&columns, rows));
        let outside =
            |rows: serde_json::Result<String>| envelope(&self.url, &rows.unwrap_or_default());
        if !self.sample.is_empty() {
            lines.push(outside(serde_json::to_string(&self.sample)));
        }
        if !self.rejections.is_empty() {
            lines.push(outside(serde_json::to_string(&self.rejections)));
        }
        lines.extend(self.link_examples.iter().map(|url| format!("→ {url}")));
        lines.extend(self.notes.iter().map(|note| format!("- {note}")));
        lines.join("\n")
    }
}
