//! The start of a server process: settings, logs, the caller, then one of check, list or serve.

use std::{fs::File, io::Write, process::ExitCode, sync::Arc, time::Duration};

use super::{Host, Server, http::Http, logs, serve_stdio, trace};
use crate::{Clock, ConfigError, Environment, Flags, Settings};

/// How long calls that are dropped at the end have to leave their line in the audit trail.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// The version line: `0.1.0 (commit 1a2b3c4, schema 1, MCP 2024-11-05 to 2026-07-28)`; without a schema for
/// a program that opens no database.
#[must_use]
pub fn version(schema: impl Into<Option<i64>>) -> String {
    let schema = schema.into();
    let schema = schema.map_or_else(String::new, |version| format!("schema {version}, "));
    let versions = rmcp::model::ProtocolVersion::KNOWN_VERSIONS;
    let known: Vec<&str> = versions
        .iter()
        .map(rmcp::model::ProtocolVersion::as_str)
        .collect();
    format!(
        "{} (commit {}, {schema}MCP {})",
        env!("CARGO_PKG_VERSION"),
        env!("MG_COMMIT"),
        known.join(" ")
    )
}

/// The command line of a server. Hosts give no arguments as a rule, and then there is nothing to parse: the parser's code,
/// a sixth of the pages that a start reads of the program, is left on the disk.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_or_default<P: clap::Parser + Default>() -> Result<P, ExitCode> {
    if std::env::args_os().len() > 1 {
        return parse();
    }
    Ok(P::default())
}

/// Parses a command line; a wrong one is a configuration error.
///
/// # Errors
///
/// The exit code: 0 after `--help` and `--version`, else 78.
pub fn parse<P: clap::Parser>() -> Result<P, ExitCode> {
    P::try_parse().map_err(|error| {
        if error.use_stderr() {
            report(&one_sentence(&error.to_string()));
            return ExitCode::from(ConfigError::EXIT_CODE);
        }
        // Nothing to do about a closed terminal.
        let _closed = error.print();
        ExitCode::SUCCESS
    })
}

/// What is wrong with a command line, without the usage that follows it.
fn one_sentence(told: &str) -> String {
    let wrong = told
        .split("\n\nUsage:")
        .next()
        .and_then(|text| text.split("\n\nFor more").next())
        .unwrap_or(told)
        .trim_start_matches("error: ");
    let words: Vec<&str> = wrong.split_whitespace().collect();
    words.join(" ") + "; --help tells the flags"
}

/// Runs a server process to its end. The exit code is 0, 78 for a configuration that cannot be
/// served, 69 when `--check` finds something down, 1 when the transport breaks.
#[must_use]
pub fn run<S: Server>(flags: &Flags) -> ExitCode {
    match prepare::<S>(flags) {
        Ok(prepared) => prepared.run(flags),
        Err(error) => {
            report(&format!("{}: {error}", S::NAME));
            ExitCode::from(ConfigError::EXIT_CODE)
        }
    }
}

struct Prepared<S> {
    host: Host<S>,
    settings: Arc<Settings>,
    trace: Option<File>,
    caller: crate::Caller,
    http: Option<Http>,
    logs: logs::Logs,
}

fn prepare<S: Server>(flags: &Flags) -> Result<Prepared<S>, ConfigError> {
    let settings = Arc::new(Settings::load(flags, &Environment::of_process())?);
    let clock = Clock::system();
    // Over HTTP every request has a caller of its own.
    let http = settings
        .http
        .map(|address| Http::new(address, &settings, clock.clone()));
    let http = http.transpose()?;
    let caller = match http {
        Some(_) => crate::Caller::local(settings.role),
        None => settings.authenticate(&clock)?,
    };
    let trace = settings.trace.as_deref().map(trace::open).transpose()?;
    let logs = logs::start(&settings.log)?;
    let host = Host::new(Arc::clone(&settings), caller.clone(), clock)?;
    Ok(Prepared {
        host,
        settings,
        trace,
        caller,
        http,
        logs,
    })
}

impl<S: Server> Prepared<S> {
    fn run(self, flags: &Flags) -> ExitCode {
        if flags.list_tools {
            let tools = self.host.tools(self.caller.role).list_all();
            return print_json(&tools);
        }
        let runtime = match runtime(self.http.is_some()) {
            Ok(runtime) => runtime,
            Err(error) => {
                report(&format!("{}: cannot start: {error}", S::NAME));
                return ExitCode::FAILURE;
            }
        };
        let code = match self.http {
            _ if flags.check => runtime.block_on(self.check()),
            Some(http) => runtime.block_on(serve_http(http, self.host, &self.settings)),
            None => runtime.block_on(serve::<S>(self.host, self.trace)),
        };
        runtime.shutdown_timeout(LAST_WORDS); // a statement that still runs must not hold the exit
        self.logs.flush();
        code
    }

    async fn check(&self) -> ExitCode {
        let mut lines = vec![match &self.settings.config_file {
            Some(path) => format!("ok      settings of {}", path.display()),
            None => "ok      no settings file; environment, flags and defaults".into(),
        }];
        lines.push(format!(
            "ok      caller {} as {}",
            self.caller.name,
            self.caller.role.name()
        ));
        let mut findings = self.host.server().check(&self.caller).await;
        if let Some(http) = &self.http {
            findings.push(http.check().await);
        }
        lines.extend(findings.iter().map(ToString::to_string));
        print_text(&(lines.join("\n") + "\n"));
        ExitCode::from(
            findings
                .iter()
                .map(super::Finding::exit_code)
                .max()
                .unwrap_or(0),
        )
    }
}

/// Over stdio one thread for all calls: what wakes what then costs no change of threads, and what blocks or
/// computes for long has threads of its own. Over HTTP there are many callers, and TLS to compute.
fn runtime(many_callers: bool) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = if many_callers {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()
}

async fn serve_http<S: Server>(http: Http, host: Host<S>, settings: &Settings) -> ExitCode {
    match http.serve(host, settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(69)
        }
    }
}

async fn serve<S: Server>(host: Host<S>, trace: Option<File>) -> ExitCode {
    match serve_stdio(host, trace).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_json(value: &impl serde::Serialize) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(text) => {
            print_text(&(text + "\n"));
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}

/// Stdout of the modes that do not serve.
fn print_text(text: &str) {
    // A closed pipe (`| head`) is the reader's choice.
    let _closed = std::io::stdout().lock().write_all(text.as_bytes());
}

/// One sentence on stderr, before logs exist.
fn report(sentence: &str) {
    let _closed = writeln!(std::io::stderr(), "{sentence}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_a_database_tells_no_schema() {
        let (with, without) = (version(7), version(None));
        assert!(with.contains(", schema 7, MCP "), "{with}");
        assert_eq!(without, with.replace("schema 7, ", ""));
    }

    #[test]
    fn a_wrong_command_line_is_told_in_one_sentence() {
        let told = "error: invalid value 'admin' for '--role <ROLE>'\n  [possible values: viewer, editor]\n\nFor more information, try '--help'.\n";
        assert_eq!(
            one_sentence(told),
            "invalid value 'admin' for '--role <ROLE>' [possible values: viewer, editor]; --help tells the flags"
        );
        let told = "error: unexpected argument '--rol' found\n\n  tip: a similar argument exists: '--role'\n\nUsage: mg-sql --role <ROLE>\n";
        assert_eq!(
            one_sentence(told),
            "unexpected argument '--rol' found tip: a similar argument exists: '--role'; --help tells the flags"
        );
    }
}
