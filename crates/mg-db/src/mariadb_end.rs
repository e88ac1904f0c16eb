//! Ends a session of MariaDB from another one: the server looks at its end of a line only when it next writes to it.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Error, Executor,
    mysql::{MySqlConnectOptions, MySqlConnection},
};

use crate::{gate::pauses, url::MariaDbUrl};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(6);
/// The number of the error that says that the server knows no such session.
const UNKNOWN: &str = "1094";

/// Ends session `id` in the background, where there is a runtime to do so; `held` is given up then.
pub(crate) fn end_session(url: &MariaDbUrl, id: u64, held: impl Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let options = url.options().set_names(false);
        runtime.spawn(async move {
            if let Err(error) = end(&options, id).await {
                tracing::debug!(%error, "a session of MariaDB could not be ended");
            }
            drop(held);
        });
    }
}

/// Asks until the server does not know the session any more: some functions do not look whether they were ended (`LOCATE`
/// in long texts), and are waited for a while, so that they do not add up.
async fn end(options: &MySqlConnectOptions, id: u64) -> Result<(), Error> {
    for pause in pauses() {
        // Not kept between two tries: it would be one more session on the server.
        let mut connection = (tokio::time::timeout(CONNECT_TIMEOUT, connect(options)).await)
            .map_err(|_| Error::Io(std::io::ErrorKind::TimedOut.into()))??;
        let kill = AssertSqlSafe(format!("KILL {id}"));
        let killed = connection.execute(sqlx::raw_sql(kill)).await;
        connection.close().await?;
        if let Err(error) = killed
            && let Some(number) = error.as_database_error().map(ToString::to_string)
            && number.starts_with(UNKNOWN)
        {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// Connecting makes a large future: kept off the caller's.
async fn connect(options: &MySqlConnectOptions) -> Result<MySqlConnection, Error> {
    Box::pin(options.connect()).await
}
