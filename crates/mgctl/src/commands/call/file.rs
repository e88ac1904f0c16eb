//! An answer in a file: every page of it, or no file at all.

use std::{
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use rmcp::model::{CallToolResult, JsonObject};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::Form;
use crate::{client, client::Client, failure::Failure};

/// More pages than any server keeps: a cursor that leads in a circle ends here.
const MOST_PAGES: usize = 100_000;
/// Rows asked for with each further page; the server gives what an answer has room for.
const ROWS_A_PAGE: usize = 10_000;

/// What was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// Rows, where the answer counts them.
    pub(super) rows: Option<u64>,
    /// Whether the server has more than it keeps for us.
    pub(super) truncated: bool,
}

/// Writes an answer and the pages that follow it to `path`, which appears when all of it is there.
pub(super) async fn write(
    path: &Path,
    form: Form,
    call: (&Client, &str, &JsonObject),
    first: CallToolResult,
) -> Result<Written, Failure> {
    let (client, tool, given) = call;
    let mut pages = Pages::begin(path, form)?;
    let mut cursor = pages.add(first)?;
    for _ in 1..MOST_PAGES {
        let Some(next) = cursor else {
            return pages.finish();
        };
        let mut asking = given.clone();
        asking.insert("cursor".to_owned(), next.into());
        asking.insert("max_rows".to_owned(), ROWS_A_PAGE.into());
        let answer = client.call(tool, asking).await?;
        if answer.is_error == Some(true) {
            return Err(Failure::Failed(client::text(&answer)));
        }
        cursor = pages.add(answer)?;
    }
    Err(Failure::Failed(format!(
        "more than {MOST_PAGES} pages: narrow the query"
    )))
}

/// The pages written so far, in a file beside the one that is wanted.
struct Pages {
    path: PathBuf,
    form: Form,
    file: BufWriter<NamedTempFile>,
    /// The first page's data, with the rows of all pages where they are written at the end.
    whole: Option<Value>,
    rows: u64,
    truncated: bool,
}

impl Pages {
    fn begin(path: &Path, form: Form) -> Result<Self, Failure> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = NamedTempFile::new_in(folder).map_err(|error| unwritten(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            form,
            file: BufWriter::new(file),
            whole: None,
            rows: 0,
            truncated: false,
        })
    }

    /// Writes a page; gives the cursor of the next one.
    fn add(&mut self, answer: CallToolResult) -> Result<Option<String>, Failure> {
        let text = self.form.text(&answer, self.whole.is_some())?;
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| unwritten(&self.path, &error))?;
        let mut data = answer.structured_content.unwrap_or_default();
        self.truncated = data["truncated"] == true;
        self.rows += data["row_count"].as_u64().unwrap_or_default();
        let cursor = data["next_cursor"].as_str().map(str::to_owned);
        match &mut self.whole {
            None => self.whole = Some(data),
            Some(whole) if self.form == Form::Json => {
                let rows = data["rows"].as_array_mut().map(std::mem::take);
                if let (Some(all), Some(rows)) = (whole["rows"].as_array_mut(), rows) {
                    all.extend(rows);
                }
            }
            Some(_) => {}
        }
        Ok(cursor)
    }

    fn finish(mut self) -> Result<Written, Failure> {
        let mut whole = self.whole.take().unwrap_or_default();
        let counted = whole.get("row_count").is_some();
        if self.form == Form::Json {
            if counted {
                whole["row_count"] = json!(self.rows);
                whole["truncated"] = json!(self.truncated);
            }
            if let Some(whole) = whole.as_object_mut() {
                whole.remove("next_cursor");
            }
            let text = super::pretty(&whole)?;
            let written = self.file.write_all(text.as_bytes());
            written.map_err(|error| unwritten(&self.path, &error))?;
        }
        let file = self.file.into_inner();
        let file = file.map_err(|error| unwritten(&self.path, error.error()))?;
        let kept = file.persist(&self.path);
        kept.map_err(|error| unwritten(&self.path, &error.error))?;
        Ok(Written {
            rows: counted.then_some(self.rows),
            truncated: self.truncated,
        })
    }
}

impl Form {
    /// What a page adds to the file; the header stands on the first one alone.
    fn text(self, answer: &CallToolResult, follows: bool) -> Result<String, Failure> {
        let data = answer.structured_content.as_ref();
        let is_table = data.is_some_and(|data| data["columns"].is_array());
        match self {
            Self::Json if data.is_none() => Err(super::no_data()),
            Self::Json => Ok(String::new()),
            Self::Csv => super::spreadsheet(data.ok_or_else(super::no_data)?, follows),
            Self::Text if !is_table => Ok(client::text(answer) + "\n"),
            Self::Text => {
                // The remark after the table is not part of it.
                let block = answer.content.first().and_then(|block| block.as_text());
                let table = block.map_or("", |block| block.text.as_str());
                Ok(if follows {
                    without_header(table)
                } else {
                    table
                }
                .to_owned())
            }
        }
    }
}

/// A page's lines below its header: two lines of a Markdown table, one record of CSV.
fn without_header(table: &str) -> &str {
    if table.starts_with('|') {
        let end = table.match_indices('\n').nth(1);
        return end.map_or("", |(end, _)| &table[end + 1..]);
    }
    let mut quoted = false;
    let end = table.char_indices().find(|(_, letter)| {
        quoted ^= *letter == '"';
        *letter == '\n' && !quoted
    });
    end.map_or("", |(end, _)| &table[end + 1..])
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &Value, next: Option<&str>) -> CallToolResult {
        let count = rows.as_array().map_or(0, Vec::len);
        let mut data = json!({
            "columns": [{"name": "n", "type": "integer"}], "rows": rows,
            "row_count": count, "truncated": next.is_some(),
        });
        if let Some(next) = next {
            data["next_cursor"] = next.into();
        }
        CallToolResult::structured(data)
    }

    fn written(form: Form) -> (String, Written) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut pages = Pages::begin(&path, form).unwrap();
        let next = pages.add(page(&json!([[1], [2]]), Some("c"))).unwrap();
        assert_eq!(next.as_deref(), Some("c"));
        assert_eq!(pages.add(page(&json!([[3]]), None)).unwrap(), None);
        assert!(!path.exists(), "nothing is there before all of it is");
        let written = pages.finish().unwrap();
        (std::fs::read_to_string(&path).unwrap(), written)
    }

    #[test]
    fn the_pages_of_a_result_become_one_table() {
        let (text, counted) = written(Form::Csv);
        assert_eq!(text, "\u{feff}n\r\n1\r\n2\r\n3\r\n");
        let all = Written {
            rows: Some(3),
            truncated: false,
        };
        assert_eq!(counted, all);
        let (text, _) = written(Form::Json);
        let data: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(data["rows"], json!([[1], [2], [3]]));
        assert_eq!(
            (&data["row_count"], &data["truncated"]),
            (&json!(3), &json!(false))
        );
        assert!(data.get("next_cursor").is_none());
    }

    #[test]
    fn what_was_begun_and_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut pages = Pages::begin(&path, Form::Csv).unwrap();
        pages.add(page(&json!([[1]]), Some("c"))).unwrap();
        drop(pages);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_header_ends_at_the_first_line_break_outside_quotes() {
        assert_eq!(without_header("\"a\nb\",c\n1,2\n"), "1,2\n");
        assert_eq!(without_header("|n|\n|-|\n|1|\n"), "|1|\n");
        assert_eq!(without_header("n\n"), "");
    }
}
