//! One browser that runs, from its start until its share of pages is shown.

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde::Deserialize;
use serde_json::json;
use tokio::{sync::oneshot, time::timeout};

use super::{
    Browser, BrowserError,
    cdp::Cdp,
    flags::flags,
    process::{self, Started},
    window::{Window, new_context},
};
use crate::definition::BrowserRules;

/// How long a browser may take to say its name.
const UNTIL_STARTED: Duration = Duration::from_secs(30);

/// A browser that runs; it is ended when this is dropped.
pub(super) struct Running {
    cdp: Arc<Cdp>,
    context: String,
    /// Those that show nothing.
    windows: Mutex<Vec<Window>>,
    process_id: Option<u32>,
    pages: AtomicU32,
    /// Dropped, it tells the keeper of the processes to end them.
    life: Mutex<Option<oneshot::Sender<()>>>,
}

impl fmt::Debug for Running {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Running")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

impl Running {
    /// An empty window: one that has shown a page before, or a new one.
    pub(super) async fn window(&self, rules: &BrowserRules) -> Result<Window, BrowserError> {
        while let Some(mut window) = self.windows().pop() {
            if window.is_well() {
                return Ok(window);
            }
        }
        Window::open(&self.cdp, &self.context, rules).await
    }

    /// Keeps an empty window for the next page.
    pub(super) fn keep(&self, window: Window) {
        self.windows().push(window);
    }

    fn windows(&self) -> MutexGuard<'_, Vec<Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn process_id(&self) -> Option<u32> {
        self.process_id
    }

    /// Whether it lives and shows one more page, which is counted.
    pub(super) fn takes_another(&self, most: u32) -> bool {
        !self.cdp.is_closed() && self.pages.fetch_add(1, Ordering::Relaxed) < most.max(1)
    }

    /// Ends it, whatever is open.
    pub(super) fn end(&self) {
        *self.life.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Speaks to a started browser, and makes the context that its pages share.
async fn greet(cdp: Cdp) -> Result<(Cdp, String), BrowserError> {
    #[derive(Deserialize)]
    struct Version {
        product: String,
    }
    let version: Version = cdp.call(None, "Browser.getVersion", json!({})).await?;
    let context = new_context(&cdp).await?;
    tracing::info!(product = version.product, "the browser runs");
    Ok((cdp, context))
}

impl Browser {
    /// Starts a browser, and what keeps its processes until they are to end.
    pub(super) async fn launch(
        &self,
    ) -> Result<(Running, impl Future<Output = ()> + Send + 'static), BrowserError> {
        let not_started = |reason: String| BrowserError::NotStarted {
            program: self.program.clone(),
            reason,
        };
        let started = self
            .spawn()
            .map_err(|error| not_started(error.to_string()))?;
        let cdp = Cdp::over(started.commands, started.answers);
        let greeted = greet(cdp);
        let reason = match timeout(UNTIL_STARTED, greeted).await {
            Ok(Ok((cdp, context))) => {
                let (life, end) = oneshot::channel();
                let running = Running {
                    cdp: Arc::new(cdp),
                    context,
                    windows: Mutex::default(),
                    process_id: started.owned.process_id(),
                    pages: AtomicU32::new(0),
                    life: Mutex::new(Some(life)),
                };
                return Ok((running, process::keep(started.owned, end)));
            }
            Ok(Err(BrowserError::Gone)) => process::last_words(started.owned.profile()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("it said nothing for {} s", UNTIL_STARTED.as_secs()),
        };
        Err(not_started(reason))
    }

    fn spawn(&self) -> io::Result<Started> {
        let profile = process::new_profile()?;
        let flags = flags(
            profile.path(),
            self.proxy.address(),
            self.user_agent.as_deref(),
            process::may_be_sandboxed(),
        );
        process::start(&self.program, &flags, profile)
    }
}
