//! The hosts that a spider may reach.

use std::{borrow::Cow, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A host: exactly (`www.lagny.fr`), with its port (`127.0.0.1:8086`), or with every host below it (`*.lagny.fr`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPattern(String);

impl HostPattern {
    /// As it was written, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the host of the URL is meant. Without a port in the pattern only the scheme's own port is.
    #[must_use]
    pub fn covers(&self, url: &url::Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let host = host.trim_end_matches('.');
        match url.port() {
            Some(port) => self.covers_host(&format!("{host}:{port}")),
            None => self.covers_host(host),
        }
    }

    fn covers_host(&self, host: &str) -> bool {
        match self.0.strip_prefix("*.") {
            Some(domain) => host
                .strip_suffix(domain)
                .is_some_and(|below| below.ends_with('.') && below.len() > 1),
            None => self.0 == host,
        }
    }
}

impl TryFrom<String> for HostPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is not a host; write `www.example.fr`, `*.example.fr` for the hosts below it, \
                 or `host:port`, without scheme and path"
            )
        };
        let lower = text.trim().to_ascii_lowercase();
        let plain = lower.strip_prefix("*.").unwrap_or(&lower);
        let url = url::Url::parse(&format!("http://{plain}/")).map_err(|_| wrong())?;
        let host = url.host_str().unwrap_or_default();
        let told = url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let same = told == plain || plain == format!("{told}:80");
        let too_wide = lower.starts_with("*.") && !host.contains('.');
        if !same || plain.contains('*') || too_wide {
            return Err(wrong());
        }
        Ok(Self(lower))
    }
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.to_owned())
    }
}

impl From<HostPattern> for String {
    fn from(host: HostPattern) -> Self {
        host.0
    }
}

impl JsonSchema for HostPattern {
    fn schema_name() -> Cow<'static, str> {
        "HostPattern".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "`www.example.fr`, `*.example.fr` or `host:port`" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, url: &str) -> bool {
        let pattern = HostPattern::try_from(pattern.to_owned()).unwrap();
        pattern.covers(&url.parse().unwrap())
    }

    #[test]
    fn a_host_is_meant_exactly_or_with_those_below_it() {
        assert!(covers("www.lagny.fr", "https://www.lagny.fr/a"));
        assert!(covers("WWW.Lagny.fr", "https://www.lagny.fr./a"));
        assert!(!covers("lagny.fr", "https://www.lagny.fr/"));
        assert!(covers("*.lagny.fr", "https://a.b.lagny.fr/"));
        assert!(!covers("*.lagny.fr", "https://lagny.fr/"));
        assert!(!covers("*.lagny.fr", "https://evillagny.fr/"));
    }

    #[test]
    fn a_port_of_its_own_must_be_named() {
        assert!(!covers("127.0.0.1", "http://127.0.0.1:8086/"));
        assert!(covers("127.0.0.1:8086", "http://127.0.0.1:8086/"));
        assert!(covers("[::1]:8086", "http://[::1]:8086/"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "https://x.fr",
            "x.fr/a",
            "*",
            "*.fr",
            "a.*.fr",
            "",
            "user@x.fr",
        ] {
            assert!(HostPattern::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
