//! What an access token says of its bearer: who, and which scopes.

use serde::Deserialize;

use super::super::refusal::Refusal;
use crate::{Caller, Role};

/// Letters of a subject that are kept for the audit trail.
const SUBJECT: usize = 200;

/// The claims that are read; time, issuer and audience are checked by the library.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    sub: Option<String>,
    /// RFC 8693: names with spaces between them.
    scope: Option<Scopes>,
    /// The same in tokens of some identity servers.
    scp: Option<Scopes>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Scopes {
    Spaced(String),
    Listed(Vec<String>),
}

impl Scopes {
    fn has(&self, wanted: &str) -> bool {
        match self {
            Self::Spaced(text) => text.split(' ').any(|scope| scope == wanted),
            Self::Listed(scopes) => scopes.iter().any(|scope| scope == wanted),
        }
    }
}

/// The scope of each role.
pub(in super::super) const SCOPES: [(&str, Role); 2] =
    [("mg:editor", Role::Editor), ("mg:viewer", Role::Viewer)];

impl Claims {
    /// The caller in the highest role that was granted.
    pub(super) fn caller(&self) -> Result<Caller, Refusal> {
        let subject =
            (self.sub.as_deref()).ok_or_else(|| Refusal::Invalid("the token has no sub".into()))?;
        let granted = |wanted: &str| {
            [&self.scope, &self.scp]
                .into_iter()
                .flatten()
                .any(|scopes| scopes.has(wanted))
        };
        let role = SCOPES.iter().find(|(scope, _)| granted(scope));
        let (_, role) = role.ok_or(Refusal::Scope)?;
        Ok(Caller {
            name: crate::clean(subject).chars().take(SUBJECT).collect(),
            role: *role,
            expires: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn caller(claims: Value) -> Result<Caller, Refusal> {
        serde_json::from_value::<Claims>(claims).unwrap().caller()
    }

    #[test]
    fn the_highest_scope_is_the_role() {
        let both = caller(json!({"sub": "ana", "scope": "openid mg:viewer mg:editor"})).unwrap();
        assert_eq!((both.name.as_str(), both.role), ("ana", Role::Editor));
        let viewer = caller(json!({"sub": "ana", "scp": ["mg:viewer"]})).unwrap();
        assert_eq!(viewer.role, Role::Viewer);
    }

    #[test]
    fn a_scope_is_a_whole_word() {
        for scope in ["", "mg:editors", "xmg:viewer", "mg:viewer,mg:editor"] {
            assert_eq!(
                caller(json!({"sub": "ana", "scope": scope})),
                Err(Refusal::Scope)
            );
        }
        assert_eq!(caller(json!({"sub": "ana"})), Err(Refusal::Scope));
    }
}
