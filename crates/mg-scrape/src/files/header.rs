//! The line that names the columns of a table: which cell a name means, and what makes a row of a line.

use std::{borrow::Cow, collections::HashMap};

use csv::StringRecord;

use crate::{
    definition::{FileRule, Unpivot},
    extract::records::{Mapping, ROW_NUMBER, missing_columns, unmatched_columns},
};

/// Lines among which the names of the columns are looked for, should they not be where the rule says.
const LINES: usize = 3;

/// The columns of a table.
pub(super) struct Header<'d> {
    /// By the names that the rule reads.
    places: HashMap<String, usize>,
    pub(super) width: usize,
    unpivot: Option<&'d Unpivot>,
    /// What makes a row of a line: the line itself, or each column that becomes one.
    makers: Vec<Maker>,
}

/// What makes a row of a line.
#[derive(Default)]
struct Maker {
    /// The column that becomes a row, its name, and what the groups of the pattern found in it.
    column: Option<(usize, String)>,
    groups: HashMap<String, String>,
}

/// A row that a line makes.
pub(super) struct Line<'r> {
    header: &'r Header<'r>,
    record: &'r StringRecord,
    number: i64,
    maker: &'r Maker,
}

impl<'d> Header<'d> {
    fn of(record: &StringRecord, rule: &'d FileRule) -> Self {
        let mut places = HashMap::new();
        let mut makers = Vec::new();
        for (place, name) in record.iter().enumerate() {
            let name = rule.column(name.trim()).into_owned();
            makers.extend(
                rule.unpivot
                    .as_ref()
                    .and_then(|unpivot| Maker::of(unpivot, place, &name)),
            );
            places.entry(name).or_insert(place);
        }
        if rule.unpivot.is_none() {
            makers.push(Maker::default());
        }
        Self {
            places,
            width: record.len(),
            unpivot: rule.unpivot.as_ref(),
            makers,
        }
    }

    fn has(&self, name: &str) -> bool {
        self.places.contains_key(name) || self.unpivot.is_some_and(|unpivot| unpivot.gives(name))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .places
            .iter()
            .map(|(name, place)| (*place, name.clone()))
            .collect();
        names.sort();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// The columns that become rows.
    pub(super) fn unpivoted(&self) -> Vec<String> {
        let columns = self.makers.iter().filter_map(|maker| maker.column.as_ref());
        columns.map(|(_, name)| name.clone()).collect()
    }

    /// What it lacks of what a rule reads, as a sentence.
    fn lack(&self, mapping: &Mapping<'_>) -> Option<String> {
        let missing = mapping.missing(|name| self.has(name));
        if !missing.is_empty() {
            return Some(missing_columns(&missing, &self.names()));
        }
        let unpivot = self.unpivot.filter(|_| self.makers.is_empty())?;
        Some(unmatched_columns(unpivot.columns.as_str(), &self.names()))
    }

    /// The rows that a line makes. An empty cell of a column that becomes a row makes none.
    pub(super) fn lines<'r>(
        &'r self,
        record: &'r StringRecord,
        number: i64,
    ) -> impl Iterator<Item = Line<'r>> {
        let lines = self.makers.iter().map(move |maker| Line {
            header: self,
            record,
            number,
            maker,
        });
        lines.filter(|line| line.value().is_none_or(|value| !value.is_empty()))
    }
}

impl Maker {
    fn of(unpivot: &Unpivot, place: usize, name: &str) -> Option<Self> {
        let found = unpivot.columns.whole(name)?;
        let groups = unpivot.groups().map(|group| {
            let text = found.name(group).map_or("", |found| found.as_str());
            (Unpivot::source(group), text.to_owned())
        });
        Some(Self {
            groups: groups.collect(),
            column: Some((place, name.to_owned())),
        })
    }
}

impl Line<'_> {
    /// The text that `[file.columns]` reads by this name.
    pub(super) fn cell(&self, name: &str) -> Option<Cow<'_, str>> {
        if name == ROW_NUMBER {
            return Some(Cow::Owned(self.number.to_string()));
        }
        if let Some(text) = self.maker.groups.get(name) {
            return Some(Cow::Borrowed(text));
        }
        match (name, self.value()) {
            (Unpivot::VALUE, Some(value)) => {
                (!self.is_withheld(value)).then_some(Cow::Borrowed(value))
            }
            (Unpivot::WITHHELD, Some(value)) => {
                Some(Cow::Owned(self.is_withheld(value).to_string()))
            }
            _ => {
                let place = self.header.places.get(name)?;
                self.record.get(*place).map(Cow::Borrowed)
            }
        }
    }

    /// The cell of the column that becomes this row.
    fn value(&self) -> Option<&str> {
        let (place, _) = self.maker.column.as_ref()?;
        self.record.get(*place).map(str::trim)
    }

    fn is_withheld(&self, value: &str) -> bool {
        self.header
            .unpivot
            .is_some_and(|unpivot| unpivot.withheld.iter().any(|mark| mark == value))
    }
}

/// The line that names the columns, and the lines that were read after it. DiDo writes labels, codes, or both, as it is
/// asked: where the rule's line has not the columns, one of the first lines may.
pub(super) fn found<'d>(
    records: &mut impl Iterator<Item = Result<StringRecord, String>>,
    rule: &'d FileRule,
    mapping: &Mapping<'_>,
) -> Result<(Header<'d>, Vec<StringRecord>), String> {
    let first: Vec<StringRecord> = records
        .take(LINES.max(rule.header_row))
        .collect::<Result<_, _>>()?;
    let told = rule.header_row.saturating_sub(1);
    let header = |place: usize| {
        let record = first.get(place);
        record.map(|record| Header::of(record, rule))
    };
    let tried = std::iter::once(told).chain(0..first.len().min(LINES));
    for place in tried {
        if let Some(header) = header(place).filter(|header| header.lack(mapping).is_none()) {
            return Ok((header, first.into_iter().skip(place + 1).collect()));
        }
    }
    let header = header(told).ok_or("the file has no line that names its columns")?;
    Err(header.lack(mapping).unwrap_or_default())
}
