//! The programs of the installed PostgreSQL, and the account they run as.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Where the newest server's programs are.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    /// User and group to run as: PostgreSQL refuses root.
    pub(super) user: Option<(u32, u32)>,
}

impl Programs {
    pub(super) fn find() -> Option<Self> {
        let versions = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten();
        let mut folders: Vec<PathBuf> = versions.map(|version| version.path()).collect();
        folders.sort_by_key(|folder| {
            let version = folder.file_name().and_then(|name| name.to_str());
            version.and_then(|version| version.parse::<u32>().ok())
        });
        let newest_first = folders.iter().rev().map(|folder| folder.join("bin"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folder = newest_first
            .chain(std::env::split_paths(&path))
            .find(|folder| {
                ["initdb", "postgres"]
                    .iter()
                    .all(|name| folder.join(name).is_file())
            })?;
        let user = unprivileged();
        Some(Self { folder, user })
    }

    /// A program of the server, or any other, run in `folder` as the unprivileged account.
    pub(super) fn command(&self, name: &str, folder: &Path) -> Command {
        let own = self.folder.join(name);
        let mut command = Command::new(if own.is_file() { own } else { name.into() });
        command.current_dir(folder).env("LC_ALL", "C");
        command.env_remove("PGOPTIONS").env_remove("PGSERVICE");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// A shell that stops the cluster and removes its folder when the pipe from this process
    /// closes: on drop, at exit, after a kill.
    pub(super) fn watchdog(&self, folder: &Path) -> Child {
        let script = "cat; \"$1/pg_ctl\" -D \"$2/data\" -m immediate stop; cd /; rm -rf \"$2\"";
        let mut command = self.command("sh", folder);
        command
            .args(["-c", script, "watchdog"])
            .arg(&self.folder)
            .arg(folder);
        // A group of its own: Ctrl-C on the tests does not end it before its work is done.
        command.process_group(0).stdin(Stdio::piped());
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

/// The account to run as when this process is root.
fn unprivileged() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout)
            .ok()?
            .trim()
            .parse::<u32>()
            .ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    let user = |name: &&str| Some((id(&["-u", name])?, id(&["-g", name])?));
    ["postgres", "nobody"].iter().find_map(user)
}
