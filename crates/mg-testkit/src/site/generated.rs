//! A site of any number of pages, each of which leads to some others.

use super::{Asked, Reply, strung};

/// Pages `/0` to `/count - 1`: a tree of which each page also leads to its neighbours, some of the addresses written in
/// ways that a crawler must know to be one. `/0` has no fiche; the others have one.
pub fn generated(count: usize) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match asked.path.trim_start_matches('/').parse::<usize>() {
        Ok(number) if number < count => Reply::html(page(number, count)),
        _ => Reply::status(404),
    }
}

/// The fiche of a page: commune and surface.
#[must_use]
pub fn fiche(number: usize) -> (String, usize) {
    const COMMUNES: [&str; 4] = [
        "Lagny-sur-Marne",
        "Montévrain",
        "Saint-Thibault-des-Vignes",
        "Bussy-Saint-Georges",
    ];
    let commune = COMMUNES[number % COMMUNES.len()];
    (format!("{commune} n° {number}"), 50 + number * 7 % 900)
}

fn page(number: usize, count: usize) -> String {
    let children = [2 * number + 1, 2 * number + 2];
    let neighbours = (1..8).map(|step| (number + step * 13) % count);
    let links = children
        .into_iter()
        .filter(|child| *child < count)
        .chain(neighbours);
    let links = strung(links, |other| {
        format!(
            "<li><a href=\"/{other}#ici\">Fiche {other}</a> <a href=\"./{other}?utm_source=x\">suite</a></li>"
        )
    });
    let fiche = if number == 0 {
        String::new()
    } else {
        let (commune, surface) = fiche(number);
        format!(
            "<dl class=fiche><dt>Commune</dt><dd class=commune>{commune}</dd><dt>Surface</dt><dd class=surface>{surface} m²</dd></dl>"
        )
    };
    format!(
        "<!doctype html><html lang=fr><title>Fiche {number}</title><body><ul>{links}</ul>{fiche}</body></html>"
    )
}
