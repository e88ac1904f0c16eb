//! The server: what its tools share, and what it offers beside them.

use std::{iter, sync::Arc};

use mg_core::{
    Caller, Clock, ConfigError, Role, Settings, ToolError, fold,
    serve::{Finding, Prompt, Server, View},
};
use mg_forecast::Model;
use rmcp::{handler::server::router::tool::ToolRouter, model::ResourceTemplate};

use crate::{catalogue::Catalogue, chart, neural::Shelf, prompts::PROMPTS, store::KpiStore, tools};

const RESOURCE: &str = "mg://kpi/";

/// The mg-kpi server.
#[derive(Debug)]
pub struct KpiServer {
    pub(crate) settings: Arc<Settings>,
    pub(crate) catalogue: Catalogue,
    pub(crate) store: KpiStore,
    pub(crate) shelf: Shelf,
    pub(crate) clock: Clock,
}

impl Server for KpiServer {
    const NAME: &'static str = "mg-kpi";
    const TITLE: &'static str = "Indicators of the territory";
    const INSTRUCTIONS: &'static str = "Governed indicators of housing construction in Marne et Gondoire (20 communes): \
        each number with unit, period, source, vintage and status. Call list_indicators to find a name; then one call \
        answers: get_indicator for one period, get_series for several, compare_territories for a ranking, forecast_kpi for \
        what comes, detect_anomalies for what is odd or lacking. `missing` is not zero; say so when an answer is marked \
        synthetic, and pass the warnings of a forecast on.";
    const COMPLETES: bool = true;

    fn new(settings: Arc<Settings>) -> Result<Self, ConfigError> {
        let catalogue = Catalogue::load(settings.user_folder("kpis").as_deref())?;
        for problem in catalogue.problems() {
            tracing::warn!("indicator switched off: {problem}");
        }
        Ok(Self {
            catalogue,
            store: KpiStore::new(&settings)?,
            shelf: Shelf::default(),
            clock: Clock::system(),
            settings,
        })
    }

    fn offered_to(role: Role) -> ToolRouter<Self> {
        match role {
            Role::Viewer => tools::for_viewers(),
            Role::Editor => tools::for_editors(),
        }
    }

    fn prompts() -> &'static [Prompt] {
        PROMPTS
    }

    fn views() -> &'static [View] {
        &[chart::VIEW]
    }

    fn resource_templates() -> Vec<ResourceTemplate> {
        let template = ResourceTemplate::new(format!("{RESOURCE}{{name}}"), "indicator")
            .with_description("The definition of an indicator: meaning, formula, SQL, source")
            .with_mime_type("application/toml");
        vec![template]
    }

    async fn resources(&self, _caller: &Caller) -> Result<Vec<(String, String)>, ToolError> {
        let language = self.settings.language;
        let listed = self.catalogue.all().map(|definition| {
            (
                format!("{RESOURCE}{}", definition.name),
                definition.title.told(language).to_owned(),
            )
        });
        Ok(listed.collect())
    }

    async fn read_resource(
        &self,
        _caller: &Caller,
        uri: &str,
    ) -> Result<Option<(&'static str, String)>, ToolError> {
        let Some(name) = uri.strip_prefix(RESOURCE) else {
            return Ok(None);
        };
        let definition = self.catalogue.find(name)?;
        let text = toml::to_string_pretty(definition)
            .map_err(|error| ToolError::Internal(error.into()))?;
        Ok(Some(("application/toml", text)))
    }

    async fn complete(&self, _caller: &Caller, argument: &str, typed: &str) -> Vec<String> {
        match argument {
            "name" | "indicator" => {
                let wanted = fold(typed);
                let names = self
                    .catalogue
                    .with_variants()
                    .map(|definition| definition.name.clone());
                names
                    .filter(|name| fold(name).starts_with(&wanted))
                    .collect()
            }
            // Completion helps; a database that is not there is told by the first call.
            "territory" => self
                .store
                .territories()
                .await
                .map(|known| known.completions(typed))
                .unwrap_or_default(),
            "model" => {
                let names = Model::ALL.into_iter().map(Model::name);
                begun(iter::once("auto").chain(names), typed)
            }
            "grain" => begun(["month", "quarter", "year"], typed),
            _ => Vec::new(),
        }
    }

    async fn check(&self, _caller: &Caller) -> Vec<Finding> {
        let mut findings = vec![Finding::Good(format!(
            "{} indicators",
            self.catalogue.all().count()
        ))];
        findings.extend(
            self.catalogue
                .problems()
                .iter()
                .map(|problem| Finding::Wrong(problem.to_string())),
        );
        match self.store.territories().await {
            Ok(known) => {
                let answers = format!("the database answers: {} territories", known.count());
                findings.push(Finding::Good(answers));
                findings.extend(self.failing().await);
            }
            Err(error) => findings.push(Finding::Down(error.to_string())),
        }
        findings
    }
}

impl KpiServer {
    /// The indicators whose queries do not run on this database.
    async fn failing(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for definition in self.catalogue.with_variants() {
            if let Err(error) = self.store.try_queries(definition).await {
                findings.push(Finding::Wrong(error.to_string()));
            }
        }
        findings
    }
}

fn begun<'a>(words: impl IntoIterator<Item = &'a str>, typed: &str) -> Vec<String> {
    let fits = words.into_iter().filter(|word| word.starts_with(typed));
    fits.map(str::to_owned).collect()
}
