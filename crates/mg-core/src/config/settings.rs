//! The settings of a process, resolved: every value from its strongest source, every path absolute.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use directories::ProjectDirs;
use secrecy::SecretString;

use super::{
    ConfigFile, Environment, Flags, http,
    overlay::{overlay, path_variable},
    paths::Base,
};
use crate::{Caller, Clock, ConfigError, Language, Role, ToolError, token};

/// Which database is meant.
#[derive(Clone, Debug)]
pub enum DatabaseTarget {
    /// The embedded demo database, a SQLite file that is made when first needed.
    Embedded(PathBuf),
    /// The database at this URL.
    Url(SecretString),
}

/// Everything a server, or mgctl, was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The role of a caller without token.
    pub role: Role,
    /// Language of domain sentences.
    pub language: Language,
    /// What is logged to stderr: a level, or `target=level` pairs with commas.
    pub log: String,
    /// Where redacted protocol frames are written.
    pub trace: Option<PathBuf>,
    /// Where HTTP is served; `None`: stdio is.
    pub http: Option<SocketAddr>,
    /// The rest of `mg.toml`, with environment and flags already laid over it.
    pub file: ConfigFile,
    /// The path of the `mg.toml` that was read, if there was one.
    pub config_file: Option<PathBuf>,
    token: Option<SecretString>,
    folders: Folders,
}

#[derive(Clone, Debug)]
struct Folders {
    data: Option<PathBuf>,
    configuration: Option<PathBuf>,
}

impl Settings {
    /// Resolves flag > environment > file > default. Reads `mg.toml`, nothing else.
    ///
    /// # Errors
    ///
    /// One sentence for the first setting that cannot be served; the process then exits with 78.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        let home = ProjectDirs::from("", "", "mg-platform");
        let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let configuration = home.as_ref().map(|folders| folders.config_dir().to_owned());
        let (config_file, mut file) =
            read_file(flags, environment, &working, configuration.as_deref())?;
        let folder = config_file
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(&working)
            .to_owned();
        absolute_in_file(&mut file, &folder)?;
        overlay(&mut file, environment)?;
        if let Some(url) = &flags.database_url {
            file.database.url = Some(Base::Folder(&working).database_url(url)?);
        }
        let data = match &flags.data_dir {
            Some(path) => Some(Base::Folder(&working).absolute(path)?),
            None => file
                .data_dir
                .clone()
                .or_else(|| home.map(|folders| folders.data_dir().to_owned())),
        };
        let settings = Self {
            role: flags.role.or(file.role).unwrap_or_default(),
            language: flags.lang.or(file.lang).unwrap_or_default(),
            log: file.log.clone().unwrap_or_else(|| "warn".into()),
            trace: path_variable(environment, "MG_TRACE")?,
            http: flags
                .http
                .as_deref()
                .or(environment.setting("MG_HTTP")?)
                .map(http::address)
                .transpose()?,
            token: environment.setting("MG_TOKEN")?.map(SecretString::from),
            folders: Folders {
                data,
                configuration: config_file
                    .as_deref()
                    .and_then(Path::parent)
                    .map(Path::to_owned)
                    .or(configuration),
            },
            config_file,
            file,
        };
        settings.check_limits()?;
        Ok(settings)
    }

    /// The caller over stdio: the token's where tokens are required, else the owner of the process.
    ///
    /// # Errors
    ///
    /// When a token is required and missing, or is not valid.
    pub fn authenticate(&self, clock: &Clock) -> Result<Caller, ConfigError> {
        match (&self.file.auth.public_key, &self.token) {
            (None, _) => Ok(Caller::local(self.role)),
            (Some(_), None) => Err(ConfigError::new(
                "auth.public_key is configured, so MG_TOKEN must hold a signed token; make one with `mgctl token new`",
            )),
            (Some(key), Some(token)) => token::verify(&public_key_text(key)?, token, clock),
        }
    }

    /// The public key that signed tokens are held against, PEM, where they are required.
    ///
    /// # Errors
    ///
    /// When its file cannot be read.
    pub fn public_key(&self) -> Result<Option<String>, ConfigError> {
        let key = self.file.auth.public_key.as_deref();
        key.map(public_key_text).transpose()
    }

    /// The folder of the embedded database, ledgers and results.
    ///
    /// # Errors
    ///
    /// When the user has no home folder and none was named.
    pub fn data_dir(&self) -> Result<&Path, ToolError> {
        self.folders.data.as_deref().ok_or_else(|| {
            ToolError::Unavailable(
                "this user has no home folder, so there is no place for data; set MG_DATA_DIR to an absolute path".into(),
            )
        })
    }

    /// A folder of the user's own files (`kpis`, `spiders`) beside `mg.toml`; it may not exist.
    #[must_use]
    pub fn user_folder(&self, name: &str) -> Option<PathBuf> {
        Some(self.folders.configuration.as_ref()?.join(name))
    }

    /// The database that callers of this role read.
    ///
    /// # Errors
    ///
    /// As [`Self::data_dir`], for the embedded database.
    pub fn reading_database(&self, role: Role) -> Result<DatabaseTarget, ToolError> {
        let database = &self.file.database;
        let editor = database
            .editor_url
            .as_ref()
            .filter(|_| role >= Role::Editor);
        self.target(editor.or(database.url.as_ref()))
    }

    /// The database that mg-kpi reads: its own account where one is configured.
    ///
    /// # Errors
    ///
    /// As [`Self::data_dir`], for the embedded database.
    pub fn kpi_database(&self) -> Result<DatabaseTarget, ToolError> {
        self.target(
            self.file
                .kpi
                .database_url
                .as_ref()
                .or(self.file.database.url.as_ref()),
        )
    }

    /// Whether the default, embedded database is the one in use.
    #[must_use]
    pub fn uses_embedded_database(&self) -> bool {
        self.file.database.url.is_none()
    }

    fn target(&self, url: Option<&SecretString>) -> Result<DatabaseTarget, ToolError> {
        match url {
            Some(url) => Ok(DatabaseTarget::Url(url.clone())),
            None => Ok(DatabaseTarget::Embedded(self.data_dir()?.join("mg.db"))),
        }
    }

    fn check_limits(&self) -> Result<(), ConfigError> {
        let limits = &self.file.limits;
        let positive = [
            ("limits.answer_chars", limits.answer_chars),
            ("limits.concurrent", limits.concurrent),
            ("limits.per_second", limits.per_second as usize),
            ("limits.burst", limits.burst as usize),
            ("sql.max_rows", self.file.sql.max_rows),
            (
                "sql.statement_timeout_s",
                usize::try_from(self.file.sql.statement_timeout_s).unwrap_or(usize::MAX),
            ),
        ];
        let http = self.file.http.positive();
        match positive.iter().chain(&http).find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(ConfigError::new(format!(
                "{key} is 0; it must be at least 1"
            ))),
            None => Ok(()),
        }
    }
}

fn read_file(
    flags: &Flags,
    environment: &Environment,
    working: &Path,
    configuration: Option<&Path>,
) -> Result<(Option<PathBuf>, ConfigFile), ConfigError> {
    let named = match &flags.config {
        Some(path) => Some(Base::Folder(working).absolute(path)?),
        None => path_variable(environment, "MG_CONFIG")?,
    };
    let default = configuration
        .map(|folder| folder.join("mg.toml"))
        .filter(|path| path.is_file());
    let Some(path) = named.or(default) else {
        return Ok((None, ConfigFile::default()));
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        ConfigError::new(format!(
            "cannot read the settings file {}: {error}",
            path.display()
        ))
    })?;
    Ok((Some(path), ConfigFile::parse(&text, environment)?))
}

fn absolute_in_file(file: &mut ConfigFile, folder: &Path) -> Result<(), ConfigError> {
    let base = Base::Folder(folder);
    for path in [
        &mut file.data_dir,
        &mut file.airflow.ca,
        &mut file.audit.file,
        &mut file.scrape.browser,
    ]
    .into_iter()
    .flatten()
    {
        *path = base.absolute(path)?;
    }
    let database = &mut file.database;
    let urls = [
        &mut database.url,
        &mut database.write_url,
        &mut database.editor_url,
        &mut file.kpi.database_url,
    ];
    for url in urls.into_iter().flatten() {
        *url = base.database_url(url)?;
    }
    file.http.absolute(base)?;
    if let Some(key) = &mut file.auth.public_key
        && !key.contains("-----BEGIN")
    {
        *key = base.absolute(Path::new(key))?.display().to_string();
    }
    Ok(())
}

fn public_key_text(key: &str) -> Result<String, ConfigError> {
    if key.contains("-----BEGIN") {
        return Ok(key.to_owned());
    }
    std::fs::read_to_string(key).map_err(|error| {
        ConfigError::new(format!("cannot read auth.public_key from {key}: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn load(
        flags: &Flags,
        variables: &[(&str, &str)],
        file: &str,
    ) -> Result<Settings, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mg.toml");
        std::fs::write(&path, file).unwrap();
        let flags = Flags {
            config: Some(path),
            ..flags.clone()
        };
        let environment = variables
            .iter()
            .fold(Environment::default(), |environment, (name, value)| {
                environment.with(name, value)
            });
        Settings::load(&flags, &environment)
    }

    fn url(settings: &Settings) -> String {
        match settings.reading_database(settings.role).unwrap() {
            DatabaseTarget::Url(url) => url.expose_secret().to_owned(),
            DatabaseTarget::Embedded(path) => format!("embedded {}", path.display()),
        }
    }

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
        let none = Flags::default();
        let file = "role = \"editor\"\nlang = \"en\"\ndata_dir = \"/file\"";
        let settings = load(&none, &[], "").unwrap();
        assert_eq!(
            (settings.role, settings.language),
            (Role::Viewer, Language::French)
        );
        let settings = load(&none, &[], file).unwrap();
        assert_eq!(
            (settings.role, settings.language),
            (Role::Editor, Language::English)
        );
        assert_eq!(settings.data_dir().unwrap(), Path::new("/file"));
        let variables = [
            ("MG_ROLE", "viewer"),
            ("MG_LANG", "fr"),
            ("MG_DATA_DIR", "/variable"),
        ];
        let settings = load(&none, &variables, file).unwrap();
        assert_eq!(
            (settings.role, settings.language),
            (Role::Viewer, Language::French)
        );
        assert_eq!(settings.data_dir().unwrap(), Path::new("/variable"));
        let flags = Flags {
            role: Some(Role::Editor),
            data_dir: Some("/flag".into()),
            ..none
        };
        let settings = load(&flags, &variables, file).unwrap();
        assert_eq!(
            (settings.role, settings.language),
            (Role::Editor, Language::French)
        );
        assert_eq!(settings.data_dir().unwrap(), Path::new("/flag"));
    }

    #[test]
    fn the_embedded_database_is_the_default_and_an_editor_may_have_an_account_of_its_own() {
        let none = Flags::default();
        let settings = load(&none, &[("MG_DATA_DIR", "/data")], "").unwrap();
        assert_eq!(url(&settings), "embedded /data/mg.db");
        assert!(settings.uses_embedded_database());
        let file =
            "[database]\nurl = \"postgres://viewer@h/d\"\neditor_url = \"postgres://editor@h/d\"";
        assert_eq!(
            url(&load(&none, &[], file).unwrap()),
            "postgres://viewer@h/d"
        );
        assert_eq!(
            url(&load(&none, &[("MG_ROLE", "editor")], file).unwrap()),
            "postgres://editor@h/d"
        );
    }

    #[test]
    fn the_indicators_may_be_read_through_an_account_of_their_own() {
        let file = "[database]\nurl = \"postgres://viewer@h/d\"\n[kpi]\ndatabase_url = \"postgres://kpi@h/d\"";
        let settings = load(&Flags::default(), &[], file).unwrap();
        let DatabaseTarget::Url(url) = settings.kpi_database().unwrap() else {
            panic!("a URL")
        };
        assert_eq!(url.expose_secret(), "postgres://kpi@h/d");
    }

    #[test]
    fn relative_paths_belong_to_the_folder_of_the_file_and_are_refused_in_variables() {
        let settings = load(&Flags::default(), &[], "data_dir = \"data\"").unwrap();
        let folder = settings
            .config_file
            .as_deref()
            .and_then(Path::parent)
            .unwrap();
        assert_eq!(settings.data_dir().unwrap(), folder.join("data"));
        for (name, value) in [
            ("MG_DATA_DIR", "data"),
            ("MG_DATABASE_URL", "sqlite:a.db"),
            ("MG_TRACE", "t"),
        ] {
            let refusal = load(&Flags::default(), &[(name, value)], "").unwrap_err();
            assert!(
                refusal.0.contains(name) && refusal.0.contains("absolute"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn a_wrong_choice_names_the_right_ones() {
        let refusal = load(&Flags::default(), &[("MG_ROLE", "admin")], "").unwrap_err();
        assert_eq!(refusal.0, "MG_ROLE is `admin`; it may be viewer or editor");
        let refusal = load(&Flags::default(), &[], "[limits]\nconcurrent = 0").unwrap_err();
        assert!(refusal.0.contains("limits.concurrent"), "{refusal}");
    }

    #[test]
    fn a_named_file_that_is_not_there_is_told_by_its_path() {
        let flags = Flags {
            config: Some("/nowhere/mg.toml".into()),
            ..Flags::default()
        };
        let refusal = Settings::load(&flags, &Environment::default()).unwrap_err();
        assert!(refusal.0.contains("/nowhere/mg.toml"), "{refusal}");
    }

    #[test]
    fn a_configured_key_makes_a_token_required_and_the_token_beats_the_role() {
        let pair = token::KeyPair::generate().unwrap();
        let clock = Clock::system();
        let file = format!("[auth]\npublic_key = '''{}'''", pair.public_pem);
        let refusal = load(&Flags::default(), &[], &file)
            .unwrap()
            .authenticate(&clock)
            .unwrap_err();
        assert!(refusal.0.contains("MG_TOKEN"), "{refusal}");
        let signed = token::sign(
            &pair.private_pem,
            "ana",
            Role::Viewer,
            std::time::Duration::from_mins(1),
            &clock,
        )
        .unwrap();
        let flags = Flags {
            role: Some(Role::Editor),
            ..Flags::default()
        };
        let caller = load(&flags, &[("MG_TOKEN", &signed)], &file)
            .unwrap()
            .authenticate(&clock)
            .unwrap();
        assert_eq!((caller.name.as_str(), caller.role), ("ana", Role::Viewer));
    }

    #[test]
    fn debug_output_of_settings_shows_no_secret() {
        let file = "[database]\nurl = \"postgres://a:hunter2@h/d\"";
        let settings = load(&Flags::default(), &[("MG_TOKEN", "hunter3")], file).unwrap();
        let shown = format!("{settings:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("hunter3"),
            "{shown}"
        );
    }
}
