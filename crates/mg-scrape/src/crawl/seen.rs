//! Which requests were found lately. The ledger knows all of them; this spares it most of the questions, in the same
//! memory however many there are.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

/// Requests of a generation, 8 bytes each.
const GENERATION: usize = 57_000;

/// The latest requests, in two generations: when the younger one is full, it becomes the older one.
#[derive(Debug, Default)]
pub(super) struct Seen {
    hasher: RandomState,
    younger: HashSet<u64>,
    older: HashSet<u64>,
}

impl Seen {
    /// Whether it was not found lately; from now on it was.
    pub(super) fn is_new(&mut self, url: &str, role: &str) -> bool {
        let request = self.hasher.hash_one((url, role));
        if self.younger.contains(&request) {
            return false;
        }
        if self.younger.len() >= GENERATION {
            self.older = std::mem::take(&mut self.younger);
        }
        self.younger.insert(request);
        !self.older.contains(&request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_again_and_again_is_remembered_in_bounded_memory() {
        let mut seen = Seen::default();
        assert!(seen.is_new("https://a.fr/", "page"));
        for number in 0..GENERATION * 5 {
            assert!(seen.is_new(&format!("https://a.fr/{number}"), "page"));
            if number % 10_000 == 0 {
                assert!(!seen.is_new("https://a.fr/", "page"), "{number}");
            }
        }
        assert!(seen.is_new("https://a.fr/", "sitemap"));
        assert!(seen.younger.len() + seen.older.len() <= 2 * GENERATION);
    }
}
