//! Who may be spoken to: scheme, host, port and address, judged before every connection.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::address::{is_global, is_private};
pub use crate::definition::HostPattern;

/// Why a request is not made. Says nothing of what a name resolves to, lest it tell a caller of the inner network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither http nor https.
    #[error("the scheme `{0}:` is refused; only http and https are fetched")]
    Scheme(String),
    /// `user:password@` in the URL.
    #[error("credentials in the URL are refused; a spider names them in [auth]")]
    Credentials,
    /// Not one of the hosts, or not at that port.
    #[error("the host {0} is not one that may be reached")]
    Host(String),
    /// The address, or one of those the name leads to, is not public.
    #[error("{0} is not at a public address")]
    Address(String),
    /// The name leads nowhere.
    #[error("the name {0} cannot be resolved")]
    Unresolved(String),
}

/// What may be dialled. Cheap to clone.
///
/// Names are resolved once, by [`Guard::resolve`], and only the addresses that it judged are dialled: there is no
/// second look-up that could answer differently. Address literals never reach a resolver; [`Guard::check`] judges them.
#[derive(Clone)]
pub struct Guard {
    hosts: Arc<[HostPattern]>,
    allow_private: bool,
    lookup: Lookup,
}

/// Tells the addresses of a name; tests put their own in.
type Lookup = Arc<dyn Fn(String) -> Looking + Send + Sync>;
type Looking = futures::future::BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;

impl Guard {
    /// Lets through what fits one of the patterns; private addresses only where the operator allows them.
    pub fn new(hosts: impl IntoIterator<Item = HostPattern>, allow_private: bool) -> Self {
        Self {
            hosts: hosts.into_iter().collect(),
            allow_private,
            lookup: Arc::new(|name| Box::pin(look_up(name))),
        }
    }

    /// The same with another way to look names up, for tests.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Lookup) -> Self {
        self.lookup = lookup;
        self
    }

    /// Judges a URL before it is dialled, redirected ones included; the addresses of a name are judged by
    /// [`Self::resolve`].
    ///
    /// # Errors
    ///
    /// The first rule it breaks.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        if !self.hosts.iter().any(|pattern| pattern.covers(url)) {
            return Err(Refusal::Host(url.authority().to_owned()));
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_address(address.into()),
            Some(Host::Ipv6(address)) => self.check_address(address.into()),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    /// The addresses of a host that may be dialled, for whoever connects without this crate's transport. A literal
    /// address is a host too, of IPv6 in brackets.
    ///
    /// # Errors
    ///
    /// When the host or one of its addresses is refused, or it has none.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Refusal> {
        let scheme = if port == 443 { "https" } else { "http" };
        let url = Url::parse(&format!("{scheme}://{host}:{port}/"));
        let url = url.map_err(|_| Refusal::Host(host.to_owned()))?;
        self.check(&url)?;
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(name)) => self.addresses(name).await?,
            None => Vec::new(),
        };
        Ok(addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect())
    }

    /// Looks a name up and judges all its addresses: one that is refused refuses the name.
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Refusal> {
        let unresolved = || Refusal::Unresolved(name.to_owned());
        let found = (self.lookup)(name.to_owned())
            .await
            .map_err(|_| unresolved())?;
        if found.is_empty() {
            return Err(unresolved());
        }
        if found.iter().all(|address| self.permits(*address)) {
            Ok(found)
        } else {
            Err(Refusal::Address(name.to_owned()))
        }
    }

    fn check_address(&self, address: IpAddr) -> Result<(), Refusal> {
        self.permits(address)
            .then_some(())
            .ok_or_else(|| Refusal::Address(address.to_string()))
    }

    fn permits(&self, address: IpAddr) -> bool {
        is_global(address) || (self.allow_private && is_private(address))
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Guard")
            .field("hosts", &self.hosts)
            .field("allow_private", &self.allow_private)
            .finish_non_exhaustive()
    }
}

impl Resolve for Guard {
    /// For reqwest, which sets the port afterwards: host and port were judged by [`Guard::check`].
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.addresses(name.as_str()).await?;
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

async fn look_up(name: String) -> std::io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(hosts: &[&str], allow_private: bool) -> Guard {
        Guard::new(
            hosts.iter().map(|host| host.parse().unwrap()),
            allow_private,
        )
    }

    fn check(guard: &Guard, url: &str) -> Result<(), Refusal> {
        guard.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_named_hosts_are_reached_at_the_ports_of_the_web_or_at_a_named_one() {
        let guard = guard(&["www.ville.fr", "*.gouv.fr", "data.fr:8080"], false);
        for url in [
            "https://www.ville.fr/a",
            "http://WWW.VILLE.FR/",
            "https://a.b.gouv.fr/",
            "http://data.fr:8080/",
        ] {
            assert_eq!(check(&guard, url), Ok(()), "{url}");
        }
        for url in [
            "https://ville.fr/",
            "https://gouv.fr/",
            "https://notgouv.fr/",
            "https://www.ville.fr:22/",
            "http://data.fr/",
        ] {
            assert!(matches!(check(&guard, url), Err(Refusal::Host(_))), "{url}");
        }
    }

    #[test]
    fn schemes_and_credentials_are_refused_whatever_the_host() {
        let guard = guard(&["a.fr"], true);
        assert!(matches!(
            check(&guard, "ftp://a.fr/"),
            Err(Refusal::Scheme(_))
        ));
        assert!(matches!(
            check(&guard, "file:///etc/passwd"),
            Err(Refusal::Scheme(_))
        ));
        assert_eq!(
            check(&guard, "https://u:p@a.fr/"),
            Err(Refusal::Credentials)
        );
    }

    #[test]
    fn literal_addresses_are_judged_in_every_spelling() {
        let hosts = ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "169.254.169.254"];
        let (closed, open) = (guard(&hosts, false), guard(&hosts, true));
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(
                matches!(check(&closed, url), Err(Refusal::Address(_))),
                "{url}"
            );
            assert_eq!(check(&open, url), Ok(()), "{url}");
        }
        let metadata = "http://169.254.169.254/";
        assert!(matches!(check(&open, metadata), Err(Refusal::Address(_))));
    }

    #[tokio::test]
    async fn one_private_address_refuses_a_name() {
        let answers = |addresses: &'static [&'static str]| -> Lookup {
            Arc::new(move |_| {
                let parsed = addresses.iter().map(|text| text.parse().unwrap());
                let parsed = parsed.collect();
                Box::pin(async move { Ok(parsed) })
            })
        };
        let named = |addresses| guard(&["a.fr"], false).with_lookup(answers(addresses));
        let public = named(&["1.1.1.1", "2606:4700::1111"]);
        assert_eq!(public.resolve("a.fr", 443).await.unwrap().len(), 2);
        let mixed = named(&["1.1.1.1", "10.0.0.1"]);
        assert_eq!(
            mixed.resolve("a.fr", 443).await,
            Err(Refusal::Address("a.fr".into()))
        );
        assert!(matches!(
            named(&[]).resolve("a.fr", 443).await,
            Err(Refusal::Unresolved(_))
        ));
        assert!(matches!(
            public.resolve("b.fr", 443).await,
            Err(Refusal::Host(_))
        ));
    }
}
