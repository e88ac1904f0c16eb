//! The numbers of a picture as an HTML table, for those who do not see it and those who copy from it.

use mg_core::kpi::{ForecastStep, Number};

use super::{
    plot::{Observed, Plot, bound_of},
    svg::push_escaped,
    words::{Words, status},
};

/// A column of numbers.
struct Column {
    heading: String,
    observed: Box<dyn Fn(&Observed) -> Option<Number>>,
    expected: Box<dyn Fn(&ForecastStep) -> Option<Number>>,
}

impl Column {
    fn new(
        heading: &str,
        observed: impl Fn(&Observed) -> Option<Number> + 'static,
        expected: impl Fn(&ForecastStep) -> Option<Number> + 'static,
    ) -> Self {
        Self {
            heading: heading.to_owned(),
            observed: Box::new(observed),
            expected: Box::new(expected),
        }
    }
}

/// The table: one row a period, one column for everything that is drawn.
pub(super) fn table(plot: &Plot) -> String {
    let columns = columns(plot);
    let mut html = String::from("<table>\n");
    cell(
        &mut html,
        "caption",
        "",
        &format!("{} ({})", Words(plot).name(), plot.unit),
    );
    html.push_str("\n<thead><tr>");
    cell(
        &mut html,
        "th",
        " scope=\"col\"",
        plot.language.pick("Période", "Period"),
    );
    cell(
        &mut html,
        "th",
        " scope=\"col\"",
        plot.language.pick("Statut", "Status"),
    );
    for column in &columns {
        cell(&mut html, "th", " scope=\"col\"", &column.heading);
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for at in &plot.observed {
        let numbers = columns.iter().map(|column| (column.observed)(at));
        row(
            &mut html,
            plot,
            &at.period.label,
            status(at.status, plot.language),
            numbers,
        );
    }
    for step in &plot.expected {
        let numbers = columns.iter().map(|column| (column.expected)(step));
        row(
            &mut html,
            plot,
            &step.period.label,
            plot.language.pick("prévision", "forecast"),
            numbers,
        );
    }
    html.push_str("</tbody></table>\n");
    html
}

fn columns(plot: &Plot) -> Vec<Column> {
    let pick = |french, english| plot.language.pick(french, english);
    let any = |has: fn(&Observed) -> bool| plot.observed.iter().any(has);
    let mut columns = vec![Column::new(
        pick("Valeur", "Value"),
        |at| at.value,
        |_| None,
    )];
    if any(|at| at.target.is_some()) {
        columns.push(Column::new(
            pick("Objectif", "Target"),
            |at| at.target,
            |_| None,
        ));
    }
    if any(|at| at.compared.is_some()) {
        columns.push(Column::new(
            pick("Millésime comparé", "Compared vintage"),
            |at| at.compared,
            |_| None,
        ));
    }
    if !plot.expected.is_empty() {
        columns.push(Column::new(
            pick("Prévision", "Forecast"),
            |at| at.estimate,
            |step| Some(step.value),
        ));
    }
    for level in plot.levels().into_iter().rev() {
        let told = Words(plot).percent(level);
        let lower = format!("{told} {}", pick("bas", "lower"));
        let upper = format!("{told} {}", pick("haut", "upper"));
        columns.push(Column::new(
            &lower,
            |_| None,
            move |step| Some(bound_of(step, level)?.lower),
        ));
        columns.push(Column::new(
            &upper,
            |_| None,
            move |step| Some(bound_of(step, level)?.upper),
        ));
    }
    columns
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
    html.push_str(&format!("<{tag}{attributes}>"));
    push_escaped(html, text);
    html.push_str(&format!("</{tag}>"));
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
