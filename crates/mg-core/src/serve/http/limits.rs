//! What one request may take: its body's size, the time to read it, a place among those that are answered.

use std::{error::Error, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError};
use tokio::sync::Semaphore;

use super::metrics::Metrics;
use crate::config::HttpSection;

/// The limits of all requests.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    places: Arc<Semaphore>,
    body: usize,
    patience: Duration,
    metrics: Arc<Metrics>,
}

impl Limits {
    /// As the settings say.
    pub(super) fn new(section: &HttpSection, metrics: Arc<Metrics>) -> Self {
        Self {
            places: Arc::new(Semaphore::new(section.concurrent)),
            body: section.body_kb.saturating_mul(1024),
            patience: Duration::from_secs(section.read_timeout_s),
            metrics,
        }
    }
}

/// Answers a request if there is a place for it, which it has until its last byte is sent, else says at once
/// when to come back.
pub(super) async fn place(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let Ok(place) = limits.places.try_acquire_owned() else {
        let words = "too many requests are being answered; try again in a second\n";
        let mut response = (StatusCode::SERVICE_UNAVAILABLE, words).into_response();
        let second = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, second);
        return response;
    };
    let held = (place, limits.metrics.running());
    let (parts, body) = next.run(request).await.into_parts();
    // What is mapped owns its function: both end with the body.
    let body = body.map_err(move |error| {
        let _held = &held;
        error
    });
    Response::from_parts(parts, Body::new(body))
}

/// Reads the whole body before anything looks at it: what is too large or too slow goes no further.
pub(super) async fn whole_body(
    State(limits): State<Limits>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let refusal = match tokio::time::timeout(limits.patience, to_bytes(body, limits.body)).await {
        Ok(Ok(bytes)) => {
            return next
                .run(Request::from_parts(parts, Body::from(bytes)))
                .await;
        }
        Ok(Err(error)) if is_too_large(&error) => (
            StatusCode::PAYLOAD_TOO_LARGE,
            format!(
                "a request may have {} kB; ask for less at once\n",
                limits.body / 1024
            ),
        ),
        Ok(Err(_)) => (
            StatusCode::BAD_REQUEST,
            "the body of the request broke off\n".to_owned(),
        ),
        Err(_) => (
            StatusCode::REQUEST_TIMEOUT,
            "the body of the request did not come in time\n".to_owned(),
        ),
    };
    let mut response = refusal.into_response();
    // What is left of the body would be read as the next request.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

fn is_too_large(error: &axum::Error) -> bool {
    error
        .source()
        .is_some_and(<dyn std::error::Error>::is::<LengthLimitError>)
}
