//! Tables of an answer's text.

use mg_core::markdown_table;

/// A Markdown table of some columns, each a heading and its cells, without the columns that have nothing to say.
pub(crate) fn table(columns: Vec<(&str, Vec<String>)>) -> String {
    let told: Vec<_> = columns
        .into_iter()
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    let headings: Vec<_> = told.iter().map(|(heading, _)| *heading).collect();
    let count = told.first().map_or(0, |(_, cells)| cells.len());
    let row = |index: usize| -> Vec<&str> {
        told.iter()
            .map(|(_, cells)| cells.get(index).map_or("", String::as_str))
            .collect()
    };
    markdown_table(&headings, (0..count).map(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_a_word_is_left_out() {
        let cells = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        let columns = vec![
            ("mois", cells(["mars", "avril"])),
            ("objectif", cells(["", ""])),
            ("valeur", cells(["5", ""])),
        ];
        assert_eq!(table(columns), "|mois|valeur|\n|-|-|\n|mars|5|\n|avril||\n");
    }
}
