//! Our tables on MariaDB, which keeps each one as soon as it is made: every statement can be run
//! again, and what an attempt that was broken off has made is known by its mark.

use crate::store::{StoreError, Transaction};

/// Stands in the comment of every table of ours. Texts are compared letter by letter, as on the
/// other engines.
const TABLE: &str =
    " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT = 'mg-platform'";

/// Tables without our mark, and views. Where a table has it, this database was ours to fill, and the
/// views of our names are of the same attempt.
pub(super) const STRANGERS: &str = "SELECT t.table_name FROM information_schema.tables AS t \
    WHERE t.table_schema = DATABASE() AND (t.table_comment <> 'mg-platform' AND t.table_type <> 'VIEW' \
      OR t.table_type = 'VIEW' AND NOT EXISTS (SELECT 1 FROM information_schema.tables AS o \
        WHERE o.table_schema = DATABASE() AND o.table_comment = 'mg-platform'))";

/// A statement of a version, by what it makes.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    Table(&'a str),
    View(&'a str),
    Index { name: &'a str, table: &'a str },
}

impl<'a> Step<'a> {
    fn of(statement: &'a str) -> Option<Self> {
        let mut words = statement.split([' ', '(']).filter(|word| !word.is_empty());
        match (words.next()?, words.next()?, words.next()?) {
            ("CREATE", "TABLE", name) => Some(Self::Table(name)),
            ("CREATE", "VIEW", name) => Some(Self::View(name)),
            ("CREATE", "INDEX", name) => {
                let table = words.nth(1)?;
                Some(Self::Index { name, table })
            }
            _ => None,
        }
    }
}

/// Runs a statement of a version, unless an earlier attempt has.
pub(super) async fn apply(
    transaction: &mut Transaction,
    statement: &str,
) -> Result<(), StoreError> {
    let (found, params, sql) = match Step::of(statement) {
        Some(Step::Table(name)) => (
            "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ? AND table_comment = 'mg-platform'",
            vec![name.into()],
            format!("{statement}{TABLE}"),
        ),
        Some(Step::Index { name, table }) => (
            "SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = ? AND table_name = ?",
            vec![name.into(), table.into()],
            statement.to_owned(),
        ),
        Some(Step::View(_)) => {
            let sql = statement.replacen("CREATE", "CREATE OR REPLACE", 1);
            return transaction.execute(&sql, &[]).await.map(drop);
        }
        None => {
            return Err(StoreError::Schema(format!(
                "a statement of the schema cannot be run again on MariaDB: {statement}"
            )));
        }
    };
    if transaction.fetch(found, &params).await?.is_empty() {
        transaction.execute(&sql, &[]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::statements;

    #[test]
    fn every_statement_of_every_version_can_be_run_again() {
        for (_, script) in super::super::VERSIONS {
            for statement in statements(script) {
                assert!(Step::of(&statement).is_some(), "{statement}");
            }
        }
    }

    #[test]
    fn what_a_statement_makes_is_read_from_its_words() {
        assert_eq!(
            Step::of("CREATE TABLE a(b INTEGER)"),
            Some(Step::Table("a"))
        );
        assert_eq!(
            Step::of("CREATE INDEX i ON t (a, b)"),
            Some(Step::Index {
                name: "i",
                table: "t"
            })
        );
        assert_eq!(Step::of("CREATE VIEW v AS SELECT 1"), Some(Step::View("v")));
        assert_eq!(Step::of("UPDATE t SET a = 1"), None);
    }
}
