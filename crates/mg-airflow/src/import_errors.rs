//! Files of workflows that Airflow cannot load, as far as the caller may know of them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    allow::AllowList,
    client::{Airflow, Failure},
    log::cut,
    wire,
};

/// Characters of an error.
const ERROR: usize = 300;
/// Errors that are read.
const MOST: usize = 50;

/// A file that cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ImportError {
    /// The file, relative to the folder of the workflows
    pub(crate) file: String,
    /// The error, with the line it comes from
    pub(crate) error: String,
}

/// The errors of all files whose workflows may be seen.
///
/// # Errors
///
/// [`Failure`].
pub(crate) async fn of_allowed(
    airflow: &Airflow,
    allowed: &AllowList,
) -> Result<Vec<ImportError>, Failure> {
    let query = [("limit", MOST.to_string())];
    let found: wire::ImportErrors = airflow.get(&["importErrors"], &query).await?;
    let seen = found
        .import_errors
        .iter()
        .filter(|error| allowed.allows_all() || allowed.allows(stem(&error.filename)));
    Ok(seen.map(told).collect())
}

/// The errors of one file, by the path that its workflow tells.
///
/// # Errors
///
/// [`Failure`].
pub(crate) async fn of_file(
    airflow: &Airflow,
    file: Option<&str>,
) -> Result<Vec<ImportError>, Failure> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let query = [
        ("limit", MOST.to_string()),
        ("filename_pattern", file.to_owned()),
    ];
    let found: wire::ImportErrors = airflow.get(&["importErrors"], &query).await?;
    let of_it = found
        .import_errors
        .iter()
        .filter(|error| error.filename == file);
    Ok(of_it.map(told).collect())
}

/// `mg_sitadel` of `dags/mg_sitadel.py`: what a list of workflow ids may be held against.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".py").unwrap_or(name)
}

fn told(error: &wire::ImportError) -> ImportError {
    let lines = error.stack_trace.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let last = lines.last().copied().unwrap_or("no reason given");
    let of_file = format!("{}\", line ", error.filename);
    let place = lines.iter().rev().find_map(|line| {
        let (_, after) = line.split_once(&of_file)?;
        after.split(|letter: char| !letter.is_ascii_digit()).next()
    });
    let error_text = match place {
        Some(line) => format!("{last} (line {line})"),
        None => last.to_owned(),
    };
    ImportError {
        file: cut(&error.filename, ERROR),
        error: cut(&error_text, ERROR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_error_is_told_in_its_last_line_with_the_line_of_the_file() {
        let error = wire::ImportError {
            filename: "mg_broken.py".into(),
            stack_trace: "Traceback (most recent call last):\n  File \"<frozen importlib._bootstrap>\", line 241, in _call\n  \
                File \"/opt/dags/mg_broken.py\", line 5, in <module>\n    import nowhere\nModuleNotFoundError: No module named 'nowhere'\n"
                .into(),
            timestamp: None,
        };
        assert_eq!(
            told(&error).error,
            "ModuleNotFoundError: No module named 'nowhere' (line 5)"
        );
        let empty = wire::ImportError::default();
        assert_eq!(told(&empty).error, "no reason given");
    }

    #[test]
    fn the_name_of_a_file_stands_for_its_workflows() {
        assert_eq!(stem("teams/mg_sitadel.py"), "mg_sitadel");
        assert_eq!(stem("archive.zip"), "archive.zip");
    }
}
