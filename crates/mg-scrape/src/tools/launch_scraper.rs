//! `launch_scraper`: starts a spider and answers at once.

use std::collections::BTreeMap;

use mg_core::{Answer, Language, ToolError, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    ScrapeServer,
    definition::LimitsGiven,
    run::{Launch, Launched},
};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The spider, as list_spiders names it, e.g. sitadel
    #[serde(alias = "name")]
    spider: String,
    /// Where to start instead; only addresses within the spider's own scope
    #[serde(default)]
    url: Option<String>,
    /// Its parameters by name, each a text, number or boolean; lists with commas, e.g. {"commune": "77243,77307"}
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    params: Option<BTreeMap<String, serde_json::Value>>,
    /// Lower limits than the spider's own: max_pages, max_depth, max_seconds, max_bytes, max_items
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, u64>>")]
    limits: Option<LimitsGiven>,
}

#[tool_router(router = launch_scraper_tool, vis = "pub(crate)")]
impl ScrapeServer {
    /// Launches a spider (robot de collecte) and answers at once with its run_id: the crawl is a process of its own that goes
    /// on when this server is closed. Rows enter the spider's table when all is read and its expectations hold; then read them
    /// with run_sql. The same arguments go on with an interrupted run; one run of a spider at a time. Follow it with
    /// get_scrape_run. Example: {"spider": "sitadel", "params": {"commune": "77243"}}
    #[tool(
        title = "Launch a spider",
        output_schema = schema_for_output::<Launched>(),
        annotations(read_only_hint = false, destructive_hint = true, idempotent_hint = false, open_world_hint = true)
    )]
    async fn launch_scraper(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Launched>, ToolError> {
        let params = plain(arguments.params.unwrap_or_default())?;
        let launch = Launch {
            spider: self.catalogue.find(&arguments.spider)?,
            url: arguments.url.as_deref(),
            params: &params,
            limits: &arguments.limits.unwrap_or_default(),
            requested_by: &call.caller().name,
        };
        let launched = launch.start(&self.settings).await?;
        Ok(Answer::new(
            text(&launched, self.settings.language),
            launched,
        ))
    }
}

/// Values as texts: models write numbers as numbers, and lists as lists.
pub(super) fn plain(
    params: BTreeMap<String, serde_json::Value>,
) -> Result<BTreeMap<String, String>, ToolError> {
    let told = |(name, value): (String, serde_json::Value)| match scalar(&value) {
        Some(text) => Ok((name, text)),
        None => Err(ToolError::Invalid(format!(
            "the parameter `{name}` is {value}; it may be a text, a number, a boolean, or a list of them"
        ))),
    };
    params.into_iter().map(told).collect()
}

fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        serde_json::Value::Array(list) => {
            let texts: Option<Vec<String>> = list
                .iter()
                .map(|value| (!value.is_array()).then(|| scalar(value)).flatten())
                .collect();
            Some(texts?.join(","))
        }
        serde_json::Value::Null | serde_json::Value::Object(_) => None,
    }
}

fn text(launched: &Launched, language: Language) -> String {
    let Launched {
        run_id,
        pid,
        spider,
        table,
        ..
    } = launched;
    let told = match language {
        Language::French => format!(
            "{spider}\u{a0}: collecte {run_id} lancée (processus {pid}), vers {table}. Suivre avec get_scrape_run."
        ),
        Language::English => {
            format!(
                "{spider}: run {run_id} launched (process {pid}), into {table}. Follow it with get_scrape_run."
            )
        }
    };
    let notes = launched.notes.iter().map(|note| format!("\n- {note}"));
    told + &notes.collect::<String>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_lists_are_taken_as_texts() {
        let given = json!({"commune": ["77243", 77307], "year": 2024, "all": true});
        let params = plain(serde_json::from_value(given).unwrap()).unwrap();
        assert_eq!(params["commune"], "77243,77307");
        assert_eq!(
            (params["year"].as_str(), params["all"].as_str()),
            ("2024", "true")
        );
        let refusal = plain([("a".into(), json!({"b": 1}))].into()).unwrap_err();
        assert!(refusal.to_string().contains("`a`"), "{refusal}");
    }
}
