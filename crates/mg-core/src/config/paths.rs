//! What a relative path is relative to: in `mg.toml` its folder, in flags the working directory;
//! in environment variables it is refused, since clients start servers anywhere.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::ConfigError;

/// Where a setting was given, which tells what its relative paths are relative to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Base<'a> {
    /// `mg.toml` or a flag: this folder.
    Folder(&'a Path),
    /// The environment variable of this name.
    Variable(&'a str),
}

impl Base<'_> {
    /// The absolute path.
    pub(super) fn absolute(self, path: &Path) -> Result<PathBuf, ConfigError> {
        if path.is_absolute() {
            return Ok(path.to_owned());
        }
        match self {
            Self::Folder(folder) => Ok(folder.join(path)),
            Self::Variable(name) => Err(ConfigError::new(format!(
                "{name} is the relative path `{}`: a server is started in any folder, so write an absolute path",
                path.display()
            ))),
        }
    }

    /// A database URL whose `sqlite:` path is absolute; other URLs stay as they are.
    pub(super) fn database_url(self, url: &SecretString) -> Result<SecretString, ConfigError> {
        let Some(rest) = url.expose_secret().strip_prefix("sqlite:") else {
            return Ok(url.clone());
        };
        let path = Path::new(rest.strip_prefix("//").unwrap_or(rest));
        Ok(format!("sqlite:{}", self.absolute(path)?.display()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(base: Base<'_>, text: &str) -> Result<String, String> {
        let url = base.database_url(&text.into()).map_err(|error| error.0)?;
        Ok(url.expose_secret().to_owned())
    }

    #[test]
    fn a_relative_sqlite_path_is_made_absolute_in_a_file_and_refused_in_a_variable() {
        let folder = Base::Folder(Path::new("/etc/mg"));
        assert_eq!(
            url(folder, "sqlite:data/a.db").unwrap(),
            "sqlite:/etc/mg/data/a.db"
        );
        assert_eq!(
            url(folder, "sqlite:///srv/a.db").unwrap(),
            "sqlite:/srv/a.db"
        );
        let refusal = url(Base::Variable("MG_DATABASE_URL"), "sqlite:a.db").unwrap_err();
        assert!(
            refusal.contains("MG_DATABASE_URL") && refusal.contains("absolute"),
            "{refusal}"
        );
    }

    #[test]
    fn other_urls_stay_as_they_are() {
        let text = "postgres://a:b@h/d";
        assert_eq!(url(Base::Variable("MG_DATABASE_URL"), text).unwrap(), text);
    }
}
