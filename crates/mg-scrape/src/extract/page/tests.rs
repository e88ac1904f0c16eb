//! Pages of ours, read by spiders of ours.

use std::collections::BTreeMap;

use super::*;
use crate::definition::{Catalogue, LimitsGiven, RequestRole, parse};

fn bound(toml: &str) -> Bound {
    let head = "name = \"s\"\ntitle = \"S\"\ndescription = \"A spider\"\nstart = { urls = [\"https://x.fr/liste\"], allow_hosts = [\"x.fr\"] }\n";
    let spider = parse("s", &format!("{head}{toml}")).unwrap_or_else(|problem| panic!("{problem}"));
    spider
        .bind(None, &BTreeMap::new(), &LimitsGiven::default())
        .unwrap()
}

fn read_at(bound: &Bound, url: &str, html: &str) -> Extracted {
    let url: Url = url.parse().unwrap();
    let document = Document {
        url: &url,
        content_type: "text/html; charset=utf-8",
        body: html.as_bytes(),
    };
    page(bound, &document, &[])
}

fn read(bound: &Bound, html: &str) -> Extracted {
    read_at(bound, "https://x.fr/liste", html)
}

/// The rows as text, cells separated by bars.
fn lines(extracted: &Extracted) -> Vec<String> {
    let line = |item: &Item| {
        item.values
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("|")
    };
    extracted.items.iter().map(line).collect()
}

fn count(extracted: &Extracted, rule: &str) -> usize {
    let found = extracted.matches.iter().find(|found| found.rule == rule);
    found
        .unwrap_or_else(|| panic!("no count of {rule} in {:?}", extracted.matches))
        .count
}

fn embedded(name: &str) -> Bound {
    let catalogue = Catalogue::load(None).unwrap();
    let spider = catalogue.find(name).unwrap();
    spider
        .bind(None, &BTreeMap::new(), &LimitsGiven::default())
        .unwrap()
}

#[test]
fn the_notices_of_a_town_hall_are_read_without_their_applicants() {
    let bound = embedded("avis_urbanisme");
    let url = bound.start[0].url.clone();
    let html = include_str!("../../../tests/fixtures/avis_urbanisme.html");
    let extracted = read_at(&bound, &url, html);
    // num_dossier first, since it is the key; the others by name.
    assert_eq!(
        lines(&extracted),
        [
            "PC0772432600012|12, rue du Chemin-de-Fer|2026-06-01|2026-03-12|accordé|https://www.mairie-exemple.fr/docs/PC0772432600012.PDF|Construction d'une maison individuelle|PC",
            "DP0772432600104|3 place de l’Église||2026-04-03|||Ravalement de façade|DP",
            "PA07724326A0001|ZAC des Bois, lot 4|2026-06-30|2026-04-01|refusé||Lotissement de 12 lots|PA",
        ]
    );
    let [rejected] = extracted.rejected.as_slice() else {
        panic!("{:?}", extracted.rejected)
    };
    assert_eq!(
        (rejected.field.as_str(), rejected.raw.as_str()),
        ("num_dossier", "à venir")
    );
    assert!(!format!("{extracted:?}").contains("Untel"));
    let [next] = extracted.links.as_slice() else {
        panic!("{:?}", extracted.links)
    };
    assert_eq!(
        (next.url.as_str(), next.reason),
        (
            "https://www.mairie-exemple.fr/urbanisme/avis?page=2",
            super::super::LinkReason::Next
        )
    );
    assert_eq!(count(&extracted, "page[0].item[0].rows"), 4);
    assert_eq!(count(&extracted, "page[0].item[0].fields.date_depot"), 3);
}

#[test]
fn the_newest_file_of_a_catalogue_page_is_followed() {
    let bound = embedded("catalogue_csv");
    let url = bound.start[0].url.clone();
    let extracted = read_at(
        &bound,
        &url,
        include_str!("../../../tests/fixtures/catalogue_csv.html"),
    );
    let [file] = extracted.links.as_slice() else {
        panic!("{:?}", extracted.links)
    };
    assert_eq!(
        file.url,
        "https://static.data-exemple.fr/equipements/equipements-2026-03.CSV"
    );
    assert_eq!(file.role, RequestRole::File { rule: 0, chain: 0 });
    // The file of another host is none that could be picked.
    assert_eq!(count(&extracted, "file[0].link"), 2);
}

const CARDS: &str = r#"
[[page]]
[[page.item]]
table = "web_card"
rows = "article"
key = ["id"]
[page.item.fields]
id = { css = "a", attr = "href", regex = '-(\d+)$', type = "int" }
name = { css = [".missing", "h2"] }
price = { css = ".price", type = "decimal", required = true }
tags = { css = "li", all = true, join = " + " }
page = { url = 'x\.fr/(\w+)' }
kind = { css = ".kind", map = { "Apt" = "appartement" }, default = "inconnu" }
source = { const = "site" }
"#;

#[test]
fn fields_have_fallbacks_attributes_lists_maps_and_defaults() {
    let extracted = read(&bound(CARDS), "<article><h2> Les&nbsp;Jardins </h2><a href='/p-12'>x</a><p class=price>250 000,50 €</p><ul><li>T2<li>T3</ul><i class=kind>Apt</i></article>
        <article><h2>Autre</h2><a href='/p-13'>x</a><p class=price>Nous consulter</p></article>
        <article><h2>Sans prix</h2><a href='/p-14'>x</a></article><article><h2>Sans id</h2><p class=price>1</p></article>");
    assert_eq!(
        lines(&extracted),
        ["12|appartement|Les Jardins|liste|250000.50|site|T2 + T3"]
    );
    let reasons: Vec<(&str, &str)> = extracted
        .rejected
        .iter()
        .map(|rejected| (rejected.field.as_str(), rejected.raw.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [("price", "Nous consulter"), ("price", ""), ("id", "")]
    );
    assert!(
        extracted.rejected[0].reason.contains("1 234,50 €"),
        "{:?}",
        extracted.rejected[0]
    );
    assert_eq!(count(&extracted, "page[0].item[0].rows"), 4);
    assert_eq!(count(&extracted, "page[0].item[0].fields.name"), 4);
    assert_eq!(count(&extracted, "page[0].item[0].fields.tags"), 1);
}

#[test]
fn an_empty_extraction_explains_itself_by_its_counts() {
    let extracted = read(&bound(CARDS), "<div class=card>x</div>");
    assert!(extracted.items.is_empty() && extracted.rejected.is_empty());
    assert_eq!(count(&extracted, "page[0].item[0].rows"), 0);
}

#[test]
fn json_ld_gives_rows_and_fields() {
    let bound = bound(
        r#"
[[page]]
[[page.item]]
table = "web_event"
rows = "jsonld:Event"
key = ["name"]
[page.item.fields]
name = { jsonld = "name" }
day = { jsonld = ["startDate", "Event.endDate"], type = "date" }
town = { jsonld = "location.address.addressLocality" }
site = { jsonld = "WebSite.name", css = "h1" }
"#,
    );
    let html = r#"<h1>Titre</h1><script type="application/ld+json">[{"@type":"Event","name":"Fête","startDate":"2026-06-21T20:00:00+02:00",
        "location":{"address":{"addressLocality":"Lagny"}}},{"@type":"Event","name":"Marché","endDate":"2026-05-01"},{"@type":"Event","name":"Vœux"}]</script>"#;
    assert_eq!(
        lines(&read(&bound, html)),
        [
            "Fête|2026-06-21|Titre|Lagny",
            "Marché|2026-05-01|Titre|",
            "Vœux||Titre|"
        ]
    );
}

#[test]
fn the_first_rule_that_fits_reads_the_page() {
    let bound = bound(
        r#"
[[page]]
match = '/detail/\d+$'
[[page.item]]
table = "web_detail"
key = ["title"]
fields.title = { css = "h1" }
[[page]]
when = "ul.list"
[[page.item]]
table = "web_entry"
rows = "ul.list li"
key = ["text"]
fields.text = { css = ":scope" }
"#,
    );
    let html = "<h1>T</h1><ul class=list><li>a<li>b</ul>";
    let detail = read_at(&bound, "https://x.fr/detail/3", html);
    assert_eq!(
        (lines(&detail), detail.items[0].target),
        (vec!["T".to_owned()], 0)
    );
    let list = read(&bound, html);
    assert_eq!(
        (lines(&list), list.items[0].target),
        (vec!["a".to_owned(), "b".to_owned()], 1)
    );
    assert!(read(&bound, "<h1>T</h1>").matches.is_empty());
}

#[test]
fn a_browser_is_wanted_only_where_rows_lack_and_a_browser_could_find_them() {
    let toml = format!(
        "engine = \"auto\"\n{}",
        CARDS.replacen("[[page]]", "[[page]]\nmatch = 'x\\.fr/'", 1)
    );
    let auto = bound(&toml);
    let full = "<article><h2>a</h2><a href=-1></a><p class=price>1</p></article>";
    assert!(!read(&auto, full).wants_browser);
    assert!(read(&auto, "<div id=app></div><script src=app.js></script>").wants_browser);
    assert!(
        !read(
            &bound(CARDS),
            "<div id=app></div><script src=app.js></script>"
        )
        .wants_browser
    );
}

#[test]
fn the_hash_is_of_the_rows_whatever_frames_them() {
    let bound = bound(CARDS);
    let page = |token: &str, price: &str| {
        format!(
            "<nav>{token}</nav><article><h2>a</h2><a href=-1></a><p class=price>{price}</p></article><input type=hidden value={token}>"
        )
    };
    let hash = |token: &str, price: &str| read(&bound, &page(token, price)).hash;
    assert_eq!(hash("1", "10"), hash("2", "10,00"));
    assert_ne!(hash("1", "10"), hash("1", "11"));
}

#[test]
fn pages_in_old_charsets_are_read() {
    let bound = bound(CARDS);
    let url: Url = "https://x.fr/liste".parse().unwrap();
    let html = "<meta charset=iso-8859-1><article><h2>Été à Thorigny</h2><a href=-1></a><p class=price>1 €</p></article>";
    let (body, _, _) = encoding_rs::WINDOWS_1252.encode(html);
    let document = Document {
        url: &url,
        content_type: "text/html",
        body: &body,
    };
    assert!(lines(&page(&bound, &document, &[]))[0].contains("Été à Thorigny"));
}
