//! Golden files: what a test produced must equal what the repository holds.

use std::path::Path;

/// Compares `text` with the file at `path` (below the workspace root); `UPDATE=1` rewrites the file.
pub fn golden(path: &str, text: &str) {
    let path = crate::workspace_root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))
            .expect("the folder of a golden file");
        std::fs::write(&path, text).expect("a golden file can be written");
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == text,
        "{} differs from what the test made (first difference in line {}); run `just golden` if this was meant",
        path.display(),
        first_difference(&known, text)
    );
}

fn first_difference(known: &str, text: &str) -> usize {
    known
        .lines()
        .zip(text.lines())
        .take_while(|(left, right)| left == right)
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_different_line_is_named() {
        assert_eq!(first_difference("a\nb\nc", "a\nx\nc"), 2);
        assert_eq!(first_difference("", "a"), 1);
    }
}
