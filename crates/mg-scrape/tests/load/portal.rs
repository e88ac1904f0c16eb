//! The lists of permits behind a portal that speaks as DiDo does, and a client that reads them as a run does.

use mg_scrape::{
    definition::{Bound, RequestRole},
    extract::{self, Document},
    files,
    item::Item,
    load::Staged,
};
use mg_testkit::{DidoList, DidoServer, shared_data};
use url::Url;

pub(crate) const LOGEMENTS: &str = "8b35affb-55fc-4c1f-915b-7750f974446a";
pub(crate) const LOCAUX: &str = "f8f0700f-806c-40a7-83b1-f21cf507e7c4";
pub(crate) const AMENAGER: &str = "96883f50-538b-41f9-a059-c6eb97e6a23a";
pub(crate) const DEMOLIR: &str = "1a9a2f0c-56fe-4e69-84a7-fbbda2121f02";

const PORTAL: &str = "https://data.statistiques.developpement-durable.gouv.fr";
const HOST: &str = "data.statistiques.developpement-durable.gouv.fr";

/// Small lists of our own, of the same layout: the quirks of the real ones.
pub(crate) fn small() -> Vec<DidoList> {
    vec![
        DidoList::new(LOGEMENTS, include_str!("data/logements.csv")),
        DidoList::new(LOCAUX, include_str!("data/locaux.csv")),
        DidoList::new(AMENAGER, include_str!("data/amenager.csv")),
        DidoList::new(DEMOLIR, include_str!("data/demolir.csv")),
    ]
}

/// The real lists of Toulouse, with the small one of premises; `None` where they are not there.
pub(crate) fn real() -> Option<Vec<DidoList>> {
    let read = |rid, name: &str| {
        let path = shared_data(&format!("domain/{name}"))?;
        Some(DidoList::new(rid, &std::fs::read_to_string(path).unwrap()))
    };
    Some(vec![
        read(LOGEMENTS, "sitadel_logements_2026-01_toulouse_EXTRAIT.csv")?,
        DidoList::new(LOCAUX, include_str!("data/locaux.csv")),
        read(AMENAGER, "Liste-des-permis-damenager.2026-01.csv")?,
        read(DEMOLIR, "Liste-des-permis-de-demolir.2026-01.csv")?,
    ])
}

/// A spider of ours that asks the portal of a test instead.
pub(crate) fn redirected(toml: &str, portal: &DidoServer) -> String {
    let base = portal.base();
    let host = base.trim_start_matches("http://");
    toml.replace(PORTAL, &base).replace(
        &format!("allow_hosts = [\"{HOST}\"]"),
        &format!("allow_hosts = [\"{host}\"]\nallow_private = true"),
    )
}

/// Every row that a bound spider asks for, page by page.
pub(crate) async fn fetched(bound: &Bound) -> Vec<Staged> {
    let client = reqwest::Client::new();
    let mut waiting: Vec<(Url, RequestRole)> = bound
        .start
        .iter()
        .map(|request| (request.url.parse().unwrap(), request.role))
        .collect();
    let mut pages = Vec::new();
    while let Some((url, role)) = waiting.pop() {
        let RequestRole::Api { rule, .. } = role else {
            pages.extend(file(&client, bound, url, role, pages.len()).await);
            continue;
        };
        let url = extract::api_page(&bound.spider.definition.api[rule], &url, Some(100));
        let body = client
            .get(url.clone())
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        let document = Document {
            url: &url,
            content_type: "application/json",
            body: &body,
        };
        let extracted = extract::api(bound, role, &document).unwrap();
        assert!(extracted.rejected.is_empty(), "{:?}", extracted.rejected);
        waiting.extend(
            extracted
                .links
                .iter()
                .map(|link| (link.url.parse().unwrap(), link.role)),
        );
        pages.push(staged(pages.len(), 0, url.as_str(), extracted.items));
    }
    pages
}

async fn file(
    client: &reqwest::Client,
    bound: &Bound,
    url: Url,
    role: RequestRole,
    number: usize,
) -> Vec<Staged> {
    let body = client
        .get(url.clone())
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &body).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    let mut parts = Vec::new();
    let outcome = files::read(bound, role, (url.path(), file), |first, items| {
        parts.push(staged(number, first, url.as_str(), items));
        true
    });
    assert_eq!(outcome.unwrap().rejected, 0);
    parts
}

fn staged(number: usize, first: i64, url: &str, items: Vec<Item>) -> Staged {
    Staged {
        page: i64::try_from(number).unwrap() + 1,
        first,
        url: url.to_owned(),
        fetched_at: "2026-11-22T10:00:00Z".to_owned(),
        items,
        unchanged: false,
    }
}
