//! Launching a run: entered into the ledger, then left to a process of its own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use mg_core::{Settings, ToolError, random_id};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    look::{now_iso, settled},
    spawn,
};
use crate::{
    definition::{LimitsGiven, Spider},
    ledger::{Enlisted, Ledger, State, Wanted, folder},
};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// The spider.
    pub spider: &'a Spider,
    /// Where to start instead.
    pub url: Option<&'a str>,
    /// Its parameters.
    pub params: &'a BTreeMap<String, String>,
    /// Its limits, lowered.
    pub limits: &'a LimitsGiven,
    /// Who asks.
    pub requested_by: &'a str,
}

/// A run that is under way.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Launched {
    /// The run: for get_scrape_run and cancel_scrape_run
    pub run_id: String,
    /// Its process
    pub pid: u32,
    /// Its state
    pub state: State,
    /// The spider
    pub spider: String,
    /// The table that its rows enter; several with commas
    pub table: String,
    /// Whether it goes on with an interrupted run of the same arguments
    pub resumed: bool,
    /// What is to be known of it
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Launch<'_> {
    /// Starts the run, goes on with an interrupted one of the same arguments, or finds one that is under way.
    ///
    /// # Errors
    ///
    /// When the arguments do not fit the spider, another run of it is under way, or the ledger or the process fails.
    pub async fn start(self, settings: &Settings) -> Result<Launched, ToolError> {
        let bound = self.spider.bind(self.url, self.params, self.limits)?;
        let bound =
            serde_json::to_string(&bound).map_err(|error| ToolError::Internal(error.into()))?;
        let arguments =
            serde_json::json!({ "limits": self.limits, "params": self.params, "url": self.url });
        let digest = self.spider.digest();
        let targets = self.spider.targets().iter();
        let table = targets
            .map(|target| target.table.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let wanted = Wanted {
            run_id: &new_run_id()?,
            spider: self.spider.name(),
            digest: &digest,
            arguments: &arguments.to_string(),
            bound: &bound,
            tables: &table,
            requested_by: self.requested_by,
            started: &now_iso(),
            now: Timestamp::now().as_millisecond(),
        };
        let mut ledger = Ledger::open(settings).await?;
        let folder = folder(settings)?;
        let enlisted = ledger.enlist(wanted, |run| settled(&folder, run)).await?;
        let launched = |run_id, pid, resumed, notes| Launched {
            run_id,
            pid,
            state: State::Running,
            spider: self.spider.name().to_owned(),
            table: table.clone(),
            resumed,
            notes,
        };
        match enlisted {
            Enlisted::UnderWay(run_id) => {
                let pid = ledger
                    .run(&run_id)
                    .await?
                    .and_then(|run| run.pid)
                    .unwrap_or_default();
                let note =
                    "a run with the same arguments was under way already: this is it".to_owned();
                Ok(launched(run_id, pid, false, vec![note]))
            }
            Enlisted::New(run_id) => {
                let pid = self.spawned(settings, &mut ledger, &run_id).await?;
                Ok(launched(run_id, pid, false, Vec::new()))
            }
            Enlisted::Resumed(run_id) => {
                let pid = self.spawned(settings, &mut ledger, &run_id).await?;
                let note = "it goes on with the interrupted run of the same arguments".to_owned();
                Ok(launched(run_id, pid, true, vec![note]))
            }
        }
    }

    async fn spawned(
        self,
        settings: &Settings,
        ledger: &mut Ledger,
        run_id: &str,
    ) -> Result<u32, ToolError> {
        match spawn::worker(settings, self.spider, run_id) {
            Ok(pid) => Ok(pid),
            Err(error) => {
                if let Some(run) = ledger.run(run_id).await? {
                    ledger.correct(&run, State::Interrupted).await?;
                }
                Err(error)
            }
        }
    }
}

/// `20261125-203422-1f3a`: sorts by time, differs within a second.
fn new_run_id() -> Result<String, ToolError> {
    let random = random_id().map_err(|error| ToolError::Unavailable(error.to_string()))?;
    let now = Timestamp::now().strftime("%Y%m%d-%H%M%S");
    Ok(format!("{now}-{}", random.get(..6).unwrap_or(&random)))
}
