//! The answer of a tool call, taken apart for assertions.

use serde_json::Value;

/// What a client received for a tool call.
#[derive(Clone, Debug)]
pub struct ToolAnswer {
    /// The text blocks, joined.
    pub text: String,
    /// The structured content; null without one.
    pub data: Value,
    /// Whether the result was marked `isError`.
    pub is_error: bool,
}

impl ToolAnswer {
    /// From the `result` of a JSON-RPC response.
    #[must_use]
    pub fn of(result: &Value) -> Self {
        let blocks = result["content"].as_array().into_iter().flatten();
        let texts: Vec<&str> = blocks.filter_map(|block| block["text"].as_str()).collect();
        Self {
            text: texts.join("\n"),
            data: result["structuredContent"].clone(),
            is_error: result["isError"] == true,
        }
    }

    /// The structured content of a call that must have succeeded.
    #[must_use]
    pub fn ok(self) -> Value {
        assert!(!self.is_error, "the call failed: {}", self.text);
        self.data
    }

    /// The sentence of a call that must have failed.
    #[must_use]
    pub fn refusal(self) -> String {
        assert!(self.is_error, "the call succeeded: {}", self.text);
        self.text
    }
}
