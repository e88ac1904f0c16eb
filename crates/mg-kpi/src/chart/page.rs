//! Pages: one that stands alone, and the view that a host shows. No request leaves either.

use mg_core::Language;

use super::{drawing, plot::Plot, style, svg::push_escaped, table::table, words::Words};

const SHEET: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("view.js");

/// What a view shows of an answer: the picture, what to know of it, its numbers as a table.
pub(super) fn fragment(plot: &Plot) -> String {
    let data = plot
        .language
        .pick("Données du graphique", "Data of the chart");
    format!(
        "<figure>\n{}</figure>\n{}<details>\n<summary>{data}</summary>\n\
         <div class=\"scroll\" role=\"region\" aria-label=\"{data}\" tabindex=\"0\">\n{}</div>\n</details>\n",
        drawing::draw(plot, None),
        notes(plot),
        table(plot),
    )
}

fn notes(plot: &Plot) -> String {
    if plot.notes.is_empty() {
        return String::new();
    }
    let mut list = String::from("<ul>\n");
    for note in &plot.notes {
        list.push_str("<li>");
        push_escaped(&mut list, note);
        list.push_str("</li>\n");
    }
    list + "</ul>\n"
}

/// A page with one picture.
pub(super) fn file(plot: &Plot) -> String {
    let heading = &mut String::new();
    push_escaped(heading, &Words(plot).name());
    let body = format!("<h1>{heading}</h1>\n{}", fragment(plot));
    document(plot.language, heading, &body)
}

/// The view: empty until its host hands it an answer.
pub(super) fn view(language: Language) -> String {
    let title = language.pick("Courbe d'un indicateur", "Chart of an indicator");
    let waiting = language.pick("En attente de la réponse…", "Waiting for the answer…");
    let body = format!("<p role=\"status\">{waiting}</p>\n");
    let page = document(language, title, &body);
    page.replace("</body>", &format!("<script>\n{SCRIPT}</script>\n</body>"))
}

fn document(language: Language, title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{}{SHEET}</style>\n</head>\n<body>\n<main id=\"answer\">\n{body}</main>\n</body>\n</html>\n",
        language.pick("fr", "en"),
        style::page(),
    )
}

#[cfg(test)]
mod tests {
    use mg_testkit::{Chromium, REPORT, Scheme};
    use serde_json::json;

    use super::super::samples;
    use super::*;

    /// What a reader sees of a page, and what a screen reader is told.
    const LOOK: &str = r#"
        const count = (selector) => document.querySelectorAll(selector).length;
        const text = (selector) => document.querySelector(selector).textContent;
        const style = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
        report({
            name: text("svg > title"), bands: count(".plot .band"), open: count(".plot .open"), gaps: count(".plot .gap"),
            rings: count(".plot .ring"), shifts: count(".plot .shift"), targets: count(".plot .target"),
            notes: count("li"), rows: count("tbody tr"), headings: count("thead th[scope=col]"), caption: text("caption"),
            source: [...document.querySelectorAll(".foot")].map((line) => line.textContent).join(" "), ink: style(".title", "fill"), surface: style(".surface", "fill"),
        });"#;

    #[test]
    fn a_browser_shows_the_whole_of_a_forecast_in_light_and_in_dark() {
        let Some(browser) = Chromium::find() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("forecast.html");
        let look = format!("<script>{REPORT}{LOOK}</script></body>");
        let page = super::file(&samples::forecast(Language::French)).replace("</body>", &look);
        std::fs::write(&file, page).unwrap();
        for (scheme, ink, surface) in [
            (Scheme::Light, "rgb(22, 22, 22)", "rgb(255, 255, 255)"),
            (Scheme::Dark, "rgb(245, 245, 245)", "rgb(22, 22, 22)"),
        ] {
            let page = browser.open(&file, scheme);
            let mut seen = page.report();
            let source = seen["source"].take();
            let expected = json!({
                "name": "Logements autorisés — CA Marne et Gondoire", "bands": 2, "open": 3, "gaps": 1, "notes": 1,
                "rings": 1, "shifts": 1, "targets": 1, "rows": 42, "headings": 10, "caption": "Logements autorisés — CA Marne et Gondoire (logements)",
                "source": null, "ink": ink, "surface": surface,
            });
            assert_eq!(seen, expected);
            assert!(
                source
                    .as_str()
                    .unwrap()
                    .contains("Prévision\u{a0}: modèle auto"),
                "{source}"
            );
            assert!(page.requests.is_empty(), "{:?}", page.requests);
        }
    }

    /// Whether texts are cut by the edge or lie on each other, picture by picture.
    const CROWDED: &str = r#"
        const crowded = [...document.querySelectorAll("svg")].flatMap((svg) => {
            const room = svg.viewBox.baseVal;
            const boxes = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBBox()]);
            const cut = boxes.filter(([, box]) =>
                box.x < 0 || box.y < 0 || box.x + box.width > room.width || box.y + box.height > room.height);
            const meet = (one, other) =>
                one.x < other.x + other.width && other.x < one.x + one.width &&
                one.y + 2 < other.y + other.height && other.y + 2 < one.y + one.height;
            const covered = boxes.filter(([, one], index) =>
                boxes.slice(index + 1).some(([, other]) => meet(one, other)));
            return [...cut, ...covered].map(([text]) => svg.id + ": " + text);
        });
        report({ crowded, pictures: document.querySelectorAll("svg").length });"#;

    #[test]
    fn no_text_is_cut_or_covered_in_any_kind_of_picture() {
        let Some(browser) = Chromium::find() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("all.html");
        let samples = samples::all(Language::French);
        let pictures = samples.iter().map(|(name, plot)| {
            plot.svg().replace(
                "class=\"mg-chart\"",
                &format!("class=\"mg-chart\" id=\"{name}\""),
            )
        });
        let body: String = pictures.collect();
        let page = format!(
            "<!DOCTYPE html><meta charset=\"utf-8\"><body>{body}<script>{REPORT}{CROWDED}</script>"
        );
        std::fs::write(&file, page).unwrap();
        let seen = browser.open(&file, Scheme::Light).report();
        assert_eq!(seen, json!({"crowded": [], "pictures": samples.len()}));
    }

    #[test]
    fn no_page_names_anything_to_fetch() {
        let pages = [
            file(&samples::forecast(Language::French)),
            view(Language::French),
        ];
        for page in pages {
            let page = page.replace("http://www.w3.org/2000/svg", "");
            for word in [
                "http:",
                "https:",
                "://",
                "url(",
                "@import",
                " src=",
                " href=",
                "fetch(",
                "XMLHttpRequest",
            ] {
                assert!(!page.contains(word), "{word}");
            }
        }
    }

    #[test]
    fn a_view_is_small_and_says_its_language() {
        let view = view(Language::French);
        assert!(view.starts_with("<!DOCTYPE html>\n<html lang=\"fr\">"));
        assert!(view.len() < 8_000, "{}", view.len());
    }

    #[test]
    fn a_title_cannot_become_markup() {
        let mut plot = samples::yearly(Language::French);
        plot.title = "</title><script>alert(1)</script>".into();
        assert!(!file(&plot).contains("<script"));
        assert!(!plot.fragment().contains("<script"));
    }
}
