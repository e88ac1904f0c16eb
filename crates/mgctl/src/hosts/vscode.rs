//! VS Code: the key is `servers`; `${env:NAME}` and `${userHome}` are replaced, `${input:…}` is
//! asked of the person and so cannot be known here.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Host, editor_reference};

pub(super) const HOST: Host = Host {
    title: "VS Code",
    servers_key: "servers",
    typed: true,
    file: |folders| {
        folders
            .config_dir()
            .join("Code")
            .join("User")
            .join("mcp.json")
    },
    replace: editor_reference,
    one_step: Some(link),
};

/// A link that VS Code itself opens: no web page learns what stands in it.
fn link(name: &str, entry: &Value) -> String {
    let mut named = json!({"name": name});
    if let (Some(named), Some(entry)) = (named.as_object_mut(), entry.as_object()) {
        named.extend(entry.clone());
    }
    let text = named.to_string();
    format!(
        "vscode:mcp/install?{}",
        utf8_percent_encode(&text, NON_ALPHANUMERIC)
    )
}
