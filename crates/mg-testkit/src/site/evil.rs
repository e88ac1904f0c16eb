//! A site that does what a crawler must survive. What each path does is in its name.

use std::{io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};

use super::{Asked, Part, Reply, strung};

/// Bytes that its bombs unfold to.
const BOMB: usize = 60_000_000;

/// The evil site; `elsewhere` is an address that must never be reached.
pub fn evil(elsewhere: String) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    let bomb = bomb();
    move |asked| {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        match path {
            "/bomb" => Reply::of(200, "text/html", bomb.clone()).with("Content-Encoding", "gzip"),
            "/broken-gzip" => Reply::of(200, "text/html", bomb[..200].to_vec()).with("Content-Encoding", "gzip"),
            "/endless" => Reply::parts(vec![Part::Repeat(b"<p>encore".repeat(7_000), 100_000)]),
            "/slow" => Reply::parts((0..600).flat_map(|_| [Part::Bytes(b"x".to_vec()), Part::Pause(Duration::from_millis(100))]).collect()),
            "/silent" => Reply::parts(vec![Part::Pause(Duration::from_mins(1))]),
            "/truncated" => Reply::parts(vec![Part::Bytes(b"<p>coupe".to_vec())]).with("Content-Length", "5000"),
            "/loop" => Reply::redirect("/loop?again"),
            "/away" => Reply::redirect(&elsewhere),
            "/metadata" => Reply::redirect("http://169.254.169.254/latest/meta-data/"),
            "/file" => Reply::redirect("file:///etc/passwd"),
            "/nowhere" => Reply::redirect("http://"),
            "/lying" => Reply::of(200, "text/html; charset=utf-8", b"<dl class=fiche><dd class=commune>Arr\xeat\xe9 \xe0 Lagny</dd><dd class=surface>12</dd></dl>".to_vec()),
            "/latin" => Reply::of(200, "text/html", b"<dl class=fiche><dd class=commune>\xc9vry-Gr\xe9gy \x80</dd><dd class=surface>13</dd></dl>".to_vec()),
            "/calendar" => calendar(query),
            "/attributes" => Reply::html(format!("<a{}>", strung(0..60_000, |n| format!(" a{n}")))),
            "/tags" => Reply::html("<b>".repeat(300_000)),
            "/binary" => Reply::of(200, "application/octet-stream", vec![0; 100]),
            "/gone" => Reply::status(410),
            "/failing" => Reply::status(500),
            "/later" if asked.before == 0 => Reply::status(429).with("Retry-After", "1"),
            "/later" => Reply::html("<dl class=fiche><dd class=commune>Plus tard</dd><dd class=surface>14</dd></dl>"),
            "/headers" => Reply::html("").with("X-Long", &"x".repeat(1_000_000)),
            "/" => Reply::html(index()),
            _ => Reply::status(404),
        }
    }
}

/// The paths that the first page leads to.
const PATHS: [&str; 20] = [
    "bomb",
    "broken-gzip",
    "endless",
    "truncated",
    "loop",
    "away",
    "metadata",
    "file",
    "nowhere",
    "lying",
    "latin",
    "calendar",
    "attributes",
    "tags",
    "binary",
    "gone",
    "failing",
    "later",
    "headers",
    "missing",
];

fn index() -> String {
    strung(PATHS, |path| format!("<a href=/{path}>{path}</a> "))
}

/// A month that leads to the next one, for ever.
fn calendar(query: &str) -> Reply {
    let month: u64 = query
        .strip_prefix("m=")
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    Reply::html(format!(
        "<a href='/calendar?m={}'>mois suivant</a><p>Mois {month}",
        month + 1
    ))
}

fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![b' '; 1_000_000];
    for _ in 0..BOMB / zeros.len() {
        encoder.write_all(&zeros).expect("memory takes it");
    }
    encoder.finish().expect("memory takes it")
}
