//! What this server is called from outside: its resources, and the hosts that requests may name.

use std::net::SocketAddr;

use url::Url;

use crate::config::HttpSection;

/// Where the metadata of a resource is, before the resource's own path (RFC 9728).
const METADATA: &str = "/.well-known/oauth-protected-resource";

/// The addresses of a server that listens.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    /// Without a slash at its end.
    base: String,
    /// What pages of this very address say of themselves, by each name of this machine; none beyond it.
    pub(super) own_origins: Vec<String>,
    /// `/mcp`, and the same under the server's own name for a proxy that serves several.
    pub(super) paths: [String; 2],
}

impl Addresses {
    /// Of the server `mg-sql` that listens at `listening`.
    pub(super) fn new(server: &str, listening: SocketAddr, section: &HttpSection) -> Self {
        let scheme = if section.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let own = || format!("{scheme}://{listening}");
        let base = section.public_url.clone().unwrap_or_else(own);
        let name = server.trim_start_matches("mg-");
        let port = listening.port();
        let own_origins = if listening.ip().is_loopback() {
            ["localhost", "127.0.0.1", "[::1]"]
                .map(|host| format!("{scheme}://{host}:{port}"))
                .into()
        } else {
            Vec::new()
        };
        Self {
            own_origins,
            base: base.trim_end_matches('/').to_owned(),
            paths: ["/mcp".to_owned(), format!("/{name}/mcp")],
        }
    }

    /// The OAuth resource at a path.
    pub(super) fn resource(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The path under which the metadata of a resource is served.
    pub(super) fn metadata_path(path: &str) -> String {
        format!("{METADATA}{path}")
    }

    /// Where a client finds the metadata of a resource: RFC 9728 puts it before the whole path of the resource.
    pub(super) fn metadata_url(&self, path: &str) -> String {
        let resource = self.resource(path);
        let Ok(mut url) = Url::parse(&resource) else {
            return format!("{}{}", self.base, Self::metadata_path(path));
        };
        let whole = url.path().to_owned();
        url.set_path(&Self::metadata_path(&whole));
        url.into()
    }
}

/// The names a Host header may hold: this machine's, the public one, and those the operator adds.
pub(super) fn allowed_hosts(section: &HttpSection) -> Vec<String> {
    let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"]
        .map(str::to_owned)
        .to_vec();
    let public = section
        .public_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok());
    hosts.extend(public.and_then(|url| url.host_str().map(str::to_owned)));
    hosts.extend(section.allowed_hosts.iter().cloned());
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(public_url: Option<&str>) -> Addresses {
        let section = HttpSection {
            public_url: public_url.map(str::to_owned),
            ..HttpSection::default()
        };
        Addresses::new("mg-sql", "127.0.0.1:8811".parse().unwrap(), &section)
    }

    #[test]
    fn each_path_is_a_resource_with_metadata_of_its_own() {
        let addresses = addresses(Some("https://mcp.example.fr/"));
        assert_eq!(addresses.paths, ["/mcp", "/sql/mcp"]);
        assert_eq!(
            addresses.resource("/sql/mcp"),
            "https://mcp.example.fr/sql/mcp"
        );
        assert_eq!(
            addresses.metadata_url("/sql/mcp"),
            "https://mcp.example.fr/.well-known/oauth-protected-resource/sql/mcp"
        );
    }

    #[test]
    fn a_public_address_with_a_path_keeps_it_behind_the_well_known_part() {
        let addresses = addresses(Some("https://example.fr/data"));
        assert_eq!(
            addresses.metadata_url("/mcp"),
            "https://example.fr/.well-known/oauth-protected-resource/data/mcp"
        );
    }

    #[test]
    fn without_a_public_address_the_one_listened_on_is_meant() {
        assert_eq!(
            addresses(None).resource("/mcp"),
            "http://127.0.0.1:8811/mcp"
        );
    }

    #[test]
    fn the_public_name_is_a_host_that_may_be_asked_for() {
        let section = HttpSection {
            public_url: Some("https://mcp.example.fr:8443".into()),
            allowed_hosts: vec!["sql.internal".into()],
            ..HttpSection::default()
        };
        let hosts = allowed_hosts(&section);
        assert!(hosts.contains(&"mcp.example.fr".to_owned()));
        assert!(hosts.contains(&"sql.internal".to_owned()));
        assert!(!hosts.contains(&"evil.example".to_owned()));
    }
}
