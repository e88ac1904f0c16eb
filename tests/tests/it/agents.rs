//! The examples of agent SDKs, each in whole conversations with a model that follows a script in its provider's wire format.
//!
//! `tests/run.sh` installs the SDKs; the scripts are in `tests/python/model`.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use mg_testkit::{binary, workspace_root};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::{
    clients::{bare, tool},
    servers::shipped,
};

/// How an example is called.
struct Example {
    /// The interpreter among the test tools; none for the example in Rust.
    python: Option<&'static str>,
    /// Its file in `examples/`, or the binary.
    program: &'static str,
    /// Arguments of its own.
    arguments: &'static [&'static str],
    /// How the endpoint ends that it has to speak to.
    endpoint: &'static str,
}

const OPENAI: Example = of_python("openai_agents.py", "/responses");
const OPENAI_CHAT: Example = Example {
    arguments: &["--chat"],
    ..of_python("openai_agents.py", "/chat/completions")
};
const ANTHROPIC: Example = of_python("anthropic_tools.py", "/messages");
const CLAUDE: Example = of_python("claude_agent.py", "/messages");
const GEMINI: Example = of_python("gemini_chat.py", ":generateContent");
const LANGGRAPH: Example = Example {
    python: Some("langgraph/bin/python"),
    ..of_python("langgraph_react.py", "/chat/completions")
};
const RUST: Example = Example {
    python: None,
    ..of_python("mg-rmcp-client", "/chat/completions")
};

const fn of_python(program: &'static str, endpoint: &'static str) -> Example {
    Example {
        python: Some("python/bin/python"),
        program,
        arguments: &[],
        endpoint,
    }
}

/// A scripted model that serves; ended when dropped.
struct Model {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Drop for Model {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Model {
    fn serve(script: &str) -> Option<Self> {
        let python = tool("python/bin/python")?;
        let folder = tempdir().unwrap();
        let scripts = workspace_root().join("tests/python/model");
        let mut command = bare(&python, folder.path());
        command.arg(scripts.join("serve.py"));
        command
            .arg(scripts.join(script))
            .arg(folder.path().join("log"));
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        Some(Self {
            process,
            port: line.trim().parse().unwrap(),
            folder,
        })
    }

    /// What it was sent, request after request.
    fn requests(&self) -> Vec<Value> {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        log.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Example {
    fn command(&self, home: &Path) -> Option<Command> {
        let Some(python) = self.python else {
            return Some(bare(&binary(self.program), home));
        };
        let mut command = bare(&tool(python)?, home);
        command.arg(workspace_root().join("examples").join(self.program));
        Some(command)
    }

    /// Runs it on these servers with this model; what it said at last.
    fn answer(&self, model: &Model, servers: &Path) -> Option<String> {
        let home = tempdir().unwrap();
        let address = format!("http://127.0.0.1:{}", model.port);
        let mut command = self.command(home.path())?;
        command.args(self.arguments).arg("--servers").arg(servers);
        for provider in ["OPENAI", "ANTHROPIC", "GEMINI"] {
            command.env(format!("{provider}_API_KEY"), "a-key-of-the-test");
        }
        command
            .env("OPENAI_BASE_URL", format!("{address}/v1"))
            .env("ANTHROPIC_BASE_URL", &address)
            .env("GOOGLE_GEMINI_BASE_URL", &address)
            .env("MG_DATA_DIR", home.path())
            .env("PATH", path_with_servers())
            .current_dir(home.path());
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {stderr}", self.program);
        Some(String::from_utf8(output.stdout).unwrap())
    }

    /// The whole conversation about Montévrain with the servers of the repository's servers.json.
    fn finds_the_right_number(&self) {
        let servers = workspace_root().join("servers.json");
        let Some(model) = Model::serve("montevrain.json") else {
            return;
        };
        let Some(said) = self.answer(&model, &servers) else {
            return;
        };
        for right in ["41 logements", "sur 1564", "112 en 2024"] {
            assert!(said.contains(right), "{}: {said}", self.program);
        }
        let requests = model.requests();
        self.offers_viewers_tools(&requests[0]);
        let results = results(&requests);
        assert_eq!(results.len(), 7, "every call has its result: {results:?}");
        for refusal in [
            "no territory named `Montevrin`; nearest: Montévrain",
            "only one statement that reads is welcome",
            "no Airflow is configured",
        ] {
            assert!(
                results.iter().any(|text| text.contains(refusal)),
                "{} did not show the model `{refusal}`: {results:?}",
                self.program
            );
        }
    }

    fn offers_viewers_tools(&self, request: &Value) {
        assert!(request["path"].as_str().unwrap().ends_with(self.endpoint));
        let offered = request["tools"].to_string();
        for tool in ["run_sql", "get_indicator", "list_spiders", "list_workflows"] {
            assert!(offered.contains(tool), "{}: {offered}", self.program);
        }
        for editors in ["launch_scraper", "run_workflow", "refresh_indicators"] {
            assert!(!offered.contains(editors), "{}: {offered}", self.program);
        }
    }

    /// A tool that panics, one with an internal error, and arguments that do not fit: the model reads why.
    fn shows_every_failure_to_the_model(&self) {
        let Some(model) = Model::serve("failures.json") else {
            return;
        };
        let servers = model.folder.path().join("servers.json");
        let entry = json!({"command": binary("mg-fixture"), "args": [], "env": {}});
        let file = json!({"mcpServers": {"mg-fixture": entry}}).to_string();
        std::fs::write(&servers, file).unwrap();
        let Some(said) = self.answer(&model, &servers) else {
            return;
        };
        assert_eq!(said.trim(), "fini", "{}", self.program);
        let results = results(&model.requests());
        for (result, why) in
            results
                .iter()
                .zip(["internal error", "internal error", "did you mean `text`"])
        {
            assert!(result.contains(why), "{}: {results:?}", self.program);
        }
        assert_eq!(results.len(), 3, "{}: {results:?}", self.program);
    }
}

/// The texts of all results, as the last request told the model.
fn results(requests: &[Value]) -> Vec<String> {
    let last = requests.last().unwrap()["results"].as_array().unwrap();
    last.iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// The servers' folder before the system's: servers.json has bare names.
fn path_with_servers() -> String {
    let found: Vec<PathBuf> = shipped().map(binary).collect();
    format!(
        "{}:/usr/local/bin:/usr/bin:/bin",
        found[0].parent().unwrap().display()
    )
}

#[test]
fn openai_agents_answers_from_the_servers() {
    OPENAI.finds_the_right_number();
    OPENAI_CHAT.finds_the_right_number();
}

#[test]
fn openai_agents_shows_failures_to_the_model() {
    OPENAI.shows_every_failure_to_the_model();
}

#[test]
fn the_tool_runner_of_anthropic_answers_from_the_servers() {
    ANTHROPIC.finds_the_right_number();
}

#[test]
fn the_tool_runner_of_anthropic_shows_failures_to_the_model() {
    ANTHROPIC.shows_every_failure_to_the_model();
}

#[test]
fn the_claude_agent_sdk_answers_from_servers_json_as_it_is() {
    CLAUDE.finds_the_right_number();
}

#[test]
fn the_claude_agent_sdk_shows_failures_to_the_model() {
    CLAUDE.shows_every_failure_to_the_model();
}

#[test]
fn a_react_agent_of_langgraph_answers_from_the_servers() {
    LANGGRAPH.finds_the_right_number();
}

#[test]
fn a_react_agent_of_langgraph_shows_failures_to_the_model() {
    LANGGRAPH.shows_every_failure_to_the_model();
}

#[test]
fn a_chat_with_gemini_answers_from_the_servers() {
    GEMINI.finds_the_right_number();
}

#[test]
fn a_chat_with_gemini_shows_failures_to_the_model() {
    GEMINI.shows_every_failure_to_the_model();
}

#[test]
fn a_client_of_rmcp_answers_from_the_servers() {
    RUST.finds_the_right_number();
}

#[test]
fn a_client_of_rmcp_shows_failures_to_the_model() {
    RUST.shows_every_failure_to_the_model();
}

/// Without a key nothing is launched, and the sentence says what to set.
#[test]
fn an_example_without_a_key_says_which_to_set() {
    for (example, key) in [
        (OPENAI, "OPENAI_API_KEY"),
        (ANTHROPIC, "ANTHROPIC_API_KEY"),
        (CLAUDE, "ANTHROPIC_API_KEY"),
        (GEMINI, "GEMINI_API_KEY"),
        (LANGGRAPH, "OPENAI_API_KEY"),
        (RUST, "OPENAI_API_KEY"),
    ] {
        let home = tempdir().unwrap();
        let Some(mut command) = example.command(home.path()) else {
            return;
        };
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && stderr.contains(&format!("set {key}")),
            "{stderr}"
        );
    }
}
