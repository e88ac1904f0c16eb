//! A real identity server, in Node: `tests/node/identity.mjs`.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use mg_testkit::workspace_root;
use serde_json::Value;

use crate::tools::{node, node_modules};

/// A running identity server; ends with the test.
pub(crate) struct Identity {
    child: Child,
    commands: ChildStdin,
    said: BufReader<ChildStdout>,
    /// Its address, as its tokens say it.
    pub(crate) issuer: String,
    /// The name of its first key.
    pub(crate) kid: String,
    /// The first key itself, for tokens that it would not grant.
    pub(crate) private_key: String,
    _folder: tempfile::TempDir,
}

impl Identity {
    /// `None`, with a line that says so, where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let modules = node_modules("oidc-provider")?;
        // Node looks for packages beside the script.
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("identity.mjs");
        std::fs::copy(workspace_root().join("tests/node/identity.mjs"), &script).unwrap();
        std::os::unix::fs::symlink(&modules, folder.path().join("node_modules")).unwrap();
        let mut child = Command::new(node(&modules))
            .arg(&script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let hello = line(&mut said);
        let text = |key: &str| hello[key].as_str().unwrap().to_owned();
        Some(Self {
            child,
            commands,
            said,
            issuer: text("issuer"),
            kid: text("kid"),
            private_key: text("pem"),
            _folder: folder,
        })
    }

    /// Tells it one word (`rotate`, `leave`, `return`) and waits until it is done; gives how often each path
    /// was asked for so far.
    pub(crate) fn tell(&mut self, word: &str) -> Value {
        writeln!(self.commands, "{word}").unwrap();
        let told = line(&mut self.said);
        assert_eq!(told["done"], word);
        told["asked"].clone()
    }

    /// An access token for a program, made out to a resource.
    pub(crate) async fn token(&self, program: &str, scope: &str, resource: &str) -> String {
        let secret = format!("secret of {program}");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", program),
            ("client_secret", secret.as_str()),
            ("scope", scope),
            ("resource", resource),
        ];
        let mut body = reqwest::Url::parse("http://form").unwrap();
        body.query_pairs_mut().extend_pairs(form);
        let asked = reqwest::Client::new()
            .post(format!("{}/token", self.issuer))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.query().unwrap().to_owned());
        let answer: Value = asked.send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str();
        token
            .unwrap_or_else(|| unreachable!("no token: {answer}"))
            .to_owned()
    }
}

/// The next line that is ours: the library warns on the same stream.
fn line(said: &mut BufReader<ChildStdout>) -> Value {
    for _ in 0..100 {
        let mut text = String::new();
        said.read_line(&mut text).unwrap();
        if let Ok(told) = serde_json::from_str(&text) {
            return told;
        }
    }
    unreachable!("the identity server says nothing of ours")
}

impl Drop for Identity {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
