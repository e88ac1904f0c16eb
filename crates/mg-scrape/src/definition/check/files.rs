//! Files and APIs.

use std::collections::BTreeMap;

use super::{
    super::{
        Allowed, ApiRule, ColumnRule, Constant, Definition, FileKind, FileRule, ParamKind, typed,
    },
    Wrong,
    names::{is_plain, param_exists},
    refuse, unpivot, urls,
};

pub(super) fn files(definition: &Definition) -> Result<(), Wrong> {
    definition
        .file
        .iter()
        .try_for_each(|rule| file(definition, rule))
}

fn file(definition: &Definition, rule: &FileRule) -> Result<(), Wrong> {
    let linked = rule.link.is_some() || rule.pattern.is_some();
    refuse(linked == rule.url.is_some(), "file.link", || {
        "say which file: `link` (the links on the pages) or `match` (a pattern of its URL), or else its own `url`".into()
    })?;
    refuse(
        linked && definition.start.urls.is_empty() && definition.start.sitemaps.is_empty(),
        "file.link",
        || "the links are on pages, and there are none: give start.urls".into(),
    )?;
    refuse(linked && !rule.for_each.is_empty(), "file.for_each", || {
        "goes with `url`".into()
    })?;
    if let Some(url) = &rule.url {
        urls::url(definition, "file.url", url, &rule.for_each)?;
    }
    urls::for_each(definition, "file.for_each", &rule.for_each)?;
    kind(rule)?;
    filter(definition, rule)?;
    unpivot::rename(rule)?;
    unpivot::unpivot(rule)?;
    columns(
        definition,
        "file",
        &rule.columns,
        &rule.constants,
        &rule.for_each,
    )
}

fn kind(rule: &FileRule) -> Result<(), Wrong> {
    refuse(
        rule.sheet.is_some() && rule.kind != FileKind::Xlsx,
        "file.sheet",
        || "goes with `kind = \"xlsx\"`".into(),
    )?;
    refuse(
        rule.rows.is_some() && rule.kind != FileKind::Json,
        "file.rows",
        || "goes with `kind = \"json\"`".into(),
    )?;
    let csv = rule.kind == FileKind::Csv;
    refuse(
        rule.delimiter.is_some_and(|mark| !csv || !mark.is_ascii()),
        "file.delimiter",
        || "one ASCII character, with `kind = \"csv\"`".into(),
    )?;
    let known = rule.encoding == "auto"
        || encoding_rs::Encoding::for_label(rule.encoding.as_bytes()).is_some();
    refuse(!known, "file.encoding", || {
        format!(
            "`{}` is no encoding; write `auto`, `utf-8`, `windows-1252` or another name of the Web's",
            rule.encoding
        )
    })?;
    refuse(rule.header_row == 0, "file.header_row", || {
        "lines are counted from 1".into()
    })?;
    refuse(rule.max_bytes == Some(0), "file.max_bytes", || {
        "at least 1".into()
    })
}

fn filter(definition: &Definition, rule: &FileRule) -> Result<(), Wrong> {
    for condition in rule
        .filter
        .iter()
        .flat_map(super::super::filter::Filter::conditions)
    {
        if let Allowed::Param(name) = &condition.values {
            param_exists(definition, "file.where", name)?;
        }
    }
    Ok(())
}

pub(super) fn apis(definition: &Definition) -> Result<(), Wrong> {
    definition
        .api
        .iter()
        .try_for_each(|rule| api(definition, rule))
}

fn api(definition: &Definition, rule: &ApiRule) -> Result<(), Wrong> {
    urls::url(definition, "api.url", &rule.url, &rule.for_each)?;
    urls::for_each(definition, "api.for_each", &rule.for_each)?;
    refuse(
        rule.next.is_some() && rule.page.is_some(),
        "api.next",
        || "give `next` (a URL in the answer) or `page` (a number in the query), not both".into(),
    )?;
    if let Some(size) = &rule.page_size {
        let falling = size
            .values
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a > b));
        refuse(
            size.values.is_empty() || size.values.contains(&0) || !falling,
            "api.page_size",
            || {
                "`values` are the sizes that the API takes, largest first, e.g. [100, 50, 20]"
                    .into()
            },
        )?;
        refuse(rule.page.is_none(), "api.page_size", || {
            "goes with `page`".into()
        })?;
    }
    columns(
        definition,
        "api",
        &rule.columns,
        &rule.constants,
        &rule.for_each,
    )
}

fn columns(
    definition: &Definition,
    block: &str,
    columns: &BTreeMap<String, ColumnRule>,
    constants: &BTreeMap<String, Constant>,
    for_each: &[String],
) -> Result<(), Wrong> {
    refuse(columns.is_empty(), &format!("{block}.columns"), || {
        "at least one column is needed".into()
    })?;
    let mut filled: Vec<&str> = Vec::new();
    for (source, rule) in columns {
        let key = format!("{block}.columns.{source}");
        refuse(filled.contains(&rule.to.as_str()), &key, || {
            format!("two columns fill `{}`", rule.to)
        })?;
        filled.push(&rule.to);
        typed::check(rule.kind, rule.format.as_deref(), rule.locale, rule.max_len)
            .and_then(|()| {
                typed::check_default(rule.kind, rule.format.as_deref(), rule.default.as_deref())
            })
            .map_err(|reason| Wrong::new(&key, reason))?;
    }
    for (name, constant) in constants {
        let key = format!("{block}.constants.{name}");
        refuse(filled.contains(&name.as_str()), &key, || {
            format!("a column fills `{name}` already")
        })?;
        refuse(!is_plain(name, 60), &key, || {
            format!("`{name}` is not a column name in lower case")
        })?;
        if let Constant::Text(template) = constant {
            for param in template.params() {
                param_exists(definition, &key, param)?;
                let list = definition
                    .params
                    .get(param)
                    .is_some_and(|param| param.kind == ParamKind::List);
                refuse(
                    list && !for_each.iter().any(|each| each == param),
                    &key,
                    || {
                        format!(
                            "`{{{param}}}` is a list; name it in `for_each`, so that each request has one value"
                        )
                    },
                )?;
            }
        }
    }
    Ok(())
}
