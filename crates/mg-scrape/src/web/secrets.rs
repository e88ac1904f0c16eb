//! Secrets of a spider: read from the environment, sent to one origin and to no other.

use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::{Origin, Url};

/// Headers that only one origin (scheme, host and port) is sent.
#[derive(Clone, Default)]
pub struct Secrets {
    origin: Option<Origin>,
    headers: HeaderMap,
}

impl Secrets {
    /// Headers for the origin of `url`, their values taken from environment variables.
    ///
    /// # Errors
    ///
    /// A sentence that names the variable that is not set, or the header that cannot be one.
    pub fn read<'a>(
        url: &Url,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let mut read = HeaderMap::new();
        for (header, name) in headers {
            let value = variable(name).filter(|value| !value.is_empty());
            let value = value.ok_or_else(|| {
                format!("the spider's secret {name} is not set: put it into the environment of the server")
            })?;
            let header = HeaderName::try_from(header)
                .map_err(|_| format!("`{header}` is not the name of a header"))?;
            let mut value = HeaderValue::try_from(value).map_err(|_| {
                format!("the value of {name} cannot be sent in a header: it has line breaks or control characters")
            })?;
            value.set_sensitive(true);
            read.insert(header, value);
        }
        Ok(Self {
            origin: Some(url.origin()),
            headers: read,
        })
    }

    /// What this URL is sent.
    #[must_use]
    pub(super) fn for_url(&self, url: &Url) -> HeaderMap {
        if self.origin.as_ref() == Some(&url.origin()) {
            self.headers.clone()
        } else {
            HeaderMap::new()
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        formatter
            .debug_struct("Secrets")
            .field("origin", &self.origin)
            .field("headers", &names)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_the_own_origin_is_sent_a_secret() {
        let variable = |name: &str| (name == "TOKEN").then(|| "hunter2".to_owned());
        let secrets = Secrets::read(
            &url("https://api.fr/a"),
            [("Authorization", "TOKEN")],
            variable,
        )
        .unwrap();
        assert_eq!(
            secrets.for_url(&url("https://api.fr/b"))["authorization"],
            "hunter2"
        );
        for other in [
            "http://api.fr/",
            "https://api.fr:8443/",
            "https://b.api.fr/",
        ] {
            assert!(secrets.for_url(&url(other)).is_empty(), "{other}");
        }
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }

    #[test]
    fn a_secret_that_is_not_set_is_named() {
        let refusal = Secrets::read(&url("https://a.fr"), [("Cookie", "MG_X")], |_| None);
        assert!(refusal.unwrap_err().contains("MG_X"));
    }
}
