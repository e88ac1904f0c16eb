//! Releases: the values of a series as they were published at other times.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use mg_core::{
    ToolError,
    kpi::{Number, Period, Status},
};
use rust_decimal::Decimal;

use super::{Question, Run};
use crate::{
    evaluate::{Measured, vintage},
    note::{Note, Revision},
    store::Stored,
    subject::Subject,
    telling::rounded,
};

/// A value and its status, as one release has it.
pub(crate) type Value = (Option<Decimal>, Status);

/// The values of the release that is told and of the one it is compared with.
#[derive(Debug)]
pub(crate) struct Releases {
    /// Of the release asked for, by first day; `None` where the newest is meant.
    asked: Option<Release>,
    /// Of the one to compare with.
    compared: Option<Release>,
    revision: Option<Revision>,
    lacking: usize,
}

/// The values of one release.
#[derive(Debug)]
struct Release {
    vintage: String,
    values: BTreeMap<Date, Value>,
}

impl Releases {
    /// Reads what was kept, where a release is named.
    ///
    /// # Errors
    ///
    /// [`ToolError::Unknown`] for a release of which no value is known, with those that are; a database that is not
    /// there.
    pub(super) async fn read(
        subject: &Subject<'_>,
        run: &Run,
        question: &Question,
    ) -> Result<Self, ToolError> {
        let named = question.vintage.is_some() || question.compare_vintage.is_some();
        let kept = match (named, run.all.first(), run.all.last()) {
            (true, Some((first, _)), Some((last, _))) => {
                let name = &subject.definition.name;
                subject
                    .store()
                    .stored_series(name, &subject.place, *first, *last)
                    .await?
            }
            _ => Vec::new(),
        };
        let release = |vintage: Option<&str>| {
            vintage
                .map(|vintage| Release::of(subject, run, &kept, vintage))
                .transpose()
        };
        let asked = release(question.vintage.as_deref())?;
        let compared = release(question.compare_vintage.as_deref())?;
        let mut releases = Self {
            asked,
            compared,
            revision: None,
            lacking: 0,
        };
        releases.compare(subject, run);
        Ok(releases)
    }

    /// The value that is told of a period.
    pub(crate) fn told(&self, period: Period, live: &Measured) -> Value {
        match &self.asked {
            None => (live.value, live.status),
            Some(release) => release
                .values
                .get(&period.start)
                .copied()
                .unwrap_or((None, Status::Missing)),
        }
    }

    /// The value that it is compared with.
    pub(crate) fn compared(&self, period: Period) -> Option<Decimal> {
        self.compared.as_ref()?.values.get(&period.start)?.0
    }

    /// The release that was asked for.
    pub(crate) fn vintage(&self) -> Option<&str> {
        Some(&self.asked.as_ref()?.vintage)
    }

    /// What readers must know of them.
    pub(crate) fn notes(&self) -> Vec<Note> {
        let lacking = self
            .asked
            .as_ref()
            .filter(|_| self.lacking > 0)
            .map(|release| Note::NotKept(self.lacking, release.vintage.clone()));
        let stored = self.vintage().map(|vintage| Note::Stored(vintage.into()));
        let revised = self.revision.clone().map(Note::Revised);
        stored.into_iter().chain(lacking).chain(revised).collect()
    }

    fn compare(&mut self, subject: &Subject<'_>, run: &Run) {
        let told = run.told();
        if let Some(release) = &self.asked {
            let lacks =
                |(period, _): &&(Period, Measured)| !release.values.contains_key(&period.start);
            self.lacking = told.iter().filter(lacks).count();
        }
        let Some(compared) = &self.compared else {
            return;
        };
        let round = |value| rounded(subject.definition, value);
        let pairs = told.iter().filter_map(|(period, live)| {
            let after = round(self.told(*period, live).0)?;
            let before = round(self.compared(*period))?;
            Some((*period, before, after))
        });
        let pairs: Vec<_> = pairs.collect();
        let newest = told
            .iter()
            .filter_map(|(_, live)| vintage(&subject.known.coverage, &live.files))
            .max();
        self.revision = Some(Revision {
            vintage: self
                .vintage()
                .map(str::to_owned)
                .or(newest)
                .unwrap_or_default(),
            compared: compared.vintage.clone(),
            both: pairs.len(),
            changed: pairs
                .iter()
                .filter(|(_, before, after)| before != after)
                .count(),
            largest: largest(&pairs),
        });
    }
}

fn largest(pairs: &[(Period, Number, Number)]) -> Option<(Period, Number, Number)> {
    let difference =
        |(_, before, after): &(Period, Number, Number)| (after.decimal() - before.decimal()).abs();
    let changed = pairs.iter().filter(|(_, before, after)| before != after);
    changed.max_by_key(|pair| difference(pair)).copied()
}

impl Release {
    /// The live value where it is of this release, else the one that was kept.
    fn of(
        subject: &Subject<'_>,
        run: &Run,
        kept: &[(Date, Stored)],
        wanted: &str,
    ) -> Result<Self, ToolError> {
        let coverage = &subject.known.coverage;
        let stored = kept
            .iter()
            .filter(|(_, stored)| stored.vintage == wanted)
            .map(|(start, stored)| (*start, (stored.value, stored.status)));
        let mut values: BTreeMap<Date, Value> = stored.collect();
        let mut known: BTreeSet<String> = kept
            .iter()
            .map(|(_, stored)| stored.vintage.clone())
            .collect();
        for (period, live) in &run.all {
            let Some(vintage) = vintage(coverage, &live.files) else {
                continue;
            };
            if vintage == wanted && live.status != Status::Missing {
                values.insert(period.start, (live.value, live.status));
            }
            known.insert(vintage);
        }
        let told = run.told().iter();
        if told
            .clone()
            .any(|(period, _)| values.contains_key(&period.start))
        {
            return Ok(Self {
                vintage: wanted.to_owned(),
                values,
            });
        }
        let known = known.iter().map(String::as_str);
        Err(ToolError::unknown("vintage of this series", wanted, known))
    }
}
