//! What a statement may do, asked by SQLite while it compiles the statement: a list of what reads.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::hidden::Hidden;

/// Pragmas that describe the schema or check the file, with their argument.
const SCHEMA_PRAGMAS: &[&str] = &[
    "collation_list",
    "compile_options",
    "database_list",
    "foreign_key_check",
    "foreign_key_list",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "module_list",
    "pragma_list",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// Pragmas that answer a setting without an argument and would change it with one.
const SETTING_PRAGMAS: &[&str] = &[
    "application_id",
    "auto_vacuum",
    "cache_size",
    "data_version", // full-text search asks for it
    "encoding",
    "foreign_keys",
    "freelist_count",
    "page_count",
    "page_size",
    "query_only",
    "schema_version",
    "synchronous",
    "user_version",
];

/// Functions that reach outside of the database.
const FORBIDDEN_FUNCTIONS: &[&str] = &[
    "edit",
    "fts3_tokenizer",
    "load_extension",
    "readfile",
    "sqlite_log",
    "writefile",
];

/// Allows what reads; everything else is refused while the statement is compiled.
pub(super) fn authorize(context: AuthContext<'_>) -> Authorization {
    let allowed = match context.action {
        AuthAction::Select | AuthAction::Recursive | AuthAction::Read { .. } => true,
        AuthAction::Function { function_name } => !listed(FORBIDDEN_FUNCTIONS, function_name),
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => {
            listed(SCHEMA_PRAGMAS, pragma_name)
                || (pragma_value.is_none() && listed(SETTING_PRAGMAS, pragma_name))
        }
        _ => false,
    };
    if allowed {
        Authorization::Allow
    } else {
        Authorization::Deny
    }
}

/// Tables that show the bytes of pages: they would show what a hidden column holds.
const PAGE_TABLES: &[&str] = &["dbstat", "sqlite_dbpage"];

/// Allows what reads and shows nothing hidden, unless a trusted view shows it. The reader is known
/// by its name alone here, which a CTE can borrow: [`super::shadow`] sees to that first.
pub(super) fn authorize_hiding(hidden: &Hidden, context: AuthContext<'_>) -> Authorization {
    let denied = match context.action {
        AuthAction::Read {
            table_name,
            column_name,
        } => {
            shows_pages(table_name)
                || hidden.covers(table_name, column_name)
                    && !context.accessor.is_some_and(|view| hidden.trusts(view))
        }
        _ => false,
    };
    if denied {
        return Authorization::Deny;
    }
    authorize(context)
}

/// Whether reading the table would go around every column.
pub(super) fn shows_pages(table: &str) -> bool {
    listed(PAGE_TABLES, table)
}

fn listed(names: &[&str], name: &str) -> bool {
    names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(action: AuthAction<'_>) -> bool {
        let context = AuthContext {
            action,
            database_name: None,
            accessor: None,
        };
        authorize(context) == Authorization::Allow
    }

    #[test]
    fn a_pragma_that_sets_is_refused() {
        let pragma = |pragma_name, pragma_value| {
            allows(AuthAction::Pragma {
                pragma_name,
                pragma_value,
            })
        };
        assert!(pragma("table_info", Some("fact_permis")));
        assert!(pragma("USER_VERSION", None));
        assert!(pragma("quick_check", None) && pragma("foreign_keys", None));
        assert!(!pragma("foreign_keys", Some("0")));
        assert!(!pragma("user_version", Some("7")));
        assert!(!pragma("query_only", Some("0")));
        assert!(!pragma("journal_mode", None));
    }

    #[test]
    fn functions_that_leave_the_database_are_refused_in_any_case() {
        assert!(allows(AuthAction::Function {
            function_name: "count"
        }));
        assert!(!allows(AuthAction::Function {
            function_name: "LOAD_Extension"
        }));
    }

    #[test]
    fn a_hidden_column_is_read_by_a_trusted_view_alone() {
        let hidden = Hidden::from_viewers(None).unwrap();
        let allows = |table_name, column_name, accessor| {
            let action = AuthAction::Read {
                table_name,
                column_name,
            };
            let context = AuthContext {
                action,
                database_name: Some("main"),
                accessor,
            };
            authorize_hiding(&hidden, context) == Authorization::Allow
        };
        assert!(allows("fact_permis", "comm", None));
        assert!(!allows("FACT_PERMIS", "Denom_Dem", None));
        assert!(!allows("fact_permis", "denom_dem", Some("v_other")));
        assert!(allows("fact_permis", "denom_dem", Some("v_permis_public")));
        assert!(!allows("dbstat", "path", None));
    }

    #[test]
    fn actions_that_are_not_listed_are_refused() {
        assert!(allows(AuthAction::Select));
        assert!(!allows(AuthAction::Delete { table_name: "t" }));
        assert!(!allows(AuthAction::Attach { filename: "x" }));
        assert!(!allows(AuthAction::DropTable { table_name: "t" }));
    }
}
