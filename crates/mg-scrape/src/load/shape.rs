//! What a table takes: the columns that a spider fills and how the database keeps them.

use mg_core::ToolError;
use mg_db::{Engine, Value, schema};

use crate::item::{Kind, Target};

/// Tables of the star schema that spiders may fill; every other table of theirs begins with `web_`.
const FACTS: &[&str] = &[
    "fact_dvf",
    "fact_indicateur_commune",
    "fact_logements_annuel",
    "fact_permis",
    "fact_population",
    "fact_serie",
];

/// The key of a table of a spider's own that names none.
pub(super) const CONTENT_HASH: &str = "_content_hash";

/// The columns that every table of a spider's own has beside its fields.
pub(super) const BOOKKEEPING: [(&str, &str); 6] = [
    ("_run_id", "VARCHAR(36)"),
    ("_source_url", "TEXT"),
    ("_fetched_at", "VARCHAR(25)"),
    (CONTENT_HASH, "VARCHAR(32)"),
    ("_first_seen", "VARCHAR(25)"),
    ("_last_seen", "VARCHAR(25)"),
];

/// A table as a load sees it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    /// Its name.
    pub(super) table: String,
    /// The columns that the spider fills, in the order of its items.
    pub(super) columns: Vec<Column>,
    /// The columns of a fact table that it does not fill.
    pub(super) others: Vec<schema::Column>,
    /// The columns that tell rows apart.
    pub(super) key: Vec<String>,
    /// Whether the table is a spider's own, with bookkeeping, or one of the star schema.
    pub(super) own: bool,
}

/// A column that the spider fills.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// Its type in the database.
    pub(super) declared: String,
    /// Whether a row needs a value here.
    pub(super) required: bool,
    /// What stands here where a row has none.
    pub(super) default: Option<Value>,
    /// Whether viewers never see it.
    pub(super) personal: bool,
    /// The table that its values stand in, and the column there.
    pub(super) reference: Option<(String, String)>,
}

impl Shape {
    /// The table of a target.
    ///
    /// # Errors
    /// When the table is not one that spiders may fill, or has not the columns.
    pub(super) fn of(target: &Target, engine: Engine) -> Result<Self, ToolError> {
        if target.table.starts_with("web_") {
            return Ok(Self::own(target, engine));
        }
        let known = FACTS
            .contains(&target.table.as_str())
            .then(|| schema::table(&target.table));
        match known.transpose()?.flatten() {
            Some(table) => Self::fact(target, &table),
            None => Err(ToolError::Invalid(format!(
                "spiders do not fill `{}`: a table of their own begins with web_, and of the star schema they fill {}",
                target.table,
                FACTS.join(", ")
            ))),
        }
    }

    fn own(target: &Target, engine: Engine) -> Self {
        let key = match target.key.as_slice() {
            [] => vec![CONTENT_HASH.to_owned()],
            key => key.to_vec(),
        };
        let column = |column: &crate::item::Column| Column {
            name: column.name.clone(),
            declared: declared(column.kind, key.contains(&column.name), engine).to_owned(),
            required: column.required || key.contains(&column.name),
            default: None,
            personal: column.personal,
            reference: None,
        };
        Self {
            table: target.table.clone(),
            columns: target.columns.iter().map(column).collect(),
            others: Vec::new(),
            key,
            own: true,
        }
    }

    fn fact(target: &Target, table: &schema::Table) -> Result<Self, ToolError> {
        let columns = target.columns.iter().map(|column| {
            let known = table.columns.iter().find(|known| known.name == column.name);
            let known = known.ok_or_else(|| unknown(&target.table, &column.name, table))?;
            Ok(of_fact(column, known, table))
        });
        let columns: Vec<Column> = columns.collect::<Result<_, ToolError>>()?;
        let filled = |name: &str| columns.iter().any(|column| column.name == name);
        if let Some(missing) = table.key.iter().find(|name| !filled(name)) {
            return Err(ToolError::Invalid(format!(
                "the rows for {} have no `{missing}`, which is part of its key ({})",
                target.table,
                table.key.join(", ")
            )));
        }
        let others = table.columns.iter().filter(|column| !filled(&column.name));
        Ok(Self {
            table: target.table.clone(),
            others: others.cloned().collect(),
            key: table.key.clone(),
            own: false,
            columns,
        })
    }

    /// The names of the columns that the spider fills.
    pub(super) fn filled(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The names of all columns of the table, in the order of [`super::ddl`].
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let bookkeeping = BOOKKEEPING.iter().map(|(name, _)| *name);
        let others = self.others.iter().map(|column| column.name.as_str());
        self.filled()
            .chain(others)
            .chain(bookkeeping.filter(|_| self.own))
    }

    /// Whether the table tells which file a row comes from.
    pub(super) fn tells_file(&self) -> bool {
        self.others.iter().any(|column| column.name == "fichier_id")
    }
}

fn of_fact(column: &crate::item::Column, known: &schema::Column, table: &schema::Table) -> Column {
    let mut references = table.references.iter();
    let reference = references.find(|reference| reference.column == column.name);
    Column {
        name: column.name.clone(),
        declared: known.declared.clone(),
        required: column.required || known.not_null || table.key.contains(&column.name),
        default: known.default.as_deref().map(literal),
        personal: column.personal,
        reference: reference.map(|reference| (reference.table.clone(), reference.target.clone())),
    }
}

/// A literal of the schema: a number, or a text between quotes.
fn literal(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) => number.into(),
        Err(_) => text.trim_matches('\'').into(),
    }
}

fn unknown(table: &str, column: &str, known: &schema::Table) -> ToolError {
    let names = known.columns.iter().map(|column| column.name.as_str());
    let near = mg_core::nearest(column, names, 3).join(", ");
    ToolError::Invalid(format!("{table} has no column `{column}`; nearest: {near}"))
}

/// The type of a column of a spider's own table. MariaDB cannot index a text without a length, and its `TEXT` ends at
/// 64 kB.
fn declared(kind: Kind, in_key: bool, engine: Engine) -> &'static str {
    match kind {
        Kind::Text | Kind::Url | Kind::Json if in_key => "VARCHAR(250)",
        Kind::Text | Kind::Url | Kind::Json if engine == Engine::MariaDb => "MEDIUMTEXT",
        Kind::Text | Kind::Url | Kind::Json => "TEXT",
        Kind::Integer => "BIGINT",
        Kind::Decimal => "DECIMAL(28,10)",
        Kind::Date => "DATE",
        Kind::Month => "VARCHAR(7)",
        Kind::Timestamp => "VARCHAR(25)",
        Kind::Boolean => "SMALLINT",
        Kind::Insee => "VARCHAR(5)",
        Kind::Siret => "VARCHAR(14)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{self, Mode};

    fn target(table: &str, columns: &[(&str, Kind)], key: &[&str]) -> Target {
        Target {
            table: table.to_owned(),
            columns: (columns.iter())
                .map(|(name, kind)| item::Column {
                    name: (*name).to_owned(),
                    kind: *kind,
                    required: false,
                    personal: false,
                    max_len: None,
                })
                .collect(),
            key: key.iter().map(ToString::to_string).collect(),
            mode: Mode::Upsert,
            scope: Vec::new(),
        }
    }

    #[test]
    fn a_fact_table_says_what_each_column_takes() {
        let columns = [
            ("type_dau", Kind::Text),
            ("num_dau", Kind::Text),
            ("fichier", Kind::Text),
            ("comm", Kind::Insee),
            ("nb_lgt_tot_crees", Kind::Integer),
        ];
        let shape = Shape::of(&target("fact_permis", &columns, &[]), Engine::Sqlite).unwrap();
        assert_eq!(shape.key, ["type_dau", "num_dau", "fichier"]);
        assert_eq!(shape.columns[1].declared, "VARCHAR(15)");
        let commune = &shape.columns[3];
        assert_eq!(
            commune.reference,
            Some(("dim_commune".into(), "comm".into()))
        );
        assert!(commune.required);
        assert_eq!(shape.columns[4].default, Some(Value::Integer(0)));
        assert!(shape.tells_file() && !shape.own);
        assert!(shape.others.iter().any(|column| column.name == "zac_id"));
    }

    #[test]
    fn what_cannot_be_filled_is_refused_by_name() {
        let refusal = |table: &str, columns: &[(&str, Kind)]| {
            let target = target(table, columns, &[]);
            Shape::of(&target, Engine::Sqlite).unwrap_err().to_string()
        };
        assert!(refusal("kpi_value", &[]).contains("web_"));
        assert!(refusal("schema_version", &[]).contains("fact_permis"));
        let misspelt = refusal("fact_permis", &[("num_dao", Kind::Text)]);
        assert!(misspelt.contains("nearest: num_dau"), "{misspelt}");
        let keyless = refusal("fact_population", &[("comm", Kind::Insee)]);
        assert!(keyless.contains("annee_reference"), "{keyless}");
    }

    #[test]
    fn a_table_without_a_key_is_keyed_by_its_content() {
        let table = target("web_x", &[("a", Kind::Text)], &[]);
        let shape = Shape::of(&table, Engine::MariaDb).unwrap();
        assert_eq!(shape.key, [CONTENT_HASH]);
        assert_eq!(shape.columns[0].declared, "MEDIUMTEXT");
        let all: Vec<_> = shape.all().collect();
        assert_eq!(all.len(), 7);
        let keyed = Shape::of(
            &target("web_x", &[("a", Kind::Text)], &["a"]),
            Engine::MariaDb,
        );
        assert_eq!(keyed.unwrap().columns[0].declared, "VARCHAR(250)");
    }
}
