//! OAuth 2.1 resource server: access tokens in JWT form (RFC 9068), held against the keys of one identity server.

mod claims;
mod keys;
mod source;

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};

use self::{claims::Claims, keys::Keys, source::Source};
use super::refusal::Refusal;
use crate::{Caller, ConfigError, config::OAuthSection};

/// Seconds by which clocks may differ.
const LEEWAY: u64 = 30;

/// Judges access tokens.
#[derive(Debug)]
pub(super) struct Verifier {
    issuer: String,
    audience: Vec<String>,
    algorithms: Vec<Algorithm>,
    keys: Arc<Keys>,
}

impl Verifier {
    /// As the settings say; asks nobody yet.
    ///
    /// # Errors
    ///
    /// When an address, an algorithm or the file of the authority is wrong.
    pub(super) fn new(section: &OAuthSection) -> Result<Self, ConfigError> {
        Ok(Self {
            issuer: section.issuer.clone(),
            audience: section.audience.clone(),
            algorithms: algorithms(&section.algorithms)?,
            keys: Arc::new(Keys::new(Source::new(section)?)),
        })
    }

    /// The caller that a token stands for, at this resource.
    pub(super) async fn verify(&self, token: &str, resource: &str) -> Result<Caller, Refusal> {
        let header = decode_header(token)
            .map_err(|_| invalid("the bearer token is not a signed JSON Web Token"))?;
        if !self.algorithms.contains(&header.alg) {
            return Err(invalid(format!(
                "tokens signed by {:?} are not accepted here",
                header.alg
            )));
        }
        let key = self.keys.get(header.kid.as_deref(), header.alg).await?;
        let mut rules = Validation::new(header.alg);
        rules.leeway = LEEWAY;
        rules.validate_nbf = true;
        rules.set_issuer(&[&self.issuer]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        if self.audience.is_empty() {
            rules.set_audience(&[resource]);
        } else {
            rules.set_audience(&self.audience);
        }
        let decoded = decode::<Claims>(token, &key, &rules);
        let claims = decoded.map_err(|error| self.explained(error.kind(), resource))?;
        claims.claims.caller()
    }

    /// The identity server.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether tokens could be judged now; tries to get keys where there are none.
    pub(super) async fn ready(&self) -> Result<usize, String> {
        self.keys.ready().await
    }

    fn explained(&self, error: &ErrorKind, resource: &str) -> Refusal {
        invalid(match error {
            ErrorKind::ExpiredSignature => "the token has expired".to_owned(),
            ErrorKind::ImmatureSignature => "the token is not valid yet".to_owned(),
            ErrorKind::InvalidAudience => {
                let wanted = if self.audience.is_empty() {
                    resource.to_owned()
                } else {
                    self.audience.join(" or ")
                };
                format!("the token is made out to somebody else than {wanted}")
            }
            ErrorKind::InvalidIssuer => {
                format!("the token was not issued by {}", self.issuer)
            }
            ErrorKind::InvalidSignature => {
                "the signature of the token does not match its key".to_owned()
            }
            ErrorKind::MissingRequiredClaim(claim) => format!("the token has no {claim}"),
            _ => "the token is not valid".to_owned(),
        })
    }
}

fn invalid(reason: impl Into<String>) -> Refusal {
    Refusal::Invalid(reason.into())
}

/// The algorithms by their names; those that need a secret of ours are refused, since their secret would
/// be the public key.
fn algorithms(names: &[String]) -> Result<Vec<Algorithm>, ConfigError> {
    let known = |name: &String| {
        name.parse::<Algorithm>().ok().filter(|algorithm| {
            !matches!(
                algorithm,
                Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
            )
        })
    };
    let unknown = names.iter().find(|name| known(name).is_none());
    match unknown {
        Some(name) => Err(ConfigError::new(format!(
            "http.oauth.algorithms names `{name}`; it may hold RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and EdDSA"
        ))),
        None if names.is_empty() => Err(ConfigError::new(
            "http.oauth.algorithms is empty; leave it out, or name what the identity server signs with, as RS256",
        )),
        None => Ok(names.iter().filter_map(known).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_with_a_shared_secret_are_refused_by_name() {
        for name in ["HS256", "none", "rs256"] {
            let refusal = algorithms(&["RS256".to_owned(), name.to_owned()]).unwrap_err();
            assert!(
                refusal.0.contains(name) && refusal.0.contains("ES256"),
                "{refusal}"
            );
        }
        assert!(algorithms(&[]).is_err());
    }

    #[test]
    fn what_may_be_configured_is_what_the_default_holds() {
        let default = ["RS256", "PS256", "ES256", "ES384", "EdDSA"].map(str::to_owned);
        assert_eq!(algorithms(&default).unwrap().len(), 5);
    }
}
