//! Where the keys come from: the identity server's discovery document and its key set, over HTTPS.

use std::{path::Path, time::Duration};

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jsonwebtoken::jwk::Jwk;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use serde::Deserialize;
use serde_json::Value;
use url::{Host, Url};

use super::super::tls::certificates;
use crate::{ConfigError, config::OAuthSection};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of one document.
const DOCUMENT: usize = 1 << 20;

/// The identity server as a place to ask.
pub(super) struct Source {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    issuer: Url,
    /// As the tokens write it.
    issuer_text: String,
    jwks_url: Option<Url>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl Source {
    /// Checks the addresses; asks nothing.
    pub(super) fn new(section: &OAuthSection) -> Result<Self, ConfigError> {
        let jwks_url = section.jwks_url.as_deref();
        Ok(Self {
            client: client(section.ca.as_deref())?,
            issuer: address(&section.issuer, "http.oauth.issuer")?,
            issuer_text: section.issuer.clone(),
            jwks_url: jwks_url
                .map(|url| address(url, "http.oauth.jwks_url"))
                .transpose()?,
        })
    }

    /// The keys of now.
    ///
    /// # Errors
    ///
    /// A reason in words, which names the address that was asked.
    pub(super) async fn keys(&self) -> Result<Vec<Jwk>, String> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discovered().await?,
        };
        let set: KeySet = self.document(&url).await?;
        // A kind of key that we do not know is somebody else's.
        let keys = set.keys.into_iter();
        let keys: Vec<Jwk> = keys
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        if keys.is_empty() {
            return Err(format!("{url} lists no key that can be used"));
        }
        Ok(keys)
    }

    /// The address of the keys: OpenID Connect puts the document behind the issuer's path, RFC 8414 before it.
    async fn discovered(&self) -> Result<Url, String> {
        let path = self.issuer.path().trim_end_matches('/');
        let places = [
            format!("{path}/.well-known/openid-configuration"),
            format!("/.well-known/oauth-authorization-server{path}"),
        ];
        let mut told = Err("no place to ask".to_owned());
        for place in places {
            let mut url = self.issuer.clone();
            url.set_path(&place);
            told = self.document::<Discovery>(&url).await;
            if told.is_ok() {
                break;
            }
        }
        let told = told?;
        if told.issuer != self.issuer_text {
            return Err(format!(
                "the identity server calls itself {}, http.oauth.issuer says {}",
                told.issuer, self.issuer_text
            ));
        }
        address(&told.jwks_uri, "jwks_uri").map_err(|error| error.0)
    }

    async fn document<T: serde::de::DeserializeOwned>(&self, url: &Url) -> Result<T, String> {
        let bytes = tokio::time::timeout(PATIENCE, self.fetch(url)).await;
        let bytes = bytes.map_err(|_| format!("{url} does not answer"))??;
        serde_json::from_slice(&bytes)
            .map_err(|error| format!("{url} is not what it should be: {error}"))
    }

    async fn fetch(&self, url: &Url) -> Result<Bytes, String> {
        let uri = url
            .as_str()
            .parse()
            .map_err(|_| format!("{url} cannot be asked"))?;
        let answer = self.client.get(uri).await;
        let answer =
            answer.map_err(|error| format!("{url} cannot be reached: {}", innermost(&error)))?;
        if !answer.status().is_success() {
            return Err(format!("{url} answers {}", answer.status()));
        }
        let body = Limited::new(answer.into_body(), DOCUMENT).collect().await;
        body.map(http_body_util::Collected::to_bytes)
            .map_err(|error| format!("{url} cannot be read: {error}"))
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Source")
            .field("issuer", &self.issuer_text)
            .finish_non_exhaustive()
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}

fn client(
    authority: Option<&Path>,
) -> Result<Client<HttpsConnector<HttpConnector>, Empty<Bytes>>, ConfigError> {
    let mut roots = RootCertStore::empty();
    // A certificate of the system's that cannot be read is missed by the connection that needs it.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authority {
        roots.add_parsable_certificates(certificates(path, "http.oauth.ca")?);
    }
    let provider = std::sync::Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::new(format!("TLS cannot be used: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .build();
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}

/// An https address; in the clear only on this machine.
fn address(text: &str, key: &str) -> Result<Url, ConfigError> {
    let wrong = |what: &str| ConfigError::new(format!("{key} is `{text}`; {what}"));
    let url = Url::parse(text)
        .map_err(|_| wrong("write the address of the identity server, as https://id.example.fr"))?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(wrong(
            "keys are only asked for over https (over http on this machine alone)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_asked_for_in_the_clear_but_on_this_machine() {
        for good in [
            "https://id.example.fr/realms/mg",
            "http://127.0.0.1:3000",
            "http://localhost:3000",
            "http://[::1]:3000",
        ] {
            assert!(address(good, "k").is_ok(), "{good}");
        }
        for bad in ["http://id.example.fr", "id.example.fr", "file:///etc/keys"] {
            let refusal = address(bad, "http.oauth.issuer").unwrap_err();
            assert!(
                refusal.0.contains("http.oauth.issuer") && refusal.0.contains("https"),
                "{refusal}"
            );
        }
    }
}
