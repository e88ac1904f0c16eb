//! What environment variables say over `mg.toml`.

use std::path::{Path, PathBuf};

use super::{AirflowAccount, ConfigFile, Environment, paths::Base};
use crate::ConfigError;

/// Lays the variables over the file.
///
/// # Errors
///
/// For a variable whose value cannot be served, by its name.
pub(super) fn overlay(file: &mut ConfigFile, environment: &Environment) -> Result<(), ConfigError> {
    file.role = choice(environment, "MG_ROLE")?.or(file.role);
    file.lang = choice(environment, "MG_LANG")?.or(file.lang);
    if let Some(log) = environment.setting("MG_LOG")? {
        file.log = Some(log.to_owned());
    }
    file.data_dir = path_variable(environment, "MG_DATA_DIR")?.or(file.data_dir.take());
    let database = &mut file.database;
    for (name, slot) in [
        ("MG_DATABASE_URL", &mut database.url),
        ("MG_DATABASE_WRITE_URL", &mut database.write_url),
    ] {
        if let Some(url) = environment.setting(name)? {
            *slot = Some(Base::Variable(name).database_url(&url.into())?);
        }
    }
    file.http.overlay(environment)?;
    overlay_airflow(file, environment)
}

fn overlay_airflow(file: &mut ConfigFile, environment: &Environment) -> Result<(), ConfigError> {
    let airflow = &mut file.airflow;
    if let Some(url) = environment.setting("MG_AIRFLOW_URL")? {
        airflow.url = Some(url.to_owned());
    }
    airflow.ca = path_variable(environment, "MG_AIRFLOW_CA")?.or(airflow.ca.take());
    match (
        environment.setting("MG_AIRFLOW_USERNAME")?,
        environment.setting("MG_AIRFLOW_PASSWORD")?,
    ) {
        (Some(username), Some(password)) => {
            let account = AirflowAccount {
                username: username.to_owned(),
                password: password.into(),
            };
            airflow.viewer = Some(account.clone());
            airflow.editor = Some(account);
            Ok(())
        }
        (None, None) => Ok(()),
        _ => Err(ConfigError::new(
            "MG_AIRFLOW_USERNAME and MG_AIRFLOW_PASSWORD go together; set both or none",
        )),
    }
}

fn choice<T: clap::ValueEnum>(
    environment: &Environment,
    name: &str,
) -> Result<Option<T>, ConfigError> {
    let Some(value) = environment.setting(name)? else {
        return Ok(None);
    };
    T::from_str(value, false).map(Some).map_err(|_| {
        let known: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|variant| Some(variant.to_possible_value()?.get_name().to_owned()))
            .collect();
        ConfigError::new(format!(
            "{name} is `{value}`; it may be {}",
            known.join(" or ")
        ))
    })
}

/// The absolute path in a variable.
///
/// # Errors
///
/// When it is not absolute.
pub(super) fn path_variable(
    environment: &Environment,
    name: &str,
) -> Result<Option<PathBuf>, ConfigError> {
    environment
        .setting(name)?
        .map(|path| Base::Variable(name).absolute(Path::new(path)))
        .transpose()
}
