//! VS Code: the key is `servers`; `${env:NAME}` and `${userHome}` are replaced, `${input:…}` is
//! asked of the person and so cannot be known here.

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
};
