//! `mgctl db status`: what a database holds.

use mg_core::Settings;
use mg_db::{
    DatabaseUrl, schema,
    store::{Row, Store},
};

use crate::{context::Context, failure::Failure};

/// Runs the sub-command.
pub(crate) async fn run(settings: &Settings, context: &mut Context<'_>) -> Result<(), Failure> {
    // Reading is all that is done, so that either account will do.
    let url = match &settings.file.database.write_url {
        Some(url) => super::parsed(url, "MG_DATABASE_WRITE_URL")?,
        None => super::reading_url(settings)?,
    };
    context.terminal.heading(&url.to_string());
    if super::writes_embedded(settings) && url.path().is_some_and(|path| !path.exists()) {
        context.terminal.line("the embedded demo database, not made yet: the first call of a server or `mgctl db demo` makes it");
        return Ok(());
    }
    let store = Store::reader(&url);
    let told = describe(&store, &url, context).await;
    store.close().await;
    told
}

async fn describe(
    store: &Store,
    url: &DatabaseUrl,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let status = schema::status(store).await?;
    if let Some(advice) = status.advice() {
        return Err(Failure::Failed(format!("{url}: {advice}")));
    }
    context.terminal.line(&format!(
        "{}, schema version {}",
        url.engine(),
        status.expected
    ));
    let tables = tables(store).await?;
    context
        .terminal
        .table("", &texts(["table", "rows"]), &tables);
    let files = store.fetch(FILES, &[]).await?;
    let files: Vec<_> = files.iter().map(file).collect();
    context.terminal.table(
        "",
        &texts(["file", "data set", "vintage", "rows", "synthetic", "loaded"]),
        &files,
    );
    Ok(())
}

async fn tables(store: &Store) -> Result<Vec<Vec<String>>, Failure> {
    let mut counted = Vec::new();
    for (table, _) in schema::columns()? {
        // Views count nothing of their own.
        if table.starts_with("v_") {
            continue;
        }
        let rows = store
            .fetch(&format!("SELECT COUNT(*) FROM {table}"), &[])
            .await?;
        let count = rows.first().map_or(Ok(0), |row| row.integer(0))?;
        counted.push(vec![table, count.to_string()]);
    }
    Ok(counted)
}

const FILES: &str = "SELECT fichier_id, jeu, millesime, nb_lignes, synthetique, charge_le FROM source_fichier ORDER BY fichier_id";

fn file(row: &Row) -> Vec<String> {
    let text = |index| {
        row.optional_text(index)
            .ok()
            .flatten()
            .unwrap_or("-")
            .trim_end()
            .to_owned()
    };
    let rows = row
        .optional_integer(3)
        .ok()
        .flatten()
        .map_or_else(|| "-".to_owned(), |count| count.to_string());
    let synthetic = if row.integer(4) == Ok(0) { "no" } else { "yes" };
    vec![
        text(0),
        text(1),
        text(2),
        rows,
        synthetic.to_owned(),
        text(5),
    ]
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}
