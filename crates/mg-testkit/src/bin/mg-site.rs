//! A site for benchmarks: as many pages as are asked for, made while they are sent, each with four fields and
//! eighteen links; and pages whose content a script fetches.
//!
//! Prints its address, and serves until its stdin ends.

use std::{io::Write, net::Ipv4Addr};

use clap::Parser;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A local site for benchmarks
#[derive(Parser)]
struct Arguments {
    /// Pages `/page/0` to `/page/COUNT - 1`, behind the index `/`
    #[arg(long, default_value_t = 2_000)]
    pages: usize,
}

/// Links of the index; the other pages are found from there.
const FIRST: usize = 40;
const LINKS: usize = 18;
/// What makes a page as long as most are: 8.6 kB in all.
const PARAGRAPH: &str = "<p>Le conseil municipal, réuni sous la présidence de son maire, délibère sur les affaires \
    inscrites à son ordre du jour : urbanisme, voirie, écoles, finances et vie associative de la commune.</p>\n";
const PARAGRAPHS: usize = 34;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that goes away needs no answer.
            tokio::spawn(async move { converse(stream, arguments.pages).await });
        }
    });
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

async fn converse(stream: TcpStream, pages: usize) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        while line.trim_end() != "" {
            line.clear();
            stream.read_line(&mut line).await?;
        }
        line.clear();
        let (status, kind, body) = answer(&path, pages);
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).await?;
    }
    Ok(())
}

fn answer(path: &str, pages: usize) -> (&'static str, &'static str, String) {
    let number = |prefix| path.strip_prefix(prefix).and_then(|rest| rest.parse().ok());
    if path == "/" {
        let first = (0..FIRST.min(pages)).map(link).collect::<String>();
        return (
            "200 OK",
            "text/html",
            format!("<!DOCTYPE html><title>Site</title>{first}"),
        );
    }
    if let Some(number) = number("/page/").filter(|number| *number < pages) {
        return ("200 OK", "text/html", page(number, pages));
    }
    if let Some(number) = number("/script/") {
        return ("200 OK", "text/html", fetching(number));
    }
    if let Some(number) = number("/data/") {
        return ("200 OK", "application/json", data(number));
    }
    ("404 Not Found", "text/plain", "nothing here".to_owned())
}

/// A page leads to where it multiplies by itself, so that all are reached in few hops, and to others here and there.
fn page(number: usize, pages: usize) -> String {
    let children = (0..4)
        .map(|child| FIRST + number * 4 + child)
        .filter(|child| *child < pages);
    let others = (0..LINKS).map(|other| (number * 7 + other * 131) % pages);
    let links = children
        .chain(others)
        .take(LINKS)
        .map(link)
        .collect::<String>();
    let (month, day) = (number % 12 + 1, number % 28 + 1);
    format!(
        "<!DOCTYPE html><html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Programme {number}</title></head><body>\
         <nav>{links}</nav><main><h1>Programme {number}</h1><p class=\"price\">{} {:03},50 €</p>\
         <p class=\"date\">{day:02}/{month:02}/2026</p><p class=\"reference\">REF-{number:06}</p>{}</main></body></html>",
        100 + number % 900,
        number % 1_000,
        PARAGRAPH.repeat(PARAGRAPHS),
    )
}

fn link(number: usize) -> String {
    format!("<a href=\"/page/{number}\">Programme {number}</a>\n")
}

fn fetching(number: usize) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"fr\"><meta charset=\"utf-8\"><title>Programmes</title><main></main><script>\
         fetch('/data/{number}').then((answer) => answer.json()).then((rows) => {{\
           for (const row of rows) {{\
             const item = document.createElement('article');\
             item.textContent = row.name + ' ' + row.price;\
             document.querySelector('main').append(item);\
           }}\
         }});</script></html>"
    )
}

fn data(number: usize) -> String {
    let rows = (0..30).map(|row| {
        format!(
            "{{\"name\":\"Programme {number}-{row}\",\"price\":{}}}",
            row * 1_000
        )
    });
    format!("[{}]", rows.collect::<Vec<_>>().join(","))
}
