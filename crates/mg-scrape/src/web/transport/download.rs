//! Files: streamed to a temporary file, since they may be larger than memory.

use std::{
    fs::File,
    io::{Seek, Write},
};

use reqwest::{Response, header::CONTENT_TYPE};
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
        let Answer::Fresh(opened) = self.opened(asked).await? else {
            return Ok(Answer::Unchanged);
        };
        match self.written(opened, most).await? {
            (_, true) => Err(Failure::TooBig(most)),
            (download, false) => Ok(Answer::Fresh(download)),
        }
    }

    /// Fetches the first `most` bytes of a file, and says whether it has more.
    ///
    /// # Errors
    ///
    /// What keeps them from coming.
    pub async fn beginning(
        &self,
        asked: Asked<'_>,
        most: u64,
    ) -> Result<(Download, bool), Failure> {
        let Answer::Fresh(opened) = self.opened(asked).await? else {
            return Err(Failure::Status(304));
        };
        self.written(opened, most).await
    }

    async fn written(
        &self,
        (url, mut response): (Url, Response),
        most: u64,
    ) -> Result<(Download, bool), Failure> {
        // Written by few large writes into the page cache: no worse than a thread of its own for each.
        let mut file = tempfile::tempfile().map_err(|error| disk(&error))?;
        let (mut length, mut is_cut) = (0_u64, false);
        while let Some(piece) = self.piece(&mut response).await? {
            let room = usize::try_from(most - length).unwrap_or(usize::MAX);
            let kept = piece.get(..room).unwrap_or(&piece);
            file.write_all(kept).map_err(|error| disk(&error))?;
            length += kept.len() as u64;
            is_cut = kept.len() < piece.len();
            if is_cut {
                break;
            }
        }
        file.rewind().map_err(|error| disk(&error))?;
        let download = Download {
            url,
            content_type: text(response.headers(), &CONTENT_TYPE).unwrap_or_default(),
            validators: Validators::of(response.headers()),
            file,
            length,
        };
        Ok((download, is_cut))
    }
}

fn disk(error: &std::io::Error) -> Failure {
    Failure::Disk(error.to_string())
}
