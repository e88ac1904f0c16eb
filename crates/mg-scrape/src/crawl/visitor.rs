//! One request: asked for, read by what its role says.

mod api;
mod file;
mod lists;
mod page;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mg_core::{Clock, ToolError};
use tokio::sync::{OnceCell, Semaphore, mpsc};

use super::visit::{Read, Rows, Trouble, Visited, links_of, parsed};
use crate::{
    browser::{self, Browser},
    definition::{Bound, RequestRole},
    ledger::{Job, Known, Ledger, Run},
    web::{
        Failure, Robots, Transport,
        transport::{Asked, Validators},
    },
};

/// Large pages that are in memory at once.
const LARGE_AT_ONCE: usize = 1;

/// What asks and reads. Shared by all requests of a run.
#[derive(Debug)]
pub struct Visitor {
    bound: Arc<Bound>,
    transport: Transport,
    robots: Option<Robots>,
    browser: OnceCell<Browser>,
    browser_settings: browser::Settings,
    rows: mpsc::Sender<Rows>,
    /// Whether pages that did not change need not be read again.
    conditional: bool,
    known: Mutex<HashMap<i64, Known>>,
    large: Semaphore,
    clock: Clock,
}

impl Visitor {
    /// Rows of files are sent to `rows` while they are read. `conditional`: pages that did not change since the last run
    /// need not be read again.
    #[must_use]
    pub fn new(
        bound: Arc<Bound>,
        transport: Transport,
        robots: Option<Robots>,
        browser_settings: browser::Settings,
        rows: mpsc::Sender<Rows>,
        conditional: bool,
    ) -> Self {
        Self {
            bound,
            transport,
            robots,
            browser: OnceCell::new(),
            browser_settings,
            rows,
            conditional,
            known: Mutex::default(),
            large: Semaphore::new(LARGE_AT_ONCE),
            clock: Clock::system(),
        }
    }

    /// Looks up which versions of these the tables have.
    pub(super) async fn learn(
        &self,
        ledger: &mut Ledger,
        run: &Run,
        jobs: &[Job],
    ) -> Result<(), ToolError> {
        if self.conditional && !jobs.is_empty() {
            let found = ledger.known(&run.spider, &run.digest, jobs).await?;
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.extend(found);
        }
        Ok(())
    }

    /// Ends the browser, if one was needed.
    pub(super) async fn close(&self) {
        if let Some(browser) = self.browser.get() {
            browser.close().await;
        }
    }

    /// The pause that a site asks for in its robots.txt.
    pub(super) fn robots_delay(&self, url: &str) -> Option<Duration> {
        self.robots.as_ref()?.delay(&url::Url::parse(url).ok()?)
    }

    /// Asks for it and reads the answer.
    pub(super) async fn visit(&self, job: &Job) -> Visited {
        let known = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.remove(&job.id)
        };
        let result = match job.role {
            RequestRole::Page => self.page(job, known.as_ref()).await,
            RequestRole::File { rule, .. } => self.file(job, rule, known.as_ref()).await,
            RequestRole::Api { rule, .. } => self.api(job, rule).await,
            RequestRole::Sitemap => self.sitemap(job).await,
            RequestRole::Feed => self.feed(job).await,
        };
        let robots_said_no = matches!(
            &result,
            Err(Trouble::Web(Failure::Robots(_) | Failure::Refused(_)))
        );
        Visited {
            asked: !robots_said_no,
            result,
        }
    }

    fn asked<'a>(&'a self, url: &'a url::Url, unless: Option<&'a Validators>) -> Asked<'a> {
        Asked {
            url,
            unless,
            robots: self.robots.as_ref(),
        }
    }

    /// What is told of a page that is the version of the last run.
    fn unchanged(&self, job: &Job, known: &Known) -> Read {
        Read {
            url: job.url.clone(),
            fetched_at: self.clock.now_iso(),
            status: 304,
            validators: known.validators.clone(),
            hash: known.hash,
            count: known.items,
            links: known.links.as_deref().map(links_of).unwrap_or_default(),
            unchanged: true,
            ..Read::default()
        }
    }
}
