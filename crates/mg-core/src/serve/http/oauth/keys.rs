//! The identity server's keys, kept: asked for anew when they are old or one is unknown, but not often, and
//! kept while the identity server is away.

use std::{
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, KeyAlgorithm, PublicKeyUse},
};

use super::{super::refusal::Refusal, source::Source};

/// After this the keys are asked for again, behind the request that noticed.
const FRESH: Duration = Duration::from_mins(5);

/// After this without a word from the identity server its keys are worth nothing.
const KEPT: Duration = Duration::from_hours(24);

/// One question each so often, and a few at once: unknown keys come from anybody who sends a token.
const BETWEEN: Duration = Duration::from_secs(10);
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);

/// The keys of one identity server.
#[derive(Debug)]
pub(super) struct Keys {
    source: Source,
    known: RwLock<Known>,
    asking: tokio::sync::Mutex<()>,
    rate: DefaultDirectRateLimiter,
}

#[derive(Debug)]
struct Known {
    keys: Vec<Jwk>,
    since: Option<Instant>,
    /// How the last question ended.
    last: Result<(), String>,
    /// How many were asked.
    asked: u64,
}

impl Keys {
    /// No keys yet.
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            known: RwLock::new(Known {
                keys: Vec::new(),
                since: None,
                last: Err("its keys were not asked for yet".into()),
                asked: 0,
            }),
            asking: tokio::sync::Mutex::default(),
            rate: RateLimiter::direct(
                Quota::with_period(BETWEEN)
                    .unwrap_or(Quota::per_minute(AT_ONCE))
                    .allow_burst(AT_ONCE),
            ),
        }
    }

    /// The key that a token names.
    pub(super) async fn get(
        self: &Arc<Self>,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, Refusal> {
        if let Some(key) = self.find(kid, algorithm) {
            if self.age().is_none_or(|age| age > FRESH) {
                let keys = Arc::clone(self);
                tokio::spawn(async move { keys.ask().await });
            }
            return key;
        }
        let asked = self.ask().await;
        if let Some(key) = self.find(kid, algorithm) {
            return key;
        }
        Err(match asked {
            Ok(()) => Refusal::Invalid(
                "the token is signed by a key that the identity server does not list".into(),
            ),
            Err(reason) => Refusal::Unready(reason),
        })
    }

    /// How many keys there are; asks where there are none.
    pub(super) async fn ready(self: &Arc<Self>) -> Result<usize, String> {
        if self.age().is_none_or(|age| age > FRESH) {
            let asked = self.ask().await;
            if self.age().is_none_or(|age| age > KEPT) {
                asked?;
            }
        }
        Ok(self.read(|known| known.keys.len()))
    }

    fn age(&self) -> Option<Duration> {
        self.read(|known| known.since.map(|since| since.elapsed()))
    }

    fn read<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Option<Result<DecodingKey, Refusal>> {
        if self.age().is_none_or(|age| age > KEPT) {
            return None;
        }
        self.read(|known| {
            let mut fitting = known.keys.iter().filter(|key| fits(key, kid, algorithm));
            let key = fitting.next()?;
            if kid.is_none() && fitting.next().is_some() {
                let reason = "the token does not say which key it is signed by (kid)";
                return Some(Err(Refusal::Invalid(reason.into())));
            }
            Some(DecodingKey::from_jwk(key).map_err(|_| {
                Refusal::Invalid(
                    "the token is signed by a key that is no key for signatures".into(),
                )
            }))
        })
    }

    /// Asks the identity server, unless another request just did or it was asked often enough: then what
    /// it said last stands.
    async fn ask(&self) -> Result<(), String> {
        let before = self.read(|known| known.asked);
        let _asking = self.asking.lock().await;
        let (asked, last) = self.read(|known| (known.asked, known.last.clone()));
        if asked != before || self.rate.check().is_err() {
            return last;
        }
        let got = self.source.keys().await;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.asked += 1;
        match got {
            Ok(keys) => {
                known.keys = keys;
                known.since = Some(Instant::now());
                known.last = Ok(());
            }
            Err(reason) => {
                tracing::warn!(%reason, "the identity server's keys; those known stay");
                known.last = Err(reason);
            }
        }
        known.last.clone()
    }
}

/// Whether a key may have made a signature of this algorithm under this name.
fn fits(key: &Jwk, kid: Option<&str>, algorithm: Algorithm) -> bool {
    let named = kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid));
    let signs = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let told = key.common.key_algorithm;
    named && signs && told.is_none_or(|told| told == KeyAlgorithm::from(algorithm))
}
