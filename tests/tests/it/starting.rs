//! How a server starts: without side effects, and safely beside others on one data folder.

use std::{path::Path, time::Duration};

use mg_testkit::Process;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::servers::{SHIPPED, every, initialized};

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn nothing_is_written_before_the_first_call() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = initialized(binary, home.path());
        process.ask("tools/list", &json!({}));
        process.ask("prompts/list", &json!({}));
        assert_eq!(files(home.path()), [""; 0], "{binary}");
        assert_eq!(process.close().code, Some(0));
        assert_eq!(files(home.path()), [""; 0], "{binary}");
    }
}

#[test]
fn the_first_call_makes_the_embedded_database_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    for server in &SHIPPED {
        let home = tempdir().unwrap();
        let data = home.path().join("data");
        let variables = [("MG_DATA_DIR", data.to_str().unwrap())];
        let mut process = Process::start(server.name, &[], &variables, home.path());
        process.initialize();
        assert!(!process.call(server.tool, &server.arguments()).is_error);
        assert!(
            files(&data).contains(&"mg.db".to_owned()),
            "{}",
            server.name
        );
        let mode = std::fs::metadata(&data).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", server.name);
    }
}

#[test]
fn servers_that_start_at_once_on_an_empty_folder_all_answer_from_one_database() {
    let home = tempdir().unwrap();
    let mut started: Vec<_> = SHIPPED
        .iter()
        .chain(&SHIPPED)
        .map(|server| (server, initialized(server.name, home.path())))
        .collect();
    let ids: Vec<i64> = started
        .iter_mut()
        .map(|(server, process)| {
            let call = json!({"name": server.tool, "arguments": server.arguments()});
            process.request("tools/call", &call)
        })
        .collect();
    for ((server, process), id) in started.iter_mut().zip(ids) {
        let response = process.response(id);
        assert!(
            response["result"]["structuredContent"]
                .to_string()
                .contains(server.shows),
            "{response}"
        );
    }
    let left = files(home.path());
    assert!(left.contains(&"mg.db".to_owned()), "{left:?}");
    assert!(!left.iter().any(|name| name.contains(".new")), "{left:?}");
}

#[test]
fn a_server_killed_while_it_makes_the_database_leaves_nothing_that_the_next_one_trips_over() {
    let server = &SHIPPED[0];
    let call = json!({"name": server.tool, "arguments": server.arguments()});
    for milliseconds in [5, 50, 150, 400] {
        let home = tempdir().unwrap();
        let mut process = initialized(server.name, home.path());
        process.request("tools/call", &call);
        std::thread::sleep(Duration::from_millis(milliseconds)); // where it is then is chance
        assert_eq!(process.signal("KILL").code, None);
        let mut next = initialized(server.name, home.path());
        let answer: Value = next.call(server.tool, &server.arguments()).ok();
        assert!(answer.to_string().contains(server.shows), "{answer}");
    }
}
