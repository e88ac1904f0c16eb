//! `mg-scrape extract`: what read_page would tell of a saved page, whole.

use std::{
    io::{self, Read as _},
    path::Path,
    process::ExitCode,
};

use flate2::read::MultiGzDecoder;
use mg_core::{Environment, Flags, Language, Settings};
use serde::Serialize;
use url::Url;

use crate::{
    ExtractArguments,
    extract::MainContent,
    reader::{self, ReadPage},
    run::{print, runtime, say},
};

/// Where a page came from when nothing is said.
const NOWHERE: &str = "http://localhost/";

/// What is unpacked of a packed page.
const MOST_BYTES: u64 = 64_000_000;

/// The whole page, and the bare text of its main content beside it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extraction {
    #[serde(flatten)]
    page: ReadPage,
    /// As schema.org calls it.
    article_body: String,
}

/// Tells what read_page would for a saved page.
#[must_use]
pub fn extract(flags: &Flags, arguments: &ExtractArguments) -> ExitCode {
    match told(flags, arguments) {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(reason) => {
            say(&format!("mg-scrape: {reason}"));
            ExitCode::FAILURE
        }
    }
}

fn told(flags: &Flags, arguments: &ExtractArguments) -> Result<String, String> {
    let settings =
        Settings::load(flags, &Environment::of_process()).map_err(|error| error.to_string())?;
    let file = &arguments.file;
    let body = body(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => Url::parse(NOWHERE).map_err(|error| error.to_string())?,
    };
    let runtime = runtime().map_err(|error| error.to_string())?;
    let content = runtime
        .block_on(reader::content(&url, "", body))
        .map_err(|error| error.to_string())?;
    written(&url, content, arguments.json, settings.language)
}

/// The bytes of a saved page, packed by gzip or not.
fn body(file: &Path) -> io::Result<Vec<u8>> {
    let saved = std::fs::read(file)?;
    if !saved.starts_with(&[0x1f, 0x8b]) {
        return Ok(saved);
    }
    let mut body = Vec::new();
    MultiGzDecoder::new(&*saved)
        .take(MOST_BYTES)
        .read_to_end(&mut body)?;
    Ok(body)
}

fn written(
    url: &Url,
    content: MainContent,
    json: bool,
    language: Language,
) -> Result<String, String> {
    let article_body = content.text.clone();
    let page = ReadPage::part(url, content, 0, usize::MAX - 1, language)
        .map_err(|error| error.to_string())?;
    if !json {
        return Ok(page.text(language));
    }
    serde_json::to_string_pretty(&Extraction { page, article_body })
        .map_err(|error| error.to_string())
}
