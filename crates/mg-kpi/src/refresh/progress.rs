//! How far a refresh is, on a line of its own of a terminal.

use std::io::{IsTerminal, Write};

/// Cells of the bar.
const WIDTH: usize = 30;

/// A bar on stderr where that is a terminal; nothing elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: bool,
    done: usize,
    total: usize,
}

impl Progress {
    /// Of so many steps.
    pub(crate) fn of(total: usize) -> Self {
        let progress = Self {
            shown: std::io::stderr().is_terminal(),
            done: 0,
            total,
        };
        progress.draw("");
        progress
    }

    /// One more step, of this name.
    pub(crate) fn step(&mut self, name: &str) {
        self.done += 1;
        self.draw(name);
    }

    /// So many steps in all, and what to say of them.
    pub(crate) fn reach(&mut self, done: usize, words: &str) {
        self.done = done;
        self.draw(words);
    }

    /// Clears the line.
    pub(crate) fn end(&self) {
        self.write("\r\x1b[K");
    }

    fn draw(&self, name: &str) {
        self.write(&format!("\r\x1b[K{}", line(self.done, self.total, name)));
    }

    fn write(&self, text: &str) {
        if self.shown {
            let mut terminal = std::io::stderr();
            // Nothing to do about a terminal that went away.
            let _closed = write!(terminal, "{text}").and_then(|()| terminal.flush());
        }
    }
}

fn line(done: usize, total: usize, name: &str) -> String {
    let filled = (done * WIDTH).checked_div(total).unwrap_or(WIDTH);
    let bar = "█".repeat(filled) + &"░".repeat(WIDTH - filled.min(WIDTH));
    format!("{bar} {done}/{total} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_with_the_steps() {
        assert_eq!(line(0, 33, ""), format!("{} 0/33 ", "░".repeat(30)));
        let half = "█".repeat(15) + &"░".repeat(15);
        assert_eq!(line(5, 10, "emploi"), format!("{half} 5/10 emploi"));
        assert_eq!(line(3, 3, "x"), format!("{} 3/3 x", "█".repeat(30)));
        assert!(line(0, 0, "").starts_with('█'));
    }
}
