//! Where a run begins, and which hosts it may reach.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HostPattern, Template};

/// Where a run begins, and which hosts it may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The first pages; a parameter that is a list gives one page for each of its values
    #[serde(default)]
    pub urls: Vec<Template>,
    /// Sitemaps whose pages are followed where `follow` allows them
    #[serde(default)]
    pub sitemaps: Vec<Template>,
    /// RSS and Atom feeds whose entries are followed where `follow` allows them
    #[serde(default)]
    pub feeds: Vec<Template>,
    /// The only hosts that are reached, redirects, robots.txt, files and the browser included
    pub allow_hosts: Vec<HostPattern>,
    /// Whether those hosts may have private addresses (an intranet)
    #[serde(default)]
    pub allow_private: bool,
}
