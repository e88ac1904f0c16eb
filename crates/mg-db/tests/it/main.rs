//! Behaviour of mg-db on real databases: the same tests over SQLite, PostgreSQL and MariaDB.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod bench;
mod catalogue;
mod corpora;
mod embedded;
mod encryption;
mod interruption;
mod mariadb_values;
mod outage;
mod reading;
mod refusals;
mod schema;
mod sqlite_files;
mod store;
mod values;
