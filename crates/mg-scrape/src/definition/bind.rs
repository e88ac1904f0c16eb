//! A caller's arguments put into a spider. They only narrow: a URL within its scope, values that its patterns allow,
//! limits below its own.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _};

use mg_core::{Language, ToolError};
use url::Url;

use super::{
    Bound, HostPattern, Limits, LimitsGiven, Param, ParamDefault, ParamKind, Request, RequestRole,
    Spider, Template,
    bound::{combination, combinations},
};
use crate::extract::canonical;

/// The most values of one list, and the most first requests.
const MOST: usize = 10_000;

impl Spider {
    /// The spider with a caller's arguments put in.
    ///
    /// # Errors
    ///
    /// A sentence that says what would work: a URL out of scope, an unknown or missing parameter, a value that does not
    /// match, a limit above the spider's own.
    pub fn bind(
        &self,
        url: Option<&str>,
        params: &BTreeMap<String, String>,
        limits: &LimitsGiven,
    ) -> Result<Bound, ToolError> {
        let params = self.values(params)?;
        let mut start = self.first_requests(&params)?;
        if let Some(url) = url.filter(|text| !text.trim().is_empty()) {
            start = self.narrowed(url.trim(), start)?;
        }
        Ok(Bound {
            limits: lowered(&self.definition.limits, limits)?,
            spider: self.clone(),
            start,
            params,
        })
    }

    fn values(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Vec<String>>, ToolError> {
        let known = &self.definition.params;
        if let Some(strange) = given.keys().find(|name| !known.contains_key(*name)) {
            return Err(if known.is_empty() {
                ToolError::Invalid(format!(
                    "the spider `{}` takes no parameters; leave `params` out",
                    self.name()
                ))
            } else {
                ToolError::unknown("parameter", strange, known.keys().map(String::as_str))
            });
        }
        let value = |(name, param): (&String, &Param)| {
            let default = || param.default.as_ref().map(ParamDefault::text);
            let text = given
                .get(name)
                .cloned()
                .or_else(default)
                .ok_or_else(|| missing(name, param))?;
            let values = read_values(name, param, &text).map_err(ToolError::Invalid)?;
            Ok((name.clone(), values))
        };
        known.iter().map(value).collect()
    }

    fn first_requests(
        &self,
        params: &BTreeMap<String, Vec<String>>,
    ) -> Result<Vec<Request>, ToolError> {
        let start = &self.definition.start;
        let mut requests = Vec::new();
        for (templates, role) in [
            (&start.urls, RequestRole::Page),
            (&start.sitemaps, RequestRole::Sitemap),
            (&start.feeds, RequestRole::Feed),
        ] {
            for template in templates {
                let names: Vec<String> = template.params().map(str::to_owned).collect();
                add(&mut requests, template, params, &names, |_| role)?;
            }
        }
        for (rule, file) in self.definition.file.iter().enumerate() {
            if let Some(url) = &file.url {
                add(&mut requests, url, params, &file.for_each, |chain| {
                    RequestRole::File { rule, chain }
                })?;
            }
        }
        for (rule, api) in self.definition.api.iter().enumerate() {
            add(&mut requests, &api.url, params, &api.for_each, |chain| {
                RequestRole::Api { rule, chain }
            })?;
        }
        for request in &mut requests {
            if request.role == RequestRole::Page {
                request.url = self.canonical_text(&request.url);
            }
        }
        Ok(requests)
    }

    fn canonical_text(&self, url: &str) -> String {
        Url::parse(url).map_or_else(
            |_| url.to_owned(),
            |url| canonical(&url, self.definition.follow.as_ref()),
        )
    }

    /// The first requests that a URL means: files and APIs that it is (a part of), or else a page within the scope.
    fn narrowed(&self, text: &str, requests: Vec<Request>) -> Result<Vec<Request>, ToolError> {
        let url = Url::parse(text).map_err(|error| {
            ToolError::Invalid(format!(
                "`{text}` is no URL ({error}); give an absolute one, such as {}",
                self.example(&requests)
            ))
        })?;
        if !self.allows_host(&url) || !url.username().is_empty() || url.password().is_some() {
            return Err(ToolError::Invalid(format!(
                "`{text}` is out of the scope of the spider `{}`, which reaches http and https on {} only",
                self.name(),
                self.hosts()
            )));
        }
        let example = self.example(&requests);
        let meant: Vec<Request> = requests
            .into_iter()
            .filter(|request| is_part(&url, &request.url))
            .collect();
        if !meant.is_empty() {
            return Ok(meant);
        }
        if self.reads_page(&url) {
            let url = canonical(&url, self.definition.follow.as_ref());
            return Ok(vec![Request {
                url,
                role: RequestRole::Page,
            }]);
        }
        let params: Vec<&str> = self.definition.params.keys().map(String::as_str).collect();
        let advice = if params.is_empty() {
            String::new()
        } else {
            format!(
                "; its parameters ({}) say what is fetched",
                params.join(", ")
            )
        };
        Err(ToolError::Invalid(format!(
            "`{text}` is out of the scope of the spider `{}`; it starts from {example}{advice}",
            self.name()
        )))
    }

    /// Whether a page of this URL is one that it would read: by a rule, by a link it follows, or below a first page.
    fn reads_page(&self, url: &Url) -> bool {
        let path = path_and_query(url);
        let follow = self.definition.follow.as_ref();
        if follow.is_some_and(|follow| follow.deny.iter().any(|pattern| pattern.occurs_in(&path))) {
            return false;
        }
        let followed = follow
            .is_some_and(|follow| follow.allow.iter().any(|pattern| pattern.occurs_in(&path)));
        let ruled = || {
            let patterns = self
                .definition
                .page
                .iter()
                .filter_map(|page| page.pattern.as_ref());
            patterns
                .into_iter()
                .any(|pattern| pattern.occurs_in(url.as_str()))
        };
        let below = || {
            self.definition
                .start
                .urls
                .iter()
                .any(|template| is_below(url, template))
        };
        followed || ruled() || below()
    }

    fn hosts(&self) -> String {
        let hosts = self
            .definition
            .start
            .allow_hosts
            .iter()
            .map(HostPattern::as_str);
        hosts.collect::<Vec<_>>().join(", ")
    }

    fn example(&self, requests: &[Request]) -> String {
        requests.first().map_or_else(
            || format!("https://{}/", self.hosts()),
            |request| request.url.clone(),
        )
    }
}

/// Path and query, which the patterns of `[follow]` are about.
pub(crate) fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// Whether a URL is a request's, or the same path with a part of its query.
fn is_part(url: &Url, request: &str) -> bool {
    let Ok(request) = Url::parse(request) else {
        return false;
    };
    let all: Vec<_> = request.query_pairs().collect();
    url.origin() == request.origin()
        && url.path() == request.path()
        && url.query_pairs().all(|pair| all.contains(&pair))
}

/// Whether a URL lies in the folder of a first page. A parameter in the folder ends it.
fn is_below(url: &Url, template: &Template) -> bool {
    let text = template.as_str();
    let plain = text.split(['{', '?', '#']).next().unwrap_or_default();
    let folder = if plain.matches('/').count() < 3 {
        format!("{plain}/")
    } else {
        plain.to_owned()
    };
    let Ok(start) = Url::parse(&folder) else {
        return false;
    };
    let path = start.path();
    let whole = plain.len() == text.len() || text.as_bytes().get(plain.len()) != Some(&b'{');
    let within = |rest: &str| rest.is_empty() || rest.starts_with('/') || path.ends_with('/');
    url.host_str() == start.host_str()
        && url.port() == start.port()
        && if whole {
            url.path().strip_prefix(path).is_some_and(within)
        } else {
            url.path().starts_with(path)
        }
}

fn add(
    requests: &mut Vec<Request>,
    template: &Template,
    params: &BTreeMap<String, Vec<String>>,
    for_each: &[String],
    role: impl Fn(usize) -> RequestRole,
) -> Result<(), ToolError> {
    let many = combinations(params, for_each);
    if requests.len() + many > MOST {
        return Err(ToolError::Invalid(format!(
            "these parameters would make more than {MOST} first requests; give shorter lists"
        )));
    }
    for chain in 0..many {
        let values = combination(params, for_each, chain);
        let url = template.fill(|name| values.get(name).map(|value| Cow::Owned(encoded(value))));
        requests.push(Request {
            url,
            role: role(chain),
        });
    }
    Ok(())
}

/// A value as a part of a path or query: whatever is not plain is percent-encoded, `/` and `&` among it.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn missing(name: &str, param: &Param) -> ToolError {
    let told = param
        .description
        .as_ref()
        .map(|words| format!(" ({})", words.told(Language::English)));
    let pattern = param
        .pattern
        .as_ref()
        .map(|pattern| format!(", matching `{}`", pattern.as_str()));
    ToolError::Invalid(format!(
        "the parameter `{name}`{} is needed{}",
        told.unwrap_or_default(),
        pattern.unwrap_or_default()
    ))
}

/// The values that a text stands for, each checked.
pub(super) fn read_values(name: &str, param: &Param, text: &str) -> Result<Vec<String>, String> {
    let values = match param.kind {
        ParamKind::List => listed(name, text)?,
        ParamKind::String | ParamKind::Int => vec![text.trim().to_owned()],
    };
    if values.is_empty() {
        return Err(format!(
            "the parameter `{name}` is a list of values separated by commas, and it is empty"
        ));
    }
    for value in &values {
        one(name, param, value)?;
    }
    Ok(values)
}

fn one(name: &str, param: &Param, value: &str) -> Result<(), String> {
    if value.chars().count() > 200 || value.chars().any(char::is_control) {
        return Err(format!(
            "the parameter `{name}` takes at most 200 characters, without line breaks"
        ));
    }
    if param.kind == ParamKind::Int && value.parse::<i64>().is_err() {
        return Err(format!(
            "the parameter `{name}` is a whole number; `{value}` is none"
        ));
    }
    let Some(pattern) = &param.pattern else {
        return Ok(());
    };
    if pattern.whole(value).is_some() {
        Ok(())
    } else {
        Err(format!(
            "the parameter `{name}` must match `{}` as a whole; `{value}` does not",
            pattern.as_str()
        ))
    }
}

fn listed(name: &str, text: &str) -> Result<Vec<String>, String> {
    let mut values: Vec<String> = Vec::new();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        match range(part) {
            Some((from, to)) if from <= to && to.abs_diff(from) < MOST as u64 => {
                values.extend((from..=to).map(|number| number.to_string()));
            }
            Some(_) => {
                return Err(format!(
                    "the parameter `{name}`: `{part}` goes from the lower to the higher number, at most {MOST} of them"
                ));
            }
            None => values.push(part.to_owned()),
        }
        if values.len() > MOST {
            return Err(format!(
                "the parameter `{name}` takes at most {MOST} values"
            ));
        }
    }
    let mut seen = std::collections::HashSet::new();
    values.retain(|value| seen.insert(value.clone()));
    Ok(values)
}

fn range(part: &str) -> Option<(i64, i64)> {
    let (from, to) = part.split_once("..")?;
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

fn lowered(own: &Limits, given: &LimitsGiven) -> Result<Limits, ToolError> {
    let lower = |name: &str, own: u64, given: Option<u64>| match given {
        None => Ok(own),
        Some(0) if name != "max_depth" => {
            Err(ToolError::Invalid(format!("`{name}` is at least 1")))
        }
        Some(given) if given <= own => Ok(given),
        Some(given) => Err(ToolError::Invalid(format!(
            "`{name}` = {given} is above the spider's own limit, and limits can only be lowered: give at most {own}"
        ))),
    };
    let depth = lower("max_depth", own.max_depth.into(), given.max_depth)?;
    Ok(Limits {
        max_pages: lower("max_pages", own.max_pages, given.max_pages)?,
        max_depth: u32::try_from(depth).unwrap_or(own.max_depth),
        max_seconds: lower("max_seconds", own.max_seconds, given.max_seconds)?,
        max_bytes: lower("max_bytes", own.max_bytes, given.max_bytes)?,
        max_items: lower("max_items", own.max_items, given.max_items)?,
        ..own.clone()
    })
}

#[cfg(test)]
mod tests;
