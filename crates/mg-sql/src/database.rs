//! The database as this server reaches it: one gate a role, opened by the first call.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use mg_core::{Clock, ConfigError, Language, Role, Settings, ToolError, serve::Finding};
use mg_db::{
    Engine,
    gate::{Caps, GateError, GateOptions, Object, Statement},
    hidden::Hidden,
    open::LazyGate,
};

use crate::{
    advice::advice,
    page::{self, Page, Paged},
    plan::{self, Plan, PlanSink},
    rows::{Format, Limits, Rows},
    spool::Spool,
    values::{self, Labels, Lines, Values},
};

/// Gates for viewers and for editors: by accounts of their own where both are configured, and by
/// what the gate withholds from viewers.
#[derive(Debug)]
pub(crate) struct Database {
    viewer: LazyGate,
    editor: LazyGate,
    time: Duration,
    most_rows: usize,
    spool: Arc<Spool>,
}

/// As much of an engine's words as leaves room for advice.
const LONGEST_WORDS: usize = 1_500;

/// Where longer results are kept; nowhere over HTTP, where another instance may get the next call.
fn spool(settings: &Settings, clock: Clock) -> Spool {
    match settings.http {
        Some(_) => Spool::none(clock),
        None => Spool::new(
            settings.data_dir().map(|folder| folder.join("results")),
            settings.file.sql.spool_mb,
            clock,
        ),
    }
}

impl Database {
    /// Reads the URLs; opens nothing.
    pub(crate) fn new(settings: &Settings, clock: &Clock) -> Result<Self, ConfigError> {
        let hidden = Hidden::from_viewers(settings.file.sql.hidden.as_deref());
        let hidden = hidden.map_err(ConfigError::new)?;
        let gate = |role, hidden| {
            let options = GateOptions {
                allow_privileged: settings.file.database.allow_privileged_account,
                hidden,
                ..GateOptions::default()
            };
            LazyGate::new(settings.reading_database(role), options, clock.clone())
        };
        Ok(Self {
            viewer: gate(Role::Viewer, hidden)?,
            editor: gate(Role::Editor, Hidden::default())?,
            time: Duration::from_secs(settings.file.sql.statement_timeout_s),
            most_rows: settings.file.sql.max_rows,
            spool: Arc::new(spool(settings, clock.clone())),
        })
    }

    fn gate(&self, role: Role) -> &LazyGate {
        match role {
            Role::Viewer => &self.viewer,
            Role::Editor => &self.editor,
        }
    }

    /// What answers this role.
    pub(crate) fn engine(&self, role: Role) -> Engine {
        self.gate(role).engine()
    }

    /// Runs one statement that reads; what its first page has no room for is kept.
    pub(crate) async fn first_page(
        &self,
        role: Role,
        statement: Statement,
        format: Format,
        limits: Limits,
    ) -> Result<Page, ToolError> {
        let text = statement.sql.clone();
        let sink = Paged::new(Rows::new(format, limits), &self.spool);
        let caps = Caps {
            time: self.time,
            rows: self.most_rows,
        };
        match self
            .gate(role)
            .open()
            .await?
            .read(statement, caps, sink)
            .await
        {
            Ok((paged, outcome)) => paged.finish(role, &outcome, &self.spool),
            Err(error) => Err(self.advised(role, &text, error).await),
        }
    }

    /// How the engine would run a statement, which is not run.
    pub(crate) async fn plan(
        &self,
        role: Role,
        statement: Statement,
    ) -> Result<(Engine, Plan), ToolError> {
        let engine = self.engine(role);
        let asking = Statement {
            sql: plan::asking(engine, &statement.sql),
            params: statement.params,
        };
        let caps = Caps {
            time: self.time,
            rows: self.most_rows,
        };
        match self
            .gate(role)
            .open()
            .await?
            .read(asking, caps, PlanSink::new(engine))
            .await
        {
            Ok((sink, _)) => Ok((engine, sink.finish())),
            Err(error) => Err(self.advised(role, &statement.sql, error).await),
        }
    }

    /// The page of an earlier statement that a cursor leads to.
    pub(crate) fn next_page(
        &self,
        role: Role,
        cursor: &str,
        format: Format,
        limits: Limits,
    ) -> Result<Page, ToolError> {
        page::next(role, cursor, Rows::new(format, limits), &self.spool)
    }

    /// The gate's refusal, with the names that were perhaps meant.
    async fn advised(&self, role: Role, statement: &str, error: GateError) -> ToolError {
        if !matches!(error, GateError::Statement(_) | GateError::Denied { .. }) {
            return error.into();
        }
        let objects = Box::pin(self.objects(role)).await.unwrap_or_default();
        // The engine quotes values, however long they are.
        let told = mg_core::clean_start(&error.to_string(), LONGEST_WORDS);
        ToolError::Invalid(
            match advice(&error, self.engine(role), statement, &objects) {
                Some(advice) => format!("{told}; {advice}"),
                None => told,
            },
        )
    }

    /// What every answer must say of the account that reads for this role.
    pub(crate) async fn caveat(&self, role: Role) -> Result<Option<String>, ToolError> {
        Ok(self.gate(role).caveat().await?.map(str::to_owned))
    }

    /// What this role may read: tables, views, functions.
    pub(crate) async fn objects(&self, role: Role) -> Result<Vec<Object>, ToolError> {
        Ok(self.gate(role).open().await?.objects().await?)
    }

    /// What the columns of a table hold, as far as it is found before `until`.
    pub(crate) async fn values(
        &self,
        role: Role,
        object: &Object,
        until: Instant,
    ) -> Result<Values, ToolError> {
        let engine = self.engine(role);
        let (ranges, columns) = match values::asking_ranges(engine, object) {
            Some((sql, columns)) => (Some(self.lines(role, sql, until).await?), columns),
            None => (None, Vec::new()),
        };
        let few = match values::asking_values(engine, object) {
            Some(sql) => self.lines(role, sql, until).await?,
            None => Lines::default(),
        };
        Ok(values::held(&columns, ranges, few))
    }

    /// What the codes of our tables mean, where their labels are in this database.
    pub(crate) async fn labels(
        &self,
        role: Role,
        objects: &[Object],
        language: Language,
        until: Instant,
    ) -> Result<Labels, ToolError> {
        let label = match language {
            Language::French => "libelle_fr",
            Language::English => "libelle_en",
        };
        let has = |object: &Object| object.columns.iter().any(|column| column.name == label);
        if !objects
            .iter()
            .any(|object| object.name == "dim_code" && has(object))
        {
            return Ok(Labels::new());
        }
        let sql = format!("SELECT variable, code, {label} FROM dim_code");
        Ok(values::labels(self.lines(role, sql, until).await?))
    }

    /// The rows of a statement of ours, which ends at `until` at the latest.
    async fn lines(&self, role: Role, sql: String, until: Instant) -> Result<Lines, ToolError> {
        let caps = Caps {
            time: until
                .saturating_duration_since(Instant::now())
                .min(self.time),
            rows: self.most_rows,
        };
        let gate = self.gate(role).open().await?;
        let (lines, _) = gate
            .read(Statement::of(sql), caps, Lines::default())
            .await?;
        Ok(lines)
    }

    /// Tries the connection.
    pub(crate) async fn check(&self, role: Role) -> Vec<Finding> {
        vec![self.gate(role).check().await]
    }
}
