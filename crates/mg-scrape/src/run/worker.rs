//! The work of a run, from its first request to the swap of its rows; or to its end by somebody else.

use std::{path::Path, process::ExitCode, sync::Arc};

use mg_core::{ConfigError, Environment, Flags, Settings, ToolError};
use tokio::sync::mpsc;
use url::Url;

use super::{
    asked::asked_for,
    lock::Lock,
    look::{found, now_iso},
    pulse::Pulse,
    release, say,
    secrets::secrets,
    spawn::log_path,
};
use crate::{
    browser,
    crawl::{Crawl, Stopped, Visitor},
    definition::Bound,
    item::Mode,
    ledger::{Ending, Ledger, Run, State, folder},
    load::{Loader, Summary, SwapError, Swapped},
    stop,
    web::{
        Guard, Robots, Transport,
        transport::{Bounds, USER_AGENT},
    },
};

/// Batches of rows of files that wait for their stage.
const ROWS_WAITING: usize = 2;
/// How often a run begins anew because the publisher's release moved.
const MOST_ATTEMPTS: u32 = 2;

/// Runs the sub-command `worker`: exit code 0 when the run succeeded or was stopped, 1 when it failed.
#[must_use]
pub fn work(flags: &Flags, run_id: &str) -> ExitCode {
    // Not a child of a terminal's job: whoever started this may end. That it leads a session already is as well.
    let _leads = rustix::process::setsid();
    let settings = match Settings::load(flags, &Environment::of_process()) {
        Ok(settings) => settings,
        Err(error) => {
            say(&format!("mg-scrape: {error}"));
            return ExitCode::from(ConfigError::EXIT_CODE);
        }
    };
    let logs = mg_core::serve::start_logs(&settings.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(worked(&settings, run_id));
            runtime.shutdown_background();
            done
        }
        Err(error) => Err(ToolError::Internal(error.into())),
    };
    if let Ok(logs) = logs {
        logs.flush();
    }
    match done {
        Ok(State::Failed) => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("mg-scrape: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn worked(settings: &Settings, run_id: &str) -> Result<State, ToolError> {
    let mut ledger = Ledger::open(settings).await?;
    let run = found(&mut ledger, run_id).await?;
    let folder = folder(settings)?;
    let lock = Lock::take(&folder, &run.run_id)
        .map_err(|error| ToolError::Unavailable(format!("the run cannot be locked: {error}")))?;
    let Some(lock) = lock else {
        return Err(ToolError::Invalid(format!(
            "the run {run_id} has a worker already"
        )));
    };
    let mut pulse = Pulse::start(settings, &run).await?;
    ledger
        .note(
            run.id,
            &now_iso(),
            &format!("worker {} begins", std::process::id()),
        )
        .await?;
    let bound = ledger.bound(run.id).await?;
    let bound: Bound =
        serde_json::from_str(&bound).map_err(|error| ToolError::Internal(error.into()))?;
    let job = Work {
        settings,
        bound: Arc::new(bound),
        run: run.clone(),
    };
    let state = tokio::select! {
        biased;
        state = pulse.stopped() => job.stopped(&mut ledger, state?).await?,
        done = job.done(&mut ledger) => job.concluded(&mut ledger, done).await?,
    };
    drop(lock);
    clean_log(&folder, run_id, state);
    Ok(state)
}

/// An empty log tells nothing.
fn clean_log(folder: &Path, run_id: &str, state: State) {
    let path = log_path(folder, run_id);
    let is_empty = std::fs::metadata(&path).is_ok_and(|log| log.len() == 0);
    if is_empty && state != State::Interrupted {
        let _gone = std::fs::remove_file(path);
    }
}

/// One run.
struct Work<'a> {
    settings: &'a Settings,
    bound: Arc<Bound>,
    run: Run,
}

impl Work<'_> {
    /// Crawls and brings the rows in; once more when the publisher's release moved meanwhile.
    async fn done(&self, ledger: &mut Ledger) -> Result<Done, ToolError> {
        let transport = self.transport()?;
        let mut attempt = 1;
        loop {
            let loader = Loader::open(self.settings, &self.bound, &self.run.run_id).await?;
            // A run that goes on has rows of the release that it began with.
            let told = release::asked(&transport, &self.bound).await?;
            let before = loader.first_releases(told).await?;
            let run = found(ledger, &self.run.run_id).await?;
            let stopped = self.crawled(ledger, &loader, &transport, run).await?;
            let after = release::asked(&transport, &self.bound).await?;
            let run = self.completeness(ledger, stopped).await?;
            if let Some(refusal) = self.refusal(ledger, &run).await? {
                return Ok(Done::Refused(loader, run, refusal));
            }
            let sources = &self.bound.spider.definition.source;
            let releases = release::told(ledger, &run, sources, before, after).await?;
            stop::here("before_swap");
            match loader.swap(&self.summary(&run, releases)).await {
                Ok(swapped) => return Ok(Done::Swapped(loader, swapped)),
                Err(SwapError::ReleaseMoved { before, after }) if attempt < MOST_ATTEMPTS => {
                    let told =
                        format!("the release moved from {before} to {after}: it begins anew");
                    ledger.note(run.id, &now_iso(), &told).await?;
                    loader.discard().await?;
                    ledger.restart(run.id).await?;
                }
                Err(SwapError::Tool(error)) => return Err(error),
                Err(error) => return Ok(Done::Refused(loader, run, error.to_string())),
            }
            attempt += 1;
        }
    }

    fn transport(&self) -> Result<Transport, ToolError> {
        let definition = &self.bound.spider.definition;
        let starts = self
            .bound
            .start
            .iter()
            .filter_map(|request| Url::parse(&request.url).ok());
        let hosts = definition.start.allow_hosts.iter().cloned();
        let guard = Guard::new(hosts, definition.start.allow_private);
        let bounds = Bounds {
            body: self.bound.limits.max_page_bytes,
            ..Bounds::default()
        };
        let secrets = secrets(
            &self.bound,
            starts.map(|url| url.scheme().to_owned()).next(),
        )?;
        let made = Transport::new(guard, secrets, self.user_agent(), bounds);
        made.map_err(ToolError::Unavailable)
    }

    fn user_agent(&self) -> &str {
        self.bound
            .spider
            .definition
            .politeness
            .user_agent
            .as_deref()
            .unwrap_or(USER_AGENT)
    }

    async fn crawled(
        &self,
        ledger: &mut Ledger,
        loader: &Loader,
        transport: &Transport,
        run: Run,
    ) -> Result<Stopped, ToolError> {
        let (sender, rows) = mpsc::channel(ROWS_WAITING);
        let politeness = &self.bound.spider.definition.politeness;
        let robots = politeness
            .respect_robots
            .then(|| Robots::new(self.user_agent()));
        let browser = browser::Settings {
            program: self.settings.file.scrape.browser.clone(),
            user_agent: politeness.user_agent.clone(),
            ..browser::Settings::default()
        };
        let visitor = Visitor::new(
            Arc::clone(&self.bound),
            transport.clone(),
            robots,
            browser,
            sender,
            loader.knows_pages(),
        );
        let crawl =
            Crawl::begin(Arc::clone(&self.bound), run, ledger, loader, visitor, rows).await?;
        crawl.finish().await
    }

    /// Tells the ledger whether all was read.
    async fn completeness(&self, ledger: &mut Ledger, stopped: Stopped) -> Result<Run, ToolError> {
        let limit = match stopped {
            Stopped::Exhausted => None,
            Stopped::Limit(limit) => Some(limit),
        };
        // How deep and how many of a kind is what the spider is; the others cut it short.
        let cut = limit.is_some_and(|limit| !matches!(limit, "max_depth" | "max_per_pattern"));
        let complete = !cut && !ledger.lacks_essential(self.run.id).await?;
        ledger.crawled(self.run.id, complete, limit).await?;
        found(ledger, &self.run.run_id).await
    }

    /// Why nothing is to be brought in, if there is a reason before the loader's own.
    async fn refusal(&self, ledger: &mut Ledger, run: &Run) -> Result<Option<String>, ToolError> {
        let counters = run.counters;
        let failures = ledger.failures(run.id).await?;
        if counters.pages == 0 && counters.failed_pages > 0 {
            let first = failures
                .first()
                .map(|failure| failure.example.as_str())
                .unwrap_or_default();
            return Ok(Some(format!("nothing could be read; {first}")));
        }
        let replaces = self
            .bound
            .spider
            .targets()
            .iter()
            .any(|target| target.mode == Mode::Replace);
        if run.complete || !replaces {
            return Ok(None);
        }
        let why = match &run.stopped {
            Some(limit) => format!("the limit {limit} ended it"),
            None => "requests that it needs failed (see errors)".to_owned(),
        };
        Ok(Some(format!(
            "the run is not complete: {why}; a table that is replaced is left as it was"
        )))
    }

    /// Keeps how the work ended. From here on nobody stops it.
    async fn concluded(
        &self,
        ledger: &mut Ledger,
        done: Result<Done, ToolError>,
    ) -> Result<State, ToolError> {
        match done {
            Ok(Done::Swapped(loader, swapped)) => {
                self.note(ledger, State::Succeeded).await?;
                ledger
                    .succeed(self.run.id, &ending(swapped)?, &now_iso())
                    .await?;
                loader.discard().await?;
                Ok(State::Succeeded)
            }
            Ok(Done::Refused(loader, run, why)) => {
                loader
                    .record(&self.summary(&run, Vec::new()), State::Failed.name(), &why)
                    .await?;
                loader.discard().await?;
                ledger.forget(run.id).await?;
                self.failed(ledger, why).await
            }
            Err(error) => {
                if let ToolError::Internal(cause) = &error {
                    tracing::error!(?cause, "the run broke");
                }
                self.failed(ledger, error.to_string()).await
            }
        }
    }

    async fn failed(&self, ledger: &mut Ledger, why: String) -> Result<State, ToolError> {
        self.note(ledger, State::Failed).await?;
        let ending = Ending {
            message: Some(why),
            ..Ending::default()
        };
        ledger
            .end(self.run.id, State::Failed, &ending, &now_iso())
            .await?;
        Ok(State::Failed)
    }

    /// Keeps that somebody stopped it; what a cancelled one had staged goes.
    async fn stopped(&self, ledger: &mut Ledger, state: State) -> Result<State, ToolError> {
        if state == State::Cancelled {
            match Loader::open(self.settings, &self.bound, &self.run.run_id).await {
                Ok(loader) => loader.discard().await?,
                Err(error) => tracing::warn!(%error, "what the run had staged stays"),
            }
            ledger.forget(self.run.id).await?;
        }
        self.note(ledger, state).await?;
        ledger
            .end(self.run.id, state, &Ending::default(), &now_iso())
            .await?;
        Ok(state)
    }

    async fn note(&self, ledger: &mut Ledger, state: State) -> Result<(), ToolError> {
        let told = match peak_memory() {
            Some(peak) => format!("{state}; peak memory {peak} kB"),
            None => state.to_string(),
        };
        Ok(ledger.note(self.run.id, &now_iso(), &told).await?)
    }

    fn summary(&self, run: &Run, releases: Vec<crate::load::Release>) -> Summary {
        Summary {
            url: asked_for(&self.bound),
            requested_by: run.requested_by.clone(),
            started: run.started.clone(),
            ended: now_iso(),
            pages: run.counters.pages,
            bytes: run.counters.bytes,
            robots_allowed: self
                .bound
                .spider
                .definition
                .politeness
                .respect_robots
                .then_some(true),
            rejected: run.counters.rejected,
            releases,
        }
    }
}

/// How the work ended.
#[expect(clippy::large_enum_variant, reason = "one of them, once a run")]
enum Done {
    /// The rows are in their tables.
    Swapped(Loader, Swapped),
    /// Nothing was brought in, and why.
    Refused(Loader, Run, String),
}

fn ending(swapped: Swapped) -> Result<Ending, ToolError> {
    let rows = swapped.rows;
    let report = swapped
        .change_report
        .as_ref()
        .map(serde_json::to_string)
        .transpose();
    Ok(Ending {
        rows: Some([rows.inserted, rows.updated, rows.unchanged]),
        rejected: Some(rows.rejected),
        message: None,
        change_report: report.map_err(|error| ToolError::Internal(error.into()))?,
        notes: swapped.notes,
    })
}

/// The most memory that this process has held, in kilobytes, where the system tells it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.split_whitespace().next()?.parse().ok()
}
