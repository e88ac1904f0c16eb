//! Cursor: `${env:NAME}` and `${userHome}` are replaced; the user's file serves all projects.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{Host, editor_reference};

pub(super) const HOST: Host = Host {
    title: "Cursor",
    servers_key: "mcpServers",
    typed: false,
    file: |folders| folders.home_dir().join(".cursor").join("mcp.json"),
    replace: editor_reference,
    one_step: Some(link),
};

/// A link that Cursor itself opens: no web page learns what stands in it.
fn link(name: &str, entry: &Value) -> String {
    let config = BASE64_STANDARD.encode(entry.to_string());
    let config = utf8_percent_encode(&config, NON_ALPHANUMERIC);
    format!("cursor://anysphere.cursor-deeplink/mcp/install?name={name}&config={config}")
}
