//! Which functions a statement may not call. The engine is the barrier; this says early and clearly
//! what it would say late, and keeps out what it would let pass: waits, locks, messages.

use std::collections::HashMap;

use super::scan::{Scanner, Token};

/// Asks the server for the names of its volatile functions.
pub(super) const VOLATILE: &str = include_str!("volatile.sql");

/// What functions do, and which ones: a whole name is refused whether the server knows it or not, one
/// that ends in `*` only describes volatile functions of the server.
const EFFECTS: &[(&str, &[&str])] = &[
    ("waits", &["pg_sleep", "pg_sleep_for", "pg_sleep_until"]),
    (
        "reaches files of the server",
        &[
            "pg_read_file",
            "pg_read_binary_file",
            "pg_ls_dir",
            "pg_stat_file",
            "lo_import",
            "lo_export",
            "pg_current_logfile",
            "pg_ls_*",
            "pg_read_*",
            "pg_file_*",
        ],
    ),
    (
        "works on large objects",
        &[
            "lo_create",
            "lo_creat",
            "lo_from_bytea",
            "lo_put",
            "lo_get",
            "lo_open",
            "lo_unlink",
            "lo_truncate",
            "lowrite",
            "loread",
            "lo_*",
        ],
    ),
    (
        "connects to another database",
        &[
            "dblink",
            "dblink_exec",
            "dblink_connect",
            "dblink_send_query",
            "dblink*",
        ],
    ),
    (
        "takes or gives back locks",
        &[
            "pg_advisory_lock",
            "pg_advisory_lock_shared",
            "pg_advisory_xact_lock",
            "pg_try_advisory_lock",
            "pg_advisory_unlock_all",
            "pg_advisory_*",
            "pg_try_advisory_*",
        ],
    ),
    (
        "changes the session",
        &["set_config", "setseed", "pg_export_snapshot"],
    ),
    (
        "sends messages to others",
        &["pg_notify", "pg_logical_emit_message"],
    ),
    (
        "interferes with other sessions",
        &[
            "pg_terminate_backend",
            "pg_cancel_backend",
            "pg_log_backend_memory_contexts",
        ],
    ),
    ("moves a sequence", &["nextval", "setval"]),
    (
        "runs SQL that it is given as text",
        &[
            "query_to_xml",
            "query_to_xmlschema",
            "query_to_xml_and_xmlschema",
            "cursor_to_xml",
            "cursor_to_xmlschema",
            "ts_stat",
            "ts_rewrite",
        ],
    ),
    (
        "administers the server",
        &[
            "pg_switch_wal",
            "pg_reload_conf",
            "pg_rotate_logfile",
            "pg_promote",
            "pg_create_*",
            "pg_drop_*",
            "pg_copy_*",
            "pg_logical_slot_*",
            "pg_replication_*",
            "pg_stat_reset*",
            "pg_wal_replay_*",
            "pg_backup_*",
            "binary_upgrade_*",
            "brin_*",
            "gin_*",
        ],
    ),
];

/// What is done by every other volatile function.
const UNKNOWN: &str = "may change something (the database calls it volatile)";

/// Volatile functions that only read or compute; one that ends in `*` stands for all that begin so.
const HARMLESS: &[&str] = &[
    "random",
    "random_normal",
    "normal_rand",
    "gen_random_uuid",
    "gen_random_bytes",
    "gen_salt",
    "uuid_generate_*",
    "uuidv4",
    "uuidv7",
    "pgp_sym_encrypt*",
    "pgp_pub_encrypt*",
    "st_generatepoints",
    "clock_timestamp",
    "timeofday",
    "current_query",
    "currval",
    "lastval",
    "pg_sequence_last_value",
    "pg_relation_size",
    "pg_table_size",
    "pg_indexes_size",
    "pg_total_relation_size",
    "pg_database_size",
    "pg_tablespace_size",
    "pg_partition_tree",
    "pg_partition_ancestors",
    "pg_blocking_pids",
    "pg_safe_snapshot_blocking_pids",
    "pg_lock_status",
    "pg_prepared_xact",
    "pg_is_in_recovery",
    "pg_is_wal_replay_paused",
    "pg_get_wal_replay_pause_state",
    "pg_last_*",
    "pg_current_wal_*",
    "pg_control_*",
    "pg_get_multixact_members",
    "pg_xact_*",
    "txid_*",
    "pg_stat_get_*",
    "pg_stat_have_stats",
    "pg_stat_statements",
    "pg_stat_statements_info",
    "pg_jit_available",
    "pg_notification_queue_usage",
    "pg_collation_actual_version",
    "pg_database_collation_actual_version",
    "pgstat*",
    "pg_freespace*",
    "amvalidate",
];

/// Functions that run SQL given as text but are of daily use: welcome where that text can be read here
/// and names nothing that is refused by itself.
const TAKE_SQL: &[&str] = &[
    "crosstab",
    "crosstab2",
    "crosstab3",
    "crosstab4",
    "connectby",
    "xpath_table",
];

/// The longest name the server knows; what is longer is cut by it and is no function of its own.
const LONGEST: usize = 63;

/// The functions that are refused on one server, each with what it does.
#[derive(Debug)]
pub(super) struct Policy {
    refused: HashMap<String, &'static str>,
}

impl Policy {
    /// Rules for a server with these volatile functions (blanks between the names).
    pub(super) fn new(volatile: &str) -> Self {
        let known = EFFECTS
            .iter()
            .flat_map(|(does, names)| names.iter().map(move |name| (*name, *does)));
        let always = known.filter(|(name, _)| !name.ends_with('*'));
        let found = volatile
            .split_whitespace()
            .filter(|name| !HARMLESS.iter().any(|pattern| fits(pattern, name)))
            .map(|name| (name, effect(name)));
        let refused = found
            .chain(always)
            .map(|(name, does)| (name.to_owned(), does))
            .collect();
        Self { refused }
    }

    /// The sentence that refuses the statement, if it calls what it may not call.
    pub(super) fn refusal(&self, sql: &str) -> Option<String> {
        // Most statements hold none of the names anywhere, not even in a literal.
        if !self.names_refused(sql) && !has_escaped_name(sql) {
            return None;
        }
        self.refused_call(sql)
    }

    fn does(&self, name: &str) -> Option<&'static str> {
        self.refused.get(name).copied()
    }

    /// Whether a word anywhere in the text, literals and comments included, is a refused name or one that
    /// runs SQL. A dollar ends a word here and a digit begins none, so that no way to cut the text hides
    /// a name.
    fn names_refused(&self, sql: &str) -> bool {
        let part = |character: char| {
            character.is_ascii_alphanumeric() || character == '_' || !character.is_ascii()
        };
        sql.split(|character| !part(character))
            .map(|word| word.trim_start_matches(|character: char| character.is_ascii_digit()))
            .any(|word| {
                lower(word, &mut [0; LONGEST])
                    .is_some_and(|word| self.refused.contains_key(word) || TAKE_SQL.contains(&word))
            })
    }

    fn refused_call(&self, sql: &str) -> Option<String> {
        let mut tokens = Scanner::new(sql);
        let mut before = None;
        while let Some(token) = tokens.next() {
            let name = match token {
                Token::Word(word) => word.to_ascii_lowercase(),
                Token::Escaped(name) if name.contains('\\') || mentions_uescape(sql) => {
                    return Some(format!(
                        "the name U&\"{name}\" is written in escapes: write it out"
                    ));
                }
                Token::Quoted(name) | Token::Escaped(name) => name.to_owned(),
                Token::Unclosed(rest) if self.names_refused(rest) => {
                    return Some(
                        "the statement has a quote that is not closed: close it".to_owned(),
                    );
                }
                _ => String::new(),
            };
            let called = tokens.peek() == Some(Token::Symbol('('));
            if let Some(does) = self.does(&name) {
                if called {
                    return Some(sentence(&name, does));
                }
                if before == Some(Token::Symbol('.')) {
                    // `x.name` may be a column, and is a call where `x` has none of that name.
                    let column = "a column of that name is read without its table's before it";
                    return Some(format!("{}; {column}", sentence(&name, does)));
                }
            }
            if called && TAKE_SQL.contains(&name.as_str()) && !self.takes_plain_sql(tokens.clone())
            {
                return Some(format!(
                    "`{name}` runs the SQL that it is given: give it as one plain constant that calls nothing of the kind itself"
                ));
            }
            before = Some(token);
        }
        None
    }

    /// Whether the arguments that follow are constants, which hide nothing. Pieces of a constant, cut at
    /// doubled quotes or at a line's end, are read together.
    fn takes_plain_sql(&self, arguments: Scanner<'_>) -> bool {
        let mut text = String::new();
        for token in arguments.skip(1) {
            match token {
                Token::Text(piece) if !piece.contains('\\') && !has_escaped_name(piece) => {
                    text.push_str(piece);
                }
                Token::Symbol(',') => text.push(' '),
                Token::Symbol(')') => return !self.names_refused(&text),
                Token::Symbol(digit) if digit.is_ascii_digit() => {}
                _ => return false,
            }
        }
        false
    }
}

fn sentence(name: &str, does: &str) -> String {
    format!("`{name}` {does} and is not welcome here: call functions that read or compute")
}

fn effect(name: &str) -> &'static str {
    (EFFECTS.iter())
        .find(|(_, patterns)| patterns.iter().any(|pattern| fits(pattern, name)))
        .map_or(UNKNOWN, |(does, _)| does)
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

/// The word in lower case, none when it is empty or too long to be a name that is known.
fn lower<'a>(word: &str, room: &'a mut [u8; LONGEST]) -> Option<&'a str> {
    let room = room.get_mut(..word.len())?;
    room.copy_from_slice(word.as_bytes());
    room.make_ascii_lowercase();
    std::str::from_utf8(room)
        .ok()
        .filter(|word| !word.is_empty())
}

fn has_escaped_name(sql: &str) -> bool {
    sql.contains("U&\"") || sql.contains("u&\"")
}

fn mentions_uescape(sql: &str) -> bool {
    Scanner::new(sql)
        .any(|token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("uescape")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy::new(
            "random clock_timestamp pg_total_relation_size pg_sleep lo_get pg_ls_waldir evil_extension dblink_open",
        )
    }

    #[test]
    fn a_refused_call_is_found_in_every_form() {
        for sql in [
            "SELECT pg_sleep(3)",
            "SELECT PG_Sleep (3)",
            "SELECT pg_catalog . pg_sleep /**/ (3)",
            "SELECT pg_catalog.\"pg_sleep\"--x\n(3)",
            "SELECT (3.0::float8).pg_sleep",
            "SELECT (x.a).\"pg_sleep\" FROM x",
            "SELECT U&\"pg\\005fsleep\"(3)",
            "SELECT U&\"pg!005fsleep\" UESCAPE '!' (3)",
            "SELECT u&\"pg_sleep\"(3)",
            "SELECT * FROM t, LATERAL pg_sleep(t.n)",
            "SELECT 1pg_sleep(3)",
            "SELECT $a$x$a$pg_sleep(3)",
            "SELECT E'a'\n'\\'', pg_sleep(1), ' x'--'",
            "SELECT '\\', pg_sleep(1), '\\'",
            "SELECT 'a' 'b, pg_sleep(3)",
            "EXPLAIN ANALYZE SELECT pg_sleep(3)",
            "SELECT crosstab('SELECT pg_sleep(3)')",
            "SELECT crosstab('SELECT pg_sl' || 'eep(3)')",
            "SELECT crosstab('SELECT pg_sl'\n'eep(3)')",
            "SELECT crosstab(E'SELECT pg\\x5fsleep(3)')",
            "SELECT crosstab(U&'SELECT pg!005fsleep(3)' UESCAPE '!')",
            "SELECT crosstab('SELECT U&\"pg!005fsleep\" UESCAPE ''!'' (3)')",
            "SELECT crosstab('SELECT * FROM crosstab(''SELECT pg_sl'' || ''eep(3)'')')",
            "SELECT crosstab($1)",
            "SELECT crosstab(format('SELECT %s(3)', 'pg_' || 'sleep'))",
            "SELECT connectby('(SELECT pg_sl' || 'eep(3)) AS t', 'a', 'b', '1', 0)",
            "SELECT pg_ls_waldir()",
            "SELECT evil_extension()",
            "SELECT query_to_xml('SELECT 1', true, true, '')",
        ] {
            assert!(policy().refusal(sql).is_some(), "{sql}");
        }
    }

    #[test]
    fn a_name_that_is_no_call_is_welcome() {
        for sql in [
            "SELECT 'pg_sleep(3)'",
            "SELECT 1 -- pg_sleep(3)",
            "SELECT 1 /* pg_sleep(3) */",
            "SELECT $$pg_sleep(3)$$, E'pg_sleep(\\'3)'",
            "SELECT 1 AS pg_sleep",
            "SELECT a AS \"pg_sleep(3)\"",
            "SELECT pg_sleep_time(3), épg_sleep(3), a$pg_sleep(1)",
            "SELECT random(), clock_timestamp(), pg_total_relation_size('t')",
            "SELECT l.lo_quantity FROM lineorder AS l",
            "SELECT crosstab('SELECT a, b, c FROM t')",
            "SELECT crosstab('SELECT a, ''x'', c FROM t', $$VALUES ('pg_sleep_time')$$)",
            "SELECT connectby('t', 'id', 'parent', '1', 0, '~')",
            "SELECT crosstab FROM t WHERE a = 'pg_sl' || 'eep(3)'",
            "SELECT U&'d\\0061t\\+000061' AS a, U&\"b\"",
            "SELECT my_function(1), count(*) FROM t",
        ] {
            assert_eq!(policy().refusal(sql), None, "{sql}");
        }
    }

    #[test]
    fn a_refusal_names_the_function_and_what_it_does() {
        let told = |sql| policy().refusal(sql).unwrap();
        assert_eq!(
            told("SELECT pg_sleep(1)"),
            "`pg_sleep` waits and is not welcome here: call functions that read or compute"
        );
        assert!(told("SELECT t.lo_get FROM t").ends_with("without its table's before it"));
        assert_eq!(policy().refusal("SELECT lo_get FROM t"), None);
        assert!(told("SELECT dblink_open('a')").contains("connects to another database"));
        assert!(told("SELECT evil_extension()").contains("may change something"));
    }

    #[test]
    fn without_the_servers_list_the_known_names_are_refused() {
        let policy = Policy::new("");
        assert!(policy.refusal("SELECT pg_read_file('x')").is_some());
        assert!(policy.refusal("SELECT lo_get(1)").is_some());
        assert_eq!(policy.refusal("SELECT evil_extension()"), None);
    }
}
