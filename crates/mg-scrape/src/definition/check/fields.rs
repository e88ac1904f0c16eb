//! Pages and the fields of their rows.

use super::{
    super::{Definition, Field, ItemRule, PageRule, Rows, typed},
    Wrong, refuse,
};

pub(super) fn pages(definition: &Definition) -> Result<(), Wrong> {
    for (place, page) in definition.page.iter().enumerate() {
        let last = place + 1 == definition.page.len();
        refuse(
            page.pattern.is_none() && page.when.is_none() && !last,
            "page.match",
            || {
                "a [[page]] without `match` and `when` fits every page, so those after it are never read; put it last".into()
            },
        )?;
        items(definition, page)?;
    }
    Ok(())
}

fn items(definition: &Definition, page: &PageRule) -> Result<(), Wrong> {
    let useless = page.item.is_empty() && definition.follow.is_none() && definition.file.is_empty();
    refuse(useless, "page.item", || {
        "nothing is read out of this page; add [[page.item]]".into()
    })?;
    for item in &page.item {
        refuse(item.fields.is_empty(), "page.item.fields", || {
            "at least one field is needed".into()
        })?;
        for (name, field) in &item.fields {
            one(name, field, item)?;
        }
    }
    Ok(())
}

fn one(name: &str, field: &Field, item: &ItemRule) -> Result<(), Wrong> {
    let key = format!("page.item.fields.{name}");
    let sources = [
        !field.css.is_empty(),
        !field.jsonld.is_empty(),
        !field.header.is_empty(),
        field.url.is_some(),
        field.constant.is_some(),
    ];
    refuse(!sources.contains(&true), &key, || {
        "where is it? give `css`, `jsonld`, `header`, `url` or `const` (`css = \":scope\"` is the row itself)".into()
    })?;
    let table = matches!(item.rows, Some(Rows::Table(_)));
    refuse(!field.header.is_empty() && !table, &key, || {
        "`header` names a column of a table: write `rows = \"table:<selector>\"`".into()
    })?;
    refuse(field.attr.is_some() && field.css.is_empty(), &key, || {
        "`attr` goes with `css`".into()
    })?;
    refuse(
        field.all && field.css.is_empty() && field.jsonld.is_empty(),
        &key,
        || "`all` goes with `css` or `jsonld`".into(),
    )?;
    refuse(
        field.join.is_some() && field.regex.is_none() && !field.all,
        &key,
        || "`join` goes with `regex` or `all`".into(),
    )?;
    refuse(
        field.constant.is_some()
            && sources.iter().filter(|given| **given).count() == 1
            && field.default.is_some(),
        &key,
        || "`const` always gives a value, so `default` is never used".into(),
    )?;
    let empty_path = field
        .jsonld
        .as_slice()
        .iter()
        .any(|path| path.split('.').any(str::is_empty));
    refuse(empty_path, &key, || {
        "a path is written `Type.property.property`".into()
    })?;
    typed::check(
        field.kind,
        field.format.as_deref(),
        field.locale,
        field.max_len,
    )
    .and_then(|()| {
        typed::check_default(
            field.kind,
            field.format.as_deref(),
            field.default.as_deref(),
        )
    })
    .map_err(|reason| Wrong::new(&key, reason))
}
