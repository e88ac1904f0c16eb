//! `just soak-http`: many clients of one server over HTTP, some of which hang up in the middle of a call or read
//! slowly. Counts every answer, watches the server's memory, and measures one client beside stdio.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement stops at the first surprise and prints what it found"
)]

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use mg_testkit::{Process, Service};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// How long, how many.
#[derive(Debug, Parser)]
struct Arguments {
    /// Seconds of the storm
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Clients at once
    #[arg(long, default_value_t = 200)]
    clients: u64,
}

/// What a client does with the answers to its calls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Reads each and sends the next.
    Steady,
    /// Hangs up while the call runs.
    HangsUp,
    /// Takes each in small pieces.
    ReadsSlowly,
}

/// What was counted.
#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    answered: AtomicU64,
    busy: AtomicU64,
    hung_up: AtomicU64,
}

const QUERY: &str = "SELECT comm, nom FROM dim_commune ORDER BY comm";

const SETTINGS: &str = "[limits]\nper_second = 1000000\nburst = 1000000\nqueued = 1000\n";

fn main() {
    let arguments = Arguments::parse();
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("mg.toml");
    std::fs::write(&config, SETTINGS).unwrap();
    stdio(&config, home.path());
    let variables = [("MG_CONFIG", config.to_str().unwrap()), ("MG_LOG", "error")];
    let service = Service::start("mg-sql", &[], &variables, home.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(alone(service.address()));
    runtime.block_on(storm(&service, &arguments));
    runtime.block_on(alone(service.address()));
}

/// One client over stdio, one call after the other.
fn stdio(config: &Path, home: &Path) {
    let variables = [("MG_CONFIG", config.to_str().unwrap()), ("MG_LOG", "error")];
    let mut process = Process::start("mg-sql", &[], &variables, home);
    process.initialize();
    let call = json!({"query": QUERY});
    assert!(!process.call("run_sql", &call).is_error);
    let mut times = Vec::new();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(5) {
        let begun = Instant::now();
        assert!(!process.call("run_sql", &call).is_error);
        times.push(begun.elapsed());
    }
    tell("stdio, 1 client", since.elapsed(), &mut times);
}

/// One client over HTTP, one call after the other.
async fn alone(address: SocketAddr) {
    let mut client = Connection::open(address).await;
    client.call(0, Kind::Steady).await.unwrap();
    let mut times = Vec::new();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(5) {
        let begun = Instant::now();
        client.call(1, Kind::Steady).await.unwrap();
        times.push(begun.elapsed());
    }
    tell("HTTP, 1 client", since.elapsed(), &mut times);
}

fn tell(what: &str, took: Duration, times: &mut [Duration]) {
    times.sort_unstable();
    let at =
        |part: usize| times[(times.len() * part / 1000).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "{what}: {:.0} calls a second, median {:.2} ms, 99 % within {:.2} ms",
        times.len() as f64 / took.as_secs_f64(),
        at(500),
        at(990),
    );
}

async fn storm(service: &Service, arguments: &Arguments) {
    let counts = Arc::new(Counts::default());
    let until = Instant::now() + Duration::from_secs(arguments.seconds);
    let address = service.address();
    let clients: Vec<_> = (0..arguments.clients)
        .map(|number| tokio::spawn(client(number, address, until, Arc::clone(&counts))))
        .collect();
    let mut memory = Vec::new();
    while Instant::now() < until {
        memory.push(kilobytes(service.id()));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.unwrap());
    }
    let took = Duration::from_secs(arguments.seconds);
    tell(
        &format!("HTTP, {} clients", arguments.clients),
        took,
        &mut times,
    );
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let third = memory.len() / 3;
    println!(
        "sent {}, answered {}, of which refused as busy {}; hung up {}; lost {}",
        count(&counts.sent),
        count(&counts.answered),
        count(&counts.busy),
        count(&counts.hung_up),
        count(&counts.sent) - count(&counts.answered) - count(&counts.hung_up),
    );
    println!(
        "memory of the server: {} kB after the first third, {} kB at most, {} kB at the end",
        memory.get(third).unwrap_or(&0),
        memory.iter().max().unwrap_or(&0),
        kilobytes(service.id()),
    );
}

/// One client until the end of the storm; gives the times of its calls if it reads at once.
async fn client(
    number: u64,
    address: SocketAddr,
    until: Instant,
    counts: Arc<Counts>,
) -> Vec<Duration> {
    let kind = match number % 10 {
        0 => Kind::HangsUp,
        1 => Kind::ReadsSlowly,
        _ => Kind::Steady,
    };
    let mut times = Vec::new();
    let mut connection = Connection::open(address).await;
    let mut id = number << 32;
    while Instant::now() < until {
        id += 1;
        let begun = Instant::now();
        counts.sent.fetch_add(1, Ordering::Relaxed);
        let Some(answer) = connection.call(id, kind).await else {
            counts.hung_up.fetch_add(1, Ordering::Relaxed);
            connection = Connection::open(address).await;
            continue;
        };
        assert_eq!(answer["id"], id, "somebody else's answer");
        counts.answered.fetch_add(1, Ordering::Relaxed);
        if answer["result"]["isError"] == true {
            counts.busy.fetch_add(1, Ordering::Relaxed);
        }
        if kind == Kind::Steady {
            times.push(begun.elapsed());
        }
    }
    times
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// The answer to one call; `None` after hanging up.
    async fn call(&mut self, id: u64, kind: Kind) -> Option<Value> {
        let call = json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": "run_sql", "arguments": {"query": QUERY}},
        });
        let body = call.to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0
            .get_mut()
            .write_all(request.as_bytes())
            .await
            .unwrap();
        if kind == Kind::HangsUp {
            tokio::time::sleep(Duration::from_micros(id % 3_000)).await;
            return None;
        }
        let mut body = vec![0; self.head().await];
        let piece = if kind == Kind::ReadsSlowly {
            64
        } else {
            body.len()
        };
        for piece in body.chunks_mut(piece) {
            self.0.read_exact(piece).await.unwrap();
            if kind == Kind::ReadsSlowly {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Some(serde_json::from_slice(&body).unwrap())
    }

    /// Reads the head of an answer; gives the length of its body.
    async fn head(&mut self) -> usize {
        let mut length = 0;
        let mut first = true;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            if std::mem::take(&mut first) {
                assert!(line.starts_with("HTTP/1.1 200"), "{line}");
            }
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                return length;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
    }
}

fn kilobytes(process: u32) -> u64 {
    let path = PathBuf::from(format!("/proc/{process}/status"));
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.unwrap().parse().unwrap()
}
