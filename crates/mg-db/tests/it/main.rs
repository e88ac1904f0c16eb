//! Behaviour of mg-db on real databases: the same tests over SQLite, PostgreSQL and MariaDB.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod accounts;
mod bench;
mod canary;
mod catalogue;
mod corpora;
mod deafness;
mod drawn_values;
mod embedded;
mod encryption;
mod explaining;
mod functions;
mod fuzz;
mod hidden;
mod interruption;
mod mariadb_values;
mod outage;
mod queries;
mod reading;
mod refusals;
mod round_trips;
mod schema;
mod secrecy;
mod sockets;
mod sqlite_files;
mod store;
mod types;
mod values;
