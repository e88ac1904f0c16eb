//! How a sub-command ends without success.

use std::process::ExitCode;

use mg_core::{ConfigError, ToolError};
use mg_db::store::StoreError;

/// Why a sub-command ends without success.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A setting, a file or an argument that cannot work: exit code 78.
    Configuration(String),
    /// It was tried and did not work: exit code 1.
    Failed(String),
    /// Everything was said already; this exit code.
    Told(u8),
}

impl Failure {
    /// What to say on stderr; nothing when everything was said already.
    pub(crate) fn sentence(&self) -> Option<&str> {
        match self {
            Self::Configuration(sentence) | Self::Failed(sentence) => Some(sentence),
            Self::Told(_) => None,
        }
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) => ExitCode::from(ConfigError::EXIT_CODE),
            Self::Failed(_) => ExitCode::FAILURE,
            Self::Told(code) => ExitCode::from(*code),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Configuration(error.0)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        Self::Failed(error.to_string())
    }
}
