//! The two ways things go wrong: a tool call that fails, a configuration that cannot be served.

use rmcp::{
    ErrorData,
    handler::server::tool::IntoCallToolResult,
    model::{CallToolResponse, CallToolResult, ContentBlock},
};

use crate::nearest::{excerpt, nearest};

/// Why a tool call failed, told so that the model can mend its next call.
///
/// It always reaches the client as a result with `isError: true`, never as a protocol error:
/// several agent SDKs hide the text of protocol errors or abort on them.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The caller asked for something that cannot be; the sentence says what would work.
    #[error("{0}")]
    Invalid(String),
    /// A thing that was named does not exist.
    #[error("no {kind} named `{}`{}", excerpt(.name), hint(.known))]
    Unknown {
        /// "indicator", "table", "territory"…
        kind: &'static str,
        /// The name that was asked for.
        name: String,
        /// The names that come nearest, best first.
        known: Vec<String>,
    },
    /// Something the call needs is not there now; the same call works once it is back.
    #[error("{0}")]
    Unavailable(String),
    /// Something of ours broke: logged in full on stderr, told in brief.
    #[error("internal error; the details are in the server's log on stderr")]
    Internal(#[from] anyhow::Error),
}

impl ToolError {
    /// An [`ToolError::Unknown`] that suggests the five nearest of the `known` names.
    pub fn unknown<'a>(
        kind: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self::Unknown {
            kind,
            name: name.to_owned(),
            known: nearest(name, known, 5),
        }
    }
}

fn hint(known: &[String]) -> String {
    match known {
        [] => String::new(),
        names => format!("; nearest: {}", names.join(", ")),
    }
}

impl IntoCallToolResult for ToolError {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        if let Self::Internal(cause) = &self {
            tracing::error!(?cause, "tool failed");
        }
        Ok(CallToolResult::error(vec![ContentBlock::text(self.to_string())]).into())
    }
}

/// Why a process cannot start: one sentence on stderr, exit code 78 (`EX_CONFIG`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

impl ConfigError {
    /// The exit code of a process that stops for its configuration (`EX_CONFIG` of sysexits.h).
    pub const EXIT_CODE: u8 = 78;

    /// From any sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_ones() {
        let error = ToolError::unknown(
            "indicator",
            "logement",
            ["logements_autorises", "population"],
        );
        assert_eq!(
            error.to_string(),
            "no indicator named `logement`; nearest: logements_autorises, population"
        );
    }

    #[test]
    fn a_name_of_ten_thousand_letters_is_not_sent_back() {
        let error = ToolError::unknown("indicator", &"x".repeat(10_000), ["population"]);
        let told = error.to_string();
        assert!(
            told.len() < 200 && told.contains("x…`; nearest: population"),
            "{told}"
        );
    }

    #[test]
    fn an_internal_error_tells_nothing_of_its_cause() {
        let error = ToolError::from(anyhow::anyhow!("password=hunter2"));
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn every_failure_reaches_the_client_as_a_result_marked_as_error() {
        let answer = ToolError::Invalid("no".into())
            .into_call_tool_result()
            .unwrap();
        let CallToolResponse::Complete(result) = answer else {
            panic!("a complete result")
        };
        assert_eq!(result.is_error, Some(true));
    }
}
