//! `list_indicators`: what can be asked, and how each is defined.

use mg_core::{Answer, Language, ToolError, kpi::Definition, markdown_table, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    KpiServer,
    catalogue::{Problem, Summary},
    series::step,
};

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 500;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Words in French or English, without regard to accents and case, e.g. mises en chantier
    #[serde(default)]
    search: Option<String>,
    /// One indicator: its whole definition is added
    #[serde(default, alias = "indicator", alias = "kpi")]
    name: Option<String>,
    /// How many at most; default 50, cap 500
    #[serde(default)]
    limit: Option<usize>,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// The indicators, in order of name
    indicators: Vec<Summary>,
    /// How many there are
    total: usize,
    /// Whether the limit cut the list
    truncated: bool,
    /// The whole definition, when a name was given
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<std::collections::BTreeMap<String, serde_json::Value>>")]
    definition: Option<Definition>,
    /// Files of the operator that are switched off, and why
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
    /// Caveats
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[tool_router(router = list_indicators_tool, vis = "pub(crate)")]
impl KpiServer {
    /// Lists the indicators (indicateurs) that get_indicator knows: name, title, meaning, unit, grain, producer, and names
    /// of variants (prix_median_m2:maisons). Search by words of the name, title, synonyms or description. With `name`, the
    /// whole definition: formula, SQL, exclusions, publication lag, owner, licence. Call it first when the name of an
    /// indicator is not known. Example: {"search": "logements commencés"}
    #[tool(
        title = "List indicators",
        output_schema = schema_for_output::<Listed>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn list_indicators(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Listed>, ToolError> {
        let language = self.settings.language;
        let found = match &arguments.name {
            Some(name) => vec![self.catalogue.find(name)?],
            None => self
                .catalogue
                .search(arguments.search.as_deref().unwrap_or_default()),
        };
        let (limit, mut notes) = limit(arguments.limit, language)?;
        if found.is_empty() {
            notes.push(nothing_found(language));
        }
        let listed = Listed {
            indicators: found
                .iter()
                .take(limit)
                .map(|definition| Summary::of(definition, language))
                .collect(),
            total: found.len(),
            truncated: found.len() > limit,
            definition: arguments.name.and(found.first().copied().cloned()),
            problems: self.catalogue.problems().to_vec(),
            notes,
        };
        call.record_rows(listed.indicators.len());
        Ok(Answer::new(text(&listed, language)?, listed))
    }
}

fn nothing_found(language: Language) -> String {
    let advice = language.pick(
        "rien ne porte tous ces mots : cherchez un seul mot (permis, logements, population), ou listez tout sans search",
        "nothing has all of these words: search one word (permits, dwellings, population), or list all without search",
    );
    advice.to_owned()
}

fn limit(asked: Option<usize>, language: Language) -> Result<(usize, Vec<String>), ToolError> {
    match asked {
        None => Ok((DEFAULT_LIMIT, Vec::new())),
        Some(0) => Err(ToolError::Invalid(format!(
            "limit is 0; it may be 1 to {MOST}"
        ))),
        Some(asked) if asked > MOST => Ok((
            MOST,
            vec![match language {
                Language::French => format!("limit {asked} ramené au plafond de {MOST}"),
                Language::English => format!("limit {asked} was cut to the cap of {MOST}"),
            }],
        )),
        Some(asked) => Ok((asked, Vec::new())),
    }
}

fn text(listed: &Listed, language: Language) -> Result<String, ToolError> {
    let columns = match language {
        Language::French => ["nom", "titre", "description", "unité", "pas", "source"],
        Language::English => ["name", "title", "description", "unit", "grain", "source"],
    };
    let rows = listed.indicators.iter().map(|indicator| {
        let Summary {
            name,
            title,
            description,
            unit,
            source,
            variants,
            ..
        } = indicator;
        let variants = match &variants[..] {
            [] => String::new(),
            names => format!(" → {}", names.join(", ")),
        };
        [
            name.clone(),
            title.clone(),
            format!("{description}{variants}"),
            unit.clone(),
            step(indicator.grain, language).into(),
            source.clone(),
        ]
    });
    let shown = format!("{} / {}", listed.indicators.len(), listed.total);
    let heading = match language {
        Language::French => format!("Indicateurs\u{a0}: {shown}"),
        Language::English => format!("Indicators: {shown}"),
    };
    let definition = listed
        .definition
        .as_ref()
        .map(toml::to_string_pretty)
        .transpose();
    let definition = definition.map_err(|error| ToolError::Internal(error.into()))?;
    let mut lines = vec![heading, markdown_table(&columns, rows)];
    lines.extend(definition.map(|definition| format!("```toml\n{definition}```")));
    lines.extend(listed.problems.iter().map(|problem| format!("- {problem}")));
    lines.extend(listed.notes.iter().map(|note| format!("- {note}")));
    Ok(lines.join("\n"))
}
