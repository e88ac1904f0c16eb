//! The numbers of a picture as an HTML table, for those who do not see it and those who copy from it.

use mg_core::{
    Language,
    kpi::{ForecastStep, Number},
};

use super::{
    plot::{Observed, Plot, bound_of},
    svg::push_escaped,
    words::{Words, anomaly, status},
};

/// A column beside those of the period and its status.
#[derive(Clone, Copy)]
enum Column {
    /// Numbers of the past: which, and their heading in French and English.
    Observed(fn(&Observed) -> Option<Number>, &'static str, &'static str),
    /// What stands out, in words.
    Anomaly,
    /// The point forecast, and the estimates of the provisional tail.
    Expected,
    /// The ends of the interval of a level.
    Lower(Number),
    Upper(Number),
}

/// The columns of the past.
const OBSERVED: [Column; 4] = [
    Column::Observed(|at| at.value, "Valeur", "Value"),
    Column::Observed(|at| at.target, "Objectif", "Target"),
    Column::Observed(|at| at.compared, "Millésime comparé", "Compared vintage"),
    Column::Anomaly,
];

impl Column {
    fn heading(self, plot: &Plot) -> String {
        let pick = |french, english| plot.language.pick(french, english);
        let percent = |level| Words(plot).percent(level);
        match self {
            Self::Observed(_, french, english) => pick(french, english).to_owned(),
            Self::Anomaly => pick("Anomalie", "Anomaly").to_owned(),
            Self::Expected => pick("Prévision", "Forecast").to_owned(),
            Self::Lower(level) => format!("{} {}", percent(level), pick("bas", "lower")),
            Self::Upper(level) => format!("{} {}", percent(level), pick("haut", "upper")),
        }
    }

    fn observed(self, at: &Observed, language: Language) -> Option<String> {
        let number = match self {
            Self::Observed(number, ..) => number(at),
            Self::Anomaly => return Some(anomaly(at.anomaly?, language).to_owned()),
            Self::Expected => at.estimate,
            Self::Lower(_) | Self::Upper(_) => None,
        };
        Some(number?.told(language))
    }

    fn expected(self, step: &ForecastStep, language: Language) -> Option<String> {
        let number = match self {
            Self::Observed(..) | Self::Anomaly => return None,
            Self::Expected => step.value,
            Self::Lower(level) => bound_of(step, level)?.lower,
            Self::Upper(level) => bound_of(step, level)?.upper,
        };
        Some(number.told(language))
    }

    fn attributes(self) -> &'static str {
        match self {
            Self::Anomaly => "",
            _ => " class=\"number\"",
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
    let language = plot.language;
    for at in &plot.observed {
        let told = |column: Column| column.observed(at, language);
        let head = [&*at.period.label, status(at.status, language)];
        row(&mut html, head, &columns, told);
    }
    let expected = language.pick("prévision", "forecast");
    for step in &plot.expected {
        let told = |column: Column| column.expected(step, language);
        row(&mut html, [&step.period.label, expected], &columns, told);
    }
    html.push_str("</tbody></table>\n");
    html
}

/// Those that have something to tell; the values always.
fn columns(plot: &Plot) -> Vec<Column> {
    let [values, others @ ..] = OBSERVED;
    let mut columns = vec![values];
    let tells = |column: Column, at| column.observed(at, plot.language).is_some();
    let filled = |column: &Column| plot.observed.iter().any(|at| tells(*column, at));
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
    [period, status]: [&str; 2],
    columns: &[Column],
    told: impl Fn(Column) -> Option<String>,
) {
    html.push_str("<tr>");
    cell(html, "th", " scope=\"row\"", period);
    cell(html, "td", "", status);
    for column in columns {
        let told = told(*column).unwrap_or_default();
        cell(html, "td", column.attributes(), &told);
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
    use super::super::samples;
    use super::*;

    #[test]
    fn every_period_is_a_row_and_every_drawn_number_stands_in_it() {
        let plot = samples::forecast(Language::French);
        let html = table(&plot);
        assert_eq!(html.matches("scope=\"row\"").count(), 42);
        assert_eq!(html.matches("scope=\"col\"").count(), 10);
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
        for told in [
            "<td>valeur inhabituelle</td>",
            "<td>changement de niveau</td>",
        ] {
            assert_eq!(html.matches(told).count(), 1, "{told}");
        }
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
