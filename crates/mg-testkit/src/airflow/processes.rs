//! The processes of an Airflow, each in a group of its own, so that the tasks end with them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Ends every session that was started and removes the folder, once its input is closed. Tasks run in groups of their own, but
/// in the sessions of what started them.
const WATCHDOG: &str = r#"cat
for file in "$1"/pids/*; do test -s "$file" && pkill -KILL -s "$(cat "$file")"; done
cd /; rm -rf "$1""#;

/// What is running.
#[derive(Debug)]
pub(super) struct Processes {
    program: PathBuf,
    folder: PathBuf,
    environment: Vec<(String, String)>,
    running: Mutex<BTreeMap<String, Child>>,
    watchdog: Mutex<Child>,
}

impl Processes {
    pub(super) fn new(venv: &Path, folder: &Path, environment: Vec<(String, String)>) -> Self {
        fs::create_dir(folder.join("pids")).unwrap();
        Self {
            program: venv.join("bin/airflow"),
            folder: folder.to_owned(),
            environment,
            running: Mutex::default(),
            watchdog: Mutex::new(watchdog(folder)),
        }
    }

    /// A command in the environment of this Airflow.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.environment.iter().cloned())
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command of Airflow to its end.
    pub(super) fn run(&self, arguments: &[&str]) {
        let ran = self
            .command(&self.program)
            .args(arguments)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "airflow {arguments:?}: {told}");
    }

    /// Starts a command of Airflow under a name.
    pub(super) fn airflow(&self, name: &str, arguments: &[&str], more: &[(&str, &str)]) {
        self.start(name, &self.program, arguments, more);
    }

    /// Starts a program in a session of its own.
    pub(super) fn start(
        &self,
        name: &str,
        program: &Path,
        arguments: &[&str],
        more: &[(&str, &str)],
    ) {
        let log = fs::File::create(self.folder.join(format!("{name}.log"))).unwrap();
        // `setsid` gives way to the program, which so keeps the number that we know.
        let mut command = self.command(Path::new("setsid"));
        let child = command
            .arg(program)
            .args(arguments)
            .envs(more.iter().copied())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        fs::write(self.pid_file(name), child.id().to_string()).unwrap();
        self.running().insert(name.to_owned(), child);
    }

    /// Ends a part as an operator would, and then for good.
    pub(super) fn stop(&self, part: &str) {
        let Some(mut child) = self.running().remove(part) else {
            return;
        };
        let session = child.id().to_string();
        signal("TERM", &session);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(50));
        }
        signal("KILL", &session);
        child.wait().unwrap();
        let _gone = fs::remove_file(self.pid_file(part));
    }

    /// Ends a part, with all that it started, with no chance to say anything.
    pub(super) fn kill(&self, part: &str) {
        let mut child = self.running().remove(part).unwrap();
        signal("KILL", &child.id().to_string());
        child.wait().unwrap();
        let _gone = fs::remove_file(self.pid_file(part));
    }

    /// Ends everything.
    pub(super) fn end(&self) {
        let parts: Vec<String> = self.running().keys().cloned().collect();
        for part in parts {
            self.stop(&part);
        }
        let mut watchdog = self.watchdog.lock().unwrap_or_else(PoisonError::into_inner);
        drop(watchdog.stdin.take());
        let _ended = watchdog.wait();
    }

    /// Fails the test with the log of a part that ended by itself.
    pub(super) fn assert_alive(&self) {
        for (part, child) in self.running().iter_mut() {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "{part} ended: {}", self.end_of_log(part));
        }
    }

    /// The ends of all logs.
    pub(super) fn logs(&self) -> String {
        let running = self.running();
        let logs = running
            .keys()
            .map(|part| format!("{part}: {}", self.end_of_log(part)));
        logs.collect::<Vec<_>>().join("\n")
    }

    /// What a part has said.
    pub(super) fn log(&self, part: &str) -> String {
        fs::read_to_string(self.folder.join(format!("{part}.log"))).unwrap_or_default()
    }

    fn end_of_log(&self, part: &str) -> String {
        let log = self.log(part);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn pid_file(&self, part: &str) -> PathBuf {
        self.folder.join("pids").join(part)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Child>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signals every process of a session that we started.
fn signal(name: &str, session: &str) {
    let mut command = Command::new("pkill");
    let _none_left = command.args([&format!("-{name}"), "-s", session]).status();
}

fn watchdog(folder: &Path) -> Child {
    use std::os::unix::process::CommandExt;
    Command::new("sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(folder)
        // A group of its own: Ctrl-C on the tests does not end it before its work is done.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
