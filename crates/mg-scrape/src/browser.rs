//! Pages that are made by JavaScript: a browser of the system's, behind a guarding proxy, spoken to over pipes.

mod cdp;
mod error;
mod flags;
mod memory;
mod page;
mod process;
mod program;
mod proxy;
mod running;
mod window;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::task::JoinSet;
use url::Url;

pub use self::{error::BrowserError, proxy::Tally};
use self::{error::Failures, page::Wanted, proxy::Proxy, running::Running};
use crate::{definition::BrowserRules, web::guard::Guard};

/// How long a page may take in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long an empty window may take to open. One that waits for a helper that was killed never opens.
const UNTIL_OPEN: Duration = Duration::from_secs(10);

/// What is said of a browser beside its spider's rules.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program (`scrape.browser`); without it the first one found.
    pub program: Option<PathBuf>,
    /// What the browser calls itself; without it what it is.
    pub user_agent: Option<String>,
    /// How long a page may take in all.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            program: None,
            user_agent: None,
            patience: PATIENCE,
        }
    }
}

/// A page as its scripts have made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Where the page is, redirects and its own navigations followed.
    pub final_url: Url,
    /// Of the answer that the page was made from.
    pub status: u16,
    /// The document, as text: whatever charset it names, it has been decoded already.
    pub html: String,
    /// Whether the selector that was waited for is there.
    pub awaited: bool,
}

impl Rendered {
    /// What [`Self::html`] is, in the words of a header, which come before those of the document.
    pub const CONTENT_TYPE: &str = "text/html; charset=utf-8";
}

/// A browser that renders pages, several at once. It is started anew after a number of pages, and when it ended by
/// itself; a page that was open then is asked for once more.
#[derive(Debug)]
pub struct Browser {
    guard: Guard,
    rules: BrowserRules,
    patience: Duration,
    proxy: Proxy,
    program: PathBuf,
    user_agent: Option<String>,
    running: tokio::sync::Mutex<Slot>,
    // Each ends the processes it keeps when it is dropped.
    keepers: Mutex<JoinSet<()>>,
}

#[derive(Debug)]
enum Slot {
    Empty,
    Running(Arc<Running>),
    Closed,
}

impl Browser {
    /// Starts a browser that reaches what the guard lets through, and nothing else.
    ///
    /// # Errors
    ///
    /// When there is none on this machine, or it does not start.
    pub async fn start(
        guard: Guard,
        rules: &BrowserRules,
        settings: &Settings,
    ) -> Result<Self, BrowserError> {
        let program = program::find(settings.program.as_deref())?;
        let proxy = Proxy::start(guard.clone()).await;
        let proxy = proxy.map_err(|error| BrowserError::NotStarted {
            program: program.clone(),
            reason: format!("its proxy: {error}"),
        })?;
        if !process::may_be_sandboxed() {
            tracing::warn!("the browser runs without its sandbox, since this process is root's");
        }
        let browser = Self {
            guard,
            rules: rules.clone(),
            patience: settings.patience,
            proxy,
            program,
            user_agent: settings.user_agent.clone(),
            running: tokio::sync::Mutex::new(Slot::Empty),
            keepers: Mutex::default(),
        };
        browser.renew(&mut *browser.running.lock().await).await?;
        Ok(browser)
    }

    /// Opens a page, waits for `wait_for` (or what the spider waits for, else until the page rests), scrolls and
    /// clicks as the spider declares, and tells the document. Where a selector does not come in time, what is there
    /// is told with `awaited: false`.
    ///
    /// # Errors
    ///
    /// When the address or where it leads is refused, the page does not come, hangs or is too large, and when it crashes or its
    /// browser ends for the second time.
    pub async fn render(
        &self,
        url: &Url,
        wait_for: Option<&str>,
    ) -> Result<Rendered, BrowserError> {
        self.guard.check(url)?;
        let mut failures = Failures::default();
        let rendered = loop {
            match self.visit(url.as_str(), wait_for).await {
                Err(error) if failures.excuse(&error) => {
                    tracing::warn!(%url, %error, "asking for the page once more");
                }
                other => break other?,
            }
        };
        self.guard.check(&rendered.final_url)?;
        Ok(rendered)
    }

    /// What the pages have asked for so far.
    pub fn tally(&self) -> &Tally {
        self.proxy.tally()
    }

    /// The process of the browser that runs; it leads a process group of its own.
    pub async fn process_id(&self) -> Option<u32> {
        match &*self.running.lock().await {
            Slot::Running(running) => running.process_id(),
            Slot::Empty | Slot::Closed => None,
        }
    }

    /// Ends the browser and waits until its processes and its profile are gone. Pages that are open fail.
    pub async fn close(&self) {
        let mut running = self.running.lock().await;
        if let Slot::Running(last) = std::mem::replace(&mut *running, Slot::Closed) {
            last.end();
        }
        let keepers = self
            .keepers
            .lock()
            .map(|mut keepers| std::mem::take(&mut *keepers));
        let mut keepers = keepers.unwrap_or_default();
        while keepers.join_next().await.is_some() {}
    }

    async fn visit(&self, address: &str, wait_for: Option<&str>) -> Result<Rendered, BrowserError> {
        let browser = self.current().await?;
        let wanted = Wanted {
            rules: &self.rules,
            wait_for,
        };
        let window = browser.window(&self.rules);
        let opened = tokio::time::timeout(self.patience.min(UNTIL_OPEN), window).await;
        let Ok(window) = opened else {
            // A browser that opens no page opens none for others either.
            browser.end();
            return Err(BrowserError::Gone);
        };
        let mut window = window?;
        let rendered = window.show(address, &wanted, self.patience).await?;
        if let Some(window) = window.emptied().await {
            browser.keep(window);
        }
        Ok(rendered)
    }

    /// The browser that runs, or a new one where there is none, or where it has shown its share of pages; the pages
    /// that are still open in that one keep it.
    async fn current(&self) -> Result<Arc<Running>, BrowserError> {
        let share = self.rules.pages_before_recycle;
        let mut slot = self.running.lock().await;
        match &*slot {
            Slot::Closed => return Err(BrowserError::Closed),
            Slot::Running(running) if running.takes_another(share) => {
                return Ok(Arc::clone(running));
            }
            Slot::Running(_) | Slot::Empty => {}
        }
        let running = self.renew(&mut slot).await?;
        running.takes_another(share);
        Ok(running)
    }

    async fn renew(&self, slot: &mut Slot) -> Result<Arc<Running>, BrowserError> {
        // What was there ends with its last page, also when no new one can be had.
        *slot = Slot::Empty;
        let (running, keeper) = self.launch().await?;
        let running = Arc::new(running);
        let mut keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        while keepers.try_join_next().is_some() {}
        keepers.spawn(keeper);
        *slot = Slot::Running(Arc::clone(&running));
        Ok(running)
    }
}

#[cfg(test)]
mod tests;
