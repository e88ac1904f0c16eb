//! The whole of a spider's file, and the spider that it makes.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use mg_core::Role;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    ApiRule, Auth, BrowserRules, Expect, FileRule, Follow, Limits, PageRule, Param, Politeness,
    SourceRule, Start, Words, targets,
};
use crate::{hexadecimal::hexadecimal, item::Target};

/// The file of a spider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Its name, which is the file's: lower-case letters, digits and `_`
    pub name: String,
    /// Its title
    pub title: Words,
    /// What it fetches, for the caller
    pub description: Words,
    /// The version of the file
    #[serde(default = "first_version")]
    pub version: String,
    /// How pages are read
    #[serde(default)]
    pub engine: Engine,
    /// Who looks after it
    pub owner: Option<String>,
    /// When it is meant to run, for a scheduler (`@monthly`, `0 5 * * 1`)
    pub schedule: Option<String>,
    /// Who may read its own tables; personal fields are never for viewers
    #[serde(default = "editor")]
    #[schemars(schema_with = "role_schema")]
    pub visible_to: Role,
    /// Days after which a row that was not seen again is removed; never without it
    pub retention_days: Option<u32>,
    /// What a caller may pass
    #[serde(default)]
    pub params: BTreeMap<String, Param>,
    /// Where a run begins, and which hosts it may reach
    pub start: Start,
    /// Which links are followed; none without it
    pub follow: Option<Follow>,
    /// How far a run goes at most
    #[serde(default)]
    pub limits: Limits,
    /// How gently a host is asked
    #[serde(default)]
    pub politeness: Politeness,
    /// What a browser waits for and does
    #[serde(default)]
    pub browser: BrowserRules,
    /// Secrets
    pub auth: Option<Auth>,
    /// Pages that rows are read out of; the first that fits a page is taken
    #[serde(default)]
    pub page: Vec<PageRule>,
    /// Files whose rows enter a table
    #[serde(default)]
    pub file: Vec<FileRule>,
    /// APIs whose rows enter a table
    #[serde(default)]
    pub api: Vec<ApiRule>,
    /// What must hold of the rows before they enter their tables
    #[serde(default)]
    pub expect: Expect,
    /// Where the rows come from
    #[serde(default)]
    pub source: Vec<SourceRule>,
}

/// How pages are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// As the server sends them.
    #[default]
    Static,
    /// As a browser shows them.
    Browser,
    /// By a browser where the page as it is sent lacks the wanted rows.
    Auto,
}

/// A checked spider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Definition", into = "Definition")]
pub struct Spider {
    /// What its file says.
    pub definition: Definition,
    targets: Vec<Target>,
}

impl Spider {
    /// Derives the tables from the rules.
    ///
    /// # Errors
    ///
    /// A sentence where two rules of one table disagree.
    pub fn new(definition: Definition) -> Result<Self, String> {
        let targets = targets::derive(&definition)?;
        Ok(Self {
            definition,
            targets,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.definition.name
    }

    /// The tables that it fills, in the order of their first rules: pages, files, APIs.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The index of the target of a table; rules name no table that is not one.
    #[must_use]
    pub fn target_of(&self, table: &str) -> Option<usize> {
        self.targets.iter().position(|target| target.table == table)
    }

    /// Whether its own hosts are meant.
    #[must_use]
    pub fn allows_host(&self, url: &Url) -> bool {
        let hosts = &self.definition.start.allow_hosts;
        matches!(url.scheme(), "http" | "https") && hosts.iter().any(|host| host.covers(url))
    }

    /// The hops that it goes at most.
    #[must_use]
    pub fn max_depth(&self) -> u32 {
        let own = self
            .definition
            .follow
            .as_ref()
            .and_then(|follow| follow.max_depth);
        own.map_or(self.definition.limits.max_depth, |depth| {
            depth.min(self.definition.limits.max_depth)
        })
    }

    /// SHA-256 of what the file says, in hexadecimal digits: another one is another spider, whose runs are not resumed.
    #[must_use]
    pub fn digest(&self) -> String {
        let told = serde_json::to_vec(&self.definition).unwrap_or_default();
        hexadecimal(digest(&SHA256, &told).as_ref())
    }
}

impl TryFrom<Definition> for Spider {
    type Error = String;

    fn try_from(definition: Definition) -> Result<Self, String> {
        Self::new(definition)
    }
}

impl From<Spider> for Definition {
    fn from(spider: Spider) -> Self {
        spider.definition
    }
}

fn first_version() -> String {
    "1".into()
}

const fn editor() -> Role {
    Role::Editor
}

fn role_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["viewer", "editor"], "description": "Who may read its own tables" })
}
