//! Why a request does not come in, as HTTP tells it: the status, the challenge (RFC 6750, RFC 9728), a sentence.

use std::borrow::Cow;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// The scope that makes a caller an editor.
const EDITOR: &str = "mg:editor";

/// Why a caller is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nothing was shown.
    Missing,
    /// What was shown is worth nothing, for this reason.
    Invalid(String),
    /// The token is sound but grants nothing here.
    Scope,
    /// The token is sound, but the tool that was called is for editors.
    Role,
    /// The certificate is sound, but nobody gave these names a role.
    Stranger(String),
    /// It cannot be judged now, for this reason.
    Unready(String),
}

/// What a challenge says of the resource that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Challenge {
    /// Where its metadata is, if an identity server stands behind it.
    pub(super) metadata: Option<String>,
    /// The scopes to ask for.
    pub(super) scopes: String,
}

impl Refusal {
    /// The word that metrics count it under.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid(_) => "invalid",
            Self::Scope => "scope",
            Self::Role => "role",
            Self::Stranger(_) => "stranger",
            Self::Unready(_) => "unready",
        }
    }

    /// What the caller is told.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Missing => "this server asks for a bearer token or a client certificate".into(),
            Self::Invalid(reason) => reason.clone(),
            Self::Scope => "the token grants neither mg:viewer nor mg:editor".into(),
            Self::Role => "this tool asks for a token with the scope mg:editor".into(),
            Self::Stranger(name) => {
                format!(
                    "the certificate of {name} has no role here; an operator adds its name to http.tls.viewers or editors"
                )
            }
            Self::Unready(reason) => {
                format!("the token cannot be judged now: {reason}; try again in a moment")
            }
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid(_) => StatusCode::UNAUTHORIZED,
            Self::Scope | Self::Role | Self::Stranger(_) => StatusCode::FORBIDDEN,
            Self::Unready(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The code of RFC 6750; none where nothing was shown, as it asks.
    const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Missing | Self::Stranger(_) => None,
            Self::Invalid(_) => Some("invalid_token"),
            Self::Scope | Self::Role => Some("insufficient_scope"),
            Self::Unready(_) => Some("temporarily_unavailable"),
        }
    }

    /// The response to the caller.
    pub(super) fn response(&self, challenge: &Challenge) -> Response {
        let sentence = self.sentence();
        let code = self.code().unwrap_or("unauthorized");
        let body = json!({"error": code, "error_description": sentence}).to_string();
        let mut response = (self.status(), Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        match self {
            Self::Stranger(_) => {}
            Self::Unready(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
            }
            _ => {
                if let Ok(value) = HeaderValue::from_str(&self.challenge(challenge)) {
                    headers.insert(header::WWW_AUTHENTICATE, value);
                }
            }
        }
        response
    }

    /// The scopes to ask for: for a tool of editors theirs beside the usual ones, as a new token replaces the one that is there.
    fn scopes<'a>(&self, challenge: &'a Challenge) -> Cow<'a, str> {
        let usual = &challenge.scopes;
        if *self != Self::Role || usual.split(' ').any(|scope| scope == EDITOR) {
            return Cow::from(usual);
        }
        Cow::from(format!("{usual} {EDITOR}"))
    }

    fn challenge(&self, challenge: &Challenge) -> String {
        let mut parts = vec!["realm=\"mg-platform\"".to_owned()];
        if let Some(code) = self.code() {
            parts.push(format!("error=\"{code}\""));
            parts.push(format!(
                "error_description=\"{}\"",
                quotable(&self.sentence())
            ));
        }
        if let Some(metadata) = &challenge.metadata {
            parts.push(format!("resource_metadata=\"{metadata}\""));
            parts.push(format!("scope=\"{}\"", self.scopes(challenge)));
        }
        format!("Bearer {}", parts.join(", "))
    }
}

/// What may stand between the quotes of a challenge (RFC 6750 section 3).
fn quotable(sentence: &str) -> String {
    let allowed = |letter: &char| matches!(letter, ' '..='~') && !['"', '\\'].contains(letter);
    sentence.chars().filter(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(refusal: &Refusal) -> (u16, String) {
        told_with(refusal, "mg:viewer")
    }

    fn told_with(refusal: &Refusal, scopes: &str) -> (u16, String) {
        let challenge = Challenge {
            metadata: Some("https://h/.well-known/oauth-protected-resource/mcp".into()),
            scopes: scopes.into(),
        };
        let response = refusal.response(&challenge);
        let header = response.headers().get(header::WWW_AUTHENTICATE);
        let header = header.map_or("", |value| value.to_str().unwrap());
        (response.status().as_u16(), header.to_owned())
    }

    #[test]
    fn who_shows_nothing_is_told_where_to_get_a_token_and_no_error() {
        let (status, header) = told(&Refusal::Missing);
        assert_eq!(status, 401);
        assert!(
            header.contains(
                "resource_metadata=\"https://h/.well-known/oauth-protected-resource/mcp\""
            )
        );
        assert!(header.contains("scope=\"mg:viewer\"") && !header.contains("error"));
    }

    #[test]
    fn a_bad_token_and_one_without_scope_have_their_codes() {
        let (status, header) = told(&Refusal::Invalid("say \"no\"\u{e9}\r\n".into()));
        assert_eq!(status, 401);
        assert!(
            header.contains("error=\"invalid_token\", error_description=\"say no\""),
            "{header}"
        );
        let (status, header) = told(&Refusal::Scope);
        assert_eq!(status, 403);
        assert!(header.contains("error=\"insufficient_scope\""), "{header}");
        let (status, header) = told(&Refusal::Role);
        assert_eq!(status, 403);
        for part in [
            "error=\"insufficient_scope\"",
            "scope=\"mg:viewer mg:editor\"",
        ] {
            assert!(header.contains(part), "{header}");
        }
    }

    #[test]
    fn for_a_tool_of_editors_a_client_asks_for_their_scope_beside_what_it_always_asks_for() {
        for (usual, asked) in [
            ("openid mg:viewer", "openid mg:viewer mg:editor"),
            ("mg:editor profile", "mg:editor profile"),
        ] {
            let (_, header) = told_with(&Refusal::Role, usual);
            assert!(header.contains(&format!("scope=\"{asked}\"")), "{header}");
        }
    }

    #[test]
    fn what_a_new_token_would_not_mend_asks_for_none() {
        assert_eq!(told(&Refusal::Stranger("ana".into())), (403, String::new()));
        assert_eq!(told(&Refusal::Unready("down".into())), (503, String::new()));
    }
}
