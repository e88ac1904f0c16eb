//! A real Airflow for benchmarks and for trying things out: its address on stdout, its end with the end of stdin.

use std::{
    io::{Read, Write},
    process::ExitCode,
};

use mg_testkit::{Airflow, workspace_root};

fn main() -> ExitCode {
    let dags = workspace_root().join("crates/mg-airflow/tests/dags");
    let Some(airflow) = Airflow::start(&[dags], &[]) else {
        return ExitCode::FAILURE; // the reason is told
    };
    let told = writeln!(std::io::stdout(), "{}", airflow.url());
    let until_the_end = std::io::stdin().read_to_end(&mut Vec::new());
    match (told, until_the_end) {
        (Ok(()), Ok(_)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
