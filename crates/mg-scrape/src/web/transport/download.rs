//! Files: streamed to a temporary file, since they may be larger than memory.

use std::{
    fs::File,
    io::{Seek, Write},
};

use reqwest::header::CONTENT_TYPE;
use url::Url;

use super::{Answer, Asked, Failure, Transport, Validators, text};

/// A file that was fetched whole; it is gone from the disk when dropped.
#[derive(Debug)]
pub struct Download {
    /// Where it was in the end.
    pub url: Url,
    /// `Content-Type`, or empty.
    pub content_type: String,
    /// The version.
    pub validators: Validators,
    /// Its bytes, decompressed; to be read from the start.
    pub file: File,
    /// How many they are.
    pub length: u64,
}

impl Transport {
    /// Fetches a file of at most `most` bytes. It may take as long as it keeps coming.
    ///
    /// # Errors
    ///
    /// Whatever is not a whole success; a file that broke off has to be fetched again from its start.
    pub async fn file(&self, asked: Asked<'_>, most: u64) -> Result<Answer<Download>, Failure> {
        let Answer::Fresh((url, mut response)) = self.opened(asked).await? else {
            return Ok(Answer::Unchanged);
        };
        // Written by few large writes into the page cache: no worse than a thread of its own for each.
        let mut file = tempfile::tempfile().map_err(|error| disk(&error))?;
        let mut length = 0_u64;
        while let Some(piece) = self.piece(&mut response).await? {
            length += piece.len() as u64;
            if length > most {
                return Err(Failure::TooBig(most));
            }
            file.write_all(&piece).map_err(|error| disk(&error))?;
        }
        file.rewind().map_err(|error| disk(&error))?;
        Ok(Answer::Fresh(Download {
            url,
            content_type: text(response.headers(), &CONTENT_TYPE).unwrap_or_default(),
            validators: Validators::of(response.headers()),
            file,
            length,
        }))
    }
}

fn disk(error: &std::io::Error) -> Failure {
    Failure::Disk(error.to_string())
}
