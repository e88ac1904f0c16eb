//! A spider in a list. Pure.

use std::fmt;

use mg_core::{Language, fold};
use schemars::JsonSchema;
use serde::Serialize;

use crate::definition::{HostPattern, Param, ParamKind, Spider};

/// A spider in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Summary {
    /// The name that launch_scraper takes
    pub(crate) name: String,
    /// Its title
    pub(crate) title: String,
    /// What it fetches
    pub(crate) description: String,
    /// The tables that it fills
    pub(crate) tables: Vec<String>,
    /// The hosts that it reaches
    pub(crate) hosts: Vec<String>,
    /// What it takes
    pub(crate) params: Vec<ParamSummary>,
    /// Who may read its own tables: viewer or editor
    pub(crate) visible_to: String,
    /// When it is meant to run
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schedule: Option<String>,
}

/// A parameter in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ParamSummary {
    /// Its name
    pub(crate) name: String,
    /// text, number, or list (values separated by commas)
    pub(crate) takes: String,
    /// What it is
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// What each value must match
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<String>,
    /// Its value where none is given; without it one must be given
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<String>,
}

impl Summary {
    /// The short form of a spider.
    pub(crate) fn of(spider: &Spider, language: Language) -> Self {
        let definition = &spider.definition;
        Self {
            name: definition.name.clone(),
            title: definition.title.told(language).to_owned(),
            description: definition.description.told(language).to_owned(),
            tables: spider
                .targets()
                .iter()
                .map(|target| target.table.clone())
                .collect(),
            hosts: definition
                .start
                .allow_hosts
                .iter()
                .map(HostPattern::as_str)
                .map(str::to_owned)
                .collect(),
            params: definition
                .params
                .iter()
                .map(|(name, param)| ParamSummary::of(name, param, language))
                .collect(),
            visible_to: definition.visible_to.name().to_owned(),
            schedule: definition.schedule.clone(),
        }
    }

    /// The words that a search looks into.
    pub(crate) fn words(&self) -> String {
        fold(
            &[
                self.name.as_str(),
                &self.title,
                &self.description,
                &self.tables.join(" "),
            ]
            .join(" "),
        )
    }
}

impl ParamSummary {
    fn of(name: &str, param: &Param, language: Language) -> Self {
        let takes = match param.kind {
            ParamKind::String => "text",
            ParamKind::Int => "number",
            ParamKind::List => "list",
        };
        Self {
            name: name.to_owned(),
            takes: takes.to_owned(),
            description: param
                .description
                .as_ref()
                .map(|words| words.told(language).to_owned()),
            pattern: param
                .pattern
                .as_ref()
                .map(|pattern| pattern.as_str().to_owned()),
            default: param
                .default
                .as_ref()
                .map(|default| shortened(&default.text())),
        }
    }
}

/// `commune (list, default 77005,77018…)`.
impl fmt::Display for ParamSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}", self.name, self.takes)?;
        if let Some(pattern) = &self.pattern {
            write!(formatter, " `{pattern}`")?;
        }
        match &self.default {
            Some(default) => write!(formatter, " = {default})"),
            None => formatter.write_str(", required)"),
        }
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}
