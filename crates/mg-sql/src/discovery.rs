//! Finding tables, views, columns and functions by what they are called and what is said of them.

mod described;

use mg_core::fold;
use mg_db::gate::{Object, ObjectKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

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
pub(crate) struct Discovery {
    pub(crate) objects: Vec<Value>,
    pub(crate) total: usize,
}

/// Whether rows can be read from it.
pub(crate) fn is_relation(object: &Object) -> bool {
    matches!(object.kind, ObjectKind::Table | ObjectKind::View)
}

/// The objects that match a pattern, best first: every word of it occurs in the name, a column or a
/// comment, whatever the accents and the case. No pattern matches everything, in order of name.
pub(crate) fn search(
    objects: &[Object],
    pattern: Option<&str>,
    kind: Option<Kind>,
    detail: Detail,
    limit: usize,
) -> Discovery {
    let words: Vec<String> = pattern
        .map(fold)
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned)
        .collect();
    let mut found: Vec<(u8, Value)> = if kind == Some(Kind::Column) {
        columns(objects, &words, detail)
    } else {
        objects
            .iter()
            .filter(|object| kind.is_none_or(|kind| is_kind(object, kind)))
            .filter_map(|object| {
                Some((
                    rank_object(object, &words)?,
                    described(object, detail, objects),
                ))
            })
            .collect()
    };
    found.sort_by(|(left, a), (right, b)| {
        left.cmp(right)
            .then_with(|| a["name"].as_str().cmp(&b["name"].as_str()))
    });
    let total = found.len();
    Discovery {
        objects: found
            .into_iter()
            .take(limit)
            .map(|(_, object)| object)
            .collect(),
        total,
    }
}

/// Names that come near a pattern that matched nothing.
pub(crate) fn near(objects: &[Object], pattern: &str) -> Vec<String> {
    mg_core::nearest(
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

fn columns(objects: &[Object], words: &[String], detail: Detail) -> Vec<(u8, Value)> {
    let of = |object: &Object| -> Vec<(u8, Value)> {
        let matching = object.columns.iter().filter_map(|column| {
            let rank = rank(&column.name, column.comment.as_deref(), words)?;
            let mut described = described_column(column, detail);
            described["name"] = format!("{}.{}", object.name, column.name).into();
            described["kind"] = "column".into();
            Some((rank, described))
        });
        matching.collect()
    };
    objects
        .iter()
        .filter(|object| is_relation(object))
        .flat_map(of)
        .collect()
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
            nullable: true,
            default: None,
            comment: comment.map(str::to_owned),
            primary_key: false,
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
            signature: None,
            columns,
            foreign_keys: vec![],
            indexes: vec![],
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
        let found = search(&objects(), pattern, kind, Detail::Names, 50);
        found
            .objects
            .iter()
            .map(|object| object["name"].as_str().unwrap().to_owned())
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
        let found = search(&objects(), None, None, Detail::Names, 3);
        assert_eq!((found.objects.len(), found.total), (3, 4));
    }

    #[test]
    fn each_detail_tells_more_than_the_one_before() {
        let tell = |detail| {
            search(&objects(), Some("fact_permis"), None, detail, 1)
                .objects
                .remove(0)
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
                table: "dim_commune".into(),
                references: vec!["comm".into()],
            },
            ForeignKey {
                columns: vec!["a".into(), "b".into()],
                table: "permis".into(),
                references: vec!["x".into(), "y".into()],
            },
        ];
        let full = |name| {
            search(&objects, Some(name), None, Detail::Full, 1)
                .objects
                .remove(0)
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
    fn what_matches_nothing_has_near_names() {
        assert_eq!(near(&objects(), "fait_permi")[0], "fact_permis");
    }
}
