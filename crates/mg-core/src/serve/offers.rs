//! The protocol's questions, answered by the host: what the server offers and the calls themselves.

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CompleteRequestMethod,
        CompleteRequestParams, CompleteResult, CompletionInfo, GetPromptRequestMethod,
        GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsRequestMethod,
        ListPromptsResult, ListResourceTemplatesRequestMethod, ListResourceTemplatesResult,
        ListResourcesRequestMethod, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ReadResourceRequestMethod, ReadResourceRequestParams, ReadResourceResponse,
        ReadResourceResult, Resource, ResourceContents, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::json;

use super::{Host, Server, View, failure::bounded_error, prompt, view};
use crate::{ToolError, clean, excerpt};

/// How long a client may keep a list, in milliseconds: the tools of a process never change.
const LIST_TTL_MS: u64 = 300_000;

// What a server does for a question is boxed. The SDK moves one future through its tasks that has room
// for the answer to any question, and a database's are large: 170 kB were copied six times a call.
impl<S: Server> ServerHandler for Host<S> {
    fn get_info(&self) -> ServerConfig {
        let mut capabilities = ServerCapabilities::default();
        capabilities.tools = Some(rmcp::model::ToolsCapability::default());
        capabilities.prompts = offered(!S::prompts().is_empty());
        capabilities.resources = offered(has_resources::<S>());
        capabilities.extensions = (!S::views().is_empty()).then(view::declared);
        capabilities.completions = offered(S::COMPLETES);
        ServerConfig::new(capabilities)
            .with_server_info(
                Implementation::new(S::NAME, env!("CARGO_PKG_VERSION")).with_title(S::TITLE),
            )
            .with_instructions(S::INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let role = self.caller(&context).role;
        let mut result = ListToolsResult::with_all_items(self.tools(role).list_all());
        result.ttl_ms = Some(LIST_TTL_MS);
        result.cache_scope = Some(CacheScope::Private); // it depends on the role
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools(crate::Role::Editor).get(name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Box::pin(self.call(request, context)).await
    }

    async fn list_prompts(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        match S::prompts() {
            [] => Err(ErrorData::method_not_found::<ListPromptsRequestMethod>()),
            prompts => Ok(ListPromptsResult::with_all_items(
                prompts.iter().map(super::Prompt::listed).collect(),
            )),
        }
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if S::prompts().is_empty() {
            return Err(ErrorData::method_not_found::<GetPromptRequestMethod>());
        }
        let given = request.arguments.unwrap_or_default();
        prompt::get(
            S::prompts(),
            &request.name,
            &given,
            self.0.settings.language,
        )
        .map(Into::into)
    }

    async fn list_resources(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        if !has_resources::<S>() {
            return Err(ErrorData::method_not_found::<ListResourcesRequestMethod>());
        }
        let caller = self.caller(&context);
        let listed = Box::pin(self.0.server.resources(&caller)).await;
        let listed = listed.map_err(protocol_error)?;
        let listed = listed
            .into_iter()
            .map(|(uri, name)| Resource::new(uri, name));
        let views = S::views().iter().map(listed_view);
        let mut result = ListResourcesResult::with_all_items(listed.chain(views).collect());
        result.cache_scope = Some(CacheScope::Private);
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = S::resource_templates();
        if templates.is_empty() {
            return Err(ErrorData::method_not_found::<
                ListResourceTemplatesRequestMethod,
            >());
        }
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        if !has_resources::<S>() {
            return Err(ErrorData::method_not_found::<ReadResourceRequestMethod>());
        }
        let caller = self.caller(&context);
        let uri = request.uri;
        let view = S::views().iter().find(|view| view.uri == uri);
        let found = if let Some(view) = view {
            Some((view::MIME_TYPE, (view.page)(self.0.settings.language)))
        } else {
            let found = Box::pin(self.0.server.read_resource(&caller, &uri)).await;
            found.map_err(protocol_error)?
        };
        let Some((mime_type, text)) = found else {
            let templates = S::resource_templates();
            let known: Vec<&str> = templates
                .iter()
                .map(|template| template.uri_template.as_str())
                .collect();
            return Err(ErrorData::resource_not_found(
                format!(
                    "no resource at `{}`; resources are {}",
                    excerpt(&clean(&uri)),
                    known.join(", ")
                ),
                Some(json!({ "uri": uri })),
            ));
        };
        let contents = ResourceContents::text(text, uri).with_mime_type(mime_type);
        let mut result = ReadResourceResult::new(vec![contents]);
        result.cache_scope = Some(CacheScope::Private);
        Ok(result.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        if !S::COMPLETES {
            return Err(ErrorData::method_not_found::<CompleteRequestMethod>());
        }
        let caller = self.caller(&context);
        let argument = &request.argument;
        let completing = (self.0.server).complete(&caller, &argument.name, &argument.value);
        let mut values = Box::pin(completing).await;
        values.truncate(CompletionInfo::MAX_VALUES);
        let info =
            CompletionInfo::new(values).map_err(|error| ErrorData::internal_error(error, None))?;
        Ok(CompleteResult::new(info))
    }
}

fn has_resources<S: Server>() -> bool {
    !S::resource_templates().is_empty() || !S::views().is_empty()
}

fn listed_view(view: &View) -> Resource {
    Resource::new(view.uri, view.title).with_mime_type(view::MIME_TYPE)
}

fn offered<T: Default>(condition: bool) -> Option<T> {
    condition.then(T::default)
}

/// Resources have no `isError`: their failures are protocol errors.
#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn protocol_error(error: ToolError) -> ErrorData {
    if let ToolError::Internal(cause) = &error {
        tracing::error!(?cause, "resource failed");
    }
    bounded_error(ErrorData::internal_error(error.to_string(), None))
}
