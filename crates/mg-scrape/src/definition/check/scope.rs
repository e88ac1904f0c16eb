//! Links, limits, manners and secrets.

use super::{super::Definition, Wrong, refuse};

pub(super) fn follow(definition: &Definition) -> Result<(), Wrong> {
    let Some(follow) = &definition.follow else {
        return Ok(());
    };
    let nothing = follow.allow.is_empty()
        && follow.from.is_none()
        && follow.next.is_none()
        && follow.pages.is_none();
    refuse(nothing, "follow", || {
        "it follows nothing; give `allow`, `from`, `next` or `pages`, or leave it out".into()
    })?;
    refuse(
        follow.next.is_some() && follow.pages.is_some(),
        "follow.pages",
        || "give `next` (a link) or `pages` (a number in the query), not both".into(),
    )?;
    if let Some(pages) = &follow.pages {
        refuse(pages.step == 0, "follow.pages", || {
            "`step` is at least 1".into()
        })?;
        refuse(pages.param.is_empty(), "follow.pages", || {
            "`param` names the query parameter, e.g. `page`".into()
        })?;
        let last = pages.last.is_some_and(|last| last < pages.start);
        refuse(last, "follow.pages", || {
            "`last` comes before `start`".into()
        })?;
    }
    Ok(())
}

pub(super) fn limits(definition: &Definition) -> Result<(), Wrong> {
    let limits = &definition.limits;
    let counts = [
        ("limits.max_pages", limits.max_pages),
        ("limits.max_seconds", limits.max_seconds),
        ("limits.max_bytes", limits.max_bytes),
        ("limits.max_page_bytes", limits.max_page_bytes),
        ("limits.max_items", limits.max_items),
    ];
    for (key, count) in counts {
        refuse(count == 0, key, || "at least 1".into())?;
    }
    refuse(
        limits.max_page_bytes > 64_000_000,
        "limits.max_page_bytes",
        || "at most 64000000: a page is held in memory; larger answers are files ([[file]])".into(),
    )
}

pub(super) fn politeness(definition: &Definition) -> Result<(), Wrong> {
    let politeness = &definition.politeness;
    refuse(
        !(1..=64).contains(&politeness.concurrency),
        "politeness.concurrency",
        || "from 1 to 64".into(),
    )?;
    refuse(politeness.delay_ms > 600_000, "politeness.delay_ms", || {
        "at most 600000 (ten minutes)".into()
    })?;
    refuse(politeness.retry.times > 10, "politeness.retry", || {
        "`times` is at most 10".into()
    })?;
    refuse(
        politeness.retry.max_wait_s > 3_600,
        "politeness.retry",
        || "`max_wait_s` is at most 3600 (an hour)".into(),
    )?;
    let odd = politeness
        .retry
        .on
        .iter()
        .find(|status| !(400..600).contains(*status));
    refuse(odd.is_some(), "politeness.retry", || {
        "`on` lists answers from 400 to 599".into()
    })?;
    let agent = politeness.user_agent.as_deref().unwrap_or("mg");
    let plain = !agent.trim().is_empty() && agent.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    refuse(!plain, "politeness.user_agent", || {
        "ASCII letters, on one line".into()
    })
}

pub(super) fn auth(definition: &Definition) -> Result<(), Wrong> {
    const OURS: [&str; 6] = [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "cookie",
        "range",
    ];
    let Some(auth) = &definition.auth else {
        return Ok(());
    };
    let known = definition.start.allow_hosts.contains(&auth.host);
    refuse(
        auth.host.as_str().contains('*') || !known,
        "auth.host",
        || "one host of start.allow_hosts, written out: secrets are sent to it alone".into(),
    )?;
    refuse(
        auth.cookie_env.is_none() && auth.header_env.is_empty(),
        "auth",
        || "give `cookie_env` or `header_env`".into(),
    )?;
    for header in auth.header_env.keys() {
        let name = header.to_ascii_lowercase();
        let plain = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        refuse(
            !plain || OURS.contains(&name.as_str()),
            "auth.header_env",
            || {
                format!(
                    "`{header}` is not a header that can be set here; cookies go into `cookie_env`"
                )
            },
        )?;
    }
    let variables = auth.header_env.values().chain(&auth.cookie_env);
    for variable in variables {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        refuse(
            variable.is_empty() || !variable.bytes().all(plain),
            "auth",
            || {
                format!(
                    "`{variable}` is not the name of an environment variable (capitals, digits, `_`); never write the secret itself"
                )
            },
        )?;
    }
    Ok(())
}
