//! Whether an address may be listened on: beyond this machine a caller must prove who it is, and what it
//! proves it by must not travel in the clear.

use std::net::SocketAddr;

use secrecy::ExposeSecret;
use url::Url;

use crate::{ConfigError, config::HttpSection};

/// The shortest static token: what 16 random bytes give in hexadecimal.
const TOKEN_CHARACTERS: usize = 32;

/// Checks what can be checked before anything is opened.
///
/// # Errors
///
/// One sentence that says what would work.
pub(super) fn check(
    address: SocketAddr,
    section: &HttpSection,
    signed_tokens: bool,
) -> Result<(), ConfigError> {
    check_parts(section)?;
    if address.ip().is_loopback() {
        return Ok(());
    }
    if !signed_tokens && !has_way_in(section) {
        return Err(ConfigError::new(format!(
            "{address} is reached from other machines, so callers must prove who they are: set http.oauth.issuer, \
             http.tls.client_ca, auth.public_key or MG_HTTP_TOKEN; without any of them only 127.0.0.1 is served"
        )));
    }
    let proxy = section
        .public_url
        .as_deref()
        .is_some_and(|url| url.starts_with("https://"));
    if section.tls.is_none() && !proxy {
        return Err(ConfigError::new(format!(
            "tokens would travel to {address} in the clear: set http.tls.certificate and http.tls.key, or, behind a proxy \
             that ends TLS, http.public_url to its https:// address"
        )));
    }
    if section.oauth.is_some() && section.public_url.is_none() {
        return Err(ConfigError::new(
            "access tokens are made out to an address, and this server does not know its own: set http.public_url to the one \
             that clients use, as https://mcp.example.fr",
        ));
    }
    Ok(())
}

/// Whether any credential would be accepted.
pub(super) fn has_way_in(section: &HttpSection) -> bool {
    let certificates = section
        .tls
        .as_ref()
        .is_some_and(|tls| tls.client_ca.is_some());
    section.token.is_some() || section.oauth.is_some() || certificates
}

fn check_parts(section: &HttpSection) -> Result<(), ConfigError> {
    if let Some(token) = &section.token
        && token.expose_secret().chars().count() < TOKEN_CHARACTERS
    {
        return Err(ConfigError::new(format!(
            "MG_HTTP_TOKEN (http.token) has fewer than {TOKEN_CHARACTERS} characters; `openssl rand -hex 32` makes a good one"
        )));
    }
    if let Some(url) = &section.public_url {
        check_public_url(url)?;
    }
    if let Some(tls) = &section.tls
        && tls.client_ca.is_some()
        && tls.viewers.is_empty()
        && tls.editors.is_empty()
    {
        return Err(ConfigError::new(
            "http.tls.client_ca is set but no certificate has a role: list names in http.tls.viewers (\"*\" is every name) \
             and http.tls.editors",
        ));
    }
    Ok(())
}

fn check_public_url(text: &str) -> Result<(), ConfigError> {
    let sound = Url::parse(text).is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.host_str().is_some()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    if sound {
        return Ok(());
    }
    Err(ConfigError::new(format!(
        "http.public_url is `{text}`; write the address that clients use, as https://mcp.example.fr"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConfigFile, HttpSection};

    fn section(toml: &str) -> HttpSection {
        let environment = crate::Environment::default();
        ConfigFile::parse(&format!("[http]\n{toml}"), &environment)
            .unwrap()
            .http
    }

    fn refusal(address: &str, toml: &str) -> String {
        let checked = check(address.parse().unwrap(), &section(toml), false);
        checked.map_or_else(|error| error.0, |()| String::new())
    }

    const TOKEN: &str = "token = \"0123456789abcdef0123456789abcdef\"\n";

    #[test]
    fn loopback_needs_no_way_in() {
        for address in ["127.0.0.1:1", "[::1]:1", "127.8.9.1:1"] {
            assert_eq!(refusal(address, ""), "");
        }
    }

    #[test]
    fn beyond_loopback_a_way_in_is_asked_for_and_all_are_named() {
        for address in ["0.0.0.0:8811", "[::]:8811", "192.168.1.4:8811"] {
            let told = refusal(address, "");
            for named in [
                address,
                "http.oauth.issuer",
                "client_ca",
                "MG_HTTP_TOKEN",
                "auth.public_key",
            ] {
                assert!(told.contains(named), "{told}");
            }
        }
    }

    #[test]
    fn a_token_is_not_sent_in_the_clear_but_a_proxy_may_end_tls() {
        assert!(refusal("0.0.0.0:1", TOKEN).contains("in the clear"));
        let plain = format!("{TOKEN}public_url = \"http://mcp.example.fr\"");
        assert!(refusal("0.0.0.0:1", &plain).contains("in the clear"));
        let behind = format!("{TOKEN}public_url = \"https://mcp.example.fr\"");
        assert_eq!(refusal("0.0.0.0:1", &behind), "");
        let own = format!("{TOKEN}[http.tls]\ncertificate = \"a\"\nkey = \"b\"");
        assert_eq!(refusal("0.0.0.0:1", &own), "");
    }

    #[test]
    fn a_resource_must_know_its_own_address() {
        let text =
            "[http.tls]\ncertificate = \"a\"\nkey = \"b\"\n[http.oauth]\nissuer = \"https://i\"";
        assert!(refusal("0.0.0.0:1", text).contains("http.public_url"));
    }

    #[test]
    fn short_tokens_and_addresses_that_are_none_are_refused_without_showing_the_token() {
        let told = refusal("127.0.0.1:1", "token = \"hunter2\"");
        assert!(
            told.contains("32 characters") && !told.contains("hunter2"),
            "{told}"
        );
        let told = refusal("127.0.0.1:1", "public_url = \"mcp.example.fr\"");
        assert!(told.contains("https://mcp.example.fr"), "{told}");
    }

    #[test]
    fn certificates_without_roles_are_no_way_in() {
        let text = "[http.tls]\ncertificate = \"a\"\nkey = \"b\"\nclient_ca = \"c\"";
        assert!(refusal("127.0.0.1:1", text).contains("http.tls.viewers"));
    }
}
