//! Settings: flag > environment > `mg.toml` > default, all resolved before a server starts.

mod environment;
mod file;
mod flags;
mod http;
mod overlay;
mod paths;
mod settings;

pub use environment::Environment;
pub use file::{
    AirflowAccount, AirflowSection, AuditSection, AuthSection, ConfigFile, DatabaseSection,
    KpiSection, LimitsSection, ScrapeSection, SqlSection, TerritorySection,
};
pub use flags::Flags;
pub use http::{HttpSection, OAuthSection, TlsSection};
pub use settings::{DatabaseTarget, Settings};
