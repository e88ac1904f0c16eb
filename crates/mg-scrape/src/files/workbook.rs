//! Workbooks (XLSX, XLS, ODS). A workbook of a few kilobytes can unfold into gigabytes, so it is read by a process of its
//! own that the system holds to its memory and that is given its time; that process writes CSV, which is read like any
//! other.

use std::{
    fs::File,
    io::{BufReader, Cursor, Read, Write},
    path::PathBuf,
    process::{Child, Command, ExitCode, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use calamine::{Data, Reader, Sheets, open_workbook_auto_from_rs};

use super::{batch::Batches, separated};
use crate::{definition::FileRule, extract::records::Mapping, item::Item};

/// Memory that the process may ask the system for, in kilobytes (`ulimit -v`).
const MEMORY_KB: u32 = 1 << 20;
/// How long it may take.
const TIME: Duration = Duration::from_mins(2);
/// Larger workbooks are not begun: they are held in memory.
const MOST: u64 = 200 << 20;

/// `ulimit` is the shell's: setting a limit in this process would need unsafe code.
const LIMITED: &str = "ulimit -v \"$1\" && shift && exec \"$@\"";

/// The rows of a workbook.
pub(super) fn rows(
    file: File,
    rule: &FileRule,
    mapping: &Mapping<'_>,
    batches: &mut Batches<impl FnMut(i64, Vec<Item>) -> bool>,
) -> Result<(), String> {
    let length = file
        .metadata()
        .map_err(|error| super::unreadable(&error))?
        .len();
    if length > MOST {
        return Err(format!(
            "a workbook of more than {} MB is not read",
            MOST >> 20
        ));
    }
    let mut child = started(file, rule.sheet.as_deref())
        .map_err(|error| format!("the workbook cannot be read: {error}"))?;
    let output = child
        .stdout
        .take()
        .ok_or("the process that reads workbooks has no output")?;
    let told = child.stderr.take();
    let (watch, in_time) = watched(child);
    let read = separated::rows(BufReader::new(output), rule, mapping, batches);
    drop(watch);
    let mut sentence = String::new();
    // Whatever it said before it ended.
    let _lost = told.map(|stderr| stderr.take(2_000).read_to_string(&mut sentence));
    match (in_time.recv(), sentence.lines().next()) {
        (Ok(Ended::Late), _) => Err(format!("the workbook took more than {} s", TIME.as_secs())),
        (Ok(Ended::Well), _) => read,
        (_, Some(sentence)) if !sentence.contains("memory allocation") => Err(sentence.to_owned()),
        _ => Err(format!(
            "the workbook needs more than {} MB of memory",
            MEMORY_KB >> 10
        )),
    }
}

enum Ended {
    Well,
    Badly,
    Late,
}

/// Waits for the process in a thread of its own, and ends it when its time is over or nobody reads any more.
fn watched(mut child: Child) -> (Watch, mpsc::Receiver<Ended>) {
    let (sender, receiver) = mpsc::channel();
    let is_over = Arc::new(AtomicBool::new(false));
    let dropped = Arc::clone(&is_over);
    std::thread::spawn(move || {
        let step = Duration::from_millis(20);
        let mut left = TIME;
        let mut unread = Duration::from_secs(2);
        let ended = loop {
            match child.try_wait() {
                Ok(Some(status)) => {
                    break if status.success() {
                        Ended::Well
                    } else {
                        Ended::Badly
                    };
                }
                Err(_) => break Ended::Badly,
                Ok(None) => {}
            }
            if dropped.load(Ordering::Relaxed) {
                unread = unread.saturating_sub(step);
            }
            left = left.saturating_sub(step);
            if left.is_zero() || unread.is_zero() {
                // It may have ended by itself meanwhile.
                let _gone = child.kill().and_then(|()| child.wait());
                break if left.is_zero() {
                    Ended::Late
                } else {
                    Ended::Well
                };
            }
            std::thread::sleep(step);
        };
        let _unheard = sender.send(ended);
    });
    (Watch(is_over), receiver)
}

/// Somebody reads.
struct Watch(Arc<AtomicBool>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn started(file: File, sheet: Option<&str>) -> std::io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", LIMITED, "parse", &MEMORY_KB.to_string()])
        .arg(program()?)
        .arg("parse");
    if let Some(sheet) = sheet {
        command.args(["--sheet", sheet]);
    }
    command
        .env_clear()
        .stdin(Stdio::from(file))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn()
}

/// This program; beside a test, the one that was built with it.
fn program() -> std::io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let name = format!("mg-scrape{}", std::env::consts::EXE_SUFFIX);
    let mut folders = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(&name));
    Ok(folders.find(|file| file.is_file()).unwrap_or(own))
}

/// The process: a sheet of the workbook on stdin as CSV on stdout. Exit code 0, or 1 with a sentence on stderr.
#[must_use]
pub fn parse(sheet: Option<&str>) -> ExitCode {
    match convert(std::io::stdin().lock(), sheet, std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _closed = writeln!(std::io::stderr(), "{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// What the process does: a sheet of the workbook on its input as CSV on its output.
fn convert(mut input: impl Read, sheet: Option<&str>, output: impl Write) -> Result<(), String> {
    let mut bytes = Vec::new();
    input
        .read_to_end(&mut bytes)
        .map_err(|error| super::unreadable(&error))?;
    // Each format that is tried takes a copy of the reader, none of the bytes.
    let mut workbook: Sheets<_> = open_workbook_auto_from_rs(Cursor::new(Arc::<[u8]>::from(bytes)))
        .map_err(|error| format!("the file is no workbook: {error}"))?;
    let names = workbook.sheet_names();
    let name = match sheet {
        Some(sheet) => names.iter().find(|name| name.trim() == sheet.trim()),
        None => names.first(),
    };
    let name = name.cloned().ok_or_else(|| {
        format!(
            "the workbook has no sheet `{}`; it has {}",
            sheet.unwrap_or_default(),
            names.join(", ")
        )
    })?;
    let range = workbook
        .worksheet_range(&name)
        .map_err(|error| format!("the sheet `{name}` cannot be read: {error}"))?;
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .from_writer(output);
    // Sheets that begin further down or to the right are read as they are seen.
    let (top, left) = range.start().unwrap_or_default();
    for _ in 0..top {
        writer
            .write_record([""])
            .map_err(|error| error.to_string())?;
    }
    for row in range.rows() {
        let cells = std::iter::repeat_n(String::new(), left as usize).chain(row.iter().map(cell));
        writer
            .write_record(cells)
            .map_err(|error| error.to_string())?;
    }
    writer.flush().map_err(|error| error.to_string())
}

/// A cell as a CSV file would have it: days as ISO dates, whole numbers without a fraction.
fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
            }
        }
    }
}
