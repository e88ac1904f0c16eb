//! What every sub-command is given: the terminal, the flags, the environment, the clock.

use mg_core::{Clock, ConfigError, Environment, Flags, Settings};
use secrecy::ExposeSecret;

use crate::{failure::Failure, terminal::Terminal};

/// What every sub-command is given.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// Where to write.
    pub(crate) terminal: Terminal<'a>,
    /// The global flags.
    pub(crate) flags: Flags,
    /// The environment variables.
    pub(crate) environment: Environment,
    /// The time.
    pub(crate) clock: Clock,
}

impl Context<'_> {
    /// The settings, as the servers would read them.
    pub(crate) fn settings(&self) -> Result<Settings, ConfigError> {
        Settings::load(&self.flags, &self.environment)
    }

    /// The flags of this command line as variables for the servers it launches.
    pub(crate) fn variables(&self, settings: &Settings) -> Result<Vec<(String, String)>, Failure> {
        let mut variables = Vec::new();
        let mut set = |name: &str, value: String| variables.push((name.to_owned(), value));
        if let Some(path) = settings
            .config_file
            .as_ref()
            .filter(|_| self.flags.config.is_some())
        {
            set("MG_CONFIG", path.display().to_string());
        }
        if self.flags.data_dir.is_some() {
            set("MG_DATA_DIR", settings.data_dir()?.display().to_string());
        }
        let url = settings.file.database.url.as_ref();
        if let Some(url) = url.filter(|_| self.flags.database_url.is_some()) {
            set("MG_DATABASE_URL", url.expose_secret().to_owned());
        }
        if let Some(language) = self.flags.lang {
            set("MG_LANG", language.pick("fr", "en").to_owned());
        }
        Ok(variables)
    }
}
