//! The environment variables of the process, taken once.

use std::collections::BTreeMap;

use crate::ConfigError;

/// A snapshot of environment variables; tests make their own.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process; those that are not Unicode are left out.
    #[must_use]
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        )
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The variable as it is; an empty one counts as unset.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A setting. Some clients pass `${NAME}` and `${env:NAME}` on without replacing them.
    ///
    /// # Errors
    ///
    /// When the value still looks like such a reference.
    pub fn setting(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.raw(name) {
            Some(value) if value.contains("${") => Err(ConfigError::new(format!(
                "{name} still holds a reference (`${{…}}`): this client does not replace variables; \
                 write the value itself, or keep secrets in mg.toml and name the file in MG_CONFIG"
            ))),
            other => Ok(other),
        }
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }
}

impl std::fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_the_client_did_not_replace_is_refused_with_advice() {
        for value in ["${DB}", "${env:DB}", "postgres://${USER}@h/d"] {
            let environment = Environment::from([("MG_DATABASE_URL", value)]);
            let refusal = environment.setting("MG_DATABASE_URL").unwrap_err();
            assert!(refusal.0.contains("MG_DATABASE_URL") && refusal.0.contains("mg.toml"));
        }
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        assert_eq!(
            Environment::from([("MG_ROLE", "")]).setting("MG_ROLE"),
            Ok(None)
        );
    }

    #[test]
    fn debug_output_shows_names_and_never_values() {
        let shown = format!("{:?}", Environment::from([("MG_TOKEN", "secret")]));
        assert!(shown.contains("MG_TOKEN") && !shown.contains("secret"));
    }
}
