//! `list_spiders`: what can be fetched, and what each spider takes.

use mg_core::{Answer, Language, ToolError, fold, markdown_table, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ScrapeServer, definition::Problem, summary::Summary};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Words of a name, title, description or table, without regard to accents and case; default all
    #[serde(default, alias = "name", alias = "spider")]
    search: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// The spiders, in order of name
    spiders: Vec<Summary>,
    /// How many there are
    total: usize,
    /// Always false: the list is whole
    truncated: bool,
    /// Files of the operator that are switched off, and why
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
}

#[tool_router(router = list_spiders_tool, vis = "pub(crate)")]
impl ScrapeServer {
    /// Lists the spiders (robots de collecte) that launch_scraper starts: name, title, what each fetches, its tables, hosts
    /// and parameters. Call it first when the name of a spider is not known. Example: {"search": "permis"}
    #[tool(
        title = "List spiders",
        output_schema = schema_for_output::<Listed>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn list_spiders(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Listed>, ToolError> {
        let language = self.settings.language;
        let wanted = fold(&arguments.search.unwrap_or_default());
        let all = self
            .catalogue
            .all()
            .map(|spider| Summary::of(spider, language));
        let spiders: Vec<Summary> = all
            .filter(|summary| wanted.split(' ').all(|word| summary.words().contains(word)))
            .collect();
        let listed = Listed {
            total: spiders.len(),
            truncated: false,
            spiders,
            problems: self.catalogue.problems().to_vec(),
        };
        call.record_rows(listed.total);
        Ok(Answer::new(text(&listed, language), listed))
    }
}

fn text(listed: &Listed, language: Language) -> String {
    let (heading, columns) = match language {
        Language::French => (
            "Robots de collecte\u{a0}: ",
            [
                "nom",
                "titre",
                "description",
                "tables",
                "hôtes",
                "paramètres",
            ],
        ),
        Language::English => (
            "Spiders: ",
            [
                "name",
                "title",
                "description",
                "tables",
                "hosts",
                "parameters",
            ],
        ),
    };
    let rows = listed.spiders.iter().map(|spider| {
        let params: Vec<String> = spider.params.iter().map(ToString::to_string).collect();
        [
            spider.name.clone(),
            spider.title.clone(),
            spider.description.clone(),
            spider.tables.join(", "),
            spider.hosts.join(", "),
            params.join("; "),
        ]
    });
    let mut lines = vec![
        format!("{heading}{}", listed.total),
        markdown_table(&columns, rows),
    ];
    lines.extend(listed.problems.iter().map(|problem| format!("- {problem}")));
    lines.join("\n")
}
