//! Who may be spoken to: scheme, host, port and address, judged before every connection.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::address::{is_global, is_private};

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
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Refusal::Host(url.to_string()));
        };
        self.check_host(&host.to_string(), port)?;
        match host {
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.check_address(address.into()),
            Host::Ipv6(address) => self.check_address(address.into()),
        }
    }

    /// The addresses of a host that may be dialled, for whoever connects without this crate's transport. A literal
    /// address is a host too, in brackets or not.
    ///
    /// # Errors
    ///
    /// When the host or one of its addresses is refused, or it has none.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Refusal> {
        self.check_host(host, port)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match literal.parse::<IpAddr>() {
            Ok(address) => {
                self.check_address(address)?;
                vec![address]
            }
            Err(_) => self.addresses(host).await?,
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

    fn check_host(&self, host: &str, port: u16) -> Result<(), Refusal> {
        let host = host.to_ascii_lowercase();
        let known = self.hosts.iter().any(|pattern| pattern.fits(&host, port));
        known
            .then_some(())
            .ok_or_else(|| Refusal::Host(format!("{host}:{port}")))
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

/// A host that may be reached: `www.ville.fr`, `*.ville.fr` (its sub-domains), either with `:8080` for that port
/// alone; without, the ports of http and https.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    name: String,
    with_subdomains: bool,
    port: Option<u16>,
}

impl HostPattern {
    /// The host and port of a URL, exactly; `None` where it has no host.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self {
            name: url.host()?.to_string(),
            with_subdomains: false,
            port: url.port(),
        })
    }

    fn fits(&self, host: &str, port: u16) -> bool {
        let port_fits = match self.port {
            Some(own) => own == port,
            None => matches!(port, 80 | 443),
        };
        let name_fits = if self.with_subdomains {
            host.strip_suffix(&self.name)
                .is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
        } else {
            host == self.name
        };
        port_fits && name_fits
    }
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("*.");
        let wrong =
            || format!("`{text}` is not a host: write www.ville.fr, *.ville.fr or ville.fr:8080");
        // The URL parser knows international names, brackets and ports.
        let url =
            Url::parse(&format!("ws://{}/", rest.unwrap_or(text))).map_err(|_| wrong())?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let host = url.host().filter(|_| plain && url.username().is_empty());
        let host = host.ok_or_else(wrong)?;
        if rest.is_some() && !matches!(host, Host::Domain(name) if name.contains('.')) {
            return Err(wrong());
        }
        // 80 is the default of the scheme used for parsing, so the parser drops it.
        let port = text.ends_with(":80").then_some(80);
        Ok(Self {
            name: host.to_string(),
            with_subdomains: rest.is_some(),
            port: url.port().or(port),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(hosts: &[&str], allow_private: bool) -> Guard {
        Guard::new(hosts.iter().map(|host| host.parse().unwrap()), allow_private)
    }

    fn check(guard: &Guard, url: &str) -> Result<(), Refusal> {
        guard.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_named_hosts_are_reached_at_the_ports_of_the_web_or_at_a_named_one() {
        let guard = guard(&["www.ville.fr", "*.gouv.fr", "data.fr:8080"], false);
        for url in [
            "https://www.ville.fr/a",
            "http://WWW.VILLE.FR:443/",
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
            assert!(
                matches!(check(&guard, url), Err(Refusal::Host(_))),
                "{url}"
            );
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
        assert_eq!(check(&guard, "https://u:p@a.fr/"), Err(Refusal::Credentials));
    }

    #[test]
    fn literal_addresses_are_judged_in_every_spelling() {
        let hosts = ["127.0.0.1:80", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"];
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

    #[test]
    fn patterns_that_are_no_hosts_are_refused() {
        for text in ["", "a.fr/b", "http://a.fr", "*", "*.fr", "u@a.fr", "a b"] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
        let international: HostPattern = "Évry.fr".parse().unwrap();
        assert!(international.fits("xn--vry-9la.fr", 443));
    }
}
