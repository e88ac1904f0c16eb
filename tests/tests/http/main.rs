//! The servers over HTTP, as clients, proxies and strangers meet them.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod airflow_ca;
mod bearer;
mod browsers;
mod client;
mod conformance;
mod ending;
mod exposure;
mod health;
mod identity;
mod limits;
mod mutual_tls;
mod oauth;
mod same;
mod tools;
