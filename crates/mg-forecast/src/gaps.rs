//! A series as it comes, made one that models can be fitted to.

use crate::{
    answer::Warning,
    decompose::{Seasons, seasonal_indices},
    refusal::Refusal,
};

/// Observations without gaps.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    pub(crate) values: Vec<f64>,
    /// Where they begin among the values given.
    pub(crate) begin: usize,
    /// Missing values behind the last observation.
    pub(crate) trailing: usize,
    pub(crate) warnings: Vec<Warning>,
}

/// Takes off what is missing at both ends and what lies before a gap of more than a year, and fills the rest.
///
/// # Errors
/// Where nothing is observed, more is missing than is there, or a value is no finite number.
pub(crate) fn fill(values: &[Option<f64>], period: usize) -> Result<Filled, Refusal> {
    if let Some(index) = values
        .iter()
        .position(|value| value.is_some_and(|value| !value.is_finite()))
    {
        return Err(Refusal::NotFinite { index });
    }
    let end = values
        .iter()
        .rposition(Option::is_some)
        .map_or(0, |last| last + 1);
    let (begin, cut) = begin(&values[..end], period);
    let kept = &values[begin..end];
    let missing = kept.iter().filter(|value| value.is_none()).count();
    let observed = kept.len() - missing;
    if missing > observed {
        return Err(Refusal::TooManyGaps { missing, observed });
    }
    let mut warnings = Vec::new();
    if cut {
        warnings.push(Warning::CutAtGap { index: begin });
    }
    if missing > 0 {
        warnings.push(Warning::Gaps { count: missing });
    }
    Ok(Filled {
        values: interpolated(kept, period),
        begin,
        trailing: values.len() - end,
        warnings,
    })
}

/// The first value to use, and whether observed ones lie before it.
fn begin(values: &[Option<f64>], period: usize) -> (usize, bool) {
    let first = values.iter().position(Option::is_some).unwrap_or_default();
    let mut begin = first;
    let mut gap = 0;
    for (index, value) in values.iter().enumerate().skip(first) {
        gap = if value.is_some() { 0 } else { gap + 1 };
        if gap > period.max(2) {
            begin = index + 1;
        }
    }
    (begin, begin > first)
}

/// Straight lines between neighbours; where there are two years of seasons, between neighbours without theirs.
fn interpolated(values: &[Option<f64>], period: usize) -> Vec<f64> {
    let straight = lines(values, |_| 0.0);
    if values.iter().all(Option::is_some) {
        return straight;
    }
    match seasonal_indices(&straight, period, Seasons::Additive) {
        Some(seasons) => lines(values, |index| seasons[index % period]),
        None => straight,
    }
}

/// Fills each gap on a straight line between the two observations around it, `season` taken off and put back.
fn lines(values: &[Option<f64>], season: impl Fn(usize) -> f64) -> Vec<f64> {
    let known: Vec<(usize, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(index, value)| value.map(|value| (index, value)))
        .collect();
    let between = |index: usize| {
        let after = known.partition_point(|(known, _)| *known < index);
        let (Some(right), Some(left)) = (known.get(after), known.get(after.wrapping_sub(1))) else {
            return 0.0; // both ends are observed
        };
        let share = (index - left.0) as f64 / (right.0 - left.0) as f64;
        let (low, high) = (left.1 - season(left.0), right.1 - season(right.0));
        low + share * (high - low) + season(index)
    };
    values
        .iter()
        .enumerate()
        .map(|(index, value)| value.unwrap_or_else(|| between(index)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_with_their_season() {
        let swing = [10.0, -10.0, 30.0, -30.0];
        let mut values: Vec<Option<f64>> = (0..24)
            .map(|i| Some(100.0 + f64::from(i) + swing[i as usize % 4]))
            .collect();
        values[10] = None;
        values[11] = None;
        let filled = fill(&values, 4).unwrap();
        assert_eq!(filled.warnings, [Warning::Gaps { count: 2 }]);
        assert!(
            (filled.values[10] - 140.0).abs() < 8.0,
            "{}",
            filled.values[10]
        );
        assert!(
            (filled.values[11] - 81.0).abs() < 8.0,
            "{}",
            filled.values[11]
        );
    }

    #[test]
    fn the_ends_are_taken_off() {
        let filled = fill(&[None, Some(1.0), None, Some(3.0), None, None], 1).unwrap();
        assert_eq!(filled.values, [1.0, 2.0, 3.0]);
        assert_eq!((filled.begin, filled.trailing), (1, 2));
    }

    #[test]
    fn what_lies_before_a_wide_gap_is_not_used() {
        let mut values = vec![Some(1.0); 5];
        values.extend([None; 3]);
        values.extend([Some(2.0); 4]);
        let filled = fill(&values, 1).unwrap();
        assert_eq!(filled.values, [2.0; 4]);
        assert_eq!(filled.warnings, [Warning::CutAtGap { index: 8 }]);
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        assert!(fill(&[], 12).unwrap().values.is_empty());
        assert!(fill(&[None; 5], 12).unwrap().values.is_empty());
        assert_eq!(
            fill(&[Some(1.0), None, None, Some(1.0)], 1).map(|filled| filled.values.len()),
            Ok(4)
        );
        assert_eq!(
            fill(
                &[Some(1.0), None, None, Some(1.0), None, None, Some(0.0)],
                1
            )
            .unwrap_err(),
            Refusal::TooManyGaps {
                missing: 4,
                observed: 3
            }
        );
        assert_eq!(
            fill(&[Some(1.0), Some(f64::NAN)], 1).unwrap_err(),
            Refusal::NotFinite { index: 1 }
        );
    }
}
