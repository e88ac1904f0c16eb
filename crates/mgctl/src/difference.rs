//! What changes between two texts, line by line.

/// Lines shown around a change.
const CONTEXT: usize = 2;

/// The changed lines, `-` before those that go and `+` before those that come, with a few lines
/// around them.
pub(crate) fn of(before: &str, after: &str) -> String {
    let marked = marked(
        &before.lines().collect::<Vec<_>>(),
        &after.lines().collect::<Vec<_>>(),
    );
    let near = |index: usize| {
        let (from, to) = (
            index.saturating_sub(CONTEXT),
            (index + CONTEXT + 1).min(marked.len()),
        );
        marked[from..to].iter().any(|(mark, _)| *mark != ' ')
    };
    let (mut shown, mut skipping) = (String::new(), false);
    for (index, (mark, line)) in marked.iter().enumerate() {
        if near(index) {
            shown.push_str(format!("{mark} {line}").trim_end());
            shown.push('\n');
        } else if !skipping {
            shown.push_str("…\n");
        }
        skipping = !near(index);
    }
    shown
}

/// Every line with its mark. At a difference the nearest pair of equal lines is where both go on.
fn marked<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<(char, &'a str)> {
    let (mut old, mut new, mut lines) = (0, 0, Vec::new());
    while old < before.len() || new < after.len() {
        let (gone, come) = to_the_next_equal(&before[old..], &after[new..]);
        lines.extend(before[old..old + gone].iter().map(|line| ('-', *line)));
        lines.extend(after[new..new + come].iter().map(|line| ('+', *line)));
        (old, new) = (old + gone, new + come);
        if let Some(line) = before.get(old).filter(|_| new < after.len()) {
            lines.push((' ', *line));
            (old, new) = (old + 1, new + 1);
        }
    }
    lines
}

/// How many lines of each go by before both have the same one.
fn to_the_next_equal(before: &[&str], after: &[&str]) -> (usize, usize) {
    for distance in 0..before.len() + after.len() {
        for gone in 0..=distance {
            let come = distance - gone;
            if let (Some(old), Some(new)) = (before.get(gone), after.get(come))
                && old == new
            {
                return (gone, come);
            }
        }
    }
    (before.len(), after.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_that_comes_is_shown_with_those_around_it() {
        let shown = of("a\nb\nc\nd\ne\nf", "a\nb\nc\nd\nx\ne\nf");
        assert_eq!(shown, "…\n  c\n  d\n+ x\n  e\n  f\n");
    }

    #[test]
    fn equal_texts_show_no_change() {
        assert_eq!(of("a\nb", "a\nb"), "…\n");
    }

    proptest! {
        #[test]
        fn the_unmarked_and_the_old_lines_are_the_old_text(before in proptest::collection::vec("[abc]", 0..8), after in proptest::collection::vec("[abc]", 0..8)) {
            let (before, after): (Vec<&str>, Vec<&str>) =
                (before.iter().map(String::as_str).collect(), after.iter().map(String::as_str).collect());
            let lines = marked(&before, &after);
            let without = |mark| lines.iter().filter(move |line| line.0 != mark).map(|line| line.1).collect::<Vec<_>>();
            prop_assert_eq!(without('+'), before);
            prop_assert_eq!(without('-'), after);
        }
    }
}
