//! A server that listens over HTTP: spawned, its address read from the line it says, its end waited for.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::Process;

/// How long a test waits before it gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    scheme: String,
    address: SocketAddr,
    said: Arc<Mutex<String>>,
}

impl Service {
    /// Starts a binary of the workspace on a free port of this machine, and waits until it listens.
    #[must_use]
    pub fn start(
        binary: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
        home: &Path,
    ) -> Self {
        let mut all = vec!["--http", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child = Process::command(binary, &all, variables, home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let said = Arc::new(Mutex::new(String::new()));
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let url = listening(&mut stderr, &said);
        let (scheme, address) = url.split_once("://").expect("an address");
        let address = address.split('/').next().unwrap_or_default();
        let address = address.parse().expect("an address");
        let keeps = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                keeps.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self {
            child,
            scheme: scheme.to_owned(),
            address,
            said,
        }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to stderr so far.
    #[must_use]
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until it has written a text to stderr.
    pub fn wait_for(&self, text: &str) {
        let since = Instant::now();
        while !self.said().contains(text) {
            assert!(
                since.elapsed() < PATIENCE,
                "it never said {text}: {}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill")
            .args([format!("-{name}"), self.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for the end; gives the exit code.
    #[must_use]
    pub fn finish(&mut self) -> Option<i32> {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status.code();
            }
            assert!(since.elapsed() < PATIENCE, "it did not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The address in the line that says so.
fn listening(stderr: &mut impl BufRead, said: &Mutex<String>) -> String {
    loop {
        let mut line = String::new();
        let read = stderr.read_line(&mut line).expect("stderr can be read");
        assert!(read > 0, "it ended: {}", said.lock().unwrap());
        said.lock().unwrap().push_str(&line);
        if let Some((_, rest)) = line.split_once(" listens on ") {
            return rest.split(' ').next().unwrap_or_default().trim().to_owned();
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
