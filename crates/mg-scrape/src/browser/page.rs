//! One page: opened, waited for, acted on as its spider declares, and told as its document then is.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout_at},
};
use url::Url;

use super::{
    BrowserError, Rendered,
    cdp::{Cdp, Event},
};
use crate::definition::{BrowserRules, Css, Resource};

/// The longest document that is taken over, in UTF-16 units: five millions.
pub(super) const MOST_CHARACTERS: u64 = 5_000_000;
/// How often a page may send itself elsewhere.
const MOST_NAVIGATIONS: usize = 20;
const BETWEEN_NAVIGATIONS: Duration = Duration::from_millis(20);
/// Between a page's end and the word that it has crashed.
const UNTIL_CRASHED: Duration = Duration::from_secs(3);
/// What is left of a page's time for telling its document.
const RESERVE: Duration = Duration::from_secs(1);
const SCRIPT: &str = include_str!("page.js");

/// Where a page is opened: of its own, or one that the pages of a browser share.
#[derive(Clone, Debug)]
pub(super) enum Context {
    Fresh,
    Shared(String),
}

/// An open page. Dropping it closes it, whatever it is doing.
pub(super) struct Page<'a> {
    cdp: &'a Cdp,
    /// What closes it, as soon as there is something to close.
    closing: Option<(&'static str, Value)>,
    session: String,
    frame: String,
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        self.cdp.stop_listening(&self.session);
        if let Some((method, parameters)) = self.closing.take() {
            self.cdp.tell(method, parameters);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewContext {
    browser_context_id: String,
}

/// Makes a context: cookies, storage and cache of its own, in memory.
pub(super) async fn new_context(cdp: &Cdp) -> Result<String, BrowserError> {
    let method = "Target.createBrowserContext";
    let made: NewContext = cdp
        .call(None, method, json!({"disposeOnDetach": true}))
        .await?;
    let id = made.browser_context_id;
    let refusal = json!({"behavior": "deny", "browserContextId": id});
    let _done: Value = cdp
        .call(None, "Browser.setDownloadBehavior", refusal)
        .await?;
    Ok(id)
}

impl<'a> Page<'a> {
    /// Opens an empty page.
    pub(super) async fn open(cdp: &'a Cdp, context: &Context) -> Result<Self, BrowserError> {
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
        let (id, closing) = match context {
            Context::Fresh => {
                let id = new_context(cdp).await?;
                let closing = json!({"browserContextId": id});
                (id, Some(("Target.disposeBrowserContext", closing)))
            }
            Context::Shared(id) => (id.clone(), None),
        };
        // From here on the page closes what it has, also when it cannot be opened.
        let mut page = Self {
            cdp,
            closing,
            session: String::new(),
            frame: String::new(),
        };
        // In a window of its own: a tab behind another one is not drawn, and its scripts are held back.
        let empty = json!({"url": "about:blank", "browserContextId": id, "newWindow": true});
        let target: Target = cdp.call(None, "Target.createTarget", empty).await?;
        let closing = json!({"targetId": target.target_id});
        page.closing.get_or_insert(("Target.closeTarget", closing));
        let whole = json!({"targetId": target.target_id, "flatten": true});
        let session: Session = cdp.call(None, "Target.attachToTarget", whole).await?;
        page.session = session.session_id;
        page.frame = target.target_id;
        Ok(page)
    }

    /// Asks for the address and tells what became of it; nothing takes longer than until the deadline.
    pub(super) async fn render(
        &self,
        address: &str,
        wanted: &Wanted<'_>,
        patience: Duration,
    ) -> Result<Rendered, BrowserError> {
        let deadline = Instant::now() + patience;
        let events = self.cdp.listen(&self.session);
        let work = async {
            self.prepare(wanted.rules).await?;
            self.navigate(address).await?;
            self.told(wanted, deadline).await
        };
        let work = timeout_at(deadline, work);
        tokio::select! {
            done = work => done.unwrap_or(Err(BrowserError::TimedOut(patience.as_secs()))),
            error = self.answer(events) => Err(error),
        }
    }

    async fn prepare(&self, rules: &BrowserRules) -> Result<(), BrowserError> {
        let kinds = rules.block.iter().map(resource_type);
        let patterns: Vec<Value> = kinds
            .map(|kind| json!({"urlPattern": "*", "resourceType": kind}))
            .collect();
        let blocking = async {
            if patterns.is_empty() {
                return Ok(Value::Null);
            }
            self.call("Fetch.enable", json!({"patterns": patterns}))
                .await
        };
        // Sent together: they are carried out in this order.
        let none = || json!({});
        tokio::try_join!(
            self.call::<Value>("Inspector.enable", none()),
            self.call::<Value>("Page.enable", none()),
            self.call::<Value>(
                "Emulation.setFocusEmulationEnabled",
                json!({"enabled": true})
            ),
            blocking,
        )?;
        Ok(())
    }

    async fn navigate(&self, address: &str) -> Result<(), BrowserError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Navigated {
            #[serde(default)]
            is_download: bool,
            error_text: Option<String>,
        }
        let address = json!({"url": address});
        let navigated: Navigated = self.call("Page.navigate", address).await?;
        match navigated.error_text {
            _ if navigated.is_download => Err(BrowserError::Download),
            Some(reason) => {
                // Said of a page that crashes, too, before the word of the crash.
                if reason == "net::ERR_ABORTED" {
                    sleep(UNTIL_CRASHED).await;
                }
                Err(BrowserError::NotLoaded(reason))
            }
            None => Ok(()),
        }
    }

    /// Waits in the page; where the page goes elsewhere meanwhile, in the next one.
    async fn told(&self, wanted: &Wanted<'_>, deadline: Instant) -> Result<Rendered, BrowserError> {
        for _ in 0..MOST_NAVIGATIONS {
            let left = deadline.saturating_duration_since(Instant::now() + RESERVE);
            let wishes = Wishes::of(wanted, left);
            match self.evaluate(&wishes).await {
                // Its document was replaced, or is being.
                Err(BrowserError::Protocol { .. }) => sleep(BETWEEN_NAVIGATIONS).await,
                Err(error) => return Err(error),
                Ok(found) => return found.rendered(),
            }
        }
        let reason = "it sends itself elsewhere again and again".to_owned();
        Err(BrowserError::NotLoaded(reason))
    }

    async fn evaluate(&self, wishes: &Wishes<'_>) -> Result<Found, BrowserError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct World {
            execution_context_id: u64,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Evaluated {
            result: Outcome,
            exception_details: Option<Value>,
        }
        #[derive(Deserialize)]
        struct Outcome {
            value: Option<Found>,
        }
        let frame = json!({"frameId": self.frame, "worldName": "mg-scrape"});
        let world: World = self.call("Page.createIsolatedWorld", frame).await?;
        let expression = json!({
            "expression": format!("({SCRIPT})({})", json!(wishes)),
            "contextId": world.execution_context_id,
            "awaitPromise": true,
            "returnByValue": true,
        });
        let evaluated: Evaluated = self.call("Runtime.evaluate", expression).await?;
        let thrown = || BrowserError::NotLoaded(reason(evaluated.exception_details.as_ref()));
        evaluated.result.value.ok_or_else(thrown)
    }

    /// Answers what a page asks of its browser, until that is its end.
    async fn answer(&self, mut events: mpsc::Receiver<Event>) -> BrowserError {
        while let Some(event) = events.recv().await {
            let (method, parameters) = match event {
                Event::Crashed => return BrowserError::Crashed,
                Event::Dialog => ("Page.handleJavaScriptDialog", json!({"accept": false})),
                Event::Paused(request) => (
                    "Fetch.failRequest",
                    json!({"requestId": request, "errorReason": "BlockedByClient"}),
                ),
            };
            self.cdp.post(&self.session, method, parameters).await;
        }
        if self.cdp.is_closed() {
            return BrowserError::Gone;
        }
        let reason = "it closed itself, or opened dialogs without end".to_owned();
        BrowserError::NotLoaded(reason)
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: &'static str,
        parameters: Value,
    ) -> Result<T, BrowserError> {
        self.cdp.call(Some(&self.session), method, parameters).await
    }
}

/// What a script of a page threw, in the browser's words.
fn reason(exception: Option<&Value>) -> String {
    let words = exception.and_then(|details| details["exception"]["description"].as_str());
    let words = words.unwrap_or("its document could not be read");
    words.lines().next().unwrap_or_default().to_owned()
}

/// The protocol's name for a kind of resource.
fn resource_type(kind: &Resource) -> &'static str {
    match kind {
        Resource::Image => "Image",
        Resource::Font => "Font",
        Resource::Media => "Media",
        Resource::Stylesheet => "Stylesheet",
    }
}

/// What is wanted of a page: its spider's rules, and a selector of this page's own.
pub(super) struct Wanted<'a> {
    pub(super) rules: &'a BrowserRules,
    pub(super) wait_for: Option<&'a str>,
}

/// What the script in the page is asked for; times in milliseconds.
#[derive(Serialize)]
struct Wishes<'a> {
    wait_for: Option<&'a str>,
    scroll: u32,
    click_more: Option<&'a str>,
    most_clicks: u32,
    /// Until it must answer.
    patience: u64,
    /// Once the page is loaded: for the selector, or for the page to settle.
    wait: u64,
    /// For the first change after a scroll or a click.
    reaction: u64,
    /// Without change, after which a page counts as settled.
    quiet: u64,
    most_characters: u64,
}

impl<'a> Wishes<'a> {
    fn of(wanted: &Wanted<'a>, left: Duration) -> Self {
        let rules = wanted.rules;
        let by_rule = || rules.wait_for.as_ref().map(Css::as_str);
        Self {
            wait_for: wanted.wait_for.or_else(by_rule),
            scroll: rules.scroll,
            click_more: rules.click_more.as_ref().map(Css::as_str),
            most_clicks: 100,
            patience: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
            wait: rules.wait_ms,
            reaction: 2_000,
            quiet: 500,
            most_characters: MOST_CHARACTERS,
        }
    }
}

/// What the script in the page tells.
#[derive(Deserialize)]
struct Found {
    url: String,
    status: u16,
    awaited: bool,
    characters: u64,
    html: Option<String>,
}

impl Found {
    fn rendered(self) -> Result<Rendered, BrowserError> {
        let Some(html) = self.html else {
            return Err(BrowserError::TooBig {
                found: self.characters,
                limit: MOST_CHARACTERS,
            });
        };
        // The browser's own page, in place of one that the page itself led to.
        if self.url.starts_with("chrome-error:") {
            let reason = "what it led to could not be loaded, or was refused".to_owned();
            return Err(BrowserError::NotLoaded(reason));
        }
        let final_url = Url::parse(&self.url);
        Ok(Rendered {
            final_url: final_url.map_err(|error| BrowserError::NotLoaded(error.to_string()))?,
            status: self.status,
            html,
            awaited: self.awaited,
        })
    }
}
