//! What the tools that read a page at once may reach: hosts of loaded spiders, and those of `scrape.allow_hosts`.

use mg_core::{ConfigError, Settings, ToolError};
use url::Url;

use crate::{
    definition::{Catalogue, HostPattern, Spider},
    web::{
        Guard, Robots, Secrets, Transport,
        transport::{Answer, Asked, Bounds, Page, USER_AGENT},
    },
};

/// Bytes of a page that is read for an answer.
const MOST_BYTES: u64 = 5_000_000;

/// The hosts of `scrape.allow_hosts`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    allow_hosts: Vec<HostPattern>,
}

impl Reach {
    /// # Errors
    ///
    /// When an entry is no host.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let hosts = settings.file.scrape.allow_hosts.iter().cloned();
        let hosts = hosts.map(HostPattern::try_from).collect::<Result<_, _>>();
        let allow_hosts =
            hosts.map_err(|reason| ConfigError::new(format!("scrape.allow_hosts: {reason}")))?;
        Ok(Self { allow_hosts })
    }

    /// Fetches one page of a host that may be reached. No secret goes with the request, and redirections stay within what
    /// the page's own spider, or else everything together, may reach.
    ///
    /// # Errors
    ///
    /// A sentence that says which hosts would work, or what the site answered.
    pub(crate) async fn page(&self, catalogue: &Catalogue, url: &Url) -> Result<Page, ToolError> {
        let owner = catalogue.all().find(|spider| spider.allows_host(url));
        if owner.is_none() && !self.allow_hosts.iter().any(|host| host.covers(url)) {
            return Err(self.out_of_reach(catalogue, url));
        }
        let guard = self.guard(catalogue, owner);
        let obeys = owner.is_none_or(|spider| spider.definition.politeness.respect_robots);
        let bounds = Bounds {
            body: MOST_BYTES,
            ..Bounds::default()
        };
        let transport = Transport::new(guard, Secrets::default(), USER_AGENT, bounds)
            .map_err(ToolError::Unavailable)?;
        let robots = obeys.then(|| Robots::new(USER_AGENT));
        fetched(&transport, robots.as_ref(), url).await
    }

    /// Private addresses are open to the hosts of a spider that says so, and to none beside them.
    fn guard(&self, catalogue: &Catalogue, owner: Option<&Spider>) -> Guard {
        match owner {
            Some(spider) if spider.definition.start.allow_private => {
                Guard::new(spider.definition.start.allow_hosts.iter().cloned(), true)
            }
            _ => {
                let hosts = catalogue
                    .all()
                    .flat_map(|spider| &spider.definition.start.allow_hosts);
                Guard::new(hosts.chain(&self.allow_hosts).cloned(), false)
            }
        }
    }

    fn out_of_reach(&self, catalogue: &Catalogue, url: &Url) -> ToolError {
        let spiders = catalogue
            .all()
            .flat_map(|spider| &spider.definition.start.allow_hosts);
        let mut hosts: Vec<&str> = spiders
            .chain(&self.allow_hosts)
            .map(HostPattern::as_str)
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        ToolError::Invalid(format!(
            "`{url}` is out of reach: only http and https on hosts of loaded spiders and of scrape.allow_hosts (mg.toml) are read: {}",
            hosts.join(", ")
        ))
    }
}

/// One page over a line.
///
/// # Errors
///
/// What the site, its robots.txt or the guard answered.
pub(crate) async fn fetched(
    transport: &Transport,
    robots: Option<&Robots>,
    url: &Url,
) -> Result<Page, ToolError> {
    let asked = Asked {
        url,
        unless: None,
        robots,
    };
    match transport.page(asked).await {
        Ok(Answer::Fresh(page)) => Ok(page),
        Ok(Answer::Unchanged) => Err(ToolError::Unavailable(format!(
            "{url}: the site answered 304 to a first request"
        ))),
        Err(failure) => Err(ToolError::Unavailable(format!("{url}: {failure}"))),
    }
}
