//! What a worker is given of the environment: little, named here, so that nothing else changes how it works.

use std::ffi::OsString;

use mg_core::{Settings, ToolError};
use secrecy::ExposeSecret as _;

use crate::definition::Spider;

/// Variables that a worker keeps.
const KEPT: [&str; 5] = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];
/// Beginnings of names that it keeps.
const KEPT_FAMILIES: [&str; 4] = ["MG_", "XDG_", "SSL_CERT_", "LC_"];
/// What is for a server that speaks to a client.
const DROPPED: [&str; 3] = ["MG_TOKEN", "MG_TRACE", "MG_ROLE"];

/// The variables of a worker: the kept ones, what the server was told by flags, the secrets that the settings file and
/// the spider name.
///
/// # Errors
///
/// A sentence that names the secret of the spider that is not set.
pub(super) fn of_worker(
    settings: &Settings,
    spider: &Spider,
) -> Result<Vec<(OsString, OsString)>, ToolError> {
    let secrets = secrets(spider);
    let missing = secrets
        .iter()
        .find(|name| std::env::var_os(name).is_none_or(|value| value.is_empty()));
    if let Some(name) = missing {
        return Err(ToolError::Unavailable(format!(
            "the spider `{}` needs the secret {name}: put it into the environment of the server",
            spider.name()
        )));
    }
    let named = named_by_settings(settings);
    let wanted = |name: &str| {
        let kept =
            KEPT.contains(&name) || KEPT_FAMILIES.iter().any(|family| name.starts_with(family));
        (kept && !DROPPED.contains(&name))
            || named.iter().chain(&secrets).any(|known| known == name)
    };
    let mut variables: Vec<(OsString, OsString)> = std::env::vars_os()
        .filter(|(name, _)| name.to_str().is_some_and(wanted))
        .collect();
    variables.extend(told_by_flags(settings)?);
    Ok(variables)
}

/// What the server was told, whichever way, in variables: they beat the file, and no flag shows a password.
fn told_by_flags(settings: &Settings) -> Result<Vec<(OsString, OsString)>, ToolError> {
    let mut told: Vec<(OsString, OsString)> = vec![
        ("MG_DATA_DIR".into(), settings.data_dir()?.into()),
        ("MG_LOG".into(), settings.log.clone().into()),
    ];
    if let Some(file) = &settings.config_file {
        told.push(("MG_CONFIG".into(), file.into()));
    }
    if let Some(url) = &settings.file.database.url {
        told.push(("MG_DATABASE_URL".into(), url.expose_secret().into()));
    }
    Ok(told)
}

/// The variables that the settings file takes its secrets from.
fn named_by_settings(settings: &Settings) -> Vec<String> {
    let text = settings
        .config_file
        .as_deref()
        .and_then(|path| std::fs::read_to_string(path).ok());
    let text = text.unwrap_or_default();
    let names = text
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    names.map(|(name, _)| name.to_owned()).collect()
}

fn secrets(spider: &Spider) -> Vec<String> {
    let Some(auth) = &spider.definition.auth else {
        return Vec::new();
    };
    auth.cookie_env
        .iter()
        .chain(auth.header_env.values())
        .cloned()
        .collect()
}
