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
    let whole = pattern
        .regex()
        .find(value)
        .is_some_and(|found| found.len() == value.len());
    if whole {
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
mod tests {
    use super::*;
    use crate::definition::parse;

    const TOWN: &str = r#"
name = "town"
title = "Town"
description = "Notices"
[params.commune]
pattern = '[a-z-]{2,40}'
default = "lagny"
[start]
urls = ["https://www.town.fr/{commune}/notices?sort=b&a=1"]
allow_hosts = ["www.town.fr"]
[follow]
allow = ['^/detail/\d+$']
deny = ['\?print']
[limits]
max_pages = 60
max_depth = 3
[[page]]
[[page.item]]
table = "web_notice"
key = ["title"]
fields.title = { css = "h1" }
"#;

    const API: &str = r#"
name = "rows"
title = "Rows"
description = "Rows of an API"
[params.commune]
type = "list"
pattern = '\d{5}'
default = [77018, "77243"]
[params.year]
type = "list"
default = "2022..2024"
[start]
allow_hosts = ["api.fr"]
[[api]]
name = "rows"
url = "https://api.fr/rows?COMM=eq%3A{commune}&AN={year}"
for_each = ["commune", "year"]
table = "web_rows"
key = ["num"]
columns.NUM = { to = "num" }
columns.AN = { to = "an", type = "int" }
"#;

    fn town() -> Spider {
        parse("town", TOWN).unwrap()
    }

    fn api() -> Spider {
        parse("rows", API).unwrap()
    }

    fn params(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn refusal(spider: &Spider, url: Option<&str>, given: &[(&str, &str)]) -> String {
        spider
            .bind(url, &params(given), &LimitsGiven::default())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn defaults_and_values_are_put_into_urls_percent_encoded() {
        let bound = town()
            .bind(None, &params(&[]), &LimitsGiven::default())
            .unwrap();
        assert_eq!(
            bound.start[0].url,
            "https://www.town.fr/lagny/notices?a=1&sort=b"
        );
        assert_eq!(
            encoded("Saint-Thibault / é&"),
            "Saint-Thibault%20%2F%20%C3%A9%26"
        );
    }

    #[test]
    fn a_chain_of_requests_is_made_for_each_combination() {
        let bound = api()
            .bind(None, &params(&[]), &LimitsGiven::default())
            .unwrap();
        assert_eq!(bound.start.len(), 6);
        assert_eq!(
            bound.start[4].url,
            "https://api.fr/rows?COMM=eq%3A77243&AN=2023"
        );
        let chain = bound.chain(bound.start[4].role);
        assert_eq!((chain["commune"], chain["year"]), ("77243", "2023"));
    }

    #[test]
    fn a_url_of_an_api_narrows_its_chains() {
        let bind = |url| api().bind(Some(url), &params(&[]), &LimitsGiven::default());
        assert_eq!(bind("https://api.fr/rows").unwrap().start.len(), 6);
        let bound = bind("https://api.fr/rows?COMM=eq:77243").unwrap();
        assert_eq!(bound.start.len(), 3);
        assert!(
            bound
                .start
                .iter()
                .all(|request| request.url.contains("77243"))
        );
        let refusal = bind("https://api.fr/rows?COMM=eq:99999")
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("commune, year"), "{refusal}");
    }

    #[test]
    fn a_url_within_the_scope_is_the_first_page() {
        for url in [
            "https://www.town.fr/detail/12",
            "https://www.town.fr/torcy/notices?page=2",
        ] {
            let bound = town()
                .bind(Some(url), &params(&[]), &LimitsGiven::default())
                .unwrap();
            assert_eq!(
                bound.start,
                [Request {
                    url: url.into(),
                    role: RequestRole::Page
                }]
            );
        }
    }

    #[test]
    fn a_url_out_of_the_scope_is_refused_with_what_would_work() {
        for url in [
            "http://169.254.169.254/latest",
            "https://www.town.fr.evil.fr/lagny/notices",
            "file:///etc/passwd",
            "notices",
            "https://www.town.fr:8443/lagny/notices",
            "https://user:secret@www.town.fr/lagny/notices",
            "https://api.town.fr/",
        ] {
            let told = refusal(&town(), Some(url), &[]);
            assert!(told.contains("www.town.fr"), "{url}: {told}");
        }
        let told = refusal(&town(), Some("https://www.town.fr/detail/12?print"), &[]);
        assert!(
            told.contains("starts from https://www.town.fr/lagny/notices"),
            "{told}"
        );
    }

    #[test]
    fn parameters_are_checked_by_name_and_pattern() {
        assert!(refusal(&town(), None, &[("comune", "x")]).contains("nearest: commune"));
        assert!(refusal(&town(), None, &[("commune", "../admin")]).contains("[a-z-]{2,40}"));
        assert!(refusal(&api(), None, &[("commune", "77018,7724")]).contains("`7724` does not"));
        assert!(refusal(&api(), None, &[("year", "2024..2020")]).contains("lower"));
        assert!(refusal(&api(), None, &[("year", ",")]).contains("empty"));
        let bound = api()
            .bind(
                None,
                &params(&[("year", "2020, 2021..2023,2020")]),
                &LimitsGiven::default(),
            )
            .unwrap();
        assert_eq!(bound.params["year"], ["2020", "2021", "2022", "2023"]);
    }

    #[test]
    fn limits_are_only_lowered() {
        let given = LimitsGiven {
            max_pages: Some(5),
            max_depth: Some(0),
            ..LimitsGiven::default()
        };
        let bound = town().bind(None, &params(&[]), &given).unwrap();
        assert_eq!((bound.limits.max_pages, bound.limits.max_depth), (5, 0));
        for (given, told) in [
            (
                LimitsGiven {
                    max_pages: Some(61),
                    ..LimitsGiven::default()
                },
                "at most 60",
            ),
            (
                LimitsGiven {
                    max_items: Some(0),
                    ..LimitsGiven::default()
                },
                "at least 1",
            ),
        ] {
            let refusal = town()
                .bind(None, &params(&[]), &given)
                .unwrap_err()
                .to_string();
            assert!(refusal.contains(told), "{refusal}");
        }
    }

    #[test]
    fn a_bound_spider_survives_the_ledger() {
        let bound = api()
            .bind(None, &params(&[]), &LimitsGiven::default())
            .unwrap();
        let text = serde_json::to_string(&bound).unwrap();
        let read: Bound = serde_json::from_str(&text).unwrap();
        assert_eq!(read, bound);
        assert_eq!(read.spider.digest(), bound.spider.digest());
        assert_eq!(read.spider.targets(), bound.spider.targets());
    }
}
