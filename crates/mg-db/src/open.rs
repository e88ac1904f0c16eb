//! Databases as servers reach them: opened by the first call that needs them, the embedded one made then.

use std::time::Duration;

use mg_core::{Clock, ConfigError, DatabaseTarget, ToolError, serve::Finding};
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;

use crate::{
    DatabaseUrl, Engine, embedded,
    gate::{Gate, GateError, GateOptions},
    store::{Store, StoreError},
};

/// A database that is found when first needed.
#[derive(Debug)]
pub(crate) struct Place {
    /// The URL, or why there is none; an embedded database is made before its first use.
    url: Result<DatabaseUrl, String>,
    embedded: bool,
    clock: Clock,
    ready: OnceCell<()>,
}

impl Place {
    pub(crate) fn new(
        target: Result<DatabaseTarget, ToolError>,
        clock: Clock,
    ) -> Result<Self, ConfigError> {
        let (url, embedded) = match target {
            Ok(DatabaseTarget::Embedded(path)) => (Ok(DatabaseUrl::sqlite(path)), true),
            Ok(DatabaseTarget::Url(text)) => {
                let url = DatabaseUrl::parse(text.expose_secret());
                (
                    Ok(url.map_err(|error| ConfigError::new(format!("database URL: {error}")))?),
                    false,
                )
            }
            Err(error) => (Err(error.to_string()), true),
        };
        Ok(Self {
            url,
            embedded,
            clock,
            ready: OnceCell::new(),
        })
    }

    /// The URL, if there is one.
    pub(crate) fn known_url(&self) -> Option<&DatabaseUrl> {
        self.url.as_ref().ok()
    }

    /// The URL, once there is something behind it.
    pub(crate) async fn url(&self) -> Result<&DatabaseUrl, ToolError> {
        let url = self
            .url
            .as_ref()
            .map_err(|sentence| ToolError::Unavailable(sentence.clone()))?;
        if let Some(path) = url.path().filter(|_| self.embedded) {
            let now = self.clock.now_iso();
            self.ready
                .get_or_try_init(|| embedded::ensure(path, &now))
                .await?;
        }
        Ok(url)
    }
}

/// A [`Gate`] that is opened by the first call.
#[derive(Debug)]
pub struct LazyGate {
    place: Place,
    options: GateOptions,
    gate: OnceCell<Gate>,
    caveat: OnceCell<Option<String>>,
}

impl LazyGate {
    /// Reads the URL; opens nothing. A missing home folder is told by the first call.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn new(
        target: Result<DatabaseTarget, ToolError>,
        options: GateOptions,
        clock: Clock,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            place: Place::new(target, clock)?,
            options,
            gate: OnceCell::new(),
            caveat: OnceCell::new(),
        })
    }

    /// The gate.
    ///
    /// # Errors
    /// When the embedded database cannot be made, or there is no place for it.
    pub async fn open(&self) -> Result<&Gate, ToolError> {
        let url = self.place.url().await?;
        Ok(self
            .gate
            .get_or_init(async || Gate::new(url, self.options.clone()))
            .await)
    }

    /// The engine that answers; SQLite where there is no place for any database.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.place
            .url
            .as_ref()
            .map_or(Engine::Sqlite, DatabaseUrl::engine)
    }

    /// What every answer must say of the account: that it is privileged, where the operator allows that.
    ///
    /// # Errors
    /// As [`Self::open`], and when the account cannot be asked.
    pub async fn caveat(&self) -> Result<Option<&str>, ToolError> {
        if !self.options.allow_privileged {
            return Ok(None); // a privileged account is refused by the gate
        }
        let caveat = self.caveat.get_or_try_init(async || {
            let account = self.open().await?.account().await?;
            let login = account.login.unwrap_or_default();
            Ok::<_, ToolError>(
                account
                    .privileged
                    .map(|why| format!("read through the privileged account `{login}` ({why})")),
            )
        });
        Ok(caveat.await?.as_deref())
    }

    /// Tries the connection, for `--check`.
    pub async fn check(&self) -> Finding {
        let gate = match self.open().await {
            Ok(gate) => gate,
            Err(error) => return Finding::Down(error.to_string()),
        };
        let place = self
            .place
            .url
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        match gate.account().await {
            Err(error) => Finding::Down(format!("{place}: {error}")),
            Ok(account) => match account
                .privileged
                .filter(|_| !self.options.allow_privileged)
            {
                Some(why) => Finding::Wrong(format!(
                    "{place}: {}",
                    GateError::Privileged {
                        login: account.login.unwrap_or_default(),
                        why
                    }
                )),
                None => Finding::Good(format!("reads {place} ({})", account.server_version)),
            },
        }
    }
}

/// A [`Store`] that reads, opened by the first call. Its statements have a limit: a definition of an operator may hold one
/// that never ends.
#[derive(Debug)]
pub struct LazyStore {
    place: Place,
    limit: Duration,
    store: OnceCell<Store>,
}

impl LazyStore {
    /// As [`LazyGate::new`]; a statement may take `limit`.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn new(
        target: Result<DatabaseTarget, ToolError>,
        limit: Duration,
        clock: Clock,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            place: Place::new(target, clock)?,
            limit,
            store: OnceCell::new(),
        })
    }

    /// The store.
    ///
    /// # Errors
    /// As [`LazyGate::open`].
    pub async fn open(&self) -> Result<&Store, ToolError> {
        let url = self.place.url().await?;
        let limited = async || Store::reader_within(url, self.limit);
        Ok(self.store.get_or_init(limited).await)
    }
}

impl From<GateError> for ToolError {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Unavailable(_) | GateError::Busy(_) | GateError::Privileged { .. } => {
                Self::Unavailable(error.to_string())
            }
            GateError::Refused(_)
            | GateError::Denied { .. }
            | GateError::Statement(_)
            | GateError::Timeout(_)
            | GateError::TooLarge(_) => Self::Invalid(error.to_string()),
        }
    }
}

impl From<StoreError> for ToolError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
