//! Tests only: an in-memory client, spawned binaries, golden files, private database clusters.
//!
//! Helpers panic with a sentence at the first surprise, as tests do.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test may stop at the first surprise"
)]

mod airflow;
mod answer;
mod authority;
mod certificate;
mod chromium;
mod conformance;
mod dido;
mod fixture;
mod golden;
mod mariadb;
mod memory;
mod postgres;
mod process;
mod schemas;
mod service;
mod site;
mod workspace;

pub use airflow::Airflow;
pub use answer::ToolAnswer;
pub use authority::{Authority, Certificate};
pub use chromium::{Chromium, Page, REPORT, Scheme};
pub use conformance::ConformanceServer;
pub use dido::{DidoList, DidoServer};
pub use fixture::FixtureServer;
pub use golden::golden;
pub use mariadb::{MariaDbCluster, shared_mariadb};
pub use memory::{Era, MemoryClient};
pub use postgres::{PostgresCluster, shared_postgres};
pub use process::{Exit, Process};
pub use schemas::{MODEL_BYTES, assert_portable, model_part};
pub use service::Service;
pub use site::{Asked, Part, Reply, Site, evil, fiche, generated};
pub use workspace::{binary, require_or_skip, shared_data, workspace_root};
