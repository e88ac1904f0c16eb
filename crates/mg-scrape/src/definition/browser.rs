//! What a browser waits for and does, where pages are made by JavaScript.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Css;

/// What a browser waits for and does on each page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BrowserRules {
    /// An element that is there once the page is made
    pub wait_for: Option<Css>,
    /// Milliseconds at most until it is there, or without `wait_for` after loading
    pub wait_ms: u64,
    /// What is not loaded
    pub block: Vec<Resource>,
    /// How often the page is scrolled to its end
    pub scroll: u32,
    /// A button that is clicked until it is gone
    pub click_more: Option<Css>,
    /// Pages after which the browser is started anew
    pub pages_before_recycle: u32,
}

impl Default for BrowserRules {
    fn default() -> Self {
        Self {
            wait_for: None,
            wait_ms: 10_000,
            block: vec![Resource::Image, Resource::Font, Resource::Media],
            scroll: 0,
            click_more: None,
            pages_before_recycle: 100,
        }
    }
}

/// A kind of resource of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Resource {
    /// Pictures.
    Image,
    /// Fonts.
    Font,
    /// Sound and video.
    Media,
    /// Style sheets.
    Stylesheet,
}
