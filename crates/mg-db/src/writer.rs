//! The account that writes, as sub-commands and tools of ours reach it.

use mg_core::{Clock, ConfigError, DatabaseTarget, Role, Settings, ToolError};
use tokio::sync::OnceCell;

use crate::{DatabaseUrl, Engine, grants, hidden::Hidden, open::Place, store::Store};

/// A [`Store`] that writes, opened by the first call: the account of `database.write_url`; without one, a SQLite file is
/// its own.
#[derive(Debug)]
pub struct LazyWriter {
    place: Place,
    refusal: Option<String>,
    store: OnceCell<Store>,
}

impl LazyWriter {
    /// Reads the URL; opens nothing. That there is no account that may write is told by the first call.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, ConfigError> {
        let target = match &settings.file.database.write_url {
            Some(url) => Ok(DatabaseTarget::Url(url.clone())),
            None => settings.reading_database(Role::Viewer),
        };
        let place = Place::new(target, clock)?;
        let only_reads = settings.file.database.write_url.is_none();
        let refusal = place
            .known_url()
            .filter(|url| only_reads && url.engine() != Engine::Sqlite)
            .map(|url| refusal(settings, url));
        Ok(Self {
            place,
            refusal,
            store: OnceCell::new(),
        })
    }

    /// The store.
    ///
    /// # Errors
    /// When there is no account that may write, with the rights that one needs; as
    /// [`LazyStore::open`](crate::open::LazyStore::open).
    pub async fn open(&self) -> Result<&Store, ToolError> {
        if let Some(refusal) = &self.refusal {
            return Err(ToolError::Unavailable(refusal.clone()));
        }
        let url = self.place.url().await?;
        Ok(self.store.get_or_init(async || Store::writer(url)).await)
    }
}

/// What to do where the only account reads.
fn refusal(settings: &Settings, url: &DatabaseUrl) -> String {
    let engine = url.engine();
    let rights = rights(settings, url).map_or_else(
        |_| "`mgctl db grants` prints the rights it needs".to_owned(),
        |rights| format!("the rights both accounts need:\n\n{rights}"),
    );
    format!(
        "{url} is the account that reads; on {engine} set MG_DATABASE_WRITE_URL (database.write_url in mg.toml) to an account that may write; {rights}"
    )
}

fn rights(settings: &Settings, reader: &DatabaseUrl) -> Result<String, String> {
    let hidden = Hidden::from_viewers(settings.file.sql.hidden.as_deref())?;
    let login = reader.login().unwrap_or_else(|| "mg_reader".to_owned());
    grants::grants(reader.engine(), &login, "mg_writer", &hidden.columns)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(toml: &str) -> LazyWriter {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mg.toml");
        std::fs::write(&file, toml).unwrap();
        let flags = mg_core::Flags {
            config: Some(file),
            data_dir: Some(folder.path().to_owned()),
            ..mg_core::Flags::default()
        };
        let settings = Settings::load(&flags, &mg_core::Environment::default()).unwrap();
        LazyWriter::new(&settings, Clock::system()).unwrap()
    }

    #[tokio::test]
    async fn an_account_that_only_reads_is_answered_with_the_rights_to_grant() {
        let refusal = writer("[database]\nurl = \"postgres://lecteur:secret@db.example/camg\"")
            .open()
            .await
            .unwrap_err()
            .to_string();
        for part in ["MG_DATABASE_WRITE_URL", "GRANT", "lecteur"] {
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
        assert!(!refusal.contains("secret"), "{refusal}");
    }

    #[tokio::test]
    async fn the_embedded_database_is_its_own_writer() {
        assert!(writer("").refusal.is_none());
    }
}
