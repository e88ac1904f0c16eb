//! `preview_spider`: what the first page of a spider gives, nothing written.

use std::collections::BTreeMap;

use mg_core::{Answer, ToolError, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::launch_scraper::plain;
use crate::{
    ScrapeServer,
    definition::LimitsGiven,
    preview::{self, Preview},
};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The spider, as list_spiders names it
    #[serde(alias = "name")]
    spider: String,
    /// Another page within its scope
    #[serde(default)]
    url: Option<String>,
    /// Its parameters by name
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    params: Option<BTreeMap<String, serde_json::Value>>,
}

#[tool_router(router = preview_spider_tool, vis = "pub(crate)")]
impl ScrapeServer {
    /// Reads the first page of a spider (the first rows, if it begins with a file), or a page within its scope, and shows what
    /// each of its selectors finds, up to five rows, the rows left out with the reason, and the links it would follow (aperçu). Nothing is written. Use it before
    /// launch_scraper, or when a run found nothing. Example: {"spider": "avis_urbanisme"}
    #[tool(
        title = "Preview a spider",
        output_schema = schema_for_output::<Preview>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = true)
    )]
    async fn preview_spider(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Preview>, ToolError> {
        let params = plain(arguments.params.unwrap_or_default())?;
        let spider = self.catalogue.find(&arguments.spider)?;
        let bound = spider.bind(arguments.url.as_deref(), &params, &LimitsGiven::default())?;
        let language = self.settings.language;
        let preview = preview::preview(bound, language).await?;
        call.record_rows(preview.sample.len());
        Ok(Answer::new(preview.text(language), preview))
    }
}
