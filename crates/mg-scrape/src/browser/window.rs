//! A window of the browser: opened once, then one page after the other is shown in it. A new one for each page would be a
//! new process for each page, two fifths of what a page costs.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{self, error::TryRecvError},
    time::{Instant, timeout, timeout_at},
};

use super::{
    BrowserError, Rendered,
    cdp::{Cdp, Event},
    page::{EMPTY, Page, Wanted},
};
use crate::definition::{BrowserRules, Resource};

/// How long a page may take to go.
const UNTIL_EMPTY: Duration = Duration::from_secs(2);

/// Makes the context that the pages of a browser share: cookies, storage and cache, in memory. What several pages need
/// is asked for once.
pub(super) async fn new_context(cdp: &Cdp) -> Result<String, BrowserError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Context {
        browser_context_id: String,
    }
    let method = "Target.createBrowserContext";
    let made: Context = cdp
        .call(None, method, json!({"disposeOnDetach": true}))
        .await?;
    let id = made.browser_context_id;
    let refusal = json!({"behavior": "deny", "browserContextId": id});
    let _done: Value = cdp
        .call(None, "Browser.setDownloadBehavior", refusal)
        .await?;
    Ok(id)
}

/// An open window. Dropping it closes it, whatever it shows.
pub(super) struct Window {
    page: Page,
    events: mpsc::Receiver<Event>,
}

impl Window {
    /// Opens an empty window in a context.
    pub(super) async fn open(
        cdp: &Arc<Cdp>,
        context: &str,
        rules: &BrowserRules,
    ) -> Result<Self, BrowserError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Target {
            target_id: String,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Session {
            session_id: String,
        }
        // No tab: one behind another is not drawn, and its scripts are held back.
        let empty = json!({"url": EMPTY, "browserContextId": context, "newWindow": true});
        let target: Target = cdp.call(None, "Target.createTarget", empty).await?;
        // From here on it is closed when dropped, also when it cannot be attached to.
        let mut page = Page::new(Arc::clone(cdp), target.target_id);
        let whole = json!({"targetId": page.target(), "flatten": true});
        let session: Session = cdp.call(None, "Target.attachToTarget", whole).await?;
        let events = cdp.listen(&session.session_id);
        page.attach(session.session_id);
        prepare(&page, rules).await?;
        Ok(Self { page, events })
    }

    /// Asks for the address and tells what became of it; nothing takes longer than that patience.
    pub(super) async fn show(
        &mut self,
        address: &str,
        wanted: &Wanted<'_>,
        patience: Duration,
    ) -> Result<Rendered, BrowserError> {
        let deadline = Instant::now() + patience;
        let shown = timeout_at(deadline, self.page.shown(address, wanted, deadline));
        tokio::select! {
            done = shown => done.unwrap_or(Err(BrowserError::TimedOut(patience.as_secs()))),
            error = answer(&self.page, &mut self.events) => Err(error),
        }
    }

    /// Lets the page go: its scripts end, and nothing of it is there when the next one is asked for. `None` where it
    /// does not go at once.
    pub(super) async fn emptied(mut self) -> Option<Self> {
        let gone = timeout(UNTIL_EMPTY, self.page.gone());
        let is_gone = tokio::select! {
            gone = gone => matches!(gone, Ok(Ok(()))),
            _error = answer(&self.page, &mut self.events) => false,
        };
        is_gone.then_some(self)
    }

    /// Whether nothing has become of the empty window.
    pub(super) fn is_well(&mut self) -> bool {
        loop {
            match self.events.try_recv() {
                // Of the page before.
                Ok(Event::Dialog | Event::Paused(_)) => {}
                Err(TryRecvError::Empty) => return true,
                Ok(Event::Crashed) | Err(TryRecvError::Disconnected) => return false,
            }
        }
    }
}

async fn prepare(page: &Page, rules: &BrowserRules) -> Result<(), BrowserError> {
    let kinds = rules.block.iter().copied().map(resource_type);
    let patterns: Vec<Value> = kinds
        .map(|kind| json!({"urlPattern": "*", "resourceType": kind}))
        .collect();
    let blocking = async {
        if patterns.is_empty() {
            return Ok(Value::Null);
        }
        page.call("Fetch.enable", json!({"patterns": patterns}))
            .await
    };
    // Sent together: they are carried out in this order.
    let none = || json!({});
    tokio::try_join!(
        page.call::<Value>("Inspector.enable", none()),
        page.call::<Value>("Page.enable", none()),
        page.call::<Value>(
            "Emulation.setFocusEmulationEnabled",
            json!({"enabled": true})
        ),
        blocking,
    )?;
    Ok(())
}

/// Answers what a page asks of its browser, until that is its end.
async fn answer(page: &Page, events: &mut mpsc::Receiver<Event>) -> BrowserError {
    while let Some(event) = events.recv().await {
        let (method, parameters) = match event {
            Event::Crashed => return BrowserError::Crashed,
            Event::Dialog => ("Page.handleJavaScriptDialog", json!({"accept": false})),
            Event::Paused(request) => (
                "Fetch.failRequest",
                json!({"requestId": request, "errorReason": "BlockedByClient"}),
            ),
        };
        page.post(method, parameters).await;
    }
    if page.is_without_browser() {
        return BrowserError::Gone;
    }
    let reason = "it closed itself, or opened dialogs without end".to_owned();
    BrowserError::NotLoaded(reason)
}

/// The protocol's name for a kind of resource.
fn resource_type(kind: Resource) -> &'static str {
    match kind {
        Resource::Image => "Image",
        Resource::Font => "Font",
        Resource::Media => "Media",
        Resource::Stylesheet => "Stylesheet",
    }
}
