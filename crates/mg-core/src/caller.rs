//! Who is calling: a viewer reads, an editor also starts and writes things.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Clock, ToolError};

/// What a caller may do. An editor may do all that a viewer may.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    #[default]
    Viewer,
    /// Also launches, cancels and writes.
    Editor,
}

impl Role {
    /// The role as it is written in settings, tokens and audit lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
        }
    }
}

/// The person or program behind a request: over stdio the one who owns the process, over HTTP the
/// subject of the request's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who, as the token's `sub` says it; `local` without a token.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When their token ends; `None` without a token.
    pub expires: Option<Timestamp>,
}

impl Caller {
    /// The owner of this process, where no tokens are required.
    #[must_use]
    pub fn local(role: Role) -> Self {
        Self {
            name: "local".into(),
            role,
            expires: None,
        }
    }

    /// Refuses a caller whose token has ended since the process started.
    ///
    /// # Errors
    ///
    /// [`ToolError::Invalid`] once the token has expired.
    pub fn still_valid(&self, clock: &Clock) -> Result<(), ToolError> {
        match self.expires {
            Some(end) if clock.now() >= end => Err(ToolError::Invalid(format!(
                "the token of `{}` expired at {end}; put a new one into MG_TOKEN and start the server again",
                self.name
            ))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_may_do_all_that_a_viewer_may() {
        assert!(Role::Editor > Role::Viewer);
        assert_eq!(Role::default(), Role::Viewer);
    }

    #[test]
    fn a_token_that_ends_while_the_server_runs_is_refused_from_then_on() {
        let end: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let caller = Caller {
            name: "ana".into(),
            role: Role::Viewer,
            expires: Some(end),
        };
        let before = Clock::fixed(end - std::time::Duration::from_secs(1));
        assert!(caller.still_valid(&before).is_ok());
        let refusal = caller
            .still_valid(&Clock::fixed(end))
            .unwrap_err()
            .to_string();
        assert!(
            refusal.contains("expired") && refusal.contains("MG_TOKEN"),
            "{refusal}"
        );
    }
}
