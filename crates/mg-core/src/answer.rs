//! What a successful tool call answers: a text to be read, and the data.

use base64::{Engine, prelude::BASE64_STANDARD};
use rmcp::{
    ErrorData,
    handler::server::tool::IntoCallToolResult,
    model::{CallToolResponse, CallToolResult, ContentBlock, JsonObject, MetaObject},
};
use serde::Serialize;

use crate::serve::FRAGMENT;

/// An answer: `text` is a sentence or a table with every number of the answer, `data` becomes the
/// structured content.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    /// What a person or a model reads.
    pub text: String,
    /// What a program reads; described by the tool's output schema.
    pub data: T,
    /// A block of its own after the text, so that a table stays a table: counts, caveats, what was cut.
    pub remark: Option<String>,
    /// A picture of it, after the texts.
    pub image: Option<Image>,
    /// What the tool's view shows of it, HTML; only for clients that show views ([`crate::serve::Call::shows_views`]).
    pub fragment: Option<String>,
}

/// A picture in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// `image/png`, `image/svg+xml`.
    pub mime_type: &'static str,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

impl<T: Serialize> Answer<T> {
    /// From both halves.
    pub fn new(text: impl Into<String>, data: T) -> Self {
        Self {
            text: text.into(),
            data,
            remark: None,
            image: None,
            fragment: None,
        }
    }

    /// With a remark after the text.
    #[must_use]
    pub fn with_remark(mut self, remark: impl Into<String>) -> Self {
        self.remark = Some(remark.into());
        self
    }

    /// With a picture after the texts.
    #[must_use]
    pub fn with_image(mut self, image: Image) -> Self {
        self.image = Some(image);
        self
    }

    /// With what its view shows.
    #[must_use]
    pub fn with_fragment(mut self, html: impl Into<String>) -> Self {
        self.fragment = Some(html.into());
        self
    }
}

impl<T: Serialize> IntoCallToolResult for Answer<T> {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        let data = serde_json::to_value(&self.data)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        let texts = [Some(self.text), self.remark].into_iter().flatten();
        let image = self
            .image
            .map(|image| ContentBlock::image(BASE64_STANDARD.encode(image.bytes), image.mime_type));
        let content = texts.map(ContentBlock::text).chain(image).collect();
        let mut result = CallToolResult::success(content);
        result.structured_content = Some(data);
        result.meta = self
            .fragment
            .map(|html| MetaObject(JsonObject::from_iter([(FRAGMENT.to_owned(), html.into())])));
        Ok(result.into())
    }
}

/// A compact Markdown table: one header row, one row a line, `|` and line breaks in cells defused.
///
/// ```
/// let table = mg_core::markdown_table(&["a", "b"], [vec!["1", "x|y"]]);
/// assert_eq!(table, "|a|b|\n|-|-|\n|1|x\\|y|\n");
/// ```
pub fn markdown_table<C: AsRef<str>, R: IntoIterator<Item = C>>(
    columns: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = R>,
) -> String {
    let mut text = String::new();
    push_line(&mut text, columns);
    text.push_str(&"|-".repeat(columns.len()));
    text.push_str("|\n");
    for row in rows {
        push_line(&mut text, row);
    }
    text
}

fn push_line<C: AsRef<str>>(text: &mut String, cells: impl IntoIterator<Item = C>) {
    text.push('|');
    for cell in cells {
        push_cell(text, cell.as_ref());
        text.push('|');
    }
    text.push('\n');
}

/// Adds a cell of a Markdown table: `|` is escaped, line breaks become spaces.
pub fn push_cell(text: &mut String, cell: &str) {
    for letter in cell.chars() {
        match letter {
            '|' => text.push_str("\\|"),
            '\n' | '\r' => text.push(' '),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_carries_its_text_and_its_data() {
        let answer = Answer::new("1564 dwellings", json!({"value": 1564}));
        let CallToolResponse::Complete(result) = answer.into_call_tool_result().unwrap() else {
            panic!("a complete result")
        };
        assert_eq!(result.structured_content, Some(json!({"value": 1564})));
        assert_eq!(result.content[0].as_text().unwrap().text, "1564 dwellings");
        assert_ne!(result.is_error, Some(true));
    }

    #[test]
    fn a_remark_is_a_block_of_its_own() {
        let answer = Answer::new("|a|", json!({})).with_remark("1 row");
        let CallToolResponse::Complete(result) = answer.into_call_tool_result().unwrap() else {
            panic!("a complete result")
        };
        let texts: Vec<_> = result
            .content
            .iter()
            .map(|block| &*block.as_text().unwrap().text)
            .collect();
        assert_eq!(texts, ["|a|", "1 row"]);
    }

    #[test]
    fn a_picture_follows_the_texts_and_a_fragment_is_for_the_view_alone() {
        let image = Image {
            mime_type: "image/png",
            bytes: vec![1, 2, 3],
        };
        let answer = Answer::new("text", json!({}))
            .with_image(image)
            .with_fragment("<svg/>");
        let CallToolResponse::Complete(result) = answer.into_call_tool_result().unwrap() else {
            panic!("a complete result")
        };
        let sent = serde_json::to_value(result).unwrap();
        assert_eq!(
            sent["content"][1],
            json!({"type": "image", "data": "AQID", "mimeType": "image/png"})
        );
        assert_eq!(sent["_meta"], json!({"mg-platform/view": "<svg/>"}));
    }

    #[test]
    fn a_cell_cannot_break_out_of_its_table() {
        let table = markdown_table(&["x"], [["a|b\nc"]]);
        assert_eq!(table.lines().count(), 3);
        assert!(table.ends_with("|a\\|b c|\n"));
    }
}
