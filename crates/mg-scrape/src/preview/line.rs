//! The line of a preview to the hosts of its spider.

use mg_core::ToolError;
use url::Url;

use crate::{
    crawl::weight,
    definition::Bound,
    reach::fetched,
    web::{
        Guard, Robots, Secrets, Transport,
        transport::{Asked, Bounds, Download, Page, USER_AGENT},
    },
};

/// The line of a preview: the spider's own hosts, and no secrets, which only runs have.
pub(super) struct Line {
    pub(super) transport: Transport,
    pub(super) guard: Guard,
    pub(super) robots: Option<Robots>,
}

impl Line {
    pub(super) fn of(bound: &Bound) -> Result<Self, ToolError> {
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

    pub(super) async fn page(&self, url: &Url) -> Result<Page, ToolError> {
        let page = fetched(&self.transport, self.robots.as_ref(), url).await?;
        weight::bearable(&page.body).map_err(ToolError::Unavailable)?;
        Ok(page)
    }

    /// The first bytes of a file, and whether there are more.
    pub(super) async fn file(&self, url: &Url, most: u64) -> Result<(Download, bool), ToolError> {
        let asked = Asked {
            url,
            unless: None,
            robots: self.robots.as_ref(),
        };
        let begun = self.transport.beginning(asked, most).await;
        begun.map_err(|failure| ToolError::Unavailable(format!("{url}: {failure}")))
    }
}
