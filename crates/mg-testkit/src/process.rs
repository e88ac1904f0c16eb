//! A spawned server, spoken to in raw lines: what a client's bytes really meet.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStderr, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::ToolAnswer;

/// How long a test waits for an answer before it gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server process; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
    next: i64,
}

/// How a process ended.
#[derive(Debug)]
pub struct Exit {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// What it wrote to stderr.
    pub stderr: String,
    /// Lines of stdout that nobody had read yet.
    pub unread: Vec<String>,
    /// From the request to end to the end.
    pub took: Duration,
}

impl Process {
    /// Starts a binary of the workspace with nothing but these variables (and a data folder as home).
    #[must_use]
    pub fn start(
        binary: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
        home: &Path,
    ) -> Self {
        Self::of(Self::command(binary, arguments, variables, home), true)
    }

    /// Like [`Self::start`], under a client that never reads stderr: what is written there fills the pipe.
    #[must_use]
    pub fn start_with_stderr_unread(binary: &str, variables: &[(&str, &str)], home: &Path) -> Self {
        Self::of(Self::command(binary, &[], variables, home), false)
    }

    /// Like [`Self::start`], where no file may grow beyond `kilobytes`: what a full disk does to a writer.
    #[must_use]
    pub fn start_on_small_disk(binary: &str, kilobytes: u32, home: &Path) -> Self {
        // Blocks of 512 bytes; without the trap the signal would end the process.
        let script = "trap '' XFSZ; ulimit -f \"$1\" && exec \"$2\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", script, "sh", &(kilobytes * 2).to_string()])
            .arg(crate::binary(binary))
            .env_clear()
            .env("HOME", home)
            .env("MG_DATA_DIR", home)
            .current_dir("/");
        Self::of(command, true)
    }

    /// The command [`Self::start`] runs: a bare environment, `home` as home and data folder, `/` as working folder.
    #[must_use]
    pub fn command(
        binary: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
        home: &Path,
    ) -> Command {
        let mut command = Command::new(crate::binary(binary));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", home)
            .env("MG_DATA_DIR", home)
            .current_dir("/");
        command.envs(variables.iter().copied());
        command
    }

    fn of(mut command: Command, reads_stderr: bool) -> Self {
        let pipes = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the binary starts");
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let stderr = reads_stderr
            .then(|| child.stderr.take())
            .flatten()
            .map(read_to_end);
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
            stderr,
            next: 0,
        }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory it has held so far, in kilobytes.
    #[must_use]
    pub fn peak_kilobytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()));
        let status = status.expect("the process runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.split_whitespace().next());
        (peak.and_then(|number| number.parse().ok())).expect("the kernel tells the peak")
    }

    /// Writes one line as it is.
    pub fn write(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin
            .write_all(line)
            .and_then(|()| stdin.write_all(b"\n"))
            .and_then(|()| stdin.flush())
            .expect("the server reads");
    }

    /// Sends a message.
    pub fn send(&mut self, message: &Value) {
        self.write(message.to_string().as_bytes());
    }

    /// Sends a request without waiting; gives its id.
    pub fn request(&mut self, method: &str, parameters: &Value) -> i64 {
        self.next += 1;
        self.send(
            &json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": parameters}),
        );
        self.next
    }

    /// The next message from the server; every line must be JSON-RPC.
    pub fn receive(&mut self) -> Value {
        let line = self
            .lines
            .recv_timeout(PATIENCE)
            .expect("the server answers in time");
        let message: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON on stdout: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "not JSON-RPC on stdout: {line}");
        message
    }

    /// Whether the server stays silent for a moment.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.lines.recv_timeout(Duration::from_millis(300)).is_err()
    }

    /// The response to a request; notifications before it are dropped.
    pub fn response(&mut self, id: i64) -> Value {
        for _ in 0..10_000 {
            let message = self.receive();
            if message["id"] == id {
                return message;
            }
        }
        panic!("no response to request {id} among 10,000 messages")
    }

    /// Sends a request and waits for its response.
    pub fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        let id = self.request(method, parameters);
        self.response(id)
    }

    /// The handshake of 2025-11-25.
    pub fn initialize(&mut self) -> Value {
        let parameters = json!({
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "mg-testkit", "version": "0"},
        });
        let answer = self.ask("initialize", &parameters);
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        answer
    }

    /// Calls a tool and takes the answer apart.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> ToolAnswer {
        let response = self.ask("tools/call", &json!({"name": tool, "arguments": arguments}));
        assert!(response["error"].is_null(), "protocol error: {response}");
        ToolAnswer::of(&response["result"])
    }

    /// Closes stdin and waits for the end.
    #[must_use]
    pub fn close(mut self) -> Exit {
        let asked = Instant::now();
        drop(self.stdin.take());
        self.wait(asked)
    }

    /// Sends a signal by its name (`TERM`, `INT`, `KILL`) and waits for the end.
    #[must_use]
    pub fn signal(mut self, name: &str) -> Exit {
        let asked = Instant::now();
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
        self.wait(asked)
    }

    /// Waits for a process that ends by itself.
    #[must_use]
    pub fn finish(mut self) -> Exit {
        self.wait(Instant::now())
    }

    fn wait(&mut self, asked: Instant) -> Exit {
        let status = loop {
            if let Some(status) = self
                .child
                .try_wait()
                .expect("the process can be waited for")
            {
                break status;
            }
            assert!(asked.elapsed() < PATIENCE, "the process did not end");
            std::thread::sleep(Duration::from_millis(1));
        };
        let took = asked.elapsed();
        let unread =
            std::iter::from_fn(|| self.lines.recv_timeout(Duration::from_secs(1)).ok()).collect();
        let stderr = self
            .stderr
            .take()
            .map_or_else(String::new, |reader| reader.join().unwrap());
        Exit {
            code: status.code(),
            stderr,
            unread,
            took,
        }
    }
}

/// Reads a pipe in a thread of its own, so that it never fills up.
fn read_to_end(mut pipe: ChildStderr) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = Vec::new();
        // A killed process may break the pipe: what came before counts.
        let _broken = pipe.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
