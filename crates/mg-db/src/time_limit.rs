//! The time that a statement may take, as it is told to people and to servers.

use std::time::Duration;

/// PostgreSQL looks every second whether the client is still there. Not before version 14.
pub(crate) const CHECK_CLIENT: &str = "SET client_connection_check_interval = '1s'";

/// As PostgreSQL reads its `statement_timeout`: 0 would be no limit, and it is a 32-bit number.
pub(crate) fn milliseconds(limit: Duration) -> i32 {
    i32::try_from(limit.as_millis()).map_or(i32::MAX, |limit| limit.max(1))
}

/// `20 s`, `250 ms`.
pub(crate) fn told(limit: &Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}

/// The limit as settings for `SET`, each with a comma behind it, on MariaDB and on MySQL. A recursion ends by its time
/// then, and not cut in silence at a depth.
///
/// `/*M! … */` is for MariaDB alone, which passes over `/*!80003 … */`.
pub(crate) fn settings(limit: Duration) -> String {
    let milliseconds = limit.as_millis().clamp(1, 31_536_000_000);
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!(
        "/*M! SESSION max_statement_time = {seconds}.{rest:03}, SESSION max_recursive_iterations = 4294967295, */ \
         /*!80003 SESSION max_execution_time = {milliseconds}, SESSION cte_max_recursion_depth = 4294967295, */ "
    )
}
