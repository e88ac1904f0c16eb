//! `mgctl db`: the tables of mg-platform, made, filled, upgraded and described.

mod demo;
mod status;

use clap::Subcommand;
use mg_core::{DatabaseTarget, Role, Settings};
use mg_db::{
    DatabaseUrl, Engine, demo::DemoOptions, fill, grants, hidden::Hidden, schema, store::Store,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{context::Context, failure::Failure};

/// Make, fill, upgrade and describe the database.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the tables
    Init {
        /// Fill them with the rows of the demo
        #[arg(long)]
        demo: bool,
    },
    /// Upgrade the tables to the version of this program
    Migrate,
    /// Tell the schema version, the rows of each table and the files loaded
    Status,
    /// Print the SQL that makes two accounts: one that reads, one that writes
    Grants,
    /// Make the embedded demo database, or a larger one for benchmarks
    Demo(demo::Arguments),
}

/// Runs the sub-command.
pub(crate) async fn run(command: &Command, context: &mut Context<'_>) -> Result<(), Failure> {
    let settings = context.settings()?;
    match command {
        Command::Init { demo } => init(*demo, &settings, context).await,
        Command::Migrate => migrate(&settings, context).await,
        Command::Status => status::run(&settings, context).await,
        Command::Grants => {
            context.terminal.raw(&grants_for(&settings)?);
            context.terminal.raw(&views_of_spiders(&settings).await);
            Ok(())
        }
        Command::Demo(arguments) => demo::run(arguments, &settings, context).await,
    }
}

async fn init(demo: bool, settings: &Settings, context: &mut Context<'_>) -> Result<(), Failure> {
    if writes_embedded(settings) {
        return Err(Failure::Configuration(
            "no database is configured, so the embedded demo is in use, which makes itself (`mgctl db demo`): for tables of your own set MG_DATABASE_URL, e.g. to sqlite:/data/mg.db, or MG_DATABASE_WRITE_URL".into(),
        ));
    }
    let url = writing_url(settings)?;
    let store = Store::creator(&url);
    let now = context.clock.now_iso();
    let made = if url.path().is_some_and(|path| !path.exists()) {
        None
    } else {
        schema::status(&store).await?.version
    };
    // Tables that were made and not filled, by an attempt that was interrupted, can still be filled.
    if made.is_none() || !demo {
        let status = schema::init(&store, &now).await?;
        let version = status.version.unwrap_or_default();
        context
            .terminal
            .line(&format!("tables made in {url}, schema version {version}"));
    }
    if demo {
        let rows = fill_empty(&store, &url, now).await?;
        context
            .terminal
            .line(&format!("{rows} rows of the demo loaded"));
    }
    store.close().await;
    if url.engine() != Engine::Sqlite {
        context
            .terminal
            .line("`mgctl db grants` prints the rights of the account that reads");
    }
    Ok(())
}

/// Loads the demo into tables that hold nothing yet; answers how many rows.
async fn fill_empty(store: &Store, url: &DatabaseUrl, now: String) -> Result<usize, Failure> {
    let files = store
        .fetch("SELECT COUNT(*) FROM source_fichier", &[])
        .await?;
    if files.first().is_some_and(|row| row.integer(0) != Ok(0)) {
        return Err(Failure::Failed(format!(
            "{url} already holds data (`mgctl db status` tells which): the demo only goes into empty tables"
        )));
    }
    let mut transaction = store.begin().await?;
    let options = DemoOptions {
        extra_permits: 0,
        loaded_at: now,
    };
    let rows = fill::demo(&mut transaction, &options).await?;
    transaction.commit().await?;
    Ok(rows)
}

async fn migrate(settings: &Settings, context: &mut Context<'_>) -> Result<(), Failure> {
    let url = writing_url(settings)?;
    let store = Store::writer(&url);
    let before = schema::status(&store).await?.version;
    let after = schema::migrate(&store, &context.clock.now_iso())
        .await?
        .version
        .unwrap_or_default();
    store.close().await;
    context.terminal.line(&match before {
        Some(before) if before < after => {
            format!("{url}: schema version {before} upgraded to {after}")
        }
        _ => format!("{url}: schema version {after}, nothing to upgrade"),
    });
    Ok(())
}

/// Whether what is written to is the embedded database.
fn writes_embedded(settings: &Settings) -> bool {
    settings.file.database.write_url.is_none() && settings.uses_embedded_database()
}

/// The account that may write; a SQLite file is its own.
fn writing_url(settings: &Settings) -> Result<DatabaseUrl, Failure> {
    if let Some(url) = &settings.file.database.write_url {
        return parsed(url, "MG_DATABASE_WRITE_URL");
    }
    let url = reading_url(settings)?;
    match url.engine() {
        Engine::Sqlite => Ok(url),
        engine @ (Engine::Postgres | Engine::MariaDb) => Err(Failure::Configuration(format!(
            "{url} is the account that reads; on {engine} set MG_DATABASE_WRITE_URL (database.write_url in mg.toml) to an account that may write. The rights both accounts need:\n\n{}",
            grants_for(settings)?
        ))),
    }
}

/// The account that reads.
fn reading_url(settings: &Settings) -> Result<DatabaseUrl, Failure> {
    match settings.reading_database(Role::Viewer)? {
        DatabaseTarget::Embedded(path) => Ok(DatabaseUrl::sqlite(path)),
        DatabaseTarget::Url(url) => parsed(&url, "MG_DATABASE_URL"),
    }
}

fn parsed(url: &SecretString, name: &str) -> Result<DatabaseUrl, Failure> {
    DatabaseUrl::parse(url.expose_secret())
        .map_err(|error| Failure::Configuration(format!("{name}: {error}")))
}

/// The rights on what spiders show to viewers; nothing where the database cannot be asked yet.
async fn views_of_spiders(settings: &Settings) -> String {
    let (Ok(url), Ok(reader)) = (writing_url(settings), reading_url(settings)) else {
        return String::new();
    };
    let login = reader.login().unwrap_or_else(|| "mg_reader".to_owned());
    let told = grants::of_spiders(&Store::reader(&url), &login).await;
    told.unwrap_or_default()
}

/// The rights of the two accounts of these settings, or of two with the usual names.
fn grants_for(settings: &Settings) -> Result<String, Failure> {
    let reader = reading_url(settings)?;
    let writer = settings
        .file
        .database
        .write_url
        .as_ref()
        .map(|url| parsed(url, "MG_DATABASE_WRITE_URL"))
        .transpose()?;
    let engine = writer.as_ref().map_or(reader.engine(), DatabaseUrl::engine);
    let login = |url: Option<&DatabaseUrl>, usual: &str| {
        url.and_then(DatabaseUrl::login)
            .unwrap_or_else(|| usual.to_owned())
    };
    let (reader, writer) = (
        login(Some(&reader), "mg_reader"),
        login(writer.as_ref(), "mg_writer"),
    );
    let hidden = Hidden::from_viewers(settings.file.sql.hidden.as_deref())
        .map_err(Failure::Configuration)?;
    Ok(grants::grants(engine, &reader, &writer, &hidden.columns)?)
}
