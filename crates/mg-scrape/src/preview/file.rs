//! The first rows of a file.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek};

use mg_core::ToolError;
use url::Url;

use super::{Line, Opening, Remark};
use crate::{
    definition::{Bound, FileKind, FileRule, RequestRole},
    extract::{Extracted, Match},
    files,
    item::{Item, Value},
    web::transport::Download,
};

/// Bytes of a file that is read row by row: enough for the rows of a preview.
const BEGINNING: u64 = 2_000_000;
/// Bytes of a file that has to be read whole: workbooks, JSON, and what is packed.
const WHOLE: u64 = 20_000_000;

/// The first rows of a file, one batch at most, and how many of them have each column.
pub(super) async fn file(
    bound: Bound,
    line: &Line,
    (role, place): (RequestRole, usize),
    url: &Url,
) -> Result<(Bound, Opening), ToolError> {
    let wanted = bound.spider.definition.file.get(place).cloned();
    let wanted = wanted.ok_or_else(|| ToolError::Invalid("the spider has no such file".into()))?;
    let (download, is_cut) = begun(line, &wanted, url).await?;
    let url = download.url.clone();
    let path = url.path().to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        let mut rows: Vec<Item> = Vec::new();
        let deliver = |_, batch: Vec<Item>| {
            rows.extend(batch);
            false
        };
        let outcome = files::read(&bound, role, (&path, download.file), deliver);
        (bound, outcome.map(|outcome| (rows, outcome)))
    });
    let (bound, read) = reading
        .await
        .map_err(|error| ToolError::Internal(error.into()))?;
    let (items, outcome) =
        read.map_err(|reason| ToolError::Unavailable(format!("{url}: {reason}")))?;
    let extracted = Extracted {
        matches: matches(&bound, &wanted, place, (&items, &outcome.unpivoted)),
        rejected: outcome.rejections,
        items,
        ..Extracted::default()
    };
    let rows = extracted.items.len();
    let mut opening = Opening::of(url, extracted);
    if is_cut || rows >= files::BATCH {
        opening.remarks.push(Remark::FirstRows(rows));
    }
    if !outcome.unpivoted.is_empty() {
        opening.remarks.push(Remark::Unpivoted(outcome.unpivoted));
    }
    Ok((bound, opening))
}

/// As much of a file as a preview needs: whole lines, or all of it.
async fn begun(line: &Line, rule: &FileRule, url: &Url) -> Result<(Download, bool), ToolError> {
    if rule.kind == FileKind::Csv {
        // The rows that a condition keeps may stand anywhere.
        let most = rule.filter.as_ref().map_or(BEGINNING, |_| WHOLE);
        let (mut download, is_cut) = line.file(url, most).await?;
        if !is_cut {
            return Ok((download, false));
        }
        if files::is_plain(&mut download.file).map_err(ToolError::Unavailable)? {
            whole_lines(&mut download.file).map_err(|error| ToolError::Internal(error.into()))?;
            return Ok((download, true));
        }
    }
    let (download, is_cut) = line.file(url, WHOLE).await?;
    if is_cut {
        return Err(ToolError::Invalid(format!(
            "{url}: a file of this kind is previewed whole, up to {} MB; launch the spider with small limits, e.g. {{\"max_items\": 100}}",
            WHOLE / 1_000_000
        )));
    }
    Ok((download, false))
}

/// Ends a file behind its last whole line.
fn whole_lines(file: &mut File) -> std::io::Result<()> {
    file.rewind()?;
    let (mut lines, mut length, mut last) = (BufReader::new(&*file), 0_u64, 0_u64);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let count = lines.read_until(b'\n', &mut buffer)?;
        if count == 0 {
            break;
        }
        length += count as u64;
        if buffer.ends_with(b"\n") {
            last = length;
        }
    }
    file.set_len(if last > 0 { last } else { length })?;
    file.rewind()
}

/// How many of the columns become rows, and how many of the rows have a value in each column.
fn matches(
    bound: &Bound,
    rule: &FileRule,
    place: usize,
    (items, unpivoted): (&[Item], &[String]),
) -> Vec<Match> {
    let targets = bound.spider.targets();
    let target = bound
        .spider
        .target_of(&rule.table)
        .and_then(|place| targets.get(place));
    let columns = rule.columns.iter().filter_map(|(source, column)| {
        let at = target?.place(&column.to)?;
        let there = |item: &&Item| !matches!(item.values.get(at), None | Some(Value::Null));
        Some(Match {
            rule: format!("file[{place}].columns"),
            selector: source.clone(),
            count: items.iter().filter(there).count(),
        })
    });
    let unpivot = rule.unpivot.iter().map(|unpivot| Match {
        rule: format!("file[{place}].unpivot"),
        selector: unpivot.columns.as_str().to_owned(),
        count: unpivoted.len(),
    });
    unpivot.chain(columns).collect()
}
