//! Our reading of robots.txt beside that of another crawler (Protego, which Scrapy reads them with), on files made
//! up from a seed. They differ nowhere, but for three things that the files made up here leave out:
//!
//! - A line of a directive that nobody defined, between two `User-agent` lines: it ends the list of agents for
//!   Protego, and must not (RFC 9309, 2.2.4).
//! - Wildcards in a pattern with a `?` (`/*?sid=`), which Protego counts as the three octets of its escape: rules of the
//!   same length are then weighed otherwise.
//! - Several `Crawl-delay` lines for one agent, which no document speaks of: the first counts here, the last there.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use mg_testkit::{require_or_skip, workspace_root};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng, seq::IndexedRandom};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Robots, Rules, allows};

const SEED: u64 = 20_261_122;
const CASES: usize = 600;
const AGENT: &str = "mg-scrape";

const AGENTS: [&str; 6] = [
    "*",
    "mg-scrape",
    "MG-Scrape",
    "otherbot",
    "Googlebot",
    "news-reader",
];
const PATTERNS: [&str; 28] = [
    "",
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/A",
    "/a*",
    "/a*b",
    "/*b",
    "/*.pdf",
    "/*.pdf$",
    "/a$",
    "/a/$",
    "/$",
    "/*",
    "/a?x=",
    "/a?x=1&y=2",
    "/é",
    "/%C3%A9",
    "/%c3%a9",
    "/a%2Fb",
    "/a%20b",
    "/~u",
    "/%7Eu",
    "/a/*/c",
    "/**/c",
    "/a.b",
    "/(a)",
];
const PATHS: [&str; 32] = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b/c",
    "/A",
    "/ab",
    "/a.b",
    "/axb",
    "/acb",
    "/b",
    "/x/b",
    "/doc.pdf",
    "/doc.pdf?x",
    "/doc.pdfx",
    "/a/doc.pdf",
    "/a?x=",
    "/a?x=1",
    "/a?x=1&y=2",
    "/a?y=2&x=1",
    "/?sid=3",
    "/a?b=c&sid=3",
    "/é",
    "/éa",
    "/%C3%A9",
    "/a%2Fb",
    "/a%20b",
    "/~u",
    "/%7Eu",
    "/x/c",
    "/(a)",
    "/robots.txt",
];

/// A robots.txt, and the addresses that are asked about.
#[derive(Serialize)]
struct Case {
    robots: String,
    agent: &'static str,
    urls: Vec<String>,
}

/// What is read out of it.
#[derive(Debug, PartialEq, Deserialize)]
struct Reading {
    allowed: Vec<bool>,
    delay: Option<f32>,
    sitemaps: Vec<String>,
}

#[test]
fn made_up_files_are_read_as_another_crawler_reads_them() {
    let cases: Vec<Case> = (0..CASES as u64).map(case).collect();
    let Some(theirs) = protego(&cases) else {
        return;
    };
    assert_eq!(theirs.len(), cases.len());
    let mut differing = 0;
    for (case, theirs) in cases.iter().zip(theirs) {
        let ours = ours(case);
        if ours == theirs {
            continue;
        }
        differing += 1;
        let urls = case
            .urls
            .iter()
            .zip(ours.allowed.iter().zip(&theirs.allowed));
        for (url, (ours, theirs)) in urls.filter(|(_, (ours, theirs))| ours != theirs) {
            eprintln!("{url}: ours {ours}, theirs {theirs}");
        }
        eprintln!(
            "delay {:?} {:?}, sitemaps {:?} {:?}",
            ours.delay, theirs.delay, ours.sitemaps, theirs.sitemaps
        );
        eprintln!("{}\n----", case.robots.escape_debug());
    }
    assert_eq!(differing, 0, "of {CASES} files");
}

fn ours(case: &Case) -> Reading {
    let Rules::Own(robot) = Robots::new(case.agent).parsed(case.robots.as_bytes()) else {
        panic!("cannot be read: {}", case.robots)
    };
    Reading {
        allowed: case.urls.iter().map(|url| allows(&robot, url)).collect(),
        delay: robot.delay,
        sitemaps: robot.sitemaps.clone(),
    }
}

/// Protego's readings; `None`, with a line that says so, where it is not installed.
fn protego(cases: &[Case]) -> Option<Vec<Reading>> {
    let tools = std::env::var_os("MG_TEST_TOOLS")
        .map_or_else(|| workspace_root().join("target/test-tools"), PathBuf::from);
    let python = tools.join("python/bin/python");
    let mut present = Command::new(&python);
    let present = present
        .args(["-c", "import protego"])
        .stderr(Stdio::null())
        .status();
    let present = present.is_ok_and(|status| status.success());
    require_or_skip(present, "Protego is not installed").then_some(())?;
    let mut child = Command::new(python)
        .arg(workspace_root().join("tests/python/protego_readings.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = serde_json::to_vec(cases).unwrap();
    child.stdin.take().unwrap().write_all(&asked).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The file of this number, always the same.
fn case(number: u64) -> Case {
    let mut draws = ChaCha8Rng::seed_from_u64(SEED + number);
    let end = *["\n", "\r\n"].choose(&mut draws).unwrap();
    let groups = draws.random_range(1..=4);
    let mut lines: Vec<String> = Vec::new();
    for _ in 0..groups {
        group(&mut draws, &mut lines);
    }
    for number in 0..draws.random_range(0..=2) {
        lines.push(format!("Sitemap: http://a.fr/sitemap{number}.xml"));
    }
    let mut delays = 0;
    lines.retain(|line| {
        delays += usize::from(line.to_lowercase().contains("crawl-delay"));
        delays < 2 || !line.to_lowercase().contains("crawl-delay")
    });
    let urls = PATHS.iter().map(|path| {
        Url::parse(&format!("http://a.fr{path}"))
            .unwrap()
            .to_string()
    });
    Case {
        robots: lines.join(end) + end,
        agent: AGENT,
        urls: urls.collect(),
    }
}

fn group(draws: &mut ChaCha8Rng, lines: &mut Vec<String>) {
    for _ in 0..draws.random_range(1..=2) {
        let agent = *AGENTS.choose(draws).unwrap();
        lines.push(line(draws, "User-agent", agent));
    }
    for number in 0..draws.random_range(1..=6) {
        match draws.random_range(0..20) {
            0 => lines.push("# a remark".to_owned()),
            1 => lines.push(String::new()),
            2 if number > 0 => lines.push("Clean-param: sid /".to_owned()),
            3 => {
                let delay = draws.random_range(0..=20).to_string();
                lines.push(line(draws, "Crawl-delay", &delay));
            }
            _ => {
                let rule = *["Allow", "Disallow"].choose(draws).unwrap();
                let pattern = *PATTERNS.choose(draws).unwrap();
                lines.push(line(draws, rule, pattern));
            }
        }
    }
}

/// A line in one of the spellings that people write.
fn line(draws: &mut ChaCha8Rng, name: &str, value: &str) -> String {
    match draws.random_range(0..8) {
        0 => format!("{}: {value}", name.to_lowercase()),
        1 => format!("{}:{value}", name.to_uppercase()),
        2 => format!("  {name} :  {value}  "),
        3 => format!("{name}:\t{value} # why"),
        _ => format!("{name}: {value}"),
    }
}
