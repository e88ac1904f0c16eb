//! Where a database is: the URL of an account, its password kept out of every message.

mod mariadb;
mod postgres;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use thiserror::Error;

pub(crate) use mariadb::{MariaDbUrl, Place as MariaDbPlace};
pub(crate) use postgres::{PostgresUrl, TlsMode, address};

/// A database engine that is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// A database file.
    Sqlite,
    /// A PostgreSQL server, 13 or later.
    Postgres,
    /// A MariaDB server, 10.6 or later, or a MySQL server, 8.0 or later.
    MariaDb,
}

impl Engine {
    /// A name as it stands in a statement, whatever its letters.
    #[must_use]
    pub fn quoted(self, name: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::MariaDb => format!("`{}`", name.replace('`', "``")),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
        })
    }
}

/// Why a text is no database URL. The text itself is never repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// The scheme names no engine.
    #[error(
        "a database URL starts with `postgres://`, `mysql://`, `mariadb://` or `sqlite:`, e.g. `postgres://reader:…@localhost:5432/mg` or `sqlite:/data/mg.db`"
    )]
    Scheme,
    /// The rest of a PostgreSQL URL is not understood.
    #[error(
        "not a PostgreSQL URL: write `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, special characters of the password as %XX, and only options that libpq knows"
    )]
    Postgres,
    /// A socket of the file system is one of several hosts.
    #[error("a PostgreSQL URL names either the folder of one socket or host names, not both")]
    SocketAmongHosts,
    /// `sslmode` has another value than libpq's.
    #[error("`sslmode` is one of disable, allow, prefer, require, verify-ca, verify-full")]
    TlsMode,
    /// The rest of a MariaDB or MySQL URL is not understood.
    #[error(
        "not a MariaDB or MySQL URL: write `mariadb://USER:PASSWORD@HOST:PORT/DATABASE`, special characters of the password as %XX, and of options only ssl-mode, ssl-ca, ssl-cert, ssl-key, socket, time-zone"
    )]
    MariaDb,
    /// `ssl-mode` has another value than MySQL's.
    #[error("`ssl-mode` is one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY")]
    MariaDbTlsMode,
    /// A relative path where no folder is known to stand on.
    #[error("a `sqlite:` URL needs an absolute path here, e.g. `sqlite:/data/mg.db`")]
    RelativePath,
    /// No file is named.
    #[error(
        "a `sqlite:` URL names a file, e.g. `sqlite:/data/mg.db`; `:memory:` holds nothing that could be read"
    )]
    NoFile,
}

/// The address of a database and the account that opens it.
#[derive(Clone)]
pub struct DatabaseUrl {
    target: Target,
}

/// What a URL leads to; one arm an engine.
#[derive(Clone)]
pub(crate) enum Target {
    Sqlite(PathBuf),
    Postgres(PostgresUrl),
    MariaDb(MariaDbUrl),
}

impl DatabaseUrl {
    /// Reads `postgres://`, `postgresql://`, `mysql://`, `mariadb://`, or `sqlite:` with an absolute path.
    ///
    /// # Errors
    /// A sentence that shows the expected form.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        Self::parse_in(text, None)
    }

    /// As [`DatabaseUrl::parse`]; a relative `sqlite:` path stands on `base`.
    ///
    /// # Errors
    /// A sentence that shows the expected form.
    pub fn parse_in(text: &str, base: Option<&Path>) -> Result<Self, UrlError> {
        let (scheme, rest) = text.trim().split_once(':').ok_or(UrlError::Scheme)?;
        let target = match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => Target::Sqlite(sqlite_path(rest, base)?),
            "postgres" | "postgresql" => Target::Postgres(PostgresUrl::parse(rest)?),
            "mysql" | "mariadb" => Target::MariaDb(MariaDbUrl::parse(rest)?),
            _ => return Err(UrlError::Scheme),
        };
        Ok(Self { target })
    }

    /// The database file at `path`.
    #[must_use]
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        let target = Target::Sqlite(path.into());
        Self { target }
    }

    /// The engine that answers.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.target {
            Target::Sqlite(_) => Engine::Sqlite,
            Target::Postgres(_) => Engine::Postgres,
            Target::MariaDb(_) => Engine::MariaDb,
        }
    }

    /// The login's name; none on SQLite, which has no accounts.
    #[must_use]
    pub fn login(&self) -> Option<String> {
        match &self.target {
            Target::Sqlite(_) => None,
            Target::Postgres(url) => url.config().ok()?.get_user().map(str::to_owned),
            Target::MariaDb(url) => Some(url.user.clone()),
        }
    }

    /// The database file, on SQLite.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.target {
            Target::Sqlite(path) => Some(path),
            Target::Postgres(_) | Target::MariaDb(_) => None,
        }
    }

    /// The database of a server; none on SQLite.
    #[must_use]
    pub fn database(&self) -> Option<String> {
        match &self.target {
            Target::Sqlite(_) => None,
            Target::Postgres(url) => url.config().ok()?.get_dbname().map(str::to_owned),
            Target::MariaDb(url) => Some(url.database.clone()),
        }
    }

    /// The URL without password and options, for messages.
    #[must_use]
    pub fn redacted(&self) -> String {
        match &self.target {
            Target::Sqlite(path) => format!("sqlite:{}", path.display()),
            Target::Postgres(url) => url.redacted(),
            Target::MariaDb(url) => url.redacted(),
        }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseUrl({})", self.redacted())
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.redacted())
    }
}

fn sqlite_path(rest: &str, base: Option<&Path>) -> Result<PathBuf, UrlError> {
    let name = rest.strip_prefix("//").unwrap_or(rest);
    let name = name.split_once('?').map_or(name, |(name, _)| name);
    if name.is_empty() || name.contains(":memory:") {
        return Err(UrlError::NoFile);
    }
    let path = PathBuf::from(percent_decoded(name));
    match base {
        _ if path.is_absolute() => Ok(path),
        Some(base) => Ok(base.join(path)),
        None => Err(UrlError::RelativePath),
    }
}

/// Reads `%XX`; what is no such escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| byte == b'%');
        let decoded = escaped
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str =
        "postgres://reader:s3cr%40t@db.example:6432/mg?sslmode=require&application_name=x";

    #[test]
    fn a_password_stands_in_no_message() {
        let url = DatabaseUrl::parse(FULL).unwrap();
        for shown in [url.to_string(), format!("{url:?}"), url.redacted()] {
            assert!(!shown.contains("s3cr"), "{shown}");
        }
        assert_eq!(url.to_string(), "postgres://reader@db.example:6432/mg");
    }

    #[test]
    fn a_broken_url_is_answered_without_its_text() {
        for text in [
            "postgres://u:hunter2@h:notaport/d",
            "postgres://u:hunter2@h/d?hunter2=1",
            "postgres://u:p@hunter2@h/d",
            "postgres://u:p@s/hunter2@h/d",
            "postgres://h/d",
        ] {
            let error = DatabaseUrl::parse(text).unwrap_err();
            assert_eq!(error, UrlError::Postgres, "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn the_login_is_the_user_of_the_url() {
        assert_eq!(
            DatabaseUrl::parse(FULL).unwrap().login().as_deref(),
            Some("reader")
        );
        assert_eq!(DatabaseUrl::sqlite("/x/mg.db").login(), None);
    }

    #[test]
    fn sqlite_urls_name_a_file_by_an_absolute_path() {
        let path = |text| DatabaseUrl::parse(text).map(|url| url.path().map(Path::to_path_buf));
        for text in [
            "sqlite:/data/mg.db",
            "sqlite:///data/mg.db",
            "SQLITE:/data/mg.db?mode=ro",
        ] {
            assert_eq!(path(text), Ok(Some("/data/mg.db".into())), "{text}");
        }
        assert_eq!(path("sqlite:/a%20b/é.db"), Ok(Some("/a b/é.db".into())));
        assert_eq!(path("sqlite:mg.db"), Err(UrlError::RelativePath));
        assert_eq!(path("sqlite::memory:"), Err(UrlError::NoFile));
        assert_eq!(path("sqlite:"), Err(UrlError::NoFile));
    }

    #[test]
    fn a_relative_path_stands_on_the_base_folder() {
        let url = DatabaseUrl::parse_in("sqlite:mg.db", Some(Path::new("/etc/mg"))).unwrap();
        assert_eq!(url.path(), Some(Path::new("/etc/mg/mg.db")));
    }

    #[test]
    fn every_engine_has_its_schemes() {
        let engine = |text| DatabaseUrl::parse(text).map(|url| url.engine());
        for (text, expected) in [
            ("postgres://u@h/d", Engine::Postgres),
            ("postgresql://u@h/d", Engine::Postgres),
            ("mysql://u@h/d", Engine::MariaDb),
            ("MariaDB://u@h/d", Engine::MariaDb),
            ("sqlite:/d", Engine::Sqlite),
        ] {
            assert_eq!(engine(text), Ok(expected), "{text}");
        }
        for text in ["oracle://h", "nonsense"] {
            assert_eq!(engine(text), Err(UrlError::Scheme));
        }
    }

    #[test]
    fn a_mysql_url_is_told_without_its_password() {
        let url = DatabaseUrl::parse("mysql://reader:s3cr%40t@db/mg?ssl-mode=REQUIRED").unwrap();
        assert_eq!(url.to_string(), "mariadb://reader@db:3306/mg");
        assert_eq!(url.login().as_deref(), Some("reader"));
        assert!(!format!("{url:?}").contains("s3cr"));
        let error = DatabaseUrl::parse("mysql://u:hunter2@h:notaport/d").unwrap_err();
        assert_eq!(error, UrlError::MariaDb);
        assert!(!error.to_string().contains("hunter2"));
    }
}
