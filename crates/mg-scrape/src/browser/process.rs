//! The browser's processes: started in a group and with a profile of their own, ended together.

use std::{
    io,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, geteuid, kill_process_group, test_kill_process_group};
use tempfile::TempDir;
use tokio::{
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::oneshot,
    time::sleep,
};

use super::memory;

/// `--remote-debugging-pipe` reads commands from descriptor 3 and writes answers to 4; a shell moves ours there.
/// When this process ends, however it does, the pipe breaks, and the browser ends by itself.
const MOVE_DESCRIPTORS: &str =
    r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>"$HOME/stderr""#;
/// How long killed processes are waited for.
const UNTIL_GONE: Duration = Duration::from_secs(3);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// How often the memory of the pages is looked at.
const MEMORY_ROUND: Duration = Duration::from_millis(500);

/// A started browser: its two pipes, and what has to be kept and ended.
pub(super) struct Started {
    pub(super) commands: ChildStdin,
    pub(super) answers: ChildStdout,
    pub(super) owned: Owned,
}

/// The processes and the profile; dropping it kills and removes them, [`keep`] also waits for it.
pub(super) struct Owned {
    // In this order: the processes are gone before their folder is removed.
    child: Child,
    group: Group,
    profile: TempDir,
}

/// A fresh profile in the folder for temporary files.
pub(super) fn new_profile() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("mg-browser-").tempdir()
}

/// Whether the browser can have its sandbox: it refuses to as root.
pub(super) fn may_be_sandboxed() -> bool {
    !geteuid().is_root()
}

/// Starts the program with nothing of our environment and descriptors.
pub(super) fn start(program: &Path, flags: &[String], profile: TempDir) -> io::Result<Started> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", MOVE_DESCRIPTORS])
        .arg(program)
        .args(flags)
        .current_dir(profile.path())
        .env_clear()
        .env("HOME", profile.path())
        .env("TMPDIR", profile.path())
        .env("PATH", "/usr/bin:/bin")
        .env("LANG", "fr_FR.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (commands, answers) = pipes.ok_or_else(|| io::Error::other("no pipes"))?;
    Ok(Started {
        commands,
        answers,
        owned: Owned {
            group: Group(child.id().and_then(process)),
            child,
            profile,
        },
    })
}

/// What a browser said of its end, else the last thing that it said.
pub(super) fn last_words(profile: &Path) -> String {
    let said = std::fs::read(profile.join("stderr")).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let fatal = said.lines().find(|line| line.contains("FATAL"));
    let last = fatal.or_else(|| said.lines().next_back());
    let last = last.unwrap_or("it ended without a word");
    last.chars().take(300).collect()
}

impl Owned {
    pub(super) fn profile(&self) -> &Path {
        self.profile.path()
    }

    pub(super) fn process_id(&self) -> Option<u32> {
        self.child.id()
    }
}

/// Watches over a browser until it ends or the sender is dropped, then ends what is left and removes its profile.
pub(super) async fn keep(mut owned: Owned, mut end: oneshot::Receiver<()>) {
    loop {
        tokio::select! {
            _ended = owned.child.wait() => break,
            _asked = &mut end => break,
            () = sleep(MEMORY_ROUND) => owned.group.limit_memory(),
        }
    }
    owned.group.kill();
    // The leader is waited for by us, the others by the system.
    let _status = owned.child.wait().await;
    owned.group.until_gone().await;
    if let Err(error) = owned.profile.close() {
        tracing::warn!(%error, "the browser's profile could not be removed");
    }
}

/// A process group; killed when dropped, unless it is known to be gone.
struct Group(Option<Pid>);

impl Group {
    fn kill(&self) {
        if let Some(group) = self.0 {
            // There may be nobody left.
            let _gone = kill_process_group(group, Signal::KILL);
        }
    }

    fn limit_memory(&self) {
        if let Some(group) = self.0 {
            memory::end_the_greedy(group);
        }
    }

    /// Whether all its processes have ended, also where nobody waits for orphans, as in containers without an init.
    fn is_gone(&self) -> bool {
        self.0.is_none_or(|group| {
            test_kill_process_group(group).is_err() || memory::is_without(group)
        })
    }

    /// Until the last process is gone; afterwards the number may be another's, and is forgotten.
    async fn until_gone(&mut self) {
        let started = Instant::now();
        while self.0.is_some() {
            if self.is_gone() || started.elapsed() > UNTIL_GONE {
                self.0 = None;
            } else {
                sleep(BETWEEN_LOOKS).await;
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

fn process(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::process::CommandExt as _;

    use super::*;

    #[tokio::test]
    async fn a_process_that_has_ended_is_gone_though_nobody_waited_for_it() {
        let mut child = std::process::Command::new("/bin/sleep")
            .arg("60")
            .process_group(0)
            .spawn()
            .unwrap();
        let group = Group(process(child.id()));
        assert!(!group.is_gone());
        group.kill();
        for _ in 0..1_000 {
            if group.is_gone() {
                break;
            }
            sleep(BETWEEN_LOOKS).await;
        }
        assert!(group.is_gone());
        child.wait().unwrap();
    }
}
