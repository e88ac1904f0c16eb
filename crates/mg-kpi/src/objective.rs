//! Targets: what the authority set out to reach, prorated in time.

use mg_core::kpi::{Aggregation, Definition, Period};
use rust_decimal::Decimal;

/// A row of `kpi_cible`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Objective {
    /// The months it was set for.
    pub(crate) period: Period,
    /// What is to be reached in them.
    pub(crate) value: Decimal,
    /// Who set it.
    pub(crate) origin: String,
}

/// What is to be reached in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Goal {
    /// The value, not rounded.
    pub(crate) value: Decimal,
    /// The origins, each once.
    pub(crate) origin: String,
    /// The months of the objectives it comes from.
    pub(crate) period: Period,
}

impl Objective {
    /// The months of a window that it was set for.
    fn months_in(&self, window: Period) -> u32 {
        let (start, end) = (
            self.period.start.max(window.start),
            self.period.end.min(window.end),
        );
        if start <= end {
            Period::spanning(start, end).month_count()
        } else {
            0
        }
    }

    /// Its part for the months of a window, prorated by months.
    pub(crate) fn part_for(&self, window: Period) -> Decimal {
        self.value * Decimal::from(self.months_in(window))
            / Decimal::from(self.period.month_count())
    }
}

/// The objective that a plan's progress at the end of a period is measured against.
pub(crate) fn of_plan(objectives: &[Objective], period: Period) -> Option<&Objective> {
    objectives
        .iter()
        .find(|objective| objective.period.contains(period))
}

/// The goal for a window: sums are prorated by months and added up, other values are averaged over the months.
/// `None` unless objectives hold every month of the window exactly once.
pub(crate) fn goal(
    definition: &Definition,
    objectives: &[Objective],
    window: Period,
) -> Option<Goal> {
    let mut held: Vec<_> = objectives
        .iter()
        .filter(|objective| objective.months_in(window) > 0)
        .collect();
    held.sort_by_key(|objective| objective.period.start);
    let (first, last) = (held.first()?, held.last()?);
    let held_by = |month| held.iter().filter(move |held| held.period.contains(month));
    if window.months().any(|month| held_by(month).count() != 1) {
        return None;
    }
    let value = value(definition, &held, window);
    let mut origins = Vec::new();
    for objective in &held {
        if !origins.contains(&objective.origin.as_str()) {
            origins.push(&objective.origin);
        }
    }
    let period = Period::spanning(first.period.start, last.period.end);
    Some(Goal {
        value,
        origin: origins.join(" ; "),
        period,
    })
}

/// What the objectives that hold a window come to in it.
fn value(definition: &Definition, held: &[&Objective], window: Period) -> Decimal {
    match definition.aggregation {
        Aggregation::Sum | Aggregation::Rolling => held
            .iter()
            .map(|objective| objective.part_for(window))
            .sum(),
        Aggregation::Progress => definition.scale.decimal(),
        Aggregation::Average
        | Aggregation::Last
        | Aggregation::Ratio
        | Aggregation::Cumulative
        | Aggregation::Median
        | Aggregation::Growth => {
            let months = |objective: &Objective| Decimal::from(objective.months_in(window));
            let weighted = held
                .iter()
                .map(|objective| objective.value * months(objective));
            weighted.sum::<Decimal>() / Decimal::from(window.month_count())
        }
    }
}

/// What share of a target was reached, in percent; `None` for a target of zero.
pub(crate) fn reached(value: Decimal, target: Decimal) -> Option<Decimal> {
    (value * Decimal::ONE_HUNDRED).checked_div(target)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::catalogue::Catalogue;

    fn year(year: i16, value: i64) -> Objective {
        objective(Period::year_of(date(year, 1, 1)), value)
    }

    fn objective(period: Period, value: i64) -> Objective {
        Objective {
            period,
            value: value.into(),
            origin: "Objectif fictif".into(),
        }
    }

    fn goal_of(name: &str, objectives: &[Objective], window: Period) -> Option<Decimal> {
        let definition = Catalogue::load(None).unwrap().find(name).unwrap().clone();
        goal(&definition, objectives, window).map(|goal| goal.value)
    }

    #[test]
    fn a_year_has_its_own_target_and_a_month_a_twelfth() {
        let targets = [year(2022, 1200), year(2023, 600)];
        let of = |window| goal_of("logements_autorises", &targets, window);
        assert_eq!(of(Period::year_of(date(2022, 1, 1))), Some(1200.into()));
        assert_eq!(of(Period::month_of(date(2022, 3, 1))), Some(100.into()));
        assert_eq!(of(Period::quarter_of(date(2023, 3, 1))), Some(150.into()));
    }

    #[test]
    fn several_rows_add_up() {
        let targets = [year(2023, 600), year(2022, 1200)];
        let across = Period::spanning(date(2022, 11, 1), date(2023, 2, 1));
        assert_eq!(
            goal_of("logements_autorises", &targets, across),
            Some(300.into())
        );
        let definition = Catalogue::load(None)
            .unwrap()
            .find("logements_autorises")
            .unwrap()
            .clone();
        let goal = goal(&definition, &targets, across).unwrap();
        assert_eq!(
            (goal.period.query().as_str(), goal.origin.as_str()),
            ("2022-01/2023-12", "Objectif fictif")
        );
    }

    #[test]
    fn a_window_that_no_row_holds_whole_has_no_target() {
        let across = Period::spanning(date(2022, 11, 1), date(2023, 2, 1));
        assert_eq!(
            goal_of("logements_autorises", &[year(2022, 1200)], across),
            None
        );
        assert_eq!(goal_of("logements_autorises", &[], across), None);
        let twice = [
            year(2022, 1200),
            objective(Period::month_of(date(2022, 1, 1)), 5),
        ];
        assert_eq!(
            goal_of(
                "logements_autorises",
                &twice,
                Period::year_of(date(2022, 1, 1))
            ),
            None
        );
    }

    #[test]
    fn months_held_twice_do_not_stand_in_for_months_held_by_none() {
        let half = |first, last| {
            let period = Period::spanning(date(2022, first, 1), date(2022, last, 1));
            objective(period, 600)
        };
        let window = Period::year_of(date(2022, 1, 1));
        let of = |targets: &[Objective]| goal_of("logements_autorises", targets, window);
        assert_eq!(
            of(&[half(1, 6), half(2, 7)]),
            None,
            "12 months, August to December by none"
        );
        assert_eq!(of(&[half(1, 6), half(7, 12)]), Some(1200.into()));
    }

    #[test]
    fn each_origin_is_told_once() {
        let from = |month, origin: &str| Objective {
            origin: origin.into(),
            ..objective(Period::month_of(date(2022, month, 1)), 10)
        };
        let targets = [from(1, "PLH"), from(2, "vote"), from(3, "PLH")];
        let definition = Catalogue::load(None)
            .unwrap()
            .find("logements_autorises")
            .unwrap()
            .clone();
        let goal = goal(&definition, &targets, Period::quarter_of(date(2022, 1, 1)));
        assert_eq!(goal.unwrap().origin, "PLH ; vote");
    }

    #[test]
    fn ratios_are_averaged_over_the_months_and_progress_is_to_reach_its_scale() {
        let across = Period::spanning(date(2022, 10, 1), date(2023, 3, 1));
        assert_eq!(
            goal_of("part_collectif", &[year(2022, 60), year(2023, 80)], across),
            Some(70.into())
        );
        assert_eq!(
            goal_of("avancement_plh", &[year(2022, 7500), year(2023, 1)], across),
            Some(100.into())
        );
    }

    #[test]
    fn an_objective_of_six_years_is_prorated_by_months() {
        let plan = objective(Period::spanning(date(2020, 1, 1), date(2025, 12, 1)), 7500);
        let until = |y, m| plan.part_for(Period::spanning(date(2020, 1, 1), date(y, m, 1)));
        assert_eq!(until(2022, 12), 3750.into());
        assert_eq!(until(2025, 12), 7500.into());
        assert!(
            of_plan(
                std::slice::from_ref(&plan),
                Period::year_of(date(2026, 1, 1))
            )
            .is_none()
        );
    }

    #[test]
    fn reached_is_in_percent_and_undefined_for_a_target_of_zero() {
        assert_eq!(
            reached(1564.into(), 1250.into()),
            Some(Decimal::new(12512, 2))
        );
        assert_eq!(reached(1.into(), 0.into()), None);
    }
}
