//! The terminal: plain text, dressed up a little where a person looks at it.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use mg_core::Environment;

/// Columns where the terminal does not say.
const WIDTH: u16 = 100;

/// Where sub-commands write for people. Nothing is done about a closed pipe (`| head`).
pub(crate) struct Terminal<'a> {
    out: &'a mut dyn Write,
    styled: bool,
    width: u16,
}

impl<'a> Terminal<'a> {
    /// Stdout of this process: with colours on a terminal, unless `NO_COLOR` is set.
    pub(crate) fn of_process(out: &'a mut dyn Write, environment: &Environment) -> Self {
        let styled = std::io::stdout().is_terminal() && environment.raw("NO_COLOR").is_none();
        let columns = environment
            .raw("COLUMNS")
            .and_then(|columns| columns.parse().ok());
        Self {
            out,
            styled,
            width: columns.unwrap_or(WIDTH).clamp(40, 160),
        }
    }

    /// Plain text of a given width.
    #[cfg(test)]
    pub(crate) fn plain(out: &'a mut dyn Write, width: u16) -> Self {
        Self {
            out,
            styled: false,
            width,
        }
    }

    /// Text as it is.
    pub(crate) fn raw(&mut self, text: &str) {
        let _closed = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
    }

    /// One line.
    pub(crate) fn line(&mut self, text: &str) {
        self.raw(&format!("{text}\n"));
    }

    /// One bold line.
    pub(crate) fn heading(&mut self, text: &str) {
        self.dressed("1", text);
    }

    /// One line that tells whether something is as it should be.
    pub(crate) fn verdict(&mut self, good: bool, text: &str) {
        self.dressed(if good { "32" } else { "1;31" }, text);
    }

    /// A line in the style of an ANSI code (ECMA-48, SGR).
    fn dressed(&mut self, code: &str, text: &str) {
        if self.styled {
            self.line(&format!("\x1b[{code}m{text}\x1b[0m"));
        } else {
            self.line(text);
        }
    }

    /// Text broken at the terminal's width, each line behind `indent`.
    pub(crate) fn paragraph(&mut self, indent: &str, text: &str) {
        for line in self.broken(indent, text) {
            self.line(&line);
        }
    }

    /// As [`Self::paragraph`], in text that stands back.
    pub(crate) fn aside(&mut self, indent: &str, text: &str) {
        for line in self.broken(indent, text) {
            self.dressed("2", &line);
        }
    }

    fn broken(&self, indent: &str, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for line in text.lines() {
            let mut table = self.table_of(presets::NOTHING, indent);
            table.add_row([line]);
            // The table pads its only column by one space on each side.
            let padded = table.trim_fmt();
            let broken = padded
                .lines()
                .map(|line| line.strip_prefix(' ').unwrap_or(line));
            lines.extend(broken.map(|line| format!("{indent}{line}").trim_end().to_owned()));
        }
        lines
    }

    /// A table behind `indent`.
    pub(crate) fn table(&mut self, indent: &str, header: &[String], rows: &[Vec<String>]) {
        let style = if self.styled {
            presets::UTF8_FULL_CONDENSED
        } else {
            presets::ASCII_MARKDOWN
        };
        let mut table = self.table_of(style, indent);
        table.set_header(header).add_rows(rows);
        for line in table.lines() {
            self.line(&format!("{indent}{line}"));
        }
    }

    fn table_of(&self, style: comfy_table::TableStyle, indent: &str) -> Table {
        let mut table = Table::new();
        let indent = u16::try_from(indent.len()).unwrap_or_default();
        table
            .load_style(style)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.width.saturating_sub(indent));
        table
    }
}

impl std::fmt::Debug for Terminal<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Terminal")
            .field("styled", &self.styled)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: u16, styled: bool, write: impl FnOnce(&mut Terminal<'_>)) -> String {
        let mut out = Vec::new();
        write(&mut Terminal {
            styled,
            ..Terminal::plain(&mut out, width)
        });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_paragraph_is_broken_at_the_width_and_indented() {
        let text = written(20, false, |terminal| {
            terminal.paragraph("  ", "one two three four five\nsix");
        });
        assert!(text.lines().count() > 2, "{text}");
        assert!(
            text.lines()
                .all(|line| line.starts_with("  ") && line.len() <= 20),
            "{text}"
        );
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words, ["one", "two", "three", "four", "five", "six"]);
    }

    #[test]
    fn plain_text_has_no_escape_codes_and_styled_text_resets_them() {
        let write = |terminal: &mut Terminal<'_>| {
            terminal.heading("a");
            terminal.verdict(false, "b");
        };
        assert_eq!(written(40, false, write), "a\nb\n");
        assert_eq!(
            written(40, true, write),
            "\x1b[1ma\x1b[0m\n\x1b[1;31mb\x1b[0m\n"
        );
    }

    #[test]
    fn a_plain_table_is_markdown() {
        let text = written(40, false, |terminal| {
            terminal.table(" ", &["commune".into()], &[vec!["Lagny".into()]]);
        });
        assert_eq!(text, " | commune |\n |---------|\n | Lagny   |\n");
    }
}
