//! One browser that runs, from its start until its share of pages is shown.

use std::{
    fmt, io,
    sync::{
        Mutex, PoisonError,
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
    page::{Context, new_context},
    process::{self, Started},
    program::Program,
};

/// How long a browser may take to say its name.
const UNTIL_STARTED: Duration = Duration::from_secs(30);

/// A browser that runs; it is ended when this is dropped.
pub(super) struct Running {
    cdp: Cdp,
    context: Context,
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
    pub(super) fn cdp(&self) -> &Cdp {
        &self.cdp
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
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

/// Speaks to a started browser, and makes the context that its pages share where fresh ones are dear: a full browser
/// shows twice the pages in one context.
async fn greet(cdp: Cdp, program: &Program) -> Result<(Cdp, Context), BrowserError> {
    #[derive(Deserialize)]
    struct Version {
        product: String,
    }
    let version: Version = cdp.call(None, "Browser.getVersion", json!({})).await?;
    let context = if program.is_shell {
        Context::Fresh
    } else {
        Context::Shared(new_context(&cdp).await?)
    };
    tracing::info!(product = version.product, "the browser runs");
    Ok((cdp, context))
}

impl Browser {
    /// Starts a browser, and what keeps its processes until they are to end.
    pub(super) async fn launch(
        &self,
    ) -> Result<(Running, impl Future<Output = ()> + Send + 'static), BrowserError> {
        let not_started = |reason: String| BrowserError::NotStarted {
            program: self.program.path.clone(),
            reason,
        };
        let started = self
            .spawn()
            .map_err(|error| not_started(error.to_string()))?;
        let cdp = Cdp::over(started.commands, started.answers);
        let greeted = greet(cdp, &self.program);
        let reason = match timeout(UNTIL_STARTED, greeted).await {
            Ok(Ok((cdp, context))) => {
                let (life, end) = oneshot::channel();
                let running = Running {
                    cdp,
                    context,
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
