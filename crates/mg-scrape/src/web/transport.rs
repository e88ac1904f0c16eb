//! Requests over the guarded line: each hop judged, each body capped, what breaks off an error.

mod download;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use reqwest::{
    Response, StatusCode,
    header::{
        ACCEPT_LANGUAGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
        IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Failure, Guard, Robots, Secrets, retry_after};
pub use download::Download;

/// Redirections that are followed for one request.
const MOST_HOPS: usize = 8;
/// What a site is told of who asks, where the spider says nothing else.
pub const USER_AGENT: &str = concat!("mg-scrape/", env!("CARGO_PKG_VERSION"));

/// How much time and room a request has.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Until the connection stands.
    pub connect: Duration,
    /// Between two pieces of an answer.
    pub read: Duration,
    /// For a page, from the request to its last byte, redirections included.
    pub total: Duration,
    /// Bytes of a page after decompression.
    pub body: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(20),
            total: Duration::from_mins(1),
            body: 10_000_000,
        }
    }
}

/// What a server gave to recognise a version of a page by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub modified: Option<String>,
}

impl Validators {
    /// Whether there is nothing to ask with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.modified.is_none()
    }

    fn of(headers: &HeaderMap) -> Self {
        Self {
            etag: text(headers, &ETAG),
            modified: text(headers, &LAST_MODIFIED),
        }
    }

    fn condition(&self) -> HeaderMap {
        let pairs = [
            (IF_NONE_MATCH, &self.etag),
            (IF_MODIFIED_SINCE, &self.modified),
        ];
        let given = pairs.into_iter().filter_map(|(name, value)| {
            Some((name, HeaderValue::try_from(value.as_ref()?.as_str()).ok()?))
        });
        given.collect()
    }
}

/// One thing to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Where it is.
    pub url: &'a Url,
    /// Do not send it again if it is still this version.
    pub unless: Option<&'a Validators>,
    /// Whose rules each hop keeps; `None` for robots.txt itself.
    pub robots: Option<&'a Robots>,
}

/// An answer to a request.
#[derive(Debug)]
pub enum Answer<T> {
    /// Still the version that was named in the request.
    Unchanged,
    /// The content.
    Fresh(T),
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Where it was in the end.
    pub url: Url,
    /// `Content-Type`, or empty.
    pub content_type: String,
    /// The version.
    pub validators: Validators,
    /// The bytes, decompressed.
    pub body: Vec<u8>,
}

/// The line to the web. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Transport {
    client: reqwest::Client,
    guard: Guard,
    secrets: Arc<Secrets>,
    bounds: Bounds,
}

impl Transport {
    /// A line that dials what the guard lets through, under this name.
    ///
    /// # Errors
    ///
    /// When the TLS library cannot be set up, or the name cannot be sent.
    pub fn new(
        guard: Guard,
        secrets: Secrets,
        user_agent: &str,
        bounds: Bounds,
    ) -> Result<Self, String> {
        let french = HeaderValue::from_static("fr,en;q=0.5");
        let client = reqwest::Client::builder()
            .user_agent(user_agent)
            .default_headers(HeaderMap::from_iter([(ACCEPT_LANGUAGE, french)]))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .dns_resolver(Arc::new(guard.clone()))
            .connect_timeout(bounds.connect)
            .read_timeout(bounds.read)
            .build()
            .map_err(|error| format!("cannot set up requests: {error}"))?;
        Ok(Self {
            client,
            guard,
            secrets: Arc::new(secrets),
            bounds,
        })
    }

    /// Who may be spoken to.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Fetches a page into memory.
    ///
    /// # Errors
    ///
    /// Whatever is not a whole success.
    pub async fn page(&self, asked: Asked<'_>) -> Result<Answer<Page>, Failure> {
        let whole = tokio::time::timeout(self.bounds.total, self.whole_page(asked));
        whole
            .await
            .unwrap_or(Err(Failure::Timeout(self.bounds.total)))
    }

    async fn whole_page(&self, asked: Asked<'_>) -> Result<Answer<Page>, Failure> {
        let Answer::Fresh((url, mut response)) = self.opened(asked).await? else {
            return Ok(Answer::Unchanged);
        };
        let announced = response.content_length().unwrap_or(16 * 1024);
        let mut body =
            Vec::with_capacity(usize::try_from(announced.min(1 << 20)).unwrap_or_default());
        while let Some(piece) = self.piece(&mut response).await? {
            if (body.len() + piece.len()) as u64 > self.bounds.body {
                return Err(Failure::TooBig(self.bounds.body));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer::Fresh(Page {
            url,
            content_type: text(response.headers(), &CONTENT_TYPE).unwrap_or_default(),
            validators: Validators::of(response.headers()),
            body,
        }))
    }

    async fn piece(
        &self,
        response: &mut Response,
    ) -> Result<Option<impl std::ops::Deref<Target = [u8]> + use<>>, Failure> {
        let read = response.chunk().await;
        read.map_err(|error| Failure::of_reading(&error, self.bounds.read))
    }

    /// Follows redirections to an answer whose body has not been read. Every hop is judged before it is dialled, and
    /// secrets go to their own origin only.
    async fn opened(&self, asked: Asked<'_>) -> Result<Answer<(Url, Response)>, Failure> {
        let mut url = asked.url.clone();
        for _ in 0..=MOST_HOPS {
            self.guard.check(&url)?;
            if let Some(robots) = asked.robots {
                // Robots are fetched by this same function, without robots.
                Box::pin(robots.check(self, &url)).await?;
            }
            let response = self.sent(&url, asked.unless).await?;
            match response.status() {
                StatusCode::NOT_MODIFIED if asked.unless.is_some() => return Ok(Answer::Unchanged),
                status if status.is_redirection() => url = target(&url, &response)?,
                status if status.is_success() => return Ok(Answer::Fresh((url, response))),
                _ => return Err(refused_by_site(&response)),
            }
        }
        Err(Failure::TooManyHops(MOST_HOPS))
    }

    async fn sent(&self, url: &Url, unless: Option<&Validators>) -> Result<Response, Failure> {
        let mut headers = self.secrets.for_url(url);
        headers.extend(unless.map(Validators::condition).unwrap_or_default());
        let sent = self.client.get(url.clone()).headers(headers).send().await;
        sent.map_err(|error| Failure::of_sending(&error, self.bounds.read))
    }
}

fn target(url: &Url, response: &Response) -> Result<Url, Failure> {
    let Some(location) = text(response.headers(), &LOCATION) else {
        return Err(Failure::Status(response.status().as_u16()));
    };
    url.join(&location)
        .map_err(|_| Failure::BadRedirect(location.chars().take(200).collect()))
}

fn refused_by_site(response: &Response) -> Failure {
    let status = response.status().as_u16();
    if !matches!(status, 429 | 503) {
        return Failure::Status(status);
    }
    let header = text(response.headers(), &RETRY_AFTER);
    let after = header.and_then(|header| retry_after::parsed(&header, Timestamp::now()));
    Failure::Later { status, after }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
