//! Signed tokens (`MG_TOKEN`): Ed25519 JSON Web Tokens that name the caller and the role.

use std::time::Duration;

use aws_lc_rs::{
    encoding::AsDer,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{Caller, Clock, ConfigError, Role};

/// The audience every token of this platform is made out to.
pub const AUDIENCE: &str = "mg-platform";

/// What a token says; times in seconds since 1970 (RFC 7519).
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: Role,
    exp: i64,
    aud: String,
}

/// A key pair in PEM: the private half signs tokens, the public half goes into `auth.public_key`.
#[derive(Debug)]
pub struct KeyPair {
    /// PKCS#8, to be kept secret.
    pub private_pem: SecretString,
    /// SubjectPublicKeyInfo.
    pub public_pem: String,
}

impl KeyPair {
    /// A new random Ed25519 pair.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub fn generate() -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::generate()?;
        let public = AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(pair.public_key())?;
        Ok(Self {
            private_pem: pem("PRIVATE KEY", pair.to_pkcs8v1()?.as_ref()).into(),
            public_pem: pem("PUBLIC KEY", public.as_ref()),
        })
    }
}

/// Signs a token for `name` with `role`, good for `lifetime` from now.
///
/// # Errors
///
/// When the private key is not an Ed25519 key in PKCS#8 PEM.
pub fn sign(
    private_pem: &SecretString,
    name: &str,
    role: Role,
    lifetime: Duration,
    clock: &Clock,
) -> Result<String, ConfigError> {
    let key = EncodingKey::from_ed_pem(private_pem.expose_secret().as_bytes()).map_err(|_| {
        ConfigError::new(
            "the private key is not an Ed25519 key in PEM; make a pair with `mgctl token new`",
        )
    })?;
    let claims = Claims {
        sub: name.to_owned(),
        role,
        exp: (clock.now() + lifetime).as_second(),
        aud: AUDIENCE.to_owned(),
    };
    encode(&Header::new(Algorithm::EdDSA), &claims, &key)
        .map_err(|error| ConfigError::new(format!("cannot sign a token: {error}")))
}

/// Reads a token: signature, audience and end are checked.
///
/// # Errors
///
/// One sentence that says what is wrong with the token (or the key) and what to do; never the token.
pub fn verify(
    public_pem: &str,
    token: &SecretString,
    clock: &Clock,
) -> Result<Caller, ConfigError> {
    let key = DecodingKey::from_ed_pem(public_pem.as_bytes())
        .map_err(|_| ConfigError::new("auth.public_key is not an Ed25519 public key in PEM; make a pair with `mgctl token new`"))?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "aud", "sub"]);
    rules.validate_exp = false; // checked below against the clock that tests can set
    let claims = decode::<Claims>(token.expose_secret(), &key, &rules)
        .map_err(|error| ConfigError::new(format!("MG_TOKEN is not valid ({error}); ask for a new one, or make it with `mgctl token new`")))?
        .claims;
    let end = Timestamp::from_second(claims.exp).map_err(|_| {
        ConfigError::new(
            "MG_TOKEN has no sensible end (`exp`); make a new one with `mgctl token new`",
        )
    })?;
    if clock.now() >= end {
        return Err(ConfigError::new(format!(
            "MG_TOKEN expired at {end}; make a new one with `mgctl token new`"
        )));
    }
    Ok(Caller {
        name: claims.sub,
        role: claims.role,
        expires: Some(end),
    })
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (place, letter) in body.chars().enumerate() {
        if place > 0 && place.is_multiple_of(64) {
            text.push('\n');
        }
        text.push(letter);
    }
    text + &format!("\n-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn clock(text: &str) -> Clock {
        Clock::fixed(text.parse().unwrap())
    }

    fn signed(pair: &KeyPair) -> SecretString {
        sign(
            &pair.private_pem,
            "ana",
            Role::Editor,
            HOUR,
            &clock("2026-01-01T00:00:00Z"),
        )
        .unwrap()
        .into()
    }

    #[test]
    fn a_token_names_its_caller_role_and_end() {
        let pair = KeyPair::generate().unwrap();
        let caller = verify(
            &pair.public_pem,
            &signed(&pair),
            &clock("2026-01-01T00:59:59Z"),
        )
        .unwrap();
        assert_eq!((caller.name.as_str(), caller.role), ("ana", Role::Editor));
        assert_eq!(caller.expires.unwrap().to_string(), "2026-01-01T01:00:00Z");
    }

    #[test]
    fn an_expired_token_is_refused_to_the_second() {
        let pair = KeyPair::generate().unwrap();
        let refusal = verify(
            &pair.public_pem,
            &signed(&pair),
            &clock("2026-01-01T01:00:00Z"),
        )
        .unwrap_err();
        assert!(
            refusal.0.contains("expired at 2026-01-01T01:00:00Z"),
            "{refusal}"
        );
    }

    #[test]
    fn a_tampered_token_and_one_of_another_key_are_refused_without_showing_it() {
        let (pair, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let token = signed(&pair).expose_secret().to_owned();
        let (head, rest) = token.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(r#"{"sub":"ana","role":"editor","exp":4102444800,"aud":"mg-platform"}"#);
        let tampered = format!("{head}.{claims}.{signature}");
        for (key, text) in [(&pair, &tampered), (&other, &token)] {
            let refusal = verify(
                &key.public_pem,
                &text.clone().into(),
                &clock("2026-01-01T00:00:00Z"),
            )
            .unwrap_err();
            assert!(refusal.0.contains("InvalidSignature"), "{refusal}");
            assert!(!refusal.0.contains(text.as_str()));
        }
    }

    #[test]
    fn a_token_for_another_audience_is_refused() {
        let pair = KeyPair::generate().unwrap();
        let key = EncodingKey::from_ed_pem(pair.private_pem.expose_secret().as_bytes()).unwrap();
        let claims = Claims {
            sub: "ana".into(),
            role: Role::Editor,
            exp: 4_102_444_800,
            aud: "other".into(),
        };
        let token = encode(&Header::new(Algorithm::EdDSA), &claims, &key).unwrap();
        let refusal = verify(
            &pair.public_pem,
            &token.into(),
            &clock("2026-01-01T00:00:00Z"),
        )
        .unwrap_err();
        assert!(refusal.0.contains("InvalidAudience"), "{refusal}");
    }

    #[test]
    fn a_token_signed_by_a_secret_instead_of_a_key_is_refused() {
        let pair = KeyPair::generate().unwrap();
        let claims = Claims {
            sub: "ana".into(),
            role: Role::Editor,
            exp: 4_102_444_800,
            aud: AUDIENCE.into(),
        };
        let forged = encode(
            &Header::new(Algorithm::HS256),
            &claims,
            &EncodingKey::from_secret(pair.public_pem.as_bytes()),
        )
        .unwrap();
        assert!(
            verify(
                &pair.public_pem,
                &forged.into(),
                &clock("2026-01-01T00:00:00Z")
            )
            .is_err()
        );
    }

    #[test]
    fn keys_that_are_no_keys_say_how_to_make_one() {
        let clock = clock("2026-01-01T00:00:00Z");
        let verified = verify("nonsense", &"x".into(), &clock).unwrap_err();
        let signed = sign(&"nonsense".into(), "ana", Role::Viewer, HOUR, &clock).unwrap_err();
        assert!(verified.0.contains("mgctl token new") && signed.0.contains("mgctl token new"));
    }
}
