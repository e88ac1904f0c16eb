//! How much memory a page may hold: no limit of the system's fits a browser, which reserves far more than it uses.

use std::{fs, path::Path};

use rustix::process::{Pid, Signal, kill_process};

/// The most that one process of the browser may hold of its own: 1 GiB.
const MOST_KILOBYTES: u64 = 1 << 20;

/// Ends each process of the group that holds too much: mostly a page's, which then has crashed. Does nothing on
/// systems that tell nothing of processes under `/proc`.
pub(super) fn end_the_greedy(group: Pid) {
    for (process, kilobytes) in members(group) {
        if kilobytes > MOST_KILOBYTES {
            tracing::warn!(kilobytes, "a page held too much memory and was ended");
            // It may have ended by itself.
            let _gone = kill_process(process, Signal::KILL);
        }
    }
}

/// Whether nothing of the group holds memory any more, on a system that would tell.
pub(super) fn is_without(group: Pid) -> bool {
    Path::new("/proc/self/status").exists() && members(group).is_empty()
}

/// The processes of a group, each with the memory it holds of its own.
pub(super) fn members(group: Pid) -> Vec<(Pid, u64)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let of_group = processes.filter(|process| group_of(*process) == Some(group.as_raw_pid()));
    of_group
        .filter_map(|process| Some((Pid::from_raw(process)?, kilobytes_of(process)?)))
        .collect()
}

/// The third number after the name, which stands in brackets and may hold anything.
fn group_of(process: i32) -> Option<i32> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = line.rsplit_once(')')?;
    rest.split_whitespace().nth(2)?.parse().ok()
}

fn kilobytes_of(process: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{getpgrp, getpid};

    use super::*;

    #[test]
    fn the_processes_of_a_group_are_found_with_their_memory() {
        let members = members(getpgrp());
        let own = members.iter().find(|(process, _)| *process == getpid());
        assert!(
            own.is_some_and(|(_, kilobytes)| *kilobytes > 100),
            "{members:?}"
        );
    }
}
