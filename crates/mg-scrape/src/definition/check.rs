//! What a file may say that no spider could do: each told with its key and with what would work.

mod fields;
mod files;
mod names;
mod scope;
mod tables;
mod unpivot;
mod urls;

use super::{Definition, Engine, SourceRule, Vintage};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) key: String,
    pub(super) reason: String,
}

impl Wrong {
    fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            reason: reason.into(),
        }
    }
}

/// Refuses with `reason` where `bad` holds.
fn refuse(bad: bool, key: &str, reason: impl FnOnce() -> String) -> Result<(), Wrong> {
    if bad {
        Err(Wrong::new(key, reason()))
    } else {
        Ok(())
    }
}

/// The first thing that is wrong with the file `<stem>.toml`.
pub(super) fn check(stem: &str, definition: &Definition) -> Result<(), Wrong> {
    names::name(stem, definition)?;
    names::params(definition)?;
    urls::start(definition)?;
    scope::follow(definition)?;
    scope::limits(definition)?;
    scope::politeness(definition)?;
    scope::auth(definition)?;
    browser(definition)?;
    fields::pages(definition)?;
    files::files(definition)?;
    files::apis(definition)?;
    tables::tables(definition)?;
    tables::expectations(definition)?;
    sources(definition)
}

fn browser(definition: &Definition) -> Result<(), Wrong> {
    let said = definition.browser != super::BrowserRules::default();
    refuse(
        said && definition.engine == Engine::Static,
        "browser",
        || "goes with `engine = \"browser\"` or `engine = \"auto\"`".into(),
    )?;
    refuse(
        definition.browser.wait_ms > 60_000,
        "browser.wait_ms",
        || "at most 60000 (a minute)".into(),
    )?;
    refuse(definition.browser.scroll > 100, "browser.scroll", || {
        "at most 100".into()
    })?;
    refuse(
        definition.browser.pages_before_recycle == 0,
        "browser.pages_before_recycle",
        || "at least 1".into(),
    )?;
    let readers =
        !definition.page.is_empty() || definition.file.iter().any(|rule| rule.url.is_none());
    refuse(
        definition.engine != Engine::Static && !readers,
        "engine",
        || "no page is read: files and APIs are always asked for without a browser".into(),
    )?;
    refuse(
        definition.engine == Engine::Auto
            && definition.page.iter().all(|page| page.item.is_empty()),
        "engine",
        || {
            "`auto` asks a browser where a page lacks rows, and no [[page.item]] reads rows; write `static` or `browser`".into()
        },
    )?;
    refuse(
        definition.retention_days == Some(0),
        "retention_days",
        || "at least 1, or leave it out to keep rows".into(),
    )
}

fn sources(definition: &Definition) -> Result<(), Wrong> {
    definition.source.iter().try_for_each(|source| {
        vintage(definition, source)?;
        origin(definition, source)?;
        coverage(definition, source)
    })
}

fn vintage(definition: &Definition, source: &SourceRule) -> Result<(), Wrong> {
    match &source.vintage {
        Some(Vintage::Const(vintage)) => {
            let read = jiff::civil::Date::strptime("%Y-%m-%d", format!("{}-01", vintage.month));
            refuse(
                read.is_err() || vintage.month.len() != 7,
                "source.vintage",
                || format!("`{}` is not a month; write `2026-03`", vintage.month),
            )
        }
        Some(Vintage::Json(vintage)) => {
            urls::url(definition, "source.vintage", &vintage.url, &[])?;
            refuse(vintage.path.is_empty(), "source.vintage", || {
                "`path` says where in the document, e.g. `data.0.millesime`".into()
            })
        }
        Some(Vintage::Header(_)) | None => Ok(()),
    }
}

/// The table, rules and columns that a source names exist.
fn origin(definition: &Definition, source: &SourceRule) -> Result<(), Wrong> {
    refuse(
        source.file.is_empty() || source.file.len() > 32,
        "source.file",
        || "from 1 to 32 characters".into(),
    )?;
    if let Some(table) = &source.table {
        let filled = super::targets::parts(definition).any(|part| part.table == table);
        refuse(!filled, "source.table", || {
            format!("no rule fills the table `{table}`")
        })?;
    }
    let files = definition
        .file
        .iter()
        .filter_map(|rule| rule.name.as_deref());
    let rules: Vec<&str> = files
        .chain(definition.api.iter().map(|rule| rule.name.as_str()))
        .collect();
    for rule in &source.rules {
        refuse(!rules.contains(&rule.as_str()), "source.rules", || {
            format!(
                "no [[file]] or [[api]] is named `{rule}`; there are {}",
                rules.join(", ")
            )
        })?;
    }
    let columns = source
        .rows
        .keys()
        .chain(source.scope.keys())
        .chain(&source.zero_year_is_missing);
    for column in columns {
        refuse(!tables::has_column(definition, column), "source", || {
            format!("no rule fills a column `{column}`")
        })?;
    }
    source
        .scope
        .values()
        .try_for_each(|template| names::params_exist(definition, "source.scope", template))
}

fn coverage(definition: &Definition, source: &SourceRule) -> Result<(), Wrong> {
    for coverage in &source.coverage {
        let templates = [
            Some(&coverage.territory),
            coverage.from.as_ref(),
            coverage.to.as_ref(),
        ];
        for template in templates.into_iter().flatten() {
            names::params_exist(definition, "source.coverage", template)?;
        }
        let columns = coverage
            .year
            .iter()
            .chain(&coverage.to_last)
            .chain(coverage.rows.keys());
        for column in columns {
            refuse(
                !tables::has_column(definition, column),
                "source.coverage",
                || format!("no rule fills a column `{column}`"),
            )?;
        }
        for param in &coverage.whole {
            names::param_exists(definition, "source.coverage", param)?;
        }
        refuse(
            coverage.year.is_none() && coverage.from.is_none(),
            "source.coverage",
            || "say from when: `from` (a day) or `year` (the column of years)".into(),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
