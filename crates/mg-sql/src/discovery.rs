//! Finding tables, views, columns and functions by what they are called and what is said of them.

mod address;
mod described;

use mg_core::fold;
use mg_db::gate::{ColumnDetail, Object, ObjectKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub(crate) use address::{addressed, addresses};
pub(crate) use described::cleaned;
use described::{described, described_column};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Tables.
    Table,
    /// Views.
    View,
    /// Columns of tables and views.
    Column,
    /// Functions of the database's own.
    Function,
}

/// How much is told of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Detail {
    /// Names and kinds.
    Names,
    /// Columns with types, comments, estimated rows.
    #[default]
    Summary,
    /// Also keys, indexes, defaults, join paths, and of the first tables what their columns hold.
    Full,
}

/// What was found, best first.
#[derive(Debug)]
pub(crate) struct Discovery<'a> {
    pub(crate) found: Vec<Found<'a>>,
    pub(crate) total: usize,
}

/// An object, or a column of one, and what an answer tells of it.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) object: &'a Object,
    pub(crate) told: Value,
}

/// An object, or a column of one, that a pattern matches.
struct Match<'a> {
    rank: u8,
    object: &'a Object,
    column: Option<&'a ColumnDetail>,
}

/// Whether rows can be read from it.
pub(crate) fn is_relation(object: &Object) -> bool {
    matches!(object.kind, ObjectKind::Table | ObjectKind::View)
}

/// The objects that match a pattern, best first: every word of it occurs in the name, a column or a
/// comment, whatever the accents and the case. No pattern matches everything, in order of name.
pub(crate) fn search<'a>(
    objects: &'a [Object],
    pattern: Option<&str>,
    kind: Option<Kind>,
    detail: Detail,
    limit: usize,
) -> Discovery<'a> {
    let words: Vec<String> = pattern
        .map(fold)
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned)
        .collect();
    let mut matches = match kind {
        Some(Kind::Column) => columns(objects, &words),
        kind => whole(objects, &words, kind),
    };
    matches.sort_by_key(|found| {
        let Object { name, schema, .. } = found.object;
        (
            found.rank,
            name,
            schema,
            found.column.map(|column| &column.name),
        )
    });
    let total = matches.len();
    let first = matches.into_iter().take(limit);
    let tell = |found: Match<'a>| Found {
        object: found.object,
        told: cleaned(match found.column {
            Some(column) => described_column(found.object, column, detail),
            None => described(found.object, detail, objects),
        }),
    };
    Discovery {
        found: first.map(tell).collect(),
        total,
    }
}

/// Names that come near a pattern that matched nothing.
pub(crate) fn near(objects: &[Object], pattern: &str) -> Vec<String> {
    mg_core::alike(
        pattern,
        objects.iter().map(|object| object.name.as_str()),
        5,
    )
}

fn is_kind(object: &Object, kind: Kind) -> bool {
    match kind {
        Kind::Table => object.kind == ObjectKind::Table,
        Kind::View => object.kind == ObjectKind::View,
        Kind::Function => object.kind == ObjectKind::Function,
        Kind::Column => false,
    }
}

/// 0: the name is the pattern; 1: it contains it; 2: a comment does; 3: a column does.
fn rank_object(object: &Object, words: &[String]) -> Option<u8> {
    rank(&object.name, object.comment.as_deref(), words).or_else(|| {
        let told: Vec<String> = object
            .columns
            .iter()
            .map(|column| told(&column.name, column.comment.as_deref()))
            .collect();
        let all = fold(&format!("{} {}", object.name, told.join(" ")));
        words
            .iter()
            .all(|word| all.contains(word.as_str()))
            .then_some(3)
    })
}

fn rank(name: &str, comment: Option<&str>, words: &[String]) -> Option<u8> {
    let plain = fold(name);
    let everything = fold(&told(name, comment));
    if plain == words.join(" ") {
        Some(0)
    } else if words.iter().all(|word| plain.contains(word.as_str())) {
        Some(1)
    } else if words.iter().all(|word| everything.contains(word.as_str())) {
        Some(2)
    } else {
        None
    }
}

fn told(name: &str, comment: Option<&str>) -> String {
    format!("{name} {}", comment.unwrap_or_default())
}

/// The tables, views and functions that match.
fn whole<'a>(objects: &'a [Object], words: &[String], kind: Option<Kind>) -> Vec<Match<'a>> {
    let found = |object: &'a Object| {
        Some(Match {
            rank: rank_object(object, words)?,
            object,
            column: None,
        })
    };
    let wanted = |object: &&Object| kind.is_none_or(|kind| is_kind(object, kind));
    objects.iter().filter(wanted).filter_map(found).collect()
}

/// The columns that match.
fn columns<'a>(objects: &'a [Object], words: &[String]) -> Vec<Match<'a>> {
    let of = |object: &'a Object| {
        object.columns.iter().filter_map(move |column| {
            Some(Match {
                rank: rank(&column.name, column.comment.as_deref(), words)?,
                object,
                column: Some(column),
            })
        })
    };
    let relations = objects.iter().filter(|object| is_relation(object));
    relations.flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use mg_db::gate::{ColumnDetail, ForeignKey};
    use serde_json::json;

    use super::*;

    fn column(name: &str, comment: Option<&str>) -> ColumnDetail {
        ColumnDetail {
            name: name.into(),
            r#type: "INTEGER".into(),
            comment: comment.map(str::to_owned),
            ..ColumnDetail::default()
        }
    }

    fn object(
        name: &str,
        kind: ObjectKind,
        comment: Option<&str>,
        columns: Vec<ColumnDetail>,
    ) -> Object {
        Object {
            schema: "main".into(),
            name: name.into(),
            kind,
            comment: comment.map(str::to_owned),
            estimated_rows: Some(12),
            columns,
            ..Object::default()
        }
    }

    fn objects() -> Vec<Object> {
        vec![
            object(
                "v_permis_public",
                ObjectKind::View,
                None,
                vec![column("num_dau", None)],
            ),
            object(
                "fact_permis",
                ObjectKind::Table,
                Some("Autorisations d'urbanisme"),
                vec![column("etat_dau", Some("État de l'autorisation"))],
            ),
            object("permis", ObjectKind::Table, None, vec![]),
            object(
                "dim_commune",
                ObjectKind::Table,
                None,
                vec![column("nom", None)],
            ),
        ]
    }

    fn names(pattern: Option<&str>, kind: Option<Kind>) -> Vec<String> {
        let objects = objects();
        let found = search(&objects, pattern, kind, Detail::Names, 50);
        (found.found.iter())
            .map(|found| found.told["name"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn the_exact_name_comes_first_then_names_that_contain_it() {
        assert_eq!(
            names(Some("permis"), None),
            ["permis", "fact_permis", "v_permis_public"]
        );
        assert_eq!(names(Some("permis"), Some(Kind::View)), ["v_permis_public"]);
    }

    #[test]
    fn accents_and_case_do_not_count_in_names_and_comments() {
        assert_eq!(names(Some("AUTORISATIÓN urbanisme"), None), ["fact_permis"]);
        assert_eq!(
            names(Some("etat"), Some(Kind::Column)),
            ["fact_permis.etat_dau"]
        );
        assert_eq!(
            names(Some("état autorisation"), Some(Kind::Column)),
            ["fact_permis.etat_dau"]
        );
    }

    #[test]
    fn a_table_is_found_by_a_column_it_has() {
        assert_eq!(names(Some("nom"), None), ["dim_commune"]);
    }

    #[test]
    fn without_a_pattern_everything_is_listed_and_the_total_counts_what_the_limit_cut() {
        assert_eq!(names(None, None).len(), 4);
        let objects = objects();
        let found = search(&objects, None, None, Detail::Names, 3);
        assert_eq!((found.found.len(), found.total), (3, 4));
    }

    #[test]
    fn each_detail_tells_more_than_the_one_before() {
        let tell = |detail| {
            search(&objects(), Some("fact_permis"), None, detail, 1)
                .found
                .remove(0)
                .told
        };
        assert_eq!(
            tell(Detail::Names),
            json!({"name": "fact_permis", "kind": "table"})
        );
        let summary = tell(Detail::Summary);
        assert_eq!(
            summary["columns"][0],
            json!({"name": "etat_dau", "type": "INTEGER", "comment": "État de l'autorisation"})
        );
        assert_eq!(summary["estimated_rows"], 12);
        assert!(summary.get("indexes").is_none());
        assert!(
            tell(Detail::Full)["columns"][0]["nullable"].is_boolean()
                && tell(Detail::Full)["indexes"].is_array()
        );
    }

    #[test]
    fn join_paths_are_told_from_both_ends() {
        let mut objects = objects();
        objects[1].foreign_keys = vec![
            ForeignKey {
                columns: vec!["comm".into()],
                schema: "main".into(),
                table: "dim_commune".into(),
                references: vec!["comm".into()],
            },
            ForeignKey {
                columns: vec!["a".into(), "b".into()],
                schema: "main".into(),
                table: "permis".into(),
                references: vec!["x".into(), "y".into()],
            },
        ];
        let full = |name| {
            search(&objects, Some(name), None, Detail::Full, 1)
                .found
                .remove(0)
                .told
        };
        assert_eq!(
            full("fact_permis")["joins"],
            json!([
                "fact_permis.comm → dim_commune.comm",
                "fact_permis.(a, b) → permis.(x, y)"
            ])
        );
        assert_eq!(
            full("dim_commune")["referenced_by"],
            json!(["fact_permis.comm → dim_commune.comm"])
        );
        assert_eq!(full("dim_commune")["joins"], json!([]));
    }

    #[test]
    fn join_paths_between_schemas_name_both() {
        let mut objects = objects();
        objects[1].schema = "s".into();
        objects[1].foreign_keys = vec![ForeignKey {
            columns: vec!["comm".into()],
            schema: "main".into(),
            table: "dim_commune".into(),
            references: vec!["comm".into()],
        }];
        let full = |name: &str| {
            let mut found = search(&objects, Some(name), None, Detail::Full, 1).found;
            found.remove(0).told
        };
        let way = json!(["s.fact_permis.comm → main.dim_commune.comm"]);
        assert_eq!(full("fact_permis")["joins"], way);
        assert_eq!(full("dim_commune")["referenced_by"], way);
    }

    #[test]
    fn names_and_comments_are_told_without_what_deceives() {
        let name = "a\u{202e}b";
        let column = column(name, Some("l\u{200b}e"));
        let object = object(name, ObjectKind::Table, Some("x\u{202e}"), vec![column]);
        let objects = [object];
        let found = search(&objects, None, None, Detail::Full, 1)
            .found
            .remove(0);
        let told = found.told.to_string();
        assert!(!mg_core::needs_cleaning(&told), "{told}");
        assert_eq!(found.told["columns"][0]["comment"], "le");
    }

    #[test]
    fn what_matches_nothing_has_near_names() {
        assert_eq!(near(&objects(), "fait_permi")[0], "fact_permis");
    }
}
