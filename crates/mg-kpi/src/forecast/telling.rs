//! From a forecast's pure numbers to the answer: rounded to the indicator's decimals, ordered, within what can be.

use mg_core::{
    Language,
    kpi::{
        Backtest, Baseline, Bound, Definition, Forecast, ForecastStep, Grain, HistoryPoint,
        LabelledPeriod, MeasuredCoverage, Number, Period,
    },
};
use mg_forecast::{Model, Why};
use rust_decimal::{Decimal, RoundingStrategy, prelude::FromPrimitive};

use super::{caution::Cautions, reason, wish::Wish};
use crate::{
    neural::Said, note::over_periods, observed::Observed, provenance::Provenance, subject::Subject,
    telling::rounded,
};

/// The answer.
pub(super) fn tell(
    subject: &Subject<'_>,
    wish: &Wish,
    observed: &Observed,
    cautions: &Cautions<'_>,
) -> Forecast {
    let (definition, language) = (subject.definition, subject.language());
    let (made, heard) = (cautions.made, cautions.heard);
    let values = || observed.all().iter().map(|(_, measured)| measured);
    let provenance = Provenance::of(definition, &subject.known.coverage, values());
    let notes = over_periods(observed.all());
    let steps = steps(definition, wish, observed, made);
    let labelled = |all: &[(Period, _)]| label(subject, all.last().map(|(period, _)| *period));
    let (estimates, forecast) = steps.split_at(observed.tail().len().min(steps.len()));
    let forecast: Vec<ForecastStep> = forecast.iter().map(|step| step.labelled(subject)).collect();
    Forecast {
        name: definition.name.clone(),
        title: definition.title.told(language).to_owned(),
        unit: definition.unit.told(language).to_owned(),
        grain: observed
            .first()
            .map_or(definition.grain, |first| first.grain),
        territory: subject.place.territory.clone(),
        history: history(subject, observed, estimates),
        sum: sum(definition, &forecast),
        forecast,
        model: made.model.name().to_owned(),
        why: why(made, heard.said.as_ref(), language),
        backtest: backtest(&made.backtest),
        last_observed: labelled(observed.all()),
        fitted_until: labelled(observed.fitted()),
        warnings: cautions.told(subject, observed),
        notes: provenance.notes(&notes, language),
        vintage: provenance.vintage,
        inputs: provenance.inputs,
        source: provenance.source,
        licence: provenance.licence,
        synthetic: provenance.synthetic,
    }
}

/// Why this model, and what the network looked at where it is heard.
fn why(made: &mg_forecast::Forecast, said: Option<&Said>, language: Language) -> String {
    let is_heard = made.model == Model::Tft || matches!(made.why, Why::Joined { .. });
    let why = reason::why(made, language);
    match said.filter(|_| is_heard) {
        Some(said) => format!(
            "{why}{}{}",
            language.pick(" ; ", "; "),
            said.rests_on(language)
        ),
        None => why,
    }
}

fn label(subject: &Subject<'_>, period: Option<Period>) -> LabelledPeriod {
    let period = period.unwrap_or(Period::year_of(jiff::civil::Date::MIN));
    period.labelled(subject.language())
}

/// A step in exact numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    period: Period,
    value: Number,
    bounds: Vec<Bound>,
}

impl Step {
    fn labelled(&self, subject: &Subject<'_>) -> ForecastStep {
        ForecastStep {
            period: self.period.labelled(subject.language()),
            value: self.value,
            bounds: self.bounds.clone(),
        }
    }
}

/// Every step after the last fitted period: first those of the provisional tail, then those asked for.
fn steps(
    definition: &Definition,
    wish: &Wish,
    observed: &Observed,
    made: &mg_forecast::Forecast,
) -> Vec<Step> {
    let Some((last, _)) = observed.fitted().last() else {
        return Vec::new();
    };
    let periods = std::iter::successors(Some(last.next()), |period| Some(period.next()));
    made.points
        .iter()
        .zip(periods)
        .enumerate()
        .filter_map(|(index, (point, period))| {
            let value = within(definition, round(*point, definition, MIDPOINT)?);
            let bounds = bounds(definition, wish, made, index, value);
            Some(Step {
                period,
                value,
                bounds,
            })
        })
        .collect()
}

const MIDPOINT: RoundingStrategy = RoundingStrategy::MidpointAwayFromZero;

/// The bounds of a step, rounded outwards so that they still hold what they should; each level holds the point and the
/// narrower ones.
fn bounds(
    definition: &Definition,
    wish: &Wish,
    made: &mg_forecast::Forecast,
    index: usize,
    value: Number,
) -> Vec<Bound> {
    let (mut inner, mut outer) = (value, value);
    let levels = wish.levels.iter().zip(&made.intervals);
    levels
        .filter_map(|(level, interval)| {
            let (lower, upper) = (interval.lower.get(index)?, interval.upper.get(index)?);
            let lower = round(*lower, definition, RoundingStrategy::ToNegativeInfinity)?;
            let upper = round(*upper, definition, RoundingStrategy::ToPositiveInfinity)?;
            inner = inner.min(within(definition, lower));
            outer = outer.max(within(definition, upper));
            Some(Bound {
                level: *level,
                lower: inner,
                upper: outer,
            })
        })
        .collect()
}

/// To the decimals of the indicator; `None` for what is no finite number.
fn round(value: f64, definition: &Definition, strategy: RoundingStrategy) -> Option<Number> {
    let exact = Decimal::from_f64(value)?;
    let rounded = exact.round_dp_with_strategy(definition.decimals, strategy);
    Some(Number::rounded(rounded, definition.decimals))
}

/// No share above 100 % and none below 0: what the indicator says is plausible.
fn within(definition: &Definition, value: Number) -> Number {
    let Some(range) = &definition.valid_range else {
        return value;
    };
    let value = range.min.map_or(value, |least| value.max(least));
    let value = range.max.map_or(value, |most| value.min(most));
    // A bound of the indicator's file may be written with fewer digits.
    Number::rounded(value.decimal(), definition.decimals)
}

/// The observed periods that are told: three years of months, four of quarters, fifteen years, and the whole tail.
fn history(subject: &Subject<'_>, observed: &Observed, estimates: &[Step]) -> Vec<HistoryPoint> {
    let usual = match observed.first().map(|first| first.grain) {
        Some(Grain::Quarter) => 16,
        Some(Grain::Year) => 15,
        _ => 36,
    };
    let all = observed.all();
    let shown = usual.max(observed.tail().len()).min(all.len());
    let last = all.iter().skip(all.len() - shown);
    last.map(|(period, measured)| HistoryPoint {
        period: period.labelled(subject.language()),
        value: rounded(subject.definition, measured.value),
        status: measured.status,
        estimate: estimates
            .iter()
            .find(|step| step.period == *period)
            .map(|step| step.value),
    })
    .collect()
}

/// What the steps add up to, where they are parts of a whole.
fn sum(definition: &Definition, forecast: &[ForecastStep]) -> Option<Number> {
    let sum: Decimal = forecast.iter().map(|step| step.value.decimal()).sum();
    (definition.adds_up_in_time() && forecast.len() > 1).then(|| sum.into())
}

fn backtest(made: &mg_forecast::Backtest) -> Backtest {
    let error =
        |value: Option<f64>, decimals| Some(Number::rounded(Decimal::from_f64(value?)?, decimals));
    let percent = |share: f64| error(Some(share * 100.0), 1);
    Backtest {
        origins: u32::try_from(made.origins).unwrap_or(u32::MAX),
        mase: error(made.mase, 2),
        smape: error(made.smape, 1),
        baselines: made
            .baselines
            .iter()
            .map(|score| Baseline {
                model: score.model.name().to_owned(),
                mase: error(score.mase, 2),
                smape: error(score.smape, 1),
            })
            .collect(),
        coverage: made
            .coverage
            .iter()
            .filter_map(|coverage| {
                Some(MeasuredCoverage {
                    level: percent(coverage.level)?.decimal().normalize().into(),
                    measured: coverage.measured.and_then(percent),
                })
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use mg_forecast::{Choice, Interval, Model, Why};

    use super::*;
    use crate::fixture::definition;

    fn made(intervals: Vec<Interval>) -> mg_forecast::Forecast {
        mg_forecast::Forecast {
            begin: 0,
            points: vec![10.4],
            intervals,
            model: Model::Naive,
            why: Why::Asked,
            backtest: mg_forecast::Backtest {
                origins: 0,
                mase: None,
                smape: None,
                baselines: Vec::new(),
                coverage: Vec::new(),
            },
            warnings: Vec::new(),
        }
    }

    fn told(name: &str, point: f64, intervals: &[(f64, f64)]) -> Vec<[String; 2]> {
        let definition = definition(name);
        let wish = Wish {
            horizon: 1,
            choice: Choice::Auto,
            levels: [80, 95].map(Number::from).to_vec(),
        };
        let interval = |(lower, upper): &(f64, f64)| Interval {
            level: 0.8,
            lower: vec![*lower],
            upper: vec![*upper],
        };
        let made = made(intervals.iter().map(interval).collect());
        let value = within(&definition, round(point, &definition, MIDPOINT).unwrap());
        let bounds = bounds(&definition, &wish, &made, 0, value);
        let text = |number: Number| number.decimal().to_string();
        bounds
            .iter()
            .map(|bound| [text(bound.lower), text(bound.upper)])
            .collect()
    }

    #[test]
    fn bounds_are_rounded_outwards_to_the_decimals_of_the_indicator() {
        assert_eq!(
            told("logements_autorises", 10.4, &[(8.9, 12.1), (5.2, 15.8)]),
            [["8", "13"], ["5", "16"]]
        );
        assert_eq!(
            told("part_collectif", 10.44, &[(8.91, 12.11), (5.26, 15.81)]),
            [["8.9", "12.2"], ["5.2", "15.9"]]
        );
    }

    #[test]
    fn a_wider_level_holds_the_narrower_one_and_each_the_point() {
        assert_eq!(
            told("logements_autorises", 10.0, &[(8.0, 12.0), (9.0, 11.0)]),
            [["8", "12"], ["8", "12"]]
        );
        assert_eq!(
            told("logements_autorises", 10.4, &[(11.2, 12.0)]),
            [["10", "12"]]
        );
    }

    #[test]
    fn nothing_goes_beyond_what_can_be() {
        assert_eq!(
            told("part_collectif", 98.0, &[(90.0, 104.0)]),
            [["90.0", "100.0"]]
        );
        assert_eq!(
            told("logements_autorises", 2.0, &[(-3.0, 7.0)]),
            [["0", "7"]]
        );
    }

    #[test]
    fn what_is_no_number_has_no_step() {
        assert_eq!(round(f64::NAN, &definition("population"), MIDPOINT), None);
    }
}
