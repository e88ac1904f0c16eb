//! What a statement may do, asked by SQLite while it compiles the statement: a list of what reads.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that describe the schema, with their argument.
const SCHEMA_PRAGMAS: &[&str] = &[
    "collation_list",
    "compile_options",
    "database_list",
    "foreign_key_list",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "module_list",
    "pragma_list",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// Pragmas that answer a setting without an argument and would change it with one.
const SETTING_PRAGMAS: &[&str] = &[
    "application_id",
    "encoding",
    "freelist_count",
    "page_count",
    "page_size",
    "schema_version",
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
    fn actions_that_are_not_listed_are_refused() {
        assert!(allows(AuthAction::Select));
        assert!(!allows(AuthAction::Delete { table_name: "t" }));
        assert!(!allows(AuthAction::Attach { filename: "x" }));
        assert!(!allows(AuthAction::DropTable { table_name: "t" }));
    }
}
