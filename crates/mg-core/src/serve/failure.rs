//! What a client is told of a call that failed: engines, websites and parsers put the words of others into
//! their errors, as many as they like.

use rmcp::{
    ErrorData,
    model::{CallToolResult, ContentBlock},
};

use crate::clean_start;

/// Longest text of a failure: a sentence, and the columns of a wide table that it may name.
const LONGEST: usize = 4_000;

/// The texts of a failed call, cleaned and cut.
pub(super) fn bounded(mut result: CallToolResult) -> CallToolResult {
    for block in &mut result.content {
        if let ContentBlock::Text(block) = block {
            block.text = clean_start(&block.text, LONGEST);
        }
    }
    result
}

/// The same for a failure of the protocol.
pub(super) fn bounded_error(mut error: ErrorData) -> ErrorData {
    error.message = clean_start(&error.message, LONGEST).into();
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_without_what_deceives_and_never_at_length() {
        let long = format!("no \u{202e}integer: {}", "x".repeat(10_000_000));
        let result = bounded(CallToolResult::error(vec![ContentBlock::text(&*long)]));
        let told = &result.content[0].as_text().unwrap().text;
        assert!(told.starts_with("no integer: xxx"), "{told:.60}");
        assert!(told.chars().count() < LONGEST + 40);
        let error = bounded_error(ErrorData::internal_error(long, None));
        assert_eq!(error.message, *told);
    }
}
