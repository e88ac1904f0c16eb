//! Cursor: `${env:NAME}` and `${userHome}` are replaced; the user's file serves all projects.

use super::{Host, editor_reference};

pub(super) const HOST: Host = Host {
    title: "Cursor",
    servers_key: "mcpServers",
    typed: false,
    file: |folders| folders.home_dir().join(".cursor").join("mcp.json"),
    replace: editor_reference,
};
