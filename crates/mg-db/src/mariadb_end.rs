//! Ends a session of MariaDB from another one: the server looks at its end of a line only when it next writes to it.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Error, Executor,
    mysql::{MySqlConnectOptions, MySqlConnection},
};

use crate::url::MariaDbUrl;

const LIMIT: Duration = Duration::from_secs(12);
/// The number of the error that says that the server knows no such session.
const UNKNOWN: &str = "1094";

/// Ends session `id` in the background, where there is a runtime to do so.
pub(crate) fn end_session(url: &MariaDbUrl, id: u64) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(end(url.options().set_names(false), id));
    }
}

/// Asks until the server does not know the session any more.
async fn end(options: MySqlConnectOptions, id: u64) {
    let kill = async {
        let mut connection = connect(options).await?;
        for pause in [20, 50, 100, 200, 400, 800, 1600] {
            let sql = AssertSqlSafe(format!("KILL {id}"));
            if let Err(error) = connection.execute(sqlx::raw_sql(sql)).await {
                let number = error.as_database_error().map(ToString::to_string);
                if number.is_none_or(|number| number.starts_with(UNKNOWN)) {
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        connection.close().await
    };
    if let Ok(Err(error)) = tokio::time::timeout(LIMIT, kill).await {
        tracing::debug!(%error, "a session of MariaDB could not be ended");
    }
}

/// Connecting makes a large future: kept off the caller's.
async fn connect(options: MySqlConnectOptions) -> Result<MySqlConnection, Error> {
    Box::pin(async move { options.connect().await }).await
}
