//! What a run asked for, in a word for the database.

use aws_lc_rs::digest::{SHA256, digest};

use crate::{definition::Bound, hexadecimal::hexadecimal};

/// What a run asked for: its first requests; of many the first ones, and a number that tells the rest apart.
pub(super) fn asked_for(bound: &Bound) -> String {
    const TOLD: usize = 3;
    let starts: Vec<&str> = bound
        .start
        .iter()
        .map(|request| request.url.as_str())
        .collect();
    let told = starts
        .iter()
        .take(TOLD)
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    match starts.len().checked_sub(TOLD) {
        None | Some(0) => told,
        Some(more) => {
            let all = digest(&SHA256, starts.join(" ").as_bytes());
            let all = hexadecimal(&all.as_ref()[..4]);
            format!("{told} and {more} more ({all})")
        }
    }
}
