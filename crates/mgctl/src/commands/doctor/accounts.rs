//! The accounts of the database: who reads, who writes, what they may do, and the schema they find.

use mg_core::{DatabaseTarget, Role, Settings, serve::Finding};
use mg_db::{
    DatabaseUrl, Engine,
    gate::{Gate, GateOptions, Object},
    grants,
    hidden::{Hidden, HiddenColumn},
    schema,
    store::Store,
};
use secrecy::{ExposeSecret, SecretString};

/// Every account, then the schema.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let reader = match reader(settings) {
        Ok(reader) => reader,
        Err(finding) => return vec![finding],
    };
    let hidden = match Hidden::from_viewers(settings.file.sql.hidden.as_deref()) {
        Ok(hidden) => hidden.columns,
        Err(why) => return vec![Finding::Wrong(why)],
    };
    let first = reads("database.url", &reader, &hidden).await;
    let reached = !matches!(first, Finding::Down(_));
    let mut findings = vec![first];
    let (database, kpi) = (&settings.file.database, &settings.file.kpi);
    for (key, url) in [
        ("database.editor_url", &database.editor_url),
        ("kpi.database_url", &kpi.database_url),
    ] {
        match url.as_ref().map(|url| parsed(key, url)) {
            None => {}
            Some(Ok(url)) => findings.push(reads(key, &url, &[]).await),
            Some(Err(finding)) => findings.push(finding),
        }
    }
    findings.extend(writer(&reader, database.write_url.as_ref()).await);
    if reached {
        findings.push(schema(&reader).await);
    }
    findings
}

/// The database that viewers read, or what there is to say instead.
fn reader(settings: &Settings) -> Result<DatabaseUrl, Finding> {
    match settings.reading_database(Role::Viewer) {
        Err(error) => Err(Finding::Wrong(error.to_string())),
        Ok(DatabaseTarget::Embedded(path)) if !path.exists() => Err(Finding::Good(format!(
            "embedded demo database {}, made on first use",
            path.display()
        ))),
        Ok(DatabaseTarget::Embedded(path)) => Ok(DatabaseUrl::sqlite(path)),
        Ok(DatabaseTarget::Url(url)) => parsed("database.url", &url),
    }
}

fn parsed(key: &str, url: &SecretString) -> Result<DatabaseUrl, Finding> {
    DatabaseUrl::parse(url.expose_secret())
        .map_err(|error| Finding::Wrong(format!("{key}: {error}")))
}

/// An account that reads must not be able to do more; one that is gets the SQL that makes another.
async fn reads(key: &str, url: &DatabaseUrl, hidden: &[HiddenColumn]) -> Finding {
    let gate = Gate::new(
        url,
        GateOptions {
            allow_privileged: true,
            ..GateOptions::default()
        },
    );
    let account = match gate.account().await {
        Ok(account) => account,
        Err(error) => return Finding::Down(format!("{key}: {url}: {error}")),
    };
    let more = match (account.privileged, url.engine()) {
        (Some(why), _) => why,
        // A file is its owner's; what reads it opens it read-only.
        (None, Engine::Sqlite) => {
            return Finding::Good(format!(
                "{key} reads {url} (SQLite {})",
                account.server_version
            ));
        }
        (None, _) if account.may_write => "it may change data or make tables".to_owned(),
        (None, engine) => {
            return Finding::Good(format!(
                "{key} reads {url} ({engine} {}) and may do no more",
                account.server_version
            ));
        }
    };
    let advice = match recipe(&gate, url, hidden).await {
        Ok(sql) => format!("to make it:\n{sql}"),
        Err(why) => format!("the rights it needs here cannot be told: {why}"),
    };
    Finding::Wrong(format!(
        "{key}: the account of {url} may do more than read ({more}): use one of least privilege, `mgctl db grants` prints the SQL for mg-platform's tables; {advice}"
    ))
}

/// The login that the doctor's SQL makes.
const READER: &str = "mg_reader";

/// The SQL that makes an account that only reads, below the finding it belongs to; or why there is none.
async fn recipe(gate: &Gate, url: &DatabaseUrl, hidden: &[HiddenColumn]) -> Result<String, String> {
    let objects = gate.objects().await.map_err(|error| error.to_string())?;
    let sql = match of_others(url, &objects) {
        None => grants::reading(url.engine(), READER, hidden).map_err(|error| error.to_string())?,
        Some(tables) => grants::reading_objects(url.engine(), READER, &tables, hidden),
    };
    let lines = sql.lines().filter(|line| !line.is_empty());
    let indented = lines.map(|line| format!("          {line}"));
    Ok(indented.collect::<Vec<_>>().join("\n"))
}

/// The tables of a database that is not mg-platform's; one without any may become that.
fn of_others(url: &DatabaseUrl, objects: &[Object]) -> Option<Vec<Object>> {
    // On MariaDB an account may see the tables of every database.
    let here = |object: &&Object| {
        url.engine() != Engine::MariaDb || Some(&object.schema) == url.database().as_ref()
    };
    let objects: Vec<Object> = objects.iter().filter(here).cloned().collect();
    (!objects.is_empty() && !schema::is_ours(&objects)).then_some(objects)
}

/// The account that writes must be another one, and able to.
async fn writer(reader: &DatabaseUrl, url: Option<&SecretString>) -> Vec<Finding> {
    let writer = match url.map(|url| parsed("database.write_url", url)) {
        None if reader.engine() == Engine::Sqlite => return Vec::new(),
        None => {
            let told =
                "no writing account (MG_DATABASE_WRITE_URL): nothing can be loaded from here";
            return vec![Finding::Good(told.into())];
        }
        Some(Err(finding)) => return vec![finding],
        Some(Ok(writer)) => writer,
    };
    let mut findings = Vec::new();
    if let Some(login) = writer
        .login()
        .filter(|login| reader.login().as_ref() == Some(login))
    {
        findings.push(Finding::Wrong(format!(
            "reader and writer are the same login `{login}`: put an account that only reads into MG_DATABASE_URL, `mgctl db grants` prints the SQL"
        )));
    }
    let gate = Gate::new(
        &writer,
        GateOptions {
            allow_privileged: true,
            ..GateOptions::default()
        },
    );
    findings.push(match gate.account().await {
        Err(error) => Finding::Down(format!("database.write_url: {writer}: {error}")),
        Ok(account) if account.may_write => Finding::Good(format!("database.write_url writes {writer}")),
        Ok(_) => Finding::Wrong(format!(
            "database.write_url: the account of {writer} may not write: `mgctl db grants` prints the rights it needs"
        )),
    });
    findings
}

async fn schema(url: &DatabaseUrl) -> Finding {
    let store = Store::reader(url);
    let status = schema::status(&store).await;
    store.close().await;
    match status {
        Err(error) => Finding::Down(format!("schema: {error}")),
        Ok(status) => match status.advice() {
            Some(advice) => Finding::Wrong(format!("schema: {advice}")),
            None => Finding::Good(format!("schema version {}", status.expected)),
        },
    }
}
