//! The first page of a spider, read and shown, nothing written: why an extraction is empty, before a run is launched.

mod file;
mod line;
mod list;
mod page;

use mg_core::{Language, ToolError, envelope, markdown_table};
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::{
    definition::{Bound, RequestRole},
    extract::{Extracted, Link},
    sample::{self, MatchCount, RejectedRow, SampleRow},
};
use line::Line;

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

/// What the first request of a spider leads to.
struct Opening {
    url: Url,
    rendered: bool,
    extracted: Extracted,
    remarks: Vec<Remark>,
}

/// What has to be said of an opening.
enum Remark {
    /// Only so many rows of a file were read.
    FirstRows(usize),
    /// A sitemap or feed listed so many pages, the first of which was read.
    FirstOf(usize),
    /// These columns of a file became rows.
    Unpivoted(Vec<String>),
}

impl Opening {
    const fn of(url: Url, extracted: Extracted) -> Self {
        Self {
            url,
            rendered: false,
            extracted,
            remarks: Vec::new(),
        }
    }
}

/// Reads what a bound spider begins with: a page, the first answer of an API, the first rows of a file, or the first page that a
/// sitemap or a feed lists.
///
/// # Errors
///
/// What the site answered; that a list has no page within the spider's scope.
pub(crate) async fn preview(bound: Bound, language: Language) -> Result<Preview, ToolError> {
    let Some(request) = bound.start.first().cloned() else {
        return Err(ToolError::Invalid(format!(
            "the spider `{}` has nothing to begin with; give the `url` of a page within its scope",
            bound.spider.name()
        )));
    };
    let url = Url::parse(&request.url).map_err(|error| ToolError::Internal(error.into()))?;
    let line = Line::of(&bound)?;
    let (bound, opening) = match request.role {
        RequestRole::File { rule, .. } => {
            file::file(bound, &line, (request.role, rule), &url).await?
        }
        RequestRole::Api { rule, .. } => {
            let opening = page::api(&bound, &line, request.role, rule, &url).await?;
            (bound, opening)
        }
        RequestRole::Page => {
            let opening = page::page(&bound, &line, &url).await?;
            (bound, opening)
        }
        RequestRole::Sitemap => {
            let links = list::sitemap(&bound, &line, &url).await?;
            let opening = first_of(&bound, &line, &url, &links).await?;
            (bound, opening)
        }
        RequestRole::Feed => {
            let links = list::feed(&bound, &line, &url).await?;
            let opening = first_of(&bound, &line, &url, &links).await?;
            (bound, opening)
        }
    };
    Ok(told(&bound, &opening, language))
}

async fn first_of(
    bound: &Bound,
    line: &Line,
    list: &Url,
    links: &[Link],
) -> Result<Opening, ToolError> {
    let first = list::first_page(links).ok_or_else(|| {
        ToolError::Invalid(format!(
            "{list} lists no page within the spider's scope (start.allow_hosts, follow.allow); give the `url` of one"
        ))
    })?;
    let mut opening = page::page(bound, line, &first).await?;
    opening.remarks.push(Remark::FirstOf(links.len()));
    Ok(opening)
}

fn told(bound: &Bound, opening: &Opening, language: Language) -> Preview {
    let spider = &bound.spider;
    let extracted = &opening.extracted;
    Preview {
        spider: spider.name().to_owned(),
        url: opening.url.to_string(),
        rendered: opening.rendered,
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
        notes: notes(bound, opening, language),
    }
}

fn notes(bound: &Bound, opening: &Opening, language: Language) -> Vec<String> {
    let extracted = &opening.extracted;
    let mut notes: Vec<String> = opening
        .remarks
        .iter()
        .map(|remark| remark.told(language))
        .collect();
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

impl Remark {
    fn told(&self, language: Language) -> String {
        match (self, language) {
            (Self::FirstRows(rows), Language::French) => {
                format!("Seules les {rows} premières lignes du fichier ont été lues.")
            }
            (Self::FirstRows(rows), Language::English) => {
                format!("Only the first {rows} rows of the file were read.")
            }
            (Self::Unpivoted(columns), Language::French) => {
                format!(
                    "Colonnes devenues des lignes\u{a0}: {}.",
                    columns.join(", ")
                )
            }
            (Self::Unpivoted(columns), Language::English) => {
                format!("Columns that became rows: {}.", columns.join(", "))
            }
            (Self::FirstOf(pages), Language::French) => {
                format!("Première des {pages} pages que la liste annonce.")
            }
            (Self::FirstOf(pages), Language::English) => {
                format!("The first of {pages} pages that the list names.")
            }
        }
    }
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
