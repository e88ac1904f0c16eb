//! Columns with other names, and columns that become rows.

use super::{
    super::{FileKind, FileRule, Unpivot},
    Wrong, refuse,
};
use crate::extract::records::ROW_NUMBER;

/// What a group of the pattern cannot be called: `[file.columns]` reads something else by that name.
const TAKEN: [&str; 3] = [Unpivot::VALUE, Unpivot::WITHHELD, ROW_NUMBER];

pub(super) fn rename(rule: &FileRule) -> Result<(), Wrong> {
    refuse(
        !rule.rename.is_empty() && rule.kind == FileKind::Json,
        "file.rename",
        || "goes with `kind = \"csv\"` and `\"xlsx\"`".into(),
    )?;
    let nameless = rule.rename.iter().find(|(_, name)| name.trim().is_empty());
    refuse(nameless.is_some(), "file.rename", || {
        "the new name is empty; to leave a column out, do not name it in [file.columns]".into()
    })
}

pub(super) fn unpivot(rule: &FileRule) -> Result<(), Wrong> {
    let Some(unpivot) = &rule.unpivot else {
        return Ok(());
    };
    refuse(rule.kind == FileKind::Json, "file.unpivot", || {
        "goes with `kind = \"csv\"` and `\"xlsx\"`, whose columns have names".into()
    })?;
    groups(rule, unpivot)?;
    sources(rule, unpivot)?;
    withheld(rule, unpivot)?;
    told_apart(rule, unpivot)
}

fn groups(rule: &FileRule, unpivot: &Unpivot) -> Result<(), Wrong> {
    refuse(
        unpivot.groups().next().is_none(),
        "file.unpivot.columns",
        || {
            format!(
                "`{}` has no named group that tells its rows apart; write for instance `(?<indicateur>vacants|total)_(?<annee>\\d\\d)`",
                unpivot.columns.as_str()
            )
        },
    )?;
    for group in unpivot.groups() {
        let source = Unpivot::source(group);
        refuse(
            TAKEN.contains(&source.as_str()),
            "file.unpivot.columns",
            || {
                format!(
                    "a group cannot be called `{group}`: `{source}` is something else in [file.columns]"
                )
            },
        )?;
        refuse(
            !rule.columns.contains_key(&source),
            "file.unpivot.columns",
            || {
                format!(
                    "no column reads the group `{group}`; add \"{source}\" = {{ to = \"…\" }} to [file.columns], or write `(?:…)` for a group that is not read"
                )
            },
        )?;
    }
    Ok(())
}

/// The cell is read, and nothing that there is not.
fn sources(rule: &FileRule, unpivot: &Unpivot) -> Result<(), Wrong> {
    refuse(
        !rule.columns.contains_key(Unpivot::VALUE),
        "file.unpivot",
        || {
            "no column reads the cells; add \"#value\" = { to = \"…\", type = \"decimal\" } to [file.columns]".into()
        },
    )?;
    let strange = rule
        .columns
        .keys()
        .find(|source| source.starts_with('#') && *source != ROW_NUMBER && !unpivot.gives(source));
    let Some(strange) = strange else {
        return Ok(());
    };
    let groups = unpivot.groups().map(Unpivot::source);
    let known: Vec<String> = groups.chain(TAKEN.map(str::to_owned)).collect();
    Err(Wrong::new(
        format!("file.columns.{strange}"),
        format!("there is no `{strange}`; there are {}", known.join(", ")),
    ))
}

/// What is withheld is neither missing nor zero, so it is read where it is told and told where it is read.
fn withheld(rule: &FileRule, unpivot: &Unpivot) -> Result<(), Wrong> {
    let read = rule.columns.contains_key(Unpivot::WITHHELD);
    let marks = &unpivot.withheld;
    refuse(!marks.is_empty() && !read, "file.unpivot.withheld", || {
        "what is withheld would look like what is missing; add \"#withheld\" = { to = \"…\", type = \"bool\" } to [file.columns]".into()
    })?;
    refuse(marks.is_empty() && read, "file.unpivot.withheld", || {
        "nothing says what is withheld; name what stands in such a cell, e.g. [\"s\"]".into()
    })?;
    let padded = |mark: &String| mark.is_empty() || mark.trim() != mark;
    refuse(marks.iter().any(padded), "file.unpivot.withheld", || {
        "marks are not empty and have no spaces at their ends: an empty cell is missing, not withheld".into()
    })
}

/// Rows of one line differ by what the groups find.
fn told_apart(rule: &FileRule, unpivot: &Unpivot) -> Result<(), Wrong> {
    let read = unpivot.groups().filter_map(|group| {
        let column = rule.columns.get(&Unpivot::source(group))?;
        Some(column.to.as_str())
    });
    let read: Vec<&str> = read.collect();
    let keyed = rule.key.iter().any(|name| read.contains(&name.as_str()));
    refuse(!rule.key.is_empty() && !keyed, "file.key", || {
        format!(
            "of the rows that one line makes only the last would stay: the key names none of {}",
            read.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::definition::parse;

    const WIDE: &str = r##"
name = "wide"
title = "Wide"
description = "A column for each figure and year"
[start]
allow_hosts = ["a.fr"]
[[file]]
url = "https://a.fr/x.csv"
kind = "csv"
table = "web_x"
key = ["comm", "annee", "figure"]
[file.rename]
'CODGEO_\d\d' = "CODGEO"
[file.unpivot]
columns = '(?<figure>vacants|total)_(?<annee>\d\d)'
withheld = ["s"]
[file.columns]
CODGEO = { to = "comm", type = "insee" }
"#figure" = { to = "figure" }
"#annee" = { to = "annee", type = "int", format = "year" }
"#value" = { to = "valeur", type = "decimal" }
"#withheld" = { to = "secret", type = "bool" }
"##;

    #[test]
    fn a_wide_file_is_read_and_written_alike() {
        let spider = parse("wide", WIDE).unwrap_or_else(|problem| panic!("{problem}"));
        let written = toml::to_string(&spider.definition).unwrap();
        let again =
            parse("wide", &written).unwrap_or_else(|problem| panic!("{problem}\n{written}"));
        assert_eq!(again, spider);
    }

    #[test]
    fn what_cannot_become_rows_is_named_with_what_would_work() {
        for (old, new, key, reason) in [
            ("kind = \"csv\"", "kind = \"json\"", "file.rename", "csv"),
            ("= \"CODGEO\"", "= \" \"", "file.rename", "empty"),
            (
                "(?<figure>",
                "(?<figure",
                "file.unpivot.columns",
                "not a regular expression",
            ),
            (
                "'(?<figure>vacants|total)_(?<annee>\\d\\d)'",
                "'vacants_\\d\\d'",
                "file.unpivot.columns",
                "no named group",
            ),
            (
                "(?<annee>",
                "(?<value>",
                "file.unpivot.columns",
                "cannot be called `value`",
            ),
            ("(?<annee>", "(?<an>", "file.unpivot.columns", "add \"#an\""),
            (
                "\"#value\"",
                "valeur",
                "file.unpivot",
                "no column reads the cells",
            ),
            (
                "\"#value\"",
                "\"#valeur\" = { to = \"v\" }\n\"#value\"",
                "file.columns.#valeur",
                "there are #figure, #annee, #value, #withheld, #row",
            ),
            (
                "\"#withheld\" = { to = \"secret\", type = \"bool\" }",
                "",
                "file.unpivot.withheld",
                "look like what is missing",
            ),
            ("withheld = [\"s\"]", "", "file.unpivot.withheld", "[\"s\"]"),
            (
                "[\"s\"]",
                "[\"\"]",
                "file.unpivot.withheld",
                "missing, not withheld",
            ),
            (
                "key = [\"comm\", \"annee\", \"figure\"]",
                "key = [\"comm\"]",
                "file.key",
                "only the last would stay",
            ),
        ] {
            assert!(WIDE.contains(old), "{old} is not in the file");
            let Err(problem) = parse("wide", &WIDE.replacen(old, new, 1)) else {
                panic!("{new} was taken")
            };
            assert_eq!(problem.key, key, "{problem}");
            assert!(problem.reason.contains(reason), "{problem}");
        }
    }
}
