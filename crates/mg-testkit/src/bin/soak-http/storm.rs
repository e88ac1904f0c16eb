//! Many clients at once.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mg_testkit::Service;

use crate::{
    connection::{Connection, Kind},
    times::tell,
};

/// What was counted.
#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    answered: AtomicU64,
    busy: AtomicU64,
    hung_up: AtomicU64,
}

/// Lets the clients loose and tells what became of their calls, and of the server's memory.
pub(crate) async fn storm(service: &Service, seconds: u64, clients: u64) {
    let number = clients;
    let counts = Arc::new(Counts::default());
    let until = Instant::now() + Duration::from_secs(seconds);
    let address = service.address();
    let clients: Vec<_> = (0..clients)
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
    let took = Duration::from_secs(seconds);
    tell(&format!("HTTP, {number} clients"), took, &mut times);
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

fn kilobytes(process: u32) -> u64 {
    let path = PathBuf::from(format!("/proc/{process}/status"));
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.unwrap().parse().unwrap()
}
