//! Where a run begins.

use url::Url;

use super::{
    super::{Definition, HostPattern, ParamKind, Template},
    Wrong,
    names::{param_exists, params_exist},
    refuse,
};

pub(super) fn start(definition: &Definition) -> Result<(), Wrong> {
    let start = &definition.start;
    refuse(start.allow_hosts.is_empty(), "start.allow_hosts", || {
        "name the hosts that the spider may reach, e.g. [\"www.example.fr\"]".into()
    })?;
    for (key, urls) in [
        ("start.urls", &start.urls),
        ("start.sitemaps", &start.sitemaps),
        ("start.feeds", &start.feeds),
    ] {
        for template in urls {
            url(definition, key, template, lists(definition).as_slice())?;
        }
    }
    let named = definition.file.iter().any(|rule| rule.url.is_some()) || !definition.api.is_empty();
    let nothing =
        start.urls.is_empty() && start.sitemaps.is_empty() && start.feeds.is_empty() && !named;
    refuse(nothing, "start.urls", || {
        "there is nothing to start from; give `urls` or `sitemaps`, or a [[file]] or [[api]] with a `url`".into()
    })
}

fn lists(definition: &Definition) -> Vec<String> {
    let lists = definition
        .params
        .iter()
        .filter(|(_, param)| param.kind == ParamKind::List);
    lists.map(|(name, _)| name.clone()).collect()
}

/// A URL: its parameters exist, lists among them only where one request is made for each value, its host is allowed.
pub(super) fn url(
    definition: &Definition,
    key: &str,
    template: &Template,
    for_each: &[String],
) -> Result<(), Wrong> {
    params_exist(definition, key, template)?;
    for name in template.params() {
        let list = definition
            .params
            .get(name)
            .is_some_and(|param| param.kind == ParamKind::List);
        refuse(
            list && !for_each.iter().any(|each| each == name),
            key,
            || {
                format!(
                    "`{{{name}}}` is a list; name it in `for_each` to make one request for each value"
                )
            },
        )?;
    }
    let filled = template.fill(|_| Some("1".into()));
    let url = Url::parse(&filled)
        .map_err(|error| Wrong::new(key, format!("`{}` is no URL: {error}", template.as_str())))?;
    refuse(!matches!(url.scheme(), "http" | "https"), key, || {
        format!("`{}`: only http and https are fetched", template.as_str())
    })?;
    let authority = template.as_str().split('/').nth(2).unwrap_or_default();
    refuse(authority.contains(['{', '@']), key, || {
        format!(
            "`{}`: the host is written out, without parameters and credentials",
            template.as_str()
        )
    })?;
    refuse(
        !definition
            .start
            .allow_hosts
            .iter()
            .any(|host| host.covers(&url)),
        key,
        || {
            let hosts = definition.start.allow_hosts.iter().map(HostPattern::as_str);
            format!(
                "the host of `{}` is not in start.allow_hosts ({})",
                template.as_str(),
                hosts.collect::<Vec<_>>().join(", ")
            )
        },
    )
}

/// The parameters of `for_each` are lists that exist.
pub(super) fn for_each(definition: &Definition, key: &str, names: &[String]) -> Result<(), Wrong> {
    for name in names {
        param_exists(definition, key, name)?;
        let list = definition
            .params
            .get(name)
            .is_some_and(|param| param.kind == ParamKind::List);
        refuse(!list, key, || {
            format!("`{name}` has one value; `for_each` is for parameters of `type = \"list\"`")
        })?;
        let twice = names.iter().filter(|other| *other == name).count() > 1;
        refuse(twice, key, || format!("`{name}` stands in it twice"))?;
    }
    Ok(())
}
