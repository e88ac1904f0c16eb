//! A task's log as Airflow streams it, an entry a line: of a long one what stands at its end is kept.

use std::collections::VecDeque;

use reqwest::{Response, header::CONTENT_TYPE};

use super::{Failure, body};
use crate::wire::{Log, LogEntry};

/// What is asked for; an Airflow that does not stream answers with a document.
pub(super) const STREAM: &str = "application/x-ndjson, application/json;q=0.5";

/// Entries that are kept, the last ones.
const KEPT: usize = 2_000;
/// Bytes that are read of one log.
const MOST: usize = 256 << 20;
/// Longer lines are left out.
const LONGEST: usize = 1 << 20;

/// A log, of which the last entries are kept.
///
/// # Errors
///
/// [`Failure`] when the stream breaks or is no log.
pub(super) async fn read(mut answer: Response) -> Result<Log, Failure> {
    let kind = answer.headers().get(CONTENT_TYPE);
    let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-ndjson"));
    if !is_stream {
        return body::read(answer).await;
    }
    let mut lines = Lines::default();
    let mut read = 0;
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => {
                read += chunk.len();
                if read > MOST {
                    return Err(Failure::TooLarge);
                }
                lines.take(&chunk)?;
            }
            Ok(None) => return lines.finish(),
            Err(error) => return Err(Failure::of_transport(&error)),
        }
    }
}

/// Puts lines together, and forgets the oldest.
#[derive(Default)]
struct Lines {
    kept: VecDeque<LogEntry>,
    dropped: usize,
    begun: Vec<u8>,
    /// The line that has begun is longer than is read.
    is_too_long: bool,
}

impl Lines {
    fn take(&mut self, mut chunk: &[u8]) -> Result<(), Failure> {
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = chunk.split_at(end);
            self.add(line);
            self.end_line()?;
            chunk = rest.get(1..).unwrap_or_default();
        }
        self.add(chunk);
        Ok(())
    }

    fn add(&mut self, part: &[u8]) {
        self.is_too_long |= self.begun.len() + part.len() > LONGEST;
        if !self.is_too_long {
            self.begun.extend_from_slice(part);
        }
    }

    fn end_line(&mut self) -> Result<(), Failure> {
        let is_read = !self.is_too_long && !self.begun.iter().all(u8::is_ascii_whitespace);
        if is_read {
            let entry = serde_json::from_slice(&self.begun);
            let entry = entry.map_err(|_| Failure::Strange("its log is none".into()))?;
            if self.kept.len() == KEPT {
                self.kept.pop_front();
                self.dropped += 1;
            }
            self.kept.push_back(entry);
        }
        self.begun.clear();
        self.is_too_long = false;
        Ok(())
    }

    fn finish(mut self) -> Result<Log, Failure> {
        self.end_line()?;
        Ok(Log {
            content: self.kept.into(),
            dropped: self.dropped,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&[u8]]) -> Result<Vec<String>, Failure> {
        let mut lines = Lines::default();
        for chunk in chunks {
            lines.take(chunk)?;
        }
        let entries = lines.finish()?.content;
        Ok(entries.into_iter().map(|entry| entry.event).collect())
    }

    #[test]
    fn entries_come_in_any_pieces() {
        let log = "{\"event\": \"été\"}\n\n{\"event\": \"two\"}".as_bytes();
        for cut in 0..log.len() {
            let (one, other) = log.split_at(cut);
            assert_eq!(read(&[one, other]).unwrap(), ["été", "two"], "{cut}");
        }
    }

    #[test]
    fn of_a_long_log_the_end_is_kept_and_a_line_without_end_is_left_out() {
        let many: Vec<String> = (0..KEPT + 5)
            .map(|number| format!("{{\"event\": \"{number}\"}}"))
            .collect();
        let many = many.join("\n");
        let kept = read(&[many.as_bytes()]).unwrap();
        assert_eq!((kept.len(), kept[0].as_str()), (KEPT, "5"));
        let endless = vec![b'x'; LONGEST + 1];
        assert_eq!(
            read(&[
                b"{\"event\": \"one\"}\n",
                &endless,
                b"\n{\"event\": \"two\"}\n"
            ])
            .unwrap(),
            ["one", "two"]
        );
    }

    #[test]
    fn what_is_no_log_is_told() {
        assert!(matches!(read(&[b"<html>\n"]), Err(Failure::Strange(_))));
    }
}
