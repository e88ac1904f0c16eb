//! What a model refused, gathered: a line a reason instead of a line a series.

use std::collections::BTreeMap;

use super::{Outcome, series::Series};

/// How many series each reason met, and one of them.
pub(crate) fn lines(
    group: &str,
    model: &str,
    series: &[Series],
    outcomes: &[Outcome],
) -> Vec<String> {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (series, outcome) in series.iter().zip(outcomes) {
        if let Err(refusal) = &outcome.forecast {
            let met = reasons.entry(refusal.to_string()).or_default();
            met.push(&series.id);
        }
    }
    let line = |(reason, met): (String, Vec<&str>)| {
        let (count, all) = (met.len(), series.len());
        format!("{group} {model}: {count} of {all}, as {}: {reason}", met[0])
    };
    reasons.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use mg_forecast::{Choice, Model};

    use super::*;
    use crate::outcome;

    #[test]
    fn a_reason_that_many_series_meet_is_told_once() {
        let one = |id: &str| Series {
            dataset: "m3".into(),
            id: id.into(),
            period: 1,
            past: (1..9).map(f64::from).collect(),
            future: vec![9.0],
        };
        let series = ["N1", "N2"].map(one);
        let outcomes = (series.each_ref()).map(|one| outcome(one, Choice::Only(Model::Tft)));
        let told = lines("m3 Y", "tft", &series, &outcomes);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("m3 Y tft: 2 of 2, as N1: "), "{told:?}");
    }
}
