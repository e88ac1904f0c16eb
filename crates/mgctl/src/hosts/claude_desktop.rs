//! Claude Desktop: starts servers in `/`, replaces no variables.

use super::Host;

pub(super) const HOST: Host = Host {
    title: "Claude Desktop",
    servers_key: "mcpServers",
    typed: false,
    file: |folders| {
        folders
            .config_dir()
            .join("Claude")
            .join("claude_desktop_config.json")
    },
    replace: |_, _| None,
    one_step: None,
};
