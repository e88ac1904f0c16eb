//! The paths of a server, and the layers a request to each of them passes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tower_http::cors::CorsLayer;

use super::{
    addresses::{Addresses, allowed_hosts},
    certificates::Presented,
    gate::Gate,
    limits::{Limits, place, whole_body},
    metrics::Metrics,
    step_up::step_up,
};
use crate::{
    config::HttpSection,
    serve::{Host, Server},
};

/// What all requests of a process share.
#[derive(Debug)]
pub(super) struct Front<S> {
    pub(super) host: Host<S>,
    pub(super) gate: Gate,
    pub(super) addresses: Addresses,
    pub(super) metrics: Arc<Metrics>,
    /// No new requests are wanted: a balancer is told by `/readyz`.
    pub(super) draining: CancellationToken,
    /// What still runs stops.
    pub(super) stopping: CancellationToken,
}

/// Everything a server answers over HTTP.
pub(super) fn router<S: Server>(front: &Arc<Front<S>>, section: &HttpSection) -> Router {
    let limits = Limits::new(section, Arc::clone(&front.metrics));
    let mut router = Router::new();
    for path in &front.addresses.paths {
        let protocol = protocol(front, section);
        router = router.route_service(path, protocol);
    }
    // From the inside out: who comes in is judged before the body is read.
    let stepped_up = from_fn_with_state(Arc::clone(front), step_up::<S>);
    let admitted = from_fn_with_state(Arc::clone(front), admitted::<S>);
    let mut router = router
        .route_layer(stepped_up)
        .route_layer(from_fn_with_state(limits.clone(), whole_body))
        .route("/metrics", get(metrics::<S>).with_state(Arc::clone(front)))
        .route_layer(admitted);
    for path in &front.addresses.paths {
        let told = get(resource_metadata::<S>).with_state((Arc::clone(front), path.clone()));
        router = router.route(&Addresses::metadata_path(path), told);
    }
    router
        .route_layer(from_fn_with_state(limits, place))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready::<S>).with_state(Arc::clone(front)))
        .layer(cross_origin(section))
        .layer(from_fn_with_state(Arc::clone(front), counted::<S>))
}

/// The protocol itself. Stateless: every request has all it needs, so that any instance may answer it.
fn protocol<S: Server>(
    front: &Arc<Front<S>>,
    section: &HttpSection,
) -> StreamableHttpService<Host<S>, NeverSessionManager> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_hosts(allowed_hosts(section))
        .with_allowed_origins(
            section
                .allowed_origins
                .iter()
                .chain(&front.addresses.own_origins),
        )
        .enforce_origin_validation()
        .with_max_request_body_bytes(section.body_kb.saturating_mul(1024))
        .with_cancellation_token(front.stopping.clone());
    let host = front.host.clone();
    StreamableHttpService::new(move || Ok(host.clone()), Arc::default(), config)
}

/// Lets a request in with its caller, or tells why not.
async fn admitted<S: Server>(
    State(front): State<Arc<Front<S>>>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    // `/metrics` is no resource: a token for this server's own path opens it.
    let [first, _] = &front.addresses.paths;
    let path = if front.addresses.paths.iter().any(|known| known == path) {
        path
    } else {
        first
    };
    let resource = front.addresses.resource(path);
    let certificate = request.extensions().get::<Presented>();
    let judged = front.gate.admit(request.headers(), certificate, &resource);
    match judged.await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => {
            front.metrics.refused(refusal.word());
            tracing::warn!(reason = %refusal.sentence(), path, "a caller is not let in");
            let challenge = front.gate.challenge(front.addresses.metadata_url(path));
            refusal.response(&challenge)
        }
    }
}

async fn counted<S: Server>(
    State(front): State<Arc<Front<S>>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    front.metrics.answered(response.status().as_u16());
    response
}

/// Of a resource (RFC 9728): which identity server grants access to it, and the scopes there are.
async fn resource_metadata<S: Server>(
    State((front, path)): State<(Arc<Front<S>>, String)>,
) -> Response {
    let Some(issuer) = front.gate.issuer() else {
        let words = "no identity server stands behind this server\n";
        return (StatusCode::NOT_FOUND, words).into_response();
    };
    let document = json!({
        "resource": front.addresses.resource(&path),
        "resource_name": S::TITLE,
        "authorization_servers": [issuer],
        "scopes_supported": ["mg:viewer", "mg:editor"],
        "bearer_methods_supported": ["header"],
    });
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, document.to_string()).into_response()
}

async fn ready<S: Server>(State(front): State<Arc<Front<S>>>) -> Response {
    if front.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "this instance ends\n").into_response();
    }
    match front.gate.ready().await {
        Ok(_) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason + "\n").into_response(),
    }
}

async fn metrics<S: Server>(State(front): State<Arc<Front<S>>>) -> Response {
    let mut text = String::new();
    front.metrics.write(&mut text);
    front.host.write_tally(&mut text);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, text).into_response()
}

/// Web pages of the allowed origins may read answers, and the challenge of a refusal.
fn cross_origin(section: &HttpSection) -> CorsLayer {
    let origins = section.allowed_origins.iter();
    let origins: Vec<HeaderValue> = origins.filter_map(|origin| origin.parse().ok()).collect();
    let own = ["mcp-protocol-version", "mcp-method", "mcp-name"].map(HeaderName::from_static);
    let common = [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT];
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(own.into_iter().chain(common).collect::<Vec<_>>())
        .expose_headers([header::WWW_AUTHENTICATE])
}
