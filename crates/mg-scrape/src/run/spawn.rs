//! The process of a run.

use std::{
    ffi::OsString,
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use mg_core::{Settings, ToolError, make_private_folder};

use super::environment;
use crate::{definition::Spider, ledger::folder};

/// Descriptors that a host may have left open in the server, and which no worker may hold.
const WITHOUT_DESCRIPTORS: &str = "exec \"$0\" \"$@\" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";

/// Starts the worker of a run: a process that holds nothing of the server's, and outlives it. Answers its id.
///
/// # Errors
///
/// When a secret of the spider is missing, or the process cannot be started.
pub(super) fn worker(settings: &Settings, spider: &Spider, run_id: &str) -> Result<u32, ToolError> {
    let variables = environment::of_worker(settings, spider)?;
    let folder = folder(settings)?;
    let started = started(&folder, variables, run_id);
    started
        .map_err(|error| ToolError::Unavailable(format!("the worker cannot be started: {error}")))
}

fn started(
    folder: &Path,
    variables: Vec<(OsString, OsString)>,
    run_id: &str,
) -> std::io::Result<u32> {
    let log = log_path(folder, run_id);
    make_private_folder(&folder.join("logs"))?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(log)?;
    // The worker leads a session of its own as soon as it runs. Dropping the handle lets the runtime reap it.
    let worker = tokio::process::Command::new("/bin/sh")
        .arg("-c")
        .arg(WITHOUT_DESCRIPTORS)
        .arg(std::env::current_exe()?)
        .args(["worker", run_id])
        .env_clear()
        .envs(variables)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()?;
    worker
        .id()
        .ok_or_else(|| std::io::Error::other("it ended at once"))
}

/// Where a worker writes what is not for callers.
pub(super) fn log_path(folder: &Path, run_id: &str) -> PathBuf {
    folder.join("logs").join(format!("{run_id}.log"))
}
