//! `[http]`: how a server behaves that is asked to serve over HTTP. Where it listens is no key of the
//! file, since one `mg.toml` serves all servers and those that clients launch over stdio.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use secrecy::SecretString;
use serde::Deserialize;

use super::{Environment, paths::Base};
use crate::ConfigError;

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSection {
    /// A bearer token known to everybody who may call, at least 32 characters; `MG_HTTP_TOKEN`.
    pub token: Option<SecretString>,
    /// The address clients see, when it is not the one listened on; `MG_HTTP_PUBLIC_URL`.
    pub public_url: Option<String>,
    /// Names in the Host header beside the loopback's and that of `public_url`.
    pub allowed_hosts: Vec<String>,
    /// Origins of web pages that may call from a browser.
    pub allowed_origins: Vec<String>,
    /// Kilobytes of one request.
    pub body_kb: usize,
    /// Requests that are answered at once.
    pub concurrent: usize,
    /// Connections that are open at once.
    pub connections: usize,
    /// Seconds the head of a request, its body, or a TLS handshake may take.
    pub read_timeout_s: u64,
    /// Seconds a client may take nothing of its answer.
    pub write_timeout_s: u64,
    /// Seconds that calls may still finish in after the process was told to end.
    pub drain_s: u64,
    /// TLS ended by the server itself.
    pub tls: Option<TlsSection>,
    /// Access tokens of an identity server.
    pub oauth: Option<OAuthSection>,
}

impl Default for HttpSection {
    fn default() -> Self {
        Self {
            token: None,
            public_url: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            body_kb: 1_024,
            concurrent: 256,
            connections: 512,
            read_timeout_s: 15,
            write_timeout_s: 30,
            drain_s: 10,
            tls: None,
            oauth: None,
        }
    }
}

/// `[http.tls]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSection {
    /// The server's certificate and those between it and its authority, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// The authority of the clients' certificates, PEM; with it a certificate is a way in.
    pub client_ca: Option<PathBuf>,
    /// Names of certificates that are viewers; `*` is every name.
    #[serde(default)]
    pub viewers: Vec<String>,
    /// Names of certificates that are editors.
    #[serde(default)]
    pub editors: Vec<String>,
}

/// `[http.oauth]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthSection {
    /// The identity server, as the `iss` of its tokens says it; `MG_HTTP_OAUTH_ISSUER`.
    pub issuer: String,
    /// Where its keys are; else its discovery document tells.
    pub jwks_url: Option<String>,
    /// What `aud` must hold one of; empty: the address of the resource that is called.
    #[serde(default)]
    pub audience: Vec<String>,
    /// Signatures that are accepted.
    #[serde(default = "asymmetric")]
    pub algorithms: Vec<String>,
    /// PEM file of the authority that signed the identity server's certificate, beside the system's.
    pub ca: Option<PathBuf>,
    /// The scopes that a client without a token is told to ask for.
    #[serde(default = "viewer_scope")]
    pub request_scopes: Vec<String>,
}

impl OAuthSection {
    /// Only the issuer is known.
    fn of(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            jwks_url: None,
            audience: Vec::new(),
            algorithms: asymmetric(),
            ca: None,
            request_scopes: viewer_scope(),
        }
    }
}

fn asymmetric() -> Vec<String> {
    ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
        .map(str::to_owned)
        .to_vec()
}

fn viewer_scope() -> Vec<String> {
    vec!["mg:viewer".into()]
}

impl HttpSection {
    /// Makes the paths absolute.
    pub(super) fn absolute(&mut self, base: Base<'_>) -> Result<(), ConfigError> {
        if let Some(tls) = &mut self.tls {
            let paths = [&mut tls.certificate, &mut tls.key];
            for path in paths.into_iter().chain(&mut tls.client_ca) {
                *path = base.absolute(path)?;
            }
        }
        if let Some(ca) = self.oauth.as_mut().and_then(|oauth| oauth.ca.as_mut()) {
            *ca = base.absolute(ca)?;
        }
        Ok(())
    }

    /// Lays the environment over the file.
    pub(super) fn overlay(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        if let Some(token) = environment.setting("MG_HTTP_TOKEN")? {
            self.token = Some(token.into());
        }
        if let Some(url) = environment.setting("MG_HTTP_PUBLIC_URL")? {
            self.public_url = Some(url.to_owned());
        }
        if let Some(issuer) = environment.setting("MG_HTTP_OAUTH_ISSUER")? {
            match &mut self.oauth {
                Some(oauth) => issuer.clone_into(&mut oauth.issuer),
                None => self.oauth = Some(OAuthSection::of(issuer)),
            }
        }
        Ok(())
    }

    /// The limits that must not be nothing.
    pub(super) fn positive(&self) -> [(&'static str, usize); 5] {
        let seconds = |seconds| usize::try_from(seconds).unwrap_or(usize::MAX);
        [
            ("http.body_kb", self.body_kb),
            ("http.concurrent", self.concurrent),
            ("http.connections", self.connections),
            ("http.read_timeout_s", seconds(self.read_timeout_s)),
            ("http.write_timeout_s", seconds(self.write_timeout_s)),
        ]
    }
}

/// Where to listen, from `--http` or `MG_HTTP`.
pub(super) fn address(text: &str) -> Result<SocketAddr, ConfigError> {
    let wrong = || {
        ConfigError::new(format!(
            "--http (MG_HTTP) is `{text}`; write an IP address and a port, as 127.0.0.1:8811, [::1]:8811 or 0.0.0.0:8811"
        ))
    };
    match text.strip_prefix("localhost:") {
        Some(port) => {
            let port = port.parse().map_err(|_| wrong())?;
            Ok((Ipv4Addr::LOCALHOST, port).into())
        }
        None => text.parse().map_err(|_| wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_ip_address_and_a_port() {
        assert_eq!(
            address("localhost:8811").unwrap(),
            address("127.0.0.1:8811").unwrap()
        );
        assert_eq!(address("[::1]:0").unwrap().port(), 0);
        for wrong in [
            "8811",
            ":8811",
            "example.org:80",
            "127.0.0.1",
            "localhost:x",
        ] {
            let refusal = address(wrong).unwrap_err();
            assert!(
                refusal.0.contains(wrong) && refusal.0.contains("127.0.0.1:8811"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn an_issuer_from_the_environment_is_enough() {
        let mut section = HttpSection::default();
        let environment = Environment::from([("MG_HTTP_OAUTH_ISSUER", "https://id.example.fr")]);
        section.overlay(&environment).unwrap();
        let oauth = section.oauth.unwrap();
        assert_eq!(oauth.issuer, "https://id.example.fr");
        assert_eq!(oauth.request_scopes, ["mg:viewer"]);
        assert!(
            oauth
                .algorithms
                .iter()
                .all(|algorithm| !algorithm.starts_with("HS"))
        );
    }
}
