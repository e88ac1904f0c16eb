//! The main content of real pages, beside the bare library.

use std::{
    collections::{BTreeMap, HashMap},
    io::Read as _,
    path::Path,
};

use flate2::read::GzDecoder;
use mg_scrape::extract::{Document, main_content};
use mg_testkit::shared_data;
use serde::Deserialize;

#[derive(Deserialize)]
struct Truth {
    #[serde(rename = "articleBody")]
    body: String,
    url: String,
}

type Shingles = HashMap<Vec<String>, usize>;

/// The runs of four words of a text, counted, as the public benchmark compares texts.
fn shingles(text: &str) -> Shingles {
    let apart = |letter: char| !letter.is_alphanumeric() && letter != '_';
    let words: Vec<String> = text
        .split(apart)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let mut counted = Shingles::new();
    let runs = words.windows(4.min(words.len().max(1)));
    for run in runs {
        *counted.entry(run.to_vec()).or_default() += 1;
    }
    counted
}

/// Sums over pages of the parts of what was found rightly, too much and too little.
#[derive(Default)]
struct Score {
    right: f64,
    extra: f64,
    lost: f64,
}

impl Score {
    #[expect(clippy::cast_precision_loss, reason = "counts of words of a page")]
    fn add(&mut self, truth: &Shingles, told: &Shingles) {
        let hit: usize = truth
            .iter()
            .map(|(run, count)| told.get(run).map_or(0, |other| *other.min(count)))
            .sum();
        let (wanted, found): (usize, usize) = (truth.values().sum(), told.values().sum());
        let total = (wanted + found - hit).max(1) as f64;
        self.right += hit as f64 / total;
        self.extra += (found - hit) as f64 / total;
        self.lost += (wanted - hit) as f64 / total;
    }

    fn f1(&self) -> f64 {
        2.0 * self.right / (2.0 * self.right + self.extra + self.lost)
    }
}

fn html(folder: &Path, id: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let file = std::fs::File::open(folder.join(format!("html/{id}.html.gz"))).unwrap();
    GzDecoder::new(file).read_to_end(&mut body).unwrap();
    body
}

#[test]
fn real_pages_are_read_as_well_as_by_the_bare_library() {
    let Some(folder) = shared_data("extraction") else {
        return;
    };
    let truth = std::fs::read_to_string(folder.join("ground-truth.json")).unwrap();
    let truth: BTreeMap<String, Truth> = serde_json::from_str(&truth).unwrap();
    let (mut text, mut markdown, mut bare) = (Score::default(), Score::default(), Score::default());
    for (id, page) in &truth {
        let body = html(&folder, id);
        let url = page.url.parse().unwrap();
        let wanted = shingles(&page.body);
        let content = main_content(&Document {
            url: &url,
            content_type: "",
            body: &body,
        });
        text.add(&wanted, &shingles(&content.text));
        markdown.add(&wanted, &shingles(&content.markdown));
        let options = trafilatura::Options::default().with_fallback(true);
        let library = trafilatura::extract(&String::from_utf8_lossy(&body), &options);
        bare.add(
            &wanted,
            &shingles(&library.map(|found| found.content_text).unwrap_or_default()),
        );
    }
    let told = format!(
        "F1 of {} pages: text {:.4}, Markdown {:.4}, bare library {:.4}",
        truth.len(),
        text.f1(),
        markdown.f1(),
        bare.f1()
    );
    eprintln!("{told}");
    assert!(text.f1() >= 0.94 && markdown.f1() >= 0.94, "{told}");
    assert!(
        text.f1() >= bare.f1() - 0.005 && markdown.f1() >= bare.f1() - 0.005,
        "{told}"
    );
}
