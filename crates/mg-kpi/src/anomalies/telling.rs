//! From what was found to the answer: outliers, level shifts, missing and provisional periods, in order of time.

use mg_core::kpi::{Anomalies, Anomaly, AnomalyKind, Number, Period, Status};
use mg_forecast::{Refusal, anomaly};
use rust_decimal::{Decimal, prelude::FromPrimitive};

use super::Found;
use crate::{
    evaluate::Measured,
    note::{Note, over_periods},
    observed::Observed,
    provenance::Provenance,
    subject::Subject,
    telling::rounded,
};

/// How many are told at most, the newest.
const MOST: usize = 150;

/// The answer.
pub(super) fn tell(subject: &Subject<'_>, found: &Found) -> Anomalies {
    let (definition, language) = (subject.definition, subject.language());
    let asked = &found.asked;
    let last = found.overdue.last().unwrap_or(&asked.last);
    let values = || found.observed.all().iter().map(|(_, measured)| measured);
    let provenance = Provenance::of(definition, &subject.known.coverage, values());
    let mut anomalies = all(subject, found);
    let total = anomalies.len();
    let left_out = anomalies.drain(..total.saturating_sub(MOST)).next_back();
    let mut notes = asked.notes.clone();
    notes.extend(caveats(found, &anomalies));
    notes.extend(over_periods(found.observed.all()));
    if let Some(last) = left_out {
        let last = Period::holding(last.period.start, asked.first.grain);
        notes.push(Note::Newest(anomalies.len(), total, last));
    }
    Anomalies {
        name: definition.name.clone(),
        title: definition.title.told(language).to_owned(),
        unit: definition.unit.told(language).to_owned(),
        grain: asked.first.grain,
        territory: subject.place.territory.clone(),
        examined: Period::spanning(asked.first.start, last.end).labelled(language),
        truncated: anomalies.len() < total,
        anomalies,
        total,
        notes: provenance.notes(&notes, language),
        vintage: provenance.vintage,
        inputs: provenance.inputs,
        source: provenance.source,
        licence: provenance.licence,
        synthetic: provenance.synthetic,
    }
}

fn all(subject: &Subject<'_>, found: &Found) -> Vec<Anomaly> {
    let observed = &found.observed;
    let unusual = found.unusual.iter().flatten().filter_map(|anomaly| {
        let (period, measured) = observed.fitted().get(anomaly.index)?;
        Some(unusual(subject, observed, (*period, measured), anomaly))
    });
    let unknown = observed.all().iter().filter_map(|(period, measured)| {
        let kind = match measured.status {
            Status::Provisional => AnomalyKind::Provisional,
            Status::Missing | Status::Partial => AnomalyKind::Missing,
            Status::Final | Status::Secret => return None,
        };
        Some(plain(subject, *period, kind, measured.value))
    });
    let overdue = found
        .overdue
        .iter()
        .map(|period| plain(subject, *period, AnomalyKind::Missing, None));
    let mut all: Vec<_> = unusual.chain(unknown).chain(overdue).collect();
    let last = found.overdue.last().unwrap_or(&found.asked.last).end;
    let asked = found.asked.first.start..=last;
    all.retain(|anomaly| asked.contains(&anomaly.period.start));
    all.sort_by_key(|anomaly| anomaly.period.start);
    all
}

fn plain(
    subject: &Subject<'_>,
    period: Period,
    kind: AnomalyKind,
    value: Option<Decimal>,
) -> Anomaly {
    Anomaly {
        period: period.labelled(subject.language()),
        kind,
        value: rounded(subject.definition, value),
        expected: None,
        score: None,
    }
}

fn unusual(
    subject: &Subject<'_>,
    observed: &Observed,
    (period, measured): (Period, &Measured),
    found: &anomaly::Anomaly,
) -> Anomaly {
    let kind = match found.kind {
        anomaly::Kind::Outlier => AnomalyKind::Outlier,
        anomaly::Kind::LevelShift => AnomalyKind::LevelShift,
    };
    let counted = subject.definition.forecast.non_negative && observed.is_non_negative();
    let expected = expected(found.expected, counted);
    let score = Decimal::from_f64(found.score);
    Anomaly {
        expected: rounded(subject.definition, expected),
        score: score.map(|score| Number::rounded(score, 1)),
        ..plain(subject, period, kind, measured.value)
    }
}

/// Nobody expects less than no dwelling, whatever a season takes off a low level.
fn expected(told: f64, counted: bool) -> Option<Decimal> {
    Decimal::from_f64(if counted { told.max(0.0) } else { told })
}

fn caveats(found: &Found, told: &[Anomaly]) -> Vec<Note> {
    let too_short = match &found.unusual {
        Err(Refusal::TooShort { have, need }) => Some(Note::TooShort(*have, *need)),
        Err(_) => Some(Note::NotJudged),
        Ok(_) => None,
    };
    let outlier =
        |anomaly: &Anomaly| matches!(anomaly.kind, AnomalyKind::Outlier | AnomalyKind::LevelShift);
    let real = told.iter().any(outlier).then_some(Note::NotAnError);
    too_short.into_iter().chain(real).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_no_dwelling_are_never_expected() {
        assert_eq!(expected(-257.0, true), Some(Decimal::ZERO));
        assert_eq!(expected(-257.0, false), Some((-257).into()));
        assert_eq!(expected(257.0, true), Some(257.into()));
    }
}
