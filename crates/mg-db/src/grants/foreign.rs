//! The SQL that makes an account which reads a database of somebody else.

use std::collections::BTreeSet;

use super::{mariadb_reading_account, mariadb_user, postgres_reading_account};
use crate::{
    gate::{Object, ObjectKind},
    hidden::HiddenColumn,
    url::Engine,
};

/// The statements an administrator runs once for an account that reads these tables and views: schema by schema,
/// or table by table where a column is hidden, since nothing can be taken out of the rights on a whole schema.
#[must_use]
pub fn reading_objects(
    engine: Engine,
    reader: &str,
    objects: &[Object],
    hidden: &[HiddenColumn],
) -> String {
    let (mut lines, role) = match engine {
        Engine::Sqlite => return String::new(), // it has no accounts
        Engine::Postgres => (postgres_reading_account(reader), engine.quoted(reader)),
        Engine::MariaDb => (mariadb_reading_account(reader), mariadb_user(reader)),
    };
    let relations = || (objects.iter()).filter(|object| object.kind != ObjectKind::Function);
    let schemas: BTreeSet<&str> = relations().map(|object| object.schema.as_str()).collect();
    if engine == Engine::Postgres {
        let usage = |schema: &&str| {
            let schema = engine.quoted(schema);
            format!("GRANT USAGE ON SCHEMA {schema} TO {role};")
        };
        lines.extend(schemas.iter().map(usage));
    }
    let rights: Vec<String> =
        if relations().all(|table| shown(table, hidden).len() == table.columns.len()) {
            schemas
                .iter()
                .map(|schema| of_schema(engine, schema))
                .collect()
        } else {
            relations()
                .filter_map(|table| of_table(engine, table, hidden))
                .collect()
        };
    lines.extend(
        rights
            .iter()
            .map(|right| format!("GRANT {right} TO {role};")),
    );
    lines.push(String::new());
    lines.join("\n")
}

/// The columns of a table that are not hidden.
fn shown<'a>(table: &'a Object, hidden: &[HiddenColumn]) -> Vec<&'a str> {
    let columns = table.columns.iter().map(|column| column.name.as_str());
    columns
        .filter(|column| {
            !hidden
                .iter()
                .any(|hidden| hidden.covers(&table.name, column))
        })
        .collect()
}

fn of_schema(engine: Engine, schema: &str) -> String {
    match engine {
        Engine::Sqlite | Engine::Postgres => {
            format!("SELECT ON ALL TABLES IN SCHEMA {}", engine.quoted(schema))
        }
        // The name is a pattern there.
        Engine::MariaDb => {
            let name = schema.replace('_', "\\_").replace('%', "\\%");
            format!("SELECT ON {}.*", engine.quoted(&name))
        }
    }
}

fn of_table(engine: Engine, table: &Object, hidden: &[HiddenColumn]) -> Option<String> {
    let shown = shown(table, hidden);
    let columns = if shown.len() == table.columns.len() {
        String::new()
    } else {
        let quoted: Vec<String> = shown.iter().map(|column| engine.quoted(column)).collect();
        format!(" ({})", quoted.join(", "))
    };
    let (schema, name) = (engine.quoted(&table.schema), engine.quoted(&table.name));
    (!shown.is_empty()).then(|| format!("SELECT{columns} ON {schema}.{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gate::ColumnDetail, hidden::Hidden};

    fn table(schema: &str, name: &str) -> Object {
        let column = |name: &str| ColumnDetail {
            name: name.into(),
            r#type: "text".into(),
            ..ColumnDetail::default()
        };
        Object {
            schema: schema.into(),
            name: name.into(),
            columns: vec![column("id"), column("Nom")],
            ..Object::default()
        }
    }

    fn rights(engine: Engine, hidden: &[&str]) -> Vec<String> {
        let hidden: Vec<String> = hidden.iter().map(ToString::to_string).collect();
        let hidden = Hidden::from_viewers(Some(&hidden)).unwrap().columns;
        let objects = [table("gis_x", "people"), table("gis_x", "Towns")];
        let sql = reading_objects(engine, "mg_reader", &objects, &hidden);
        let grants = sql.lines().filter(|line| line.starts_with("GRANT"));
        grants.map(str::to_owned).collect()
    }

    #[test]
    fn a_schema_is_granted_whole_where_nothing_is_hidden() {
        assert_eq!(
            rights(Engine::Postgres, &["other.id"]),
            [
                "GRANT USAGE ON SCHEMA \"gis_x\" TO \"mg_reader\";",
                "GRANT SELECT ON ALL TABLES IN SCHEMA \"gis_x\" TO \"mg_reader\";"
            ]
        );
        assert_eq!(
            rights(Engine::MariaDb, &[]),
            ["GRANT SELECT ON `gis\\_x`.* TO 'mg_reader'@'%';"]
        );
    }

    #[test]
    fn tables_are_granted_by_their_other_columns_where_one_is_hidden() {
        assert_eq!(
            rights(Engine::MariaDb, &["people.nom"]),
            [
                "GRANT SELECT (`id`) ON `gis_x`.`people` TO 'mg_reader'@'%';",
                "GRANT SELECT ON `gis_x`.`Towns` TO 'mg_reader'@'%';"
            ]
        );
        let all = rights(Engine::Postgres, &["people.*"]);
        assert_eq!(
            all[1..],
            ["GRANT SELECT ON \"gis_x\".\"Towns\" TO \"mg_reader\";"]
        );
    }
}
