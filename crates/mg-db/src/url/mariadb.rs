//! URLs of MariaDB and MySQL: read once, for the gate and the store.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    ConnectOptions,
    mysql::{MySqlConnectOptions, MySqlSslMode},
};

use super::{UrlError, percent_decoded};

const PORT: u16 = 3306;

/// A `mysql://` or `mariadb://` URL.
#[derive(Debug, Clone)]
pub(crate) struct MariaDbUrl {
    pub(crate) user: String,
    password: Option<SecretString>,
    host: String,
    port: u16,
    pub(super) database: String,
    tls: MySqlSslMode,
    /// Files of the options `ssl-ca`, `ssl-cert`, `ssl-key` and `socket`.
    root_certificate: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    socket: Option<PathBuf>,
    time_zone: Option<String>,
}

/// Where a server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Host(&'a str, u16),
    /// A socket's file.
    Socket(&'a Path),
}

impl MariaDbUrl {
    /// Reads what follows `mysql:` or `mariadb:`.
    pub(super) fn parse(rest: &str) -> Result<Self, UrlError> {
        let rest = rest.strip_prefix("//").ok_or(UrlError::MariaDb)?;
        // A password may hold `/` and `?`; `@` and `:` are written as %XX there.
        let (account, place) = rest.split_once('@').ok_or(UrlError::MariaDb)?;
        let (user, password) = match account.split_once(':') {
            Some((user, password)) => (user, Some(percent_decoded(password).into())),
            None => (account, None),
        };
        let (place, options) = place.split_once('?').unwrap_or((place, ""));
        let (address, database) = place.split_once('/').ok_or(UrlError::MariaDb)?;
        let (host, port) = host_and_port(address).ok_or(UrlError::MariaDb)?;
        // More than one `@`: the rest of a password would be told as the name of a host.
        let strange = database.contains(['/', '@']) || host.contains('@');
        if user.is_empty() || host.is_empty() || database.is_empty() || strange {
            return Err(UrlError::MariaDb);
        }
        let mut url = Self {
            user: percent_decoded(user),
            password,
            host: host.to_owned(),
            port,
            database: percent_decoded(database),
            tls: MySqlSslMode::Preferred,
            root_certificate: None,
            certificate: None,
            key: None,
            socket: None,
            time_zone: None,
        };
        for pair in options.split('&').filter(|pair| !pair.is_empty()) {
            url.set(pair)?;
        }
        Ok(url)
    }

    fn set(&mut self, pair: &str) -> Result<(), UrlError> {
        let (name, value) = pair.split_once('=').ok_or(UrlError::MariaDb)?;
        let value = percent_decoded(value);
        match name {
            "ssl-mode" | "sslmode" => {
                self.tls = value.parse().map_err(|_| UrlError::MariaDbTlsMode)?;
            }
            "ssl-ca" | "sslca" => self.root_certificate = Some(value.into()),
            "ssl-cert" | "sslcert" => self.certificate = Some(value.into()),
            "ssl-key" | "sslkey" => self.key = Some(value.into()),
            "socket" => self.socket = Some(value.into()),
            "time-zone" | "timezone" => self.time_zone = Some(value),
            _ => return Err(UrlError::MariaDb),
        }
        Ok(())
    }

    /// The URL as the driver takes it. The session keeps the server's own `sql_mode` and, unless the
    /// URL names another, its time zone.
    pub(crate) fn options(&self) -> MySqlConnectOptions {
        let mut options = MySqlConnectOptions::new()
            .username(&self.user)
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .ssl_mode(self.tls)
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .timezone(self.time_zone.clone())
            .disable_statement_logging();
        if let Some(password) = &self.password {
            options = options.password(password.expose_secret());
        }
        if let Some(file) = &self.root_certificate {
            options = options.ssl_ca(file);
        }
        if let Some(file) = &self.certificate {
            options = options.ssl_client_cert(file);
        }
        if let Some(file) = &self.key {
            options = options.ssl_client_key(file);
        }
        match &self.socket {
            Some(file) => options.socket(file),
            None => options,
        }
    }

    /// Where the server listens.
    pub(crate) fn place(&self) -> Place<'_> {
        match &self.socket {
            Some(file) => Place::Socket(file),
            // An address of IPv6 is written in brackets.
            None => Place::Host(self.host.trim_matches(['[', ']']), self.port),
        }
    }

    /// `host:port`, or the socket's file, for messages.
    pub(crate) fn address(&self) -> String {
        match &self.socket {
            Some(file) => file.display().to_string(),
            None => format!("{}:{}", self.host, self.port),
        }
    }

    /// The URL without password and options.
    pub(super) fn redacted(&self) -> String {
        let Self {
            user,
            host,
            port,
            database,
            ..
        } = self;
        format!("mariadb://{user}@{host}:{port}/{database}")
    }
}

/// `host`, `host:port`, or the same with an IPv6 address in brackets.
fn host_and_port(address: &str) -> Option<(&str, u16)> {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (address, PORT),
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let bare = bare.or_else(|| (!host.contains([':', '[', ']'])).then_some(host));
    Some((bare?, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = "//reader:s3cr%40t%3A@db.example:3307/mg%20b?ssl-mode=VERIFY_CA&ssl-ca=/etc/a%20b.pem&time-zone=%2B00:00";

    #[test]
    fn every_part_reaches_the_driver() {
        let url = MariaDbUrl::parse(FULL).unwrap();
        let options = url.options();
        assert_eq!(options.get_username(), "reader");
        assert_eq!(
            (options.get_host(), options.get_port()),
            ("db.example", 3307)
        );
        assert_eq!(options.get_database(), Some("mg b"));
        assert!(matches!(options.get_ssl_mode(), MySqlSslMode::VerifyCa));
        assert_eq!(url.root_certificate, Some("/etc/a b.pem".into()));
        assert_eq!(url.time_zone.as_deref(), Some("+00:00"));
        assert_eq!(
            url.password.as_ref().map(ExposeSecret::expose_secret),
            Some("s3cr@t:")
        );
        assert!(!format!("{url:?}").contains("s3cr"));
    }

    #[test]
    fn a_password_may_hold_what_ends_other_parts() {
        let url = MariaDbUrl::parse("//u:a/b?c=d@h/d").unwrap();
        assert_eq!(
            url.password.as_ref().map(ExposeSecret::expose_secret),
            Some("a/b?c=d")
        );
        assert_eq!(url.redacted(), "mariadb://u@h:3306/d");
    }

    #[test]
    fn an_address_is_a_name_a_number_or_a_socket() {
        let address = |rest: &str| MariaDbUrl::parse(rest).map(|url| url.address());
        assert_eq!(address("//u@h/d"), Ok("h:3306".into()));
        assert_eq!(address("//u@[::1]:3307/d"), Ok("::1:3307".into()));
        assert_eq!(
            address("//u@localhost/d?socket=/run/mysqld/mysqld.sock"),
            Ok("/run/mysqld/mysqld.sock".into())
        );
    }

    #[test]
    fn what_is_missing_or_unknown_is_refused() {
        for rest in [
            "u@h/d",
            "//h/d",
            "//u@h",
            "//u@h/",
            "//@h/d",
            "//u:x@h:port/d",
            "//u@::1/d",
            "//u:pass@word@h/d",
            "//u:pass@wo/rd@h",
            "//u@h/d?charset=latin1",
            "//u@h/d?x",
        ] {
            assert_eq!(MariaDbUrl::parse(rest).unwrap_err(), UrlError::MariaDb);
        }
        assert_eq!(
            MariaDbUrl::parse("//u@h/d?ssl-mode=maybe").unwrap_err(),
            UrlError::MariaDbTlsMode
        );
    }
}
