//! Where Airflow is: a base address, and the addresses below it.

use mg_core::ConfigError;
use url::{Host, Url};

/// The checked base address.
#[derive(Clone, Debug)]
pub(crate) struct Place(Url);

impl Place {
    /// Reads `airflow.url`. Off this machine it must be https: a password and tokens go there.
    ///
    /// # Errors
    ///
    /// One sentence that says what would work.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let wrong = |why: &str| {
            ConfigError::new(format!(
                "airflow.url (MG_AIRFLOW_URL) {why}; it is Airflow's base address, e.g. https://airflow.example.org"
            ))
        };
        let mut url = Url::parse(text).map_err(|_| wrong("is no address"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds a user; the account has settings of its own"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a query or a fragment"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(wrong(
                    "is plain http to another machine, which would show the password to everybody on the way: use https",
                ));
            }
            _ => return Err(wrong("is neither http nor https")),
        }
        if url.host().is_none() {
            return Err(wrong("names no host"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let path = path.strip_suffix("/api/v2").unwrap_or(&path).to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// An address of the API.
    pub(crate) fn api(&self, path: &[&str], query: &[(&str, String)]) -> Url {
        let mut url = self.below(["api", "v2"].iter().chain(path));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The address that gives tokens.
    pub(super) fn login(&self) -> Url {
        self.below(["auth", "token"].iter())
    }

    /// A page for people.
    pub(crate) fn page(&self, path: &[&str]) -> String {
        self.below(path.iter()).into()
    }

    fn below<'a>(&self, path: impl Iterator<Item = &'a &'a str>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for address in [
            "https://airflow.example.org",
            "https://h/airflow/",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:8080",
        ] {
            assert!(Place::parse(address).is_ok(), "{address}");
        }
        for (address, why) in [
            ("http://airflow.example.org", "use https"),
            ("http://127.0.0.1.example.org", "use https"),
            ("http://localhost.example.org", "use https"),
            ("airflow.example.org", "is no address"),
            ("ftp://h", "neither"),
            ("https://user:hunter2@h", "settings of its own"),
            ("https://h/?a=b", "query"),
        ] {
            let refusal = Place::parse(address).unwrap_err().0;
            assert!(refusal.contains(why), "{address}: {refusal}");
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }

    #[test]
    fn ids_stay_in_their_segment_of_the_path() {
        let place = Place::parse("https://h/airflow/api/v2/").unwrap();
        let run = "scheduled__2026-11-25T00:00:00+00:00";
        let address = place.api(&["dags", "a b", "dagRuns", run], &[("limit", "5".into())]);
        assert_eq!(
            address.as_str(),
            "https://h/airflow/api/v2/dags/a%20b/dagRuns/scheduled__2026-11-25T00:00:00+00:00?limit=5"
        );
        let odd = place.api(&["dags", "a/../b?c#d"], &[]);
        assert_eq!(
            odd.as_str(),
            "https://h/airflow/api/v2/dags/a%2F..%2Fb%3Fc%23d"
        );
        assert_eq!(place.login().as_str(), "https://h/airflow/auth/token");
    }
}
