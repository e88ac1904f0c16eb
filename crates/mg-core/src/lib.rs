//! What every mg server shares: settings, roles, answers, limits, audit, the KPI data model, and serving.

mod answer;
mod audit;
mod caller;
mod clock;
pub mod config;
mod error;
pub mod kpi;
mod language;
mod limits;
mod nearest;
mod private;
mod random;
mod schema;
pub mod serve;
pub mod token;
mod untrusted;

pub use answer::{Answer, Image, markdown_table, push_cell};
pub use caller::{Caller, Role};
pub use clock::Clock;
pub use config::{DatabaseTarget, Environment, Flags, Settings};
pub use error::{ConfigError, ToolError};
pub use language::Language;
pub use nearest::{alike, excerpt, fold, nearest};
pub use private::{make_private_folder, write_private_file};
pub use random::random_id;
pub use schema::plain as plain_schema;
pub use untrusted::{clean, clean_start, envelope, needs_cleaning};
