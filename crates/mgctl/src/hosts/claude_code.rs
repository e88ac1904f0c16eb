//! Claude Code: `${NAME}` and `${NAME:-default}` are replaced; the user's file serves all projects.

use super::Host;

pub(super) const HOST: Host = Host {
    title: "Claude Code",
    servers_key: "mcpServers",
    typed: true,
    file: |folders| folders.home_dir().join(".claude.json"),
    replace: |reference, environment| match reference.split_once(":-") {
        Some((name, default)) => Some(environment.raw(name).unwrap_or(default).to_owned()),
        None => environment.raw(reference).map(str::to_owned),
    },
};
