//! Secrets, by the name of the environment variable that holds them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HostPattern;

/// Secrets that are sent to one host alone, and never over a hop to another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The host, exactly
    pub host: HostPattern,
    /// The environment variable that holds the cookies (`a=1; b=2`)
    pub cookie_env: Option<String>,
    /// Headers, each by the environment variable that holds its value
    #[serde(default)]
    pub header_env: BTreeMap<String, String>,
}
