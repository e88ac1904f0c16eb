//! Who may come in: a static token, a signed token of ours, an access token, a client certificate; on
//! loopback, where none of them is configured, the owner of the process.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::{HeaderMap, header};
use secrecy::{ExposeSecret, SecretString};

use super::{
    certificates::{Presented, Roles},
    exposure,
    oauth::Verifier,
    refusal::{Challenge, Refusal},
};
use crate::{Caller, Clock, ConfigError, Role, Settings, token};

/// Judges what a request shows.
#[derive(Debug)]
pub(super) struct Gate {
    /// The caller of a request that shows nothing, where nothing is asked for.
    open: Option<Caller>,
    token: Option<(SecretString, Role)>,
    public_key: Option<String>,
    oauth: Option<Verifier>,
    certificates: Option<Roles>,
    request_scopes: String,
    clock: Clock,
}

impl Gate {
    /// As the settings say; asks nobody yet.
    ///
    /// # Errors
    ///
    /// When a setting cannot be used.
    pub(super) fn new(settings: &Settings, clock: Clock) -> Result<Self, ConfigError> {
        let section = &settings.file.http;
        let public_key = settings.public_key()?;
        let asked = exposure::has_way_in(section) || public_key.is_some();
        let tls = section.tls.as_ref();
        let oauth = section.oauth.as_ref();
        Ok(Self {
            open: (!asked).then(|| Caller::local(settings.role)),
            token: section.token.clone().map(|token| (token, settings.role)),
            public_key,
            oauth: oauth.map(Verifier::new).transpose()?,
            certificates: tls.filter(|tls| tls.client_ca.is_some()).map(Roles::of),
            request_scopes: oauth.map_or_else(String::new, |oauth| oauth.request_scopes.join(" ")),
            clock,
        })
    }

    /// The caller of a request to `resource`. A token goes before a certificate: it was shown on purpose.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        certificate: Option<&Presented>,
        resource: &str,
    ) -> Result<Caller, Refusal> {
        if let Some(open) = &self.open {
            return Ok(open.clone());
        }
        match (bearer(headers)?, certificate, &self.certificates) {
            (Some(token), _, _) => self.by_token(token, resource).await,
            (None, Some(presented), Some(roles)) => roles.caller(presented, self.clock.now()),
            _ => Err(Refusal::Missing),
        }
    }

    /// What a refused caller is told to do; `metadata` is the address of the resource's metadata.
    pub(super) fn challenge(&self, metadata: String) -> Challenge {
        Challenge {
            metadata: self.oauth.is_some().then_some(metadata),
            scopes: self.request_scopes.clone(),
        }
    }

    /// The identity server, if one stands behind this server.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.oauth.as_ref().map(Verifier::issuer)
    }

    /// Whether requests could be judged now, and how; `Err` says what is missing.
    pub(super) async fn ready(&self) -> Result<String, String> {
        match &self.oauth {
            Some(oauth) => {
                let keys = oauth.ready().await?;
                Ok(format!("{keys} keys of the identity server"))
            }
            None => Ok("no identity server to ask".into()),
        }
    }

    async fn by_token(&self, token: &str, resource: &str) -> Result<Caller, Refusal> {
        if let Some((known, role)) = &self.token
            && same(known.expose_secret(), token)
        {
            return Ok(Caller {
                name: "token".into(),
                role: *role,
                expires: None,
            });
        }
        let signed = self
            .public_key
            .as_deref()
            .map(|key| token::verify(key, &token.into(), &self.clock));
        match (signed, &self.oauth) {
            (Some(Ok(caller)), _) => Ok(Caller {
                expires: None, // judged anew with every request
                ..caller
            }),
            (_, Some(oauth)) => oauth.verify(token, resource).await,
            (Some(Err(error)), None) => {
                let reason = error.0.replace("MG_TOKEN", "the bearer token");
                Err(Refusal::Invalid(reason))
            }
            (None, None) => Err(Refusal::Invalid(
                "the bearer token is not the one of this server".into(),
            )),
        }
    }
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let wrong = |reason: &str| Err(Refusal::Invalid(reason.into()));
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return wrong("there is more than one Authorization header");
    }
    let text = value.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => {
            Ok(Some(token.trim()))
        }
        _ => wrong("the Authorization header does not say `Bearer` and a token"),
    }
}

/// Compares in the same time wherever the texts differ.
fn same(known: &str, shown: &str) -> bool {
    verify_slices_are_equal(known.as_bytes(), shown.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, Flags};

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn gate(variables: &[(&str, &str)], toml: &str) -> Gate {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("mg.toml");
        std::fs::write(&config, toml).unwrap();
        let flags = Flags {
            config: Some(config),
            ..Flags::default()
        };
        let environment = variables
            .iter()
            .fold(Environment::default(), |all, (name, value)| {
                all.with(name, value)
            });
        let settings = Settings::load(&flags, &environment).unwrap();
        Gate::new(&settings, Clock::system()).unwrap()
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        headers
    }

    async fn admitted(gate: &Gate, values: &[&str]) -> Result<Caller, Refusal> {
        gate.admit(&headers(values), None, "http://h/mcp").await
    }

    #[tokio::test]
    async fn without_any_way_in_the_owner_of_the_process_calls() {
        let gate = gate(&[("MG_ROLE", "editor")], "");
        let caller = admitted(&gate, &[]).await.unwrap();
        assert_eq!(caller, Caller::local(Role::Editor));
    }

    #[tokio::test]
    async fn the_static_token_has_the_role_of_the_process_and_nothing_else_comes_in() {
        let gate = gate(&[("MG_HTTP_TOKEN", TOKEN), ("MG_ROLE", "editor")], "");
        for scheme in ["Bearer", "bearer"] {
            let shown = format!("{scheme} {TOKEN}");
            let caller = admitted(&gate, &[&shown]).await.unwrap();
            assert_eq!((caller.name.as_str(), caller.role), ("token", Role::Editor));
        }
        assert_eq!(admitted(&gate, &[]).await, Err(Refusal::Missing));
        let prefix = format!("Bearer {}", &TOKEN[..31]);
        let basic = format!("Basic {TOKEN}");
        let twice = format!("Bearer {TOKEN}");
        for wrong in [
            &["Bearer x"][..],
            &["Bearer "],
            &[&prefix],
            &[&basic],
            &[&twice, "Bearer y"],
        ] {
            let refused = admitted(&gate, wrong).await;
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn a_signed_token_names_its_caller_and_role() {
        let pair = token::KeyPair::generate().unwrap();
        let clock = Clock::system();
        let minute = std::time::Duration::from_mins(1);
        let signed = token::sign(&pair.private_pem, "ana", Role::Editor, minute, &clock).unwrap();
        let gate = gate(
            &[],
            &format!("[auth]\npublic_key = '''{}'''", pair.public_pem),
        );
        let caller = admitted(&gate, &[&format!("Bearer {signed}")])
            .await
            .unwrap();
        assert_eq!((caller.name.as_str(), caller.role), ("ana", Role::Editor));
        let refused = admitted(&gate, &[&format!("Bearer {signed}x")]).await;
        assert!(
            refused.unwrap_err().sentence().contains("the bearer token"),
            "told without the name of the variable"
        );
        assert_eq!(admitted(&gate, &[]).await, Err(Refusal::Missing));
    }
}
