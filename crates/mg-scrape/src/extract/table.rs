//! HTML tables as rows under headers, cells that span several columns and rows laid out.

use mg_core::fold;
use scraper::ElementRef;

use super::text;

/// No page's table is wider; what spans more is cut.
const MOST_COLUMNS: usize = 500;
/// Cells that span rows are carried so far at most.
const MOST_ROWS: usize = 10_000;

/// A table.
pub(crate) struct Table<'a> {
    /// The headers of each column, from the topmost header row down.
    headers: Vec<Vec<String>>,
    pub(crate) rows: Vec<TableRow<'a>>,
}

/// A body row.
#[derive(Clone)]
pub(crate) struct TableRow<'a> {
    /// The row.
    pub(crate) element: ElementRef<'a>,
    /// The cell over each column, repeated where it spans several.
    pub(crate) cells: Vec<Option<ElementRef<'a>>>,
}

impl<'a> Table<'a> {
    /// The table that an element is, or the first one in it.
    pub(crate) fn of(element: ElementRef<'a>) -> Option<Self> {
        let table = element
            .descendent_elements()
            .find(|inner| inner.value().name() == "table")?;
        let mut laid_out = lay_out(rows_of(table));
        let heads = laid_out
            .iter()
            .take_while(|row| is_header(row.element))
            .count();
        let body = laid_out.split_off(heads);
        let width = laid_out
            .iter()
            .chain(&body)
            .map(|row| row.cells.len())
            .max()
            .unwrap_or(0);
        let header = |column: usize| {
            let texts = laid_out
                .iter()
                .filter_map(|row| row.cells.get(column).copied().flatten())
                .map(text::line);
            let mut texts: Vec<String> = texts.collect();
            texts.dedup();
            texts
        };
        Some(Self {
            headers: (0..width).map(header).collect(),
            rows: body,
        })
    }

    /// The column under a header: by all its levels joined by spaces, else by any one of them; case and accents do not count.
    pub(crate) fn column(&self, header: &str) -> Option<usize> {
        let wanted = fold(header);
        let whole = self
            .headers
            .iter()
            .position(|levels| fold(&levels.join(" ")) == wanted);
        whole.or_else(|| {
            self.headers
                .iter()
                .position(|levels| levels.iter().any(|level| fold(level) == wanted))
        })
    }
}

/// The rows of a table, not those of tables inside its cells, those of its head first.
fn rows_of(table: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    let parts = |wanted: fn(&str) -> bool| {
        table
            .child_elements()
            .filter(move |part| wanted(part.value().name()))
    };
    let head = parts(|name| name == "thead");
    let body = parts(|name| matches!(name, "tbody" | "tfoot"));
    head.chain(body)
        .flat_map(|part| part.child_elements())
        .filter(|row| row.value().name() == "tr")
        .collect()
}

/// A row of the head, or one whose cells are all headers.
fn is_header(row: ElementRef<'_>) -> bool {
    let in_head = row
        .parent()
        .and_then(ElementRef::wrap)
        .is_some_and(|part| part.value().name() == "thead");
    let mut cells = cells_of(row).peekable();
    in_head || (cells.peek().is_some() && cells.all(|cell| cell.value().name() == "th"))
}

fn cells_of(row: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    row.child_elements()
        .filter(|cell| matches!(cell.value().name(), "td" | "th"))
}

/// A cell that goes on in the rows below.
#[derive(Clone, Copy)]
struct Carried<'a> {
    cell: ElementRef<'a>,
    rows: usize,
}

fn lay_out(rows: Vec<ElementRef<'_>>) -> Vec<TableRow<'_>> {
    let mut carried: Vec<Option<Carried<'_>>> = Vec::new();
    let mut laid_out = Vec::with_capacity(rows.len());
    for element in rows {
        let mut cells: Vec<Option<ElementRef<'_>>> = Vec::new();
        for cell in cells_of(element) {
            take_carried(&mut cells, &mut carried);
            let (columns, rows) = (
                span(cell, "colspan", MOST_COLUMNS),
                span(cell, "rowspan", MOST_ROWS),
            );
            for _ in 0..columns.min(MOST_COLUMNS.saturating_sub(cells.len())) {
                let place = cells.len();
                cells.push(Some(cell));
                if carried.len() <= place {
                    carried.resize(place + 1, None);
                }
                if let Some(slot) = carried.get_mut(place) {
                    *slot = (rows > 1).then_some(Carried {
                        cell,
                        rows: rows - 1,
                    });
                }
            }
        }
        take_carried(&mut cells, &mut carried);
        laid_out.push(TableRow { element, cells });
    }
    laid_out
}

/// Puts in the cells that come from rows above, as far as they stand next.
fn take_carried<'a>(cells: &mut Vec<Option<ElementRef<'a>>>, carried: &mut [Option<Carried<'a>>]) {
    while let Some(slot) = carried.get_mut(cells.len()) {
        let Some(above) = *slot else { return };
        cells.push(Some(above.cell));
        *slot = (above.rows > 1).then_some(Carried {
            rows: above.rows - 1,
            ..above
        });
    }
}

fn span(cell: ElementRef<'_>, attribute: &str, most: usize) -> usize {
    let told: Option<usize> = cell
        .attr(attribute)
        .and_then(|text| text.trim().parse().ok());
    match (told, attribute) {
        // A rowspan of 0 reaches to the end of the table.
        (Some(0), "rowspan") => most,
        (told, _) => told.unwrap_or(1).clamp(1, most),
    }
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn read(html: &str) -> Vec<Vec<String>> {
        let document = Html::parse_document(html);
        let table = Table::of(document.root_element()).unwrap();
        let cell = |cell: &Option<ElementRef<'_>>| cell.map(text::line).unwrap_or_default();
        table
            .rows
            .iter()
            .map(|row| row.cells.iter().map(cell).collect())
            .collect()
    }

    const SPANS: &str = "<table><thead><tr><th rowspan=2>Commune<th colspan=2>Logements</tr><tr><th>2023<th>2024</thead>
        <tr><td rowspan=2>Lagny<td>1<td>2</tr><tr><td>3<td>4</tr><tr><td>Torcy<td colspan=2>secret</tr></table>";

    #[test]
    fn cells_that_span_are_repeated() {
        assert_eq!(
            read(SPANS),
            [
                ["Lagny", "1", "2"],
                ["Lagny", "3", "4"],
                ["Torcy", "secret", "secret"]
            ]
        );
    }

    #[test]
    fn a_column_is_found_by_its_headers_in_any_spelling() {
        let document = Html::parse_document(SPANS);
        let table = Table::of(document.root_element()).unwrap();
        assert_eq!(table.column("COMMUNE"), Some(0));
        assert_eq!(table.column("Logements 2024"), Some(2));
        assert_eq!(table.column("2024"), Some(2));
        assert_eq!(table.column("2025"), None);
    }

    #[test]
    fn a_first_row_of_headers_needs_no_head_and_row_headers_are_cells() {
        let rows = read("<table><tr><th>A<th>B</tr><tr><th>x<td>y</tr></table>");
        assert_eq!(rows, [["x", "y"]]);
    }

    #[test]
    fn a_table_inside_a_cell_is_text_of_the_cell() {
        assert_eq!(
            read("<table><tr><td>a<td><table><tr><td>b</table></tr></table>"),
            [["a", "b"]]
        );
    }

    #[test]
    fn absurd_spans_cost_little() {
        let rows = read("<table><tr><td colspan=99999999 rowspan=0>a</tr><tr><td>b</tr></table>");
        assert!(rows.iter().all(|row| row.len() <= MOST_COLUMNS));
    }
}
