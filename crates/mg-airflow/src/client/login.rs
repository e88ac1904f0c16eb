//! The account's token: asked for once however many calls wait for it, and again when it ends.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{Timestamp, ToSpan};
use mg_core::config::AirflowAccount;
use reqwest::Client;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Failure, Place, body, sent};

/// A token is renewed so many seconds before it ends.
const MARGIN: i64 = 30;
/// An account that was refused is not tried again for so long: directories lock accounts that fail often.
const REFUSED_FOR: Duration = Duration::from_secs(10);

/// The login of one account.
#[derive(Debug)]
pub(super) struct Login {
    account: AirflowAccount,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    refused: Option<Instant>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("State").finish_non_exhaustive()
    }
}

struct Token {
    text: String,
    ends: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
}

impl Login {
    pub(super) fn new(account: AirflowAccount) -> Self {
        Self {
            account,
            state: Mutex::default(),
        }
    }

    pub(super) fn username(&self) -> &str {
        &self.account.username
    }

    /// A token other than `stale`. Callers queue here, so that one of them logs in for all.
    pub(super) async fn token(
        &self,
        http: &Client,
        place: &Place,
        stale: Option<&str>,
    ) -> Result<String, Failure> {
        let mut kept = self.state.lock().await;
        let known = kept
            .token
            .as_ref()
            .filter(|token| Some(token.text.as_str()) != stale && is_good(token, Timestamp::now()));
        if let Some(token) = known {
            return Ok(token.text.clone());
        }
        if kept.refused.is_some_and(|at| at.elapsed() < REFUSED_FOR) {
            return Err(Failure::Account(self.username().to_owned()));
        }
        kept.token = None;
        let asked = self.ask(http, place).await;
        if let Err(Failure::Account(_)) = asked {
            kept.refused = Some(Instant::now());
        }
        let text = asked?;
        kept.refused = None;
        kept.token = Some(Token {
            ends: end_of(&text),
            text: text.clone(),
        });
        Ok(text)
    }

    async fn ask(&self, http: &Client, place: &Place) -> Result<String, Failure> {
        let account = json!({"username": self.account.username, "password": self.account.password.expose_secret()});
        let request = http.post(place.login()).json(&account);
        match sent(request).await {
            Ok(answer) => Ok(body::read::<Given>(answer).await?.access_token),
            Err(Failure::Token | Failure::Refused(_)) => {
                Err(Failure::Account(self.username().to_owned()))
            }
            Err(Failure::NotFound(_)) => {
                Err(Failure::Strange("it gives no tokens at /auth/token".into()))
            }
            Err(failure) => Err(failure),
        }
    }
}

fn is_good(token: &Token, now: Timestamp) -> bool {
    token.ends.is_none_or(|end| {
        now.saturating_add(MARGIN.seconds())
            .is_ok_and(|soon| soon < end)
    })
}

/// The end of a token, as it says itself; it is Airflow that checks it.
fn end_of(token: &str) -> Option<Timestamp> {
    let claims = token.split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Timestamp::from_second(claims["exp"].as_i64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(exp: i64) -> Token {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(json!({"sub": "1", "exp": exp}).to_string());
        let text = format!("e30.{claims}.x");
        Token {
            ends: end_of(&text),
            text,
        }
    }

    #[test]
    fn a_token_is_good_until_shortly_before_its_end() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        assert!(is_good(&token(1_000_100), now));
        assert!(!is_good(&token(1_000_020), now));
        assert!(!is_good(&token(999_999), now));
    }

    #[test]
    fn a_token_that_tells_no_end_is_used_until_it_is_refused() {
        for odd in ["opaque", "a.b.c", "e30.e30.x"] {
            assert_eq!(end_of(odd), None, "{odd}");
        }
        let odd = Token {
            text: "opaque".into(),
            ends: None,
        };
        assert!(is_good(&odd, Timestamp::MAX));
    }
}
