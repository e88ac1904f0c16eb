//! How much one answer may hold.

use mg_core::config::ConfigFile;

/// The limits of one answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Rows.
    pub(crate) rows: usize,
    /// Characters, text and structured content together.
    pub(crate) characters: usize,
    /// Characters of one cell.
    pub(crate) cell: usize,
}

/// Room for counts, notes and braces around the rows.
const OVERHEAD: usize = 1_500;

impl Limits {
    /// The caller's wish within the operator's caps, and a note where the cap was lower.
    pub(crate) fn of(file: &ConfigFile, wanted: usize) -> (Self, Vec<String>) {
        let cap = file.sql.max_rows;
        let notes = if wanted > cap {
            vec![format!(
                "max_rows {wanted} is above this server's cap of {cap}"
            )]
        } else {
            vec![]
        };
        let limits = Self {
            rows: wanted.clamp(1, cap),
            characters: file.limits.answer_chars.saturating_sub(OVERHEAD),
            cell: file.sql.cell_chars,
        };
        (limits, notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_above_the_cap_is_clamped_and_told() {
        let (limits, notes) = Limits::of(&ConfigFile::default(), 1_000_000);
        assert_eq!(limits.rows, 10_000);
        assert!(notes[0].contains("10000"), "{notes:?}");
        assert_eq!(Limits::of(&ConfigFile::default(), 0).0.rows, 1);
    }
}
