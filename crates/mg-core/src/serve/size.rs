//! The size of an answer, in characters: text and structured content together.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

/// The longest number in JSON, such as `-2.2250738585072014e-308`, and the longest of the other words.
const NUMBER: usize = 24;
const WORD: usize = 5;
/// What one byte of a text may become: `\u0000`.
const ESCAPED: usize = 6;

/// The size of an answer that has more than `cap` characters.
pub(super) fn beyond(cap: usize, result: &CallToolResult) -> Option<usize> {
    let content = result.structured_content.as_ref();
    let texts = || result.content.iter().filter_map(ContentBlock::as_text);
    let bytes: usize = texts().map(|block| block.text.len()).sum();
    // Most answers are far below: they are not written once more to be counted.
    if bytes + content.map_or(0, most) <= cap {
        return None;
    }
    let characters: usize = texts().map(|block| block.text.chars().count()).sum();
    let size = characters + content.map_or(0, written);
    (size > cap).then_some(size)
}

/// No fewer characters than the value has as JSON.
fn most(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => WORD,
        Value::Number(_) => NUMBER,
        Value::String(text) => quoted(text),
        Value::Array(items) => 2 + items.iter().map(|item| most(item) + 1).sum::<usize>(),
        Value::Object(fields) => {
            let fields = fields.iter();
            2 + fields
                .map(|(name, value)| quoted(name) + most(value) + 2)
                .sum::<usize>()
        }
    }
}

fn quoted(text: &str) -> usize {
    2 + ESCAPED * text.len()
}

/// The characters of the value as JSON.
fn written(value: &Value) -> usize {
    let mut data = Characters(0);
    // What cannot be written here is not written to the client either.
    let _counted = serde_json::to_writer(&mut data, value);
    data.0
}

/// Counts the characters that are written to it.
struct Characters(usize);

impl std::io::Write for Characters {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // Every byte of UTF-8 begins a character, but for those of the form 10xxxxxx.
        self.0 += bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn answer(text: &str, content: Value) -> CallToolResult {
        let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
        result.structured_content = Some(content);
        result
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_value_is_longer_than_what_it_is_taken_for(value in any_value()) {
            prop_assert!(value.to_string().chars().count() <= most(&value));
            prop_assert_eq!(value.to_string().chars().count(), written(&value));
        }
    }

    #[test]
    fn an_answer_is_counted_in_characters_of_text_and_content() {
        let result = answer("été", json!({"é": ["à", -1.5, null]})); // 3 and 21
        assert_eq!(beyond(24, &result), None);
        assert_eq!(beyond(23, &result), Some(24));
    }

    #[test]
    fn an_answer_without_content_is_its_text() {
        let result = CallToolResult::success(vec![ContentBlock::text("ééé")]);
        assert_eq!((beyond(3, &result), beyond(2, &result)), (None, Some(3)));
    }
}
