//! The states of a run as Airflow streams them: a JSON object a line.

use reqwest::Response;
use serde::Deserialize;

use super::Failure;

/// Longer lines are no states.
const LONGEST: usize = 64 << 10;

/// A stream of states, closed when dropped.
#[derive(Debug)]
pub(crate) struct States {
    answer: Response,
    read: Vec<u8>,
}

#[derive(Deserialize)]
struct Line {
    state: String,
}

impl States {
    pub(super) const fn of(answer: Response) -> Self {
        Self {
            answer,
            read: Vec::new(),
        }
    }

    /// The next state; `None` once Airflow has closed the stream.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the stream breaks or is none of states.
    pub(crate) async fn next(&mut self) -> Result<Option<String>, Failure> {
        loop {
            if let Some(line) = self.line() {
                return Ok(Some(line?));
            }
            if self.read.len() > LONGEST {
                return Err(Failure::TooLarge);
            }
            match self.answer.chunk().await {
                Ok(Some(chunk)) => self.read.extend_from_slice(&chunk),
                Ok(None) => return Ok(None),
                Err(error) => return Err(Failure::of_transport(&error)),
            }
        }
    }

    /// The first whole line that is not empty.
    fn line(&mut self) -> Option<Result<String, Failure>> {
        loop {
            let end = self.read.iter().position(|byte| *byte == b'\n')?;
            let line: Vec<u8> = self.read.drain(..=end).collect();
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let state = serde_json::from_slice::<Line>(&line).map(|line| line.state);
            return Some(
                state.map_err(|_| Failure::Strange("its stream of states is none".into())),
            );
        }
    }
}
