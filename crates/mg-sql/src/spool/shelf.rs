//! Where cursors lead, and the room that all results share.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use mg_core::{Clock, Role};

use super::Stored;

/// How long a result is kept.
pub(super) const KEPT: SignedDuration = SignedDuration::from_mins(15);

/// The results that can be paged, by cursor.
#[derive(Debug)]
pub(super) struct Shelf {
    clock: Clock,
    /// Bytes that all results may take together.
    pub(super) limit: u64,
    used: Arc<AtomicU64>,
    kept: Mutex<HashMap<String, Kept>>,
}

/// A page that can be asked for: its cursor leads here.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) result: Arc<Stored>,
    pub(super) offset: u64,
    since: Timestamp,
}

/// The bytes that one result takes of the room; given back with it.
#[derive(Debug)]
pub(super) struct Taken {
    used: Arc<AtomicU64>,
    pub(super) bytes: u64,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Shelf {
    pub(super) fn new(clock: Clock, limit: u64) -> Self {
        Self {
            clock,
            limit,
            used: Arc::default(),
            kept: Mutex::default(),
        }
    }

    /// A place for a result that has no rows yet.
    pub(super) fn place(&self) -> Taken {
        Taken {
            used: Arc::clone(&self.used),
            bytes: 0,
        }
    }

    /// Takes more bytes for a result: of what is free, else of what has expired, else of the oldest results,
    /// which are the least likely to be asked for. False where they do not suffice.
    pub(super) fn take(&self, taken: &mut Taken, bytes: u64) -> bool {
        if taken.bytes + bytes > self.limit {
            return false; // nothing that could go would be enough
        }
        if !self.fits(bytes) {
            self.drop_expired();
            while !self.fits(bytes) {
                if !self.drop_oldest() {
                    return false;
                }
            }
        }
        taken.bytes += bytes;
        true
    }

    fn fits(&self, bytes: u64) -> bool {
        let within = |used: u64| (used + bytes <= self.limit).then_some(used + bytes);
        let order = Ordering::Relaxed;
        self.used.fetch_update(order, order, within).is_ok()
    }

    /// Remembers a place in a result; gives its cursor.
    pub(super) fn remember(&self, result: Arc<Stored>, offset: u64) -> Option<String> {
        let cursor = mg_core::random_id().ok()?;
        let page = Kept {
            result,
            offset,
            since: self.clock.now(),
        };
        self.kept().insert(cursor.clone(), page);
        Some(cursor)
    }

    /// The page of a cursor, for the role that asked.
    pub(super) fn find(&self, role: Role, cursor: &str) -> Option<Kept> {
        let page = self.kept().get(cursor).cloned();
        page.filter(|page| self.is_fresh(page) && page.result.role == role)
    }

    /// Drops the results that nobody may ask for any more.
    pub(super) fn drop_expired(&self) {
        self.kept().retain(|_, page| self.is_fresh(page));
    }

    fn drop_oldest(&self) -> bool {
        let mut kept = self.kept();
        let oldest = kept.iter().min_by_key(|(_, page)| page.since);
        let cursor = oldest.map(|(cursor, _)| cursor.clone());
        cursor.and_then(|cursor| kept.remove(&cursor)).is_some()
    }

    fn is_fresh(&self, page: &Kept) -> bool {
        self.clock.now().duration_since(page.since) < KEPT
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use mg_db::gate::{Cell, Flow};

    use super::*;
    use crate::{
        rows::{Format, Limits, Rows},
        spool::Spool,
    };

    /// A spool of a megabyte, and the seconds that its clock is moved by.
    fn spool() -> (Spool, Arc<AtomicI64>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = Arc::clone(&seconds);
        let clock = Clock::told_by(move || {
            Timestamp::from_second(1_800_000_000 + moved.load(Ordering::Relaxed)).unwrap()
        });
        let spool = Spool::new(Ok(folder.path().join("results")), 1, clock);
        (spool, seconds, folder)
    }

    /// Keeps a result of so many rows of ten kilobytes; gives its cursor and how many had room.
    fn keep(spool: &Spool, rows: usize) -> (Option<String>, usize) {
        let text = "x".repeat(10_000);
        let mut writer = spool.writer();
        let kept = (0..rows)
            .take_while(|_| writer.row(&[Cell::Text(&text)]) == Flow::More)
            .count();
        writer.flush();
        (spool.keep(Role::Viewer, writer, &[], false), kept)
    }

    fn is_there(spool: &Spool, cursor: &str) -> bool {
        let limits = Limits {
            rows: 1,
            characters: 1_000,
            cell: 10,
        };
        let mut page = Rows::new(Format::Csv, limits);
        spool.read(Role::Viewer, cursor, &mut page).is_ok()
    }

    #[test]
    fn a_result_expires_and_makes_room_for_the_next() {
        let (spool, seconds, _folder) = spool();
        let (cursor, kept) = keep(&spool, 99);
        assert_eq!(kept, 99);
        seconds.store(KEPT.as_secs() - 1, Ordering::Relaxed);
        let cursor = cursor.unwrap();
        let last = spool.shelf.find(Role::Viewer, &cursor);
        assert!(last.is_some());
        drop(last);
        seconds.store(KEPT.as_secs(), Ordering::Relaxed);
        assert!(!is_there(&spool, &cursor));
        let writer = spool.writer();
        assert_eq!(spool.shelf.used.load(Ordering::Relaxed), 0);
        drop(writer);
        assert_eq!(keep(&spool, 99).1, 99);
    }

    #[test]
    fn a_full_spool_gives_up_its_oldest_results_for_the_newest() {
        let (spool, seconds, _folder) = spool();
        let first = keep(&spool, 40).0.unwrap();
        seconds.store(60, Ordering::Relaxed);
        let second = keep(&spool, 40).0.unwrap();
        seconds.store(120, Ordering::Relaxed);
        let (third, kept) = keep(&spool, 40);
        assert_eq!(kept, 40);
        assert!(!is_there(&spool, &first));
        assert!(is_there(&spool, &second) && is_there(&spool, &third.unwrap()));
    }

    #[test]
    fn a_result_larger_than_the_spool_keeps_what_has_room() {
        let (spool, _seconds, _folder) = spool();
        assert_eq!(keep(&spool, 500).1, 99);
    }
}
