//! PostgreSQL's URLs: read once, for two drivers.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::config::{Config, Host};

use super::{UrlError, percent_decoded};

/// How much TLS a connection to PostgreSQL uses, as libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TlsMode {
    Disable,
    #[default]
    Prefer,
    Require,
    Verify,
}

/// A PostgreSQL URL without its TLS options, which the two drivers spell differently.
#[derive(Debug, Clone)]
pub(crate) struct PostgresUrl {
    text: SecretString,
    pub(crate) tls: TlsMode,
    pub(crate) root_certificate: Option<PathBuf>,
}

impl PostgresUrl {
    /// Reads what follows `postgres:`.
    pub(super) fn parse(rest: &str) -> Result<Self, UrlError> {
        // A password may hold a question mark.
        let host = rest.find('@').unwrap_or(0);
        let (address, query) = match rest[host..].find('?') {
            Some(mark) => (&rest[..host + mark], &rest[host + mark + 1..]),
            None => (rest, ""),
        };
        // More than one `@`: the rest of a password would be told as the name of a host.
        if address.matches('@').count() > 1 {
            return Err(UrlError::Postgres);
        }
        let (mut tls, mut root_certificate, mut kept) = (TlsMode::default(), None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => tls = TlsMode::parse(mode)?,
                Some(("sslrootcert", file)) => {
                    root_certificate = Some(percent_decoded(file).into());
                }
                _ => kept.push(pair),
            }
        }
        let text = format!("postgres:{address}?{}", kept.join("&"));
        let url = Self {
            text: text.trim_end_matches('?').to_owned().into(),
            tls,
            root_certificate,
        };
        let config = url.config()?;
        if config.get_user().is_none() || config.get_hosts().is_empty() {
            return Err(UrlError::Postgres);
        }
        let hosts = config.get_hosts();
        if hosts.len() > 1 && hosts.iter().any(|host| matches!(host, Host::Unix(_))) {
            return Err(UrlError::SocketAmongHosts);
        }
        Ok(url)
    }

    /// What tokio-postgres understands of the URL.
    pub(crate) fn config(&self) -> Result<Config, UrlError> {
        // The parser's own words may repeat a part of the password: they are dropped.
        (self.text.expose_secret().parse()).map_err(|_| UrlError::Postgres)
    }

    /// The URL without password and options.
    pub(super) fn redacted(&self) -> String {
        let Ok(config) = self.config() else {
            return "postgres://".to_owned();
        };
        format!(
            "postgres://{}@{}/{}",
            config.get_user().unwrap_or_default(),
            address(&config),
            config.get_dbname().unwrap_or_default(),
        )
    }
}

impl TlsMode {
    fn parse(text: &str) -> Result<Self, UrlError> {
        Ok(match text {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" | "verify-full" => Self::Verify,
            _ => return Err(UrlError::TlsMode),
        })
    }
}

/// `host:port` of the first host of a configuration.
pub(crate) fn address(config: &Config) -> String {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => format!("{host}:{port}"),
        Some(Host::Unix(folder)) => folder.display().to_string(),
        None => format!("localhost:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_decoded_for_the_driver() {
        for (written, meant) in [
            ("s3cr%40t", "s3cr@t"),
            ("s3cr?t&sslmode=x", "s3cr?t&sslmode=x"),
        ] {
            let url = PostgresUrl::parse(&format!("//reader:{written}@h/d")).unwrap();
            let config = url.config().unwrap();
            assert_eq!(config.get_password(), Some(meant.as_bytes()));
            assert!(!format!("{url:?}").contains("s3cr"));
        }
    }

    #[test]
    fn tls_options_are_taken_out_and_the_others_kept() {
        let url = "//u@h/d?sslmode=verify-full&application_name=x&sslrootcert=/etc/a%20b.pem";
        let url = PostgresUrl::parse(url).unwrap();
        assert_eq!(url.tls, TlsMode::Verify);
        assert_eq!(url.root_certificate, Some("/etc/a b.pem".into()));
        let config = url.config().unwrap();
        assert_eq!(config.get_application_name(), Some("x"));
    }

    #[test]
    fn tls_modes_are_libpqs() {
        let mode =
            |mode: &str| PostgresUrl::parse(&format!("//u@h/d?sslmode={mode}")).map(|url| url.tls);
        assert_eq!(mode("disable"), Ok(TlsMode::Disable));
        assert_eq!(mode("allow"), Ok(TlsMode::Prefer));
        assert_eq!(mode("require"), Ok(TlsMode::Require));
        assert_eq!(mode("always"), Err(UrlError::TlsMode));
    }

    #[test]
    fn a_socket_stands_alone() {
        let error = |url: &str| PostgresUrl::parse(url).err();
        let socket = "//u@%2Frun%2Fpostgresql";
        assert_eq!(
            error(&format!("{socket},h/d")),
            Some(UrlError::SocketAmongHosts)
        );
        assert_eq!(error(&format!("{socket}/d")), None);
        assert_eq!(error("//u@h,i/d"), None);
    }

    #[test]
    fn a_socket_folder_is_an_address() {
        let url = PostgresUrl::parse("//u@%2Frun%2Fpostgresql/d").unwrap();
        assert_eq!(address(&url.config().unwrap()), "/run/postgresql");
        let url = PostgresUrl::parse("//u@h/d").unwrap();
        assert_eq!(address(&url.config().unwrap()), "h:5432");
    }
}
