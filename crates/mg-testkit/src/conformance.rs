//! A server with what the MCP conformance suite asks for by name, built on the serve path of the real ones.
//! The names and the words are the suite's.

use std::sync::Arc;

use mg_core::{
    Caller, ConfigError, Role, Settings, ToolError,
    serve::{Call, Finding, Prompt, PromptArgument, Server},
};
use rmcp::{
    ErrorData,
    handler::server::router::tool::ToolRouter,
    model::{CallToolResult, ContentBlock, ResourceContents, ResourceTemplate},
    tool, tool_router,
};
use serde_json::json;

/// The server of the conformance suite.
#[derive(Debug)]
pub struct ConformanceServer;

/// A red dot, PNG.
const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/// No sound at all, WAV.
const SILENCE: &str = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

#[tool_router(router = suite_tools, vis = "pub(super)")]
impl ConformanceServer {
    /// Answers with a text.
    #[tool]
    async fn test_simple_text(&self) -> Result<CallToolResult, ErrorData> {
        let text = "This is a simple text response for testing.";
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]))
    }

    /// Answers with a picture.
    #[tool]
    async fn test_image_content(&self) -> Result<CallToolResult, ErrorData> {
        let image = ContentBlock::image(DOT, "image/png");
        Ok(CallToolResult::success(vec![image]))
    }

    /// Answers with a sound.
    #[tool]
    async fn test_audio_content(&self) -> Result<CallToolResult, ErrorData> {
        let audio = ContentBlock::audio(SILENCE, "audio/wav");
        Ok(CallToolResult::success(vec![audio]))
    }

    /// Answers with a resource in it.
    #[tool]
    async fn test_embedded_resource(&self) -> Result<CallToolResult, ErrorData> {
        let text = "This is an embedded resource content.";
        let resource = ResourceContents::text(text, "test://embedded-resource");
        let block = ContentBlock::resource(resource.with_mime_type("text/plain"));
        Ok(CallToolResult::success(vec![block]))
    }

    /// Answers with several kinds of content.
    #[tool]
    async fn test_multiple_content_types(&self) -> Result<CallToolResult, ErrorData> {
        let text = json!({"test": "data", "value": 123}).to_string();
        let resource = ResourceContents::text(text, "test://mixed-content-resource");
        Ok(CallToolResult::success(vec![
            ContentBlock::text("Multiple content types test:"),
            ContentBlock::image(DOT, "image/png"),
            ContentBlock::resource(resource.with_mime_type("application/json")),
        ]))
    }

    /// Tells how far it is.
    #[tool]
    async fn test_tool_with_progress(&self, call: Call) -> Result<CallToolResult, ErrorData> {
        for done in [1.0, 50.0, 100.0] {
            call.progress(done, Some(100.0), "on the way").await;
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Ok(CallToolResult::success(vec![ContentBlock::text("done")]))
    }

    /// Fails.
    #[tool]
    async fn test_error_handling(&self) -> Result<CallToolResult, ToolError> {
        let sentence = "This tool intentionally returns an error for testing";
        Err(ToolError::Invalid(sentence.into()))
    }
}

const STATIC_TEXT: &str = "test://static-text";

impl Server for ConformanceServer {
    const NAME: &'static str = "mg-conformance";
    const TITLE: &'static str = "Conformance";
    const INSTRUCTIONS: &'static str = "What the conformance suite asks for.";
    const COMPLETES: bool = true;

    fn new(_settings: Arc<Settings>) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn offered_to(_role: Role) -> ToolRouter<Self> {
        Self::suite_tools()
    }

    fn prompts() -> &'static [Prompt] {
        PROMPTS
    }

    fn resource_templates() -> Vec<ResourceTemplate> {
        vec![ResourceTemplate::new(
            "test://template/{id}/data",
            "template",
        )]
    }

    async fn resources(&self, _caller: &Caller) -> Result<Vec<(String, String)>, ToolError> {
        Ok(vec![(STATIC_TEXT.into(), "Static text".into())])
    }

    async fn read_resource(
        &self,
        _caller: &Caller,
        uri: &str,
    ) -> Result<Option<(&'static str, String)>, ToolError> {
        if uri == STATIC_TEXT {
            let text = "This is the content of the static text resource.";
            return Ok(Some(("text/plain", text.into())));
        }
        let id = uri
            .strip_prefix("test://template/")
            .and_then(|rest| rest.strip_suffix("/data"));
        Ok(id.map(|id| {
            let data =
                json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")});
            ("application/json", data.to_string())
        }))
    }

    async fn complete(&self, _caller: &Caller, _argument: &str, typed: &str) -> Vec<String> {
        vec![format!("{typed}ing")]
    }

    async fn check(&self, _caller: &Caller) -> Vec<Finding> {
        Vec::new()
    }
}

const SIMPLE: &str = "This is a simple prompt for testing.";
const WITH_ARGUMENTS: &str = "Prompt with arguments: arg1='{arg1}', arg2='{arg2}'";

const PROMPTS: &[Prompt] = &[
    Prompt {
        name: "test_simple_prompt",
        title: "Simple",
        description: "A prompt without arguments",
        arguments: &[],
        french: SIMPLE,
        english: SIMPLE,
    },
    Prompt {
        name: "test_prompt_with_arguments",
        title: "With arguments",
        description: "A prompt with two arguments",
        arguments: &[
            PromptArgument {
                name: "arg1",
                description: "The first",
                default: None,
            },
            PromptArgument {
                name: "arg2",
                description: "The second",
                default: None,
            },
        ],
        french: WITH_ARGUMENTS,
        english: WITH_ARGUMENTS,
    },
];
