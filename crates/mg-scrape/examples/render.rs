//! Renders pages as mg-scrape does, one JSON line each: to look at what a page becomes, and for benchmarks.
//!
//!     cargo run -p mg-scrape --example render -- https://www.example.fr/

use std::{io::Write, path::PathBuf};

use clap::Parser;
use futures::{StreamExt, stream};
use mg_scrape::{
    browser::{Browser, Settings},
    definition::BrowserRules,
    web::guard::{Guard, HostPattern},
};
use serde_json::json;
use url::Url;

/// Renders pages, one JSON line each
#[derive(Parser)]
struct Arguments {
    /// The browser's program; without it the first one found
    #[arg(long)]
    program: Option<PathBuf>,
    /// A CSS selector to wait for; without it until the page rests
    #[arg(long)]
    wait_for: Option<String>,
    /// Pages at once
    #[arg(long, default_value_t = 4)]
    concurrency: usize,
    /// Let private addresses be reached
    #[arg(long)]
    allow_private: bool,
    /// Print the browser's process id first
    #[arg(long)]
    announce: bool,
    /// The pages; their hosts are the only ones reached
    #[arg(required = true)]
    urls: Vec<Url>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let hosts = arguments
        .urls
        .iter()
        .filter_map(|url| url.authority().parse::<HostPattern>().ok());
    let guard = Guard::new(hosts, arguments.allow_private);
    let settings = Settings {
        program: arguments.program,
        ..Settings::default()
    };
    let browser = Browser::start(guard, &BrowserRules::default(), &settings).await?;
    let mut stdout = std::io::stdout();
    if arguments.announce {
        writeln!(stdout, "{}", browser.process_id().await.unwrap_or_default())?;
    }
    let wait_for = arguments.wait_for.as_deref();
    let pages = stream::iter(&arguments.urls);
    let mut pages = pages
        .map(async |url| (url, browser.render(url, wait_for).await))
        .buffer_unordered(arguments.concurrency);
    while let Some((url, rendered)) = pages.next().await {
        let line = match rendered {
            Ok(page) => json!({
                "url": url.as_str(), "final_url": page.final_url.as_str(), "status": page.status,
                "awaited": page.awaited, "html": page.html,
            }),
            Err(error) => json!({"url": url.as_str(), "error": error.to_string()}),
        };
        writeln!(stdout, "{line}")?;
    }
    drop(pages);
    browser.close().await;
    Ok(())
}
