//! What a question is about: one indicator in one place, with what is known of it.

use jiff::{civil::Date, tz::TimeZone};
use mg_core::{Language, Settings, ToolError, kpi::Definition};

use crate::{
    KpiServer,
    case::Case,
    neural::Shelf,
    store::{Known, KpiStore},
    territory::Place,
};

/// One indicator in one place.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    server: &'a KpiServer,
    /// The indicator.
    pub(crate) definition: &'a Definition,
    /// The place.
    pub(crate) place: Place,
    /// What is loaded and what is to be reached.
    pub(crate) known: Known,
}

impl<'a> Subject<'a> {
    /// The indicator of a name, title or synonym in a territory; in the authority where none is named.
    ///
    /// # Errors
    ///
    /// A name or territory that does not exist, with the nearest ones; a database that is not there.
    pub(crate) async fn find(
        server: &'a KpiServer,
        name: &str,
        territory: Option<&str>,
    ) -> Result<Self, ToolError> {
        let definition = server.catalogue.find(name)?;
        let home = &server.settings.file.territory.default;
        let territories = server.store.territories().await?;
        let place = territories.find(territory.unwrap_or(home), home)?;
        let known = server.store.known(definition, &place).await?;
        Ok(Self {
            server,
            definition,
            place,
            known,
        })
    }

    /// The same as the evaluation takes it.
    pub(crate) fn case(&self) -> Case<'_> {
        Case::of(self.server, self.definition, &self.place, &self.known)
    }

    /// Where facts are read.
    pub(crate) fn store(&self) -> &'a KpiStore {
        &self.server.store
    }

    /// Where the weights of the network are.
    pub(crate) fn shelf(&self) -> (&'a Shelf, &'a Settings) {
        (&self.server.shelf, self.server.settings.as_ref())
    }

    /// The day it is, in UTC.
    pub(crate) fn today(&self) -> Date {
        let now = self.server.clock.now();
        now.to_zoned(TimeZone::UTC).date()
    }

    /// The language of sentences.
    pub(crate) fn language(&self) -> Language {
        self.server.settings.language
    }

    /// How many characters an answer may have.
    pub(crate) fn answer_characters(&self) -> usize {
        self.server.settings.file.limits.answer_chars
    }
}
