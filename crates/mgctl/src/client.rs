//! A server, launched as a host application would and spoken to over its stdin and stdout.
//!
//! rmcp's client speaks the protocol. The process itself is held here, and not by rmcp's
//! `TokioChildProcess`, for what hosts hide: exit code, stderr, and foreign text on stdout.

mod overheard;

use std::{path::PathBuf, process::Stdio, time::Duration};

use mg_core::nearest;
use rmcp::{
    RoleClient, ServiceError, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, Implementation,
        JsonObject, Tool,
    },
    service::RunningService,
};
use tokio::process::{Child, Command};

use crate::failure::Failure;
use overheard::Overheard;

/// How long a server may take to leave once its stdin is closed.
const FAREWELL: Duration = Duration::from_secs(3);

/// How to start a server.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// Variables.
    pub(crate) variables: Vec<(String, String)>,
    /// Whether these variables are all the process gets.
    pub(crate) bare: bool,
    /// The working folder; that of this process where none is given.
    pub(crate) folder: Option<PathBuf>,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Client {
    service: RunningService<RoleClient, ClientConfig>,
    process: Running,
}

/// What is known of a server that has ended.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// The exit code; none for a process that was killed.
    pub(crate) code: Option<i32>,
    /// What it wrote to stderr, without audit lines.
    pub(crate) stderr: String,
    /// Lines on stdout that are no JSON.
    pub(crate) foreign: Vec<String>,
}

/// Why a server could not be spoken to.
#[derive(Debug)]
pub(crate) enum LaunchError {
    /// The program did not start.
    Start(std::io::Error),
    /// It started and did not answer the handshake.
    Handshake {
        /// What happened instead.
        why: String,
        /// How it ended.
        ending: Ending,
    },
}

impl Client {
    /// Starts the server and waits `patience` for its handshake.
    pub(crate) async fn connect(launch: &Launch, patience: Duration) -> Result<Self, LaunchError> {
        let mut process = Running::start(launch).map_err(LaunchError::Start)?;
        let pipes = process.pipes().map_err(LaunchError::Start)?;
        let identity = Implementation::new("mgctl", env!("CARGO_PKG_VERSION"));
        let config = ClientConfig::new(ClientCapabilities::default(), identity);
        let why = match tokio::time::timeout(patience, config.serve(pipes)).await {
            Ok(Ok(service)) => return Ok(Self { service, process }),
            Ok(Err(rmcp::service::ClientInitializeError::ConnectionClosed(_))) => {
                "it closed the connection".to_owned()
            }
            Ok(Err(error)) => format!("the handshake failed: {error}"),
            Err(_) => format!("no answer to initialize within {} s", patience.as_secs()),
        };
        Err(LaunchError::Handshake {
            why,
            ending: process.end().await,
        })
    }

    /// All tools the server offers.
    pub(crate) async fn tools(&self) -> Result<Vec<Tool>, ServiceError> {
        self.service.list_all_tools().await
    }

    /// Calls a tool; one that is not offered is answered with those that are.
    pub(crate) async fn call(
        &self,
        tool: &str,
        arguments: JsonObject,
    ) -> Result<CallToolResult, Failure> {
        let tools = self
            .tools()
            .await
            .map_err(|error| Failure::Failed(error.to_string()))?;
        if !tools.iter().any(|offered| offered.name == tool) {
            let known = nearest(tool, tools.iter().map(|offered| offered.name.as_ref()), 5);
            return Err(Failure::Failed(format!(
                "no tool named `{tool}` is offered; there is {}",
                known.join(", ")
            )));
        }
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        self.service
            .call_tool(request)
            .await
            .map_err(|error| Failure::Failed(error.to_string()))
    }

    /// Ends the server as hosts do: its stdin is closed.
    pub(crate) async fn close(mut self) -> Ending {
        // Whatever the connection's end was, the process's tells more.
        let _ended = self.service.close().await;
        self.process.end().await
    }
}

/// The text blocks of an answer.
pub(crate) fn text(answer: &CallToolResult) -> String {
    let blocks = answer
        .content
        .iter()
        .filter_map(|block| Some(block.as_text()?.text.as_str()));
    blocks.collect::<Vec<_>>().join("\n")
}

impl std::fmt::Display for LaunchError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start(error) => write!(formatter, "it does not start: {error}"),
            Self::Handshake { why, ending } => write!(formatter, "{why}{ending}"),
        }
    }
}

impl std::fmt::Display for Ending {
    /// What a host would hide, as the end of a sentence.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(code) = self.code {
            write!(formatter, "; exit code {code}")?;
        }
        if let Some(line) = self.foreign.first() {
            write!(
                formatter,
                "; on stdout stood `{line}`, which is not JSON-RPC"
            )?;
        }
        if !self.stderr.is_empty() {
            write!(formatter, "; it said: {}", self.stderr)?;
        }
        Ok(())
    }
}

/// The process of a server, killed when dropped.
#[derive(Debug)]
struct Running {
    child: Child,
    overheard: Overheard,
}

impl Running {
    fn start(launch: &Launch) -> std::io::Result<Self> {
        let mut command = Command::new(&launch.program);
        if launch.bare {
            command.env_clear();
        }
        if let Some(folder) = &launch.folder {
            command.current_dir(folder);
        }
        // We speak to it over stdio, whatever this shell is set up for.
        command.env_remove("MG_HTTP");
        // Every descriptor of ours but these three is closed when the program starts.
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let variables = launch.variables.iter().map(|(name, value)| (name, value));
        let child = command
            .args(&launch.arguments)
            .envs(variables)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            child,
            overheard: Overheard::default(),
        })
    }

    /// What the client reads and writes; the rest is overheard.
    fn pipes(&mut self) -> std::io::Result<(tokio::io::DuplexStream, tokio::process::ChildStdin)> {
        let (Some(stdin), Some(stdout), Some(stderr)) = (
            self.child.stdin.take(),
            self.child.stdout.take(),
            self.child.stderr.take(),
        ) else {
            return Err(std::io::Error::other("the pipes are gone"));
        };
        self.overheard.listen_to_stderr(stderr);
        Ok((self.overheard.filter(stdout), stdin))
    }

    /// Waits a moment for the process to leave, ends it where it does not.
    async fn end(mut self) -> Ending {
        let code = if let Ok(status) = tokio::time::timeout(FAREWELL, self.child.wait()).await {
            status.ok().and_then(|status| status.code())
        } else {
            // It may have left just now.
            let _gone = self.child.kill().await;
            None
        };
        let (stderr, foreign) = self.overheard.all().await;
        Ending {
            code,
            stderr,
            foreign,
        }
    }
}
