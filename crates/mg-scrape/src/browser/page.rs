//! One page: asked for, waited for, acted on as its spider declares, and told as its document then is.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use url::Url;

use super::{BrowserError, Rendered, cdp::Cdp};
use crate::definition::{BrowserRules, Css};

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

/// What a window shows between two pages.
pub(super) const EMPTY: &str = "about:blank";

/// A page in a window. Dropping it closes both, whatever it is doing.
pub(super) struct Page {
    cdp: Arc<Cdp>,
    /// The browser's name for the window, and for its frame.
    target: String,
    session: String,
}

impl Drop for Page {
    fn drop(&mut self) {
        self.cdp.stop_listening(&self.session);
        let target = json!({"targetId": self.target});
        self.cdp.tell("Target.closeTarget", &target);
    }
}

impl Page {
    /// In a window that is to be attached to.
    pub(super) fn new(cdp: Arc<Cdp>, target: String) -> Self {
        Self {
            cdp,
            target,
            session: String::new(),
        }
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn attach(&mut self, session: String) {
        self.session = session;
    }

    /// Whether the browser has ended.
    pub(super) fn is_without_browser(&self) -> bool {
        self.cdp.is_closed()
    }

    /// Asks for the address and tells its document, as its spider wants it, before the deadline.
    pub(super) async fn shown(
        &self,
        address: &str,
        wanted: &Wanted<'_>,
        deadline: Instant,
    ) -> Result<Rendered, BrowserError> {
        self.navigate(address).await?;
        self.told(wanted, deadline).await
    }

    /// Until the page has gone and nothing stands in its place.
    pub(super) async fn gone(&self) -> Result<(), BrowserError> {
        self.navigate(EMPTY).await?;
        loop {
            let question = json!({"expression": "location.href", "returnByValue": true});
            let place: Value = self.call("Runtime.evaluate", question).await?;
            if place["result"]["value"] == EMPTY {
                return Ok(());
            }
            sleep(BETWEEN_NAVIGATIONS).await;
        }
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
        let frame = json!({"frameId": self.target, "worldName": "mg-scrape"});
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

    /// Sends it a command whose answer nobody waits for.
    pub(super) async fn post(&self, method: &'static str, parameters: Value) {
        self.cdp.post(&self.session, method, parameters).await;
    }

    pub(super) async fn call<T: serde::de::DeserializeOwned>(
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
