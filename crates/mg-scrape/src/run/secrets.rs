//! The secrets of a spider, from the environment of its worker.

use mg_core::ToolError;
use url::Url;

use crate::{
    definition::{Bound, HostPattern},
    web::Secrets,
};

/// The spider's secrets, for its host alone, over the scheme that it begins with.
pub(super) fn secrets(bound: &Bound, scheme: Option<String>) -> Result<Secrets, ToolError> {
    let Some(auth) = &bound.spider.definition.auth else {
        return Ok(Secrets::default());
    };
    let scheme = scheme.unwrap_or_else(|| "https".into());
    let url = Url::parse(&format!("{scheme}://{}/", HostPattern::as_str(&auth.host)));
    let url = url.map_err(|error| ToolError::Invalid(format!("[auth] host: {error}")))?;
    let cookie = auth.cookie_env.as_deref().map(|name| ("cookie", name));
    let headers = auth
        .header_env
        .iter()
        .map(|(header, name)| (header.as_str(), name.as_str()));
    Secrets::read(&url, cookie.into_iter().chain(headers), |name| {
        std::env::var(name).ok()
    })
    .map_err(ToolError::Unavailable)
}
