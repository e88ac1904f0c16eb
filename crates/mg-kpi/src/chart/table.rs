//! The numbers of a picture as an HTML table, for those who do not see it and those who copy from it.

use mg_core::kpi::{ForecastStep, Number};

use super::{
    plot::{Observed, Plot, bound_of},
    svg::push_escaped,
    words::{Words, status},
};

/// A column of numbers.
#[derive(Clone, Copy)]
enum Column {
    /// Of the past: what stands in it, and its heading in French and English.
    Observed(fn(&Observed) -> Option<Number>, &'static str, &'static str),
    /// The point forecast, and the estimates of the provisional tail.
    Expected,
    /// The ends of the interval of a level.
    Lower(Number),
    Upper(Number),
}

/// The columns of the past.
const OBSERVED: [Column; 3] = [
    Column::Observed(|at| at.value, "Valeur", "Value"),
    Column::Observed(|at| at.target, "Objectif", "Target"),
    Column::Observed(|at| at.compared, "Millésime comparé", "Compared vintage"),
];

impl Column {
    fn heading(self, plot: &Plot) -> String {
        let pick = |french, english| plot.language.pick(french, english);
        let percent = |level| Words(plot).percent(level);
        match self {
            Self::Observed(_, french, english) => pick(french, english).to_owned(),
            Self::Expected => pick("Prévision", "Forecast").to_owned(),
            Self::Lower(level) => format!("{} {}", percent(level), pick("bas", "lower")),
            Self::Upper(level) => format!("{} {}", percent(level), pick("haut", "upper")),
        }
    }

    fn observed(self, at: &Observed) -> Option<Number> {
        match self {
            Self::Observed(number, ..) => number(at),
            Self::Expected => at.estimate,
            Self::Lower(_) | Self::Upper(_) => None,
        }
    }

    fn expected(self, step: &ForecastStep) -> Option<Number> {
        match self {
            Self::Observed(..) => None,
            Self::Expected => Some(step.value),
            Self::Lower(level) => Some(bound_of(step, level)?.lower),
            Self::Upper(level) => Some(bound_of(step, level)?.upper),
        }
    }
}

/// The table: one row a period, one column for everything that is drawn.
pub(super) fn table(plot: &Plot) -> String {
    let columns = columns(plot);
    let mut html = String::from("<table>\n");
    let caption = format!("{} ({})", Words(plot).name(), plot.unit);
    cell(&mut html, "caption", "", &caption);
    head(&mut html, plot, &columns);
    html.push_str("<tbody>\n");
    for at in &plot.observed {
        let numbers = columns.iter().map(|column| column.observed(at));
        row(
            &mut html,
            plot,
            &at.period.label,
            status(at.status, plot.language),
            numbers,
        );
    }
    let expected = plot.language.pick("prévision", "forecast");
    for step in &plot.expected {
        let numbers = columns.iter().map(|column| column.expected(step));
        row(&mut html, plot, &step.period.label, expected, numbers);
    }
    html.push_str("</tbody></table>\n");
    html
}

/// Those that have a number; the values always.
fn columns(plot: &Plot) -> Vec<Column> {
    let [values, others @ ..] = OBSERVED;
    let mut columns = vec![values];
    let filled = |column: &Column| plot.observed.iter().any(|at| column.observed(at).is_some());
    columns.extend(others.into_iter().filter(filled));
    if !plot.expected.is_empty() {
        columns.push(Column::Expected);
    }
    let levels = plot.levels().into_iter().rev();
    columns.extend(levels.flat_map(|level| [Column::Lower(level), Column::Upper(level)]));
    columns
}

fn head(html: &mut String, plot: &Plot, columns: &[Column]) {
    let fixed = plot
        .language
        .pick(["Période", "Statut"], ["Period", "Status"]);
    let numbers = columns.iter().map(|column| column.heading(plot));
    html.push_str("\n<thead><tr>");
    for heading in fixed.map(str::to_owned).into_iter().chain(numbers) {
        cell(html, "th", " scope=\"col\"", &heading);
    }
    html.push_str("</tr></thead>\n");
}

fn row(
    html: &mut String,
    plot: &Plot,
    period: &str,
    status: &str,
    numbers: impl Iterator<Item = Option<Number>>,
) {
    html.push_str("<tr>");
    cell(html, "th", " scope=\"row\"", period);
    cell(html, "td", "", status);
    for number in numbers {
        let told = number.map(|number| number.told(plot.language));
        cell(html, "td", " class=\"number\"", &told.unwrap_or_default());
    }
    html.push_str("</tr>\n");
}

/// An element with escaped text; `attributes` are ours.
fn cell(html: &mut String, tag: &str, attributes: &str, text: &str) {
    html.extend(["<", tag, attributes, ">"]);
    push_escaped(html, text);
    html.extend(["</", tag, ">"]);
}

#[cfg(test)]
mod tests {
    use mg_core::Language;

    use super::super::samples;
    use super::*;

    #[test]
    fn every_period_is_a_row_and_every_drawn_number_stands_in_it() {
        let plot = samples::forecast(Language::French);
        let html = table(&plot);
        assert_eq!(html.matches("scope=\"row\"").count(), 42);
        assert_eq!(html.matches("scope=\"col\"").count(), 8);
        assert!(
            html.contains(
                "<caption>Logements autorisés — CA Marne et Gondoire (logements)</caption>"
            )
        );
        assert!(
            html.contains(
                "<th scope=\"row\">octobre 2023</th><td>non publié</td><td class=\"number\"></td>"
            ),
            "{html}"
        );
        assert!(
            html.contains("<th scope=\"row\">juillet 2025</th><td>prévision</td>"),
            "{html}"
        );
    }

    #[test]
    fn numbers_have_the_typography_of_the_language() {
        let html = table(&samples::yearly(Language::French));
        assert!(
            html.contains("<td class=\"number\">1\u{202f}618</td>"),
            "{html}"
        );
        assert!(table(&samples::yearly(Language::English)).contains(">1,618<"));
    }
}
