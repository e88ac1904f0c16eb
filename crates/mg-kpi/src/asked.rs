//! Turns a date argument into the period that an indicator can answer.

use mg_core::{
    ToolError,
    kpi::{Aggregation, DateQuery, Definition, Grain, Period},
};

use crate::{
    coverage::{Coverage, last_whole},
    note::few,
    objective::Objective,
    reach,
    store::Known,
    territory::Place,
};

/// The period that is meant.
///
/// # Errors
///
/// [`ToolError::Invalid`] when nothing is loaded to count back from, or when the indicator is not told for such periods.
pub(crate) fn period(
    definition: &Definition,
    known: &Known,
    place: &Place,
    query: DateQuery,
) -> Result<Period, ToolError> {
    let period = match query {
        DateQuery::Period(period) => period,
        DateQuery::Latest => latest(definition, known, place)?,
        DateQuery::LastMonths(months) => {
            let last = latest(definition, known, place)?;
            match definition.aggregation {
                // The sum over these months is what the indicator tells of the last of them.
                Aggregation::Rolling if definition.months == Some(months) => {
                    Period::month_of(last.end)
                }
                _ => last.last_months(months),
            }
        }
        DateQuery::Since(first) => {
            let last = latest(definition, known, place)?;
            if first <= last.end {
                Period::spanning(first, last.end)
            } else {
                // Nothing is published then: it is told as missing.
                Period::holding(first, definition.grain)
            }
        }
    };
    told_for(definition, period)
        .then_some(period)
        .ok_or_else(|| refusal(definition))
}

fn latest(definition: &Definition, known: &Known, place: &Place) -> Result<Period, ToolError> {
    let Some(latest) = reach::latest(definition, &known.coverage, place) else {
        return without_data(definition, &known.coverage, place);
    };
    match definition.aggregation {
        Aggregation::Progress => Ok(within_plan(&known.objectives, latest)),
        _ => Ok(latest),
    }
}

/// Where nothing is loaded at all, the period that the newest release of anything could tell of, which is then answered
/// as missing; a territory that others have data beside is told which.
fn without_data(
    definition: &Definition,
    coverage: &Coverage,
    place: &Place,
) -> Result<Period, ToolError> {
    let others = coverage.others(definition);
    let released = coverage.newest_release().filter(|_| others.is_empty());
    if let Some(month) = released {
        return Ok(last_whole(month.last_of_month(), definition.grain));
    }
    let territories = match &others[..] {
        [] => "a territory that has".to_owned(),
        some => few(some),
    };
    Err(ToolError::Invalid(format!(
        "`{}` has no data for {} ({}) to count back from; ask for {territories}",
        definition.name, place.territory.name, place.territory.code
    )))
}

/// Progress is told up to the end of the last plan that has begun.
fn within_plan(objectives: &[Objective], latest: Period) -> Period {
    let begun = objectives
        .iter()
        .rfind(|objective| objective.period.start <= latest.end);
    match begun {
        Some(plan) if plan.period.end < latest.end => Period::month_of(plan.period.end),
        _ => latest,
    }
}

fn told_for(definition: &Definition, period: Period) -> bool {
    match period.grain {
        Grain::Interval => {
            definition.takes_intervals()
                && (definition.grain < Grain::Year || period.is_whole_years())
        }
        grain => grain >= definition.grain,
    }
}

fn refusal(definition: &Definition) -> ToolError {
    let name = &definition.name;
    ToolError::Invalid(match definition.grain {
        Grain::Year => {
            format!("`{name}` is told by year: ask for a year such as 2022, or for latest")
        }
        Grain::Quarter => format!("`{name}` is told by quarter: ask for 2022-T3, 2022, or latest"),
        _ => format!(
            "`{name}` does not add up over an interval: ask for a month such as 2022-03, a quarter, a year, or latest"
        ),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{catalogue::Catalogue, fixture};

    fn known(objectives: Vec<Objective>) -> Known {
        let permits = ["77243", "77307"].map(|code| {
            (
                "permits",
                "date_reelle_autorisation",
                code,
                date(2013, 1, 1),
                date(2026, 10, 31),
            )
        });
        Known {
            coverage: fixture::coverage(permits),
            objectives,
        }
    }

    fn asked(name: &str, text: &str) -> Result<String, String> {
        let plan = Objective {
            period: Period::spanning(date(2020, 1, 1), date(2025, 12, 1)),
            value: 7500.into(),
            origin: "fictif".into(),
        };
        let catalogue = Catalogue::load(None).unwrap();
        let definition = catalogue.find(name).unwrap();
        period(
            definition,
            &known(vec![plan]),
            &fixture::authority(),
            text.parse().unwrap(),
        )
        .map(Period::query)
        .map_err(|error| error.to_string())
    }

    #[test]
    fn latest_is_the_last_covered_period_of_the_own_grain() {
        assert_eq!(
            asked("logements_autorises", "latest").as_deref(),
            Ok("2026-10")
        );
        assert_eq!(
            asked("construction_pour_1000_hab", "latest").as_deref(),
            Ok("2025")
        );
        assert_eq!(asked("avancement_plh", "latest").as_deref(), Ok("2025-12"));
    }

    #[test]
    fn the_last_months_are_counted_back_from_the_last_covered_one() {
        assert_eq!(
            asked("logements_autorises", "12 derniers mois").as_deref(),
            Ok("2025-11/2026-10")
        );
        assert_eq!(
            asked("logements_autorises_cumul12", "12 derniers mois").as_deref(),
            Ok("2026-10")
        );
        assert_eq!(
            asked("part_collectif", "3 derniers mois").as_deref(),
            Ok("2026-08/2026-10")
        );
    }

    #[test]
    fn what_began_is_counted_up_to_the_last_covered_period() {
        let since = |text| asked("logements_autorises", text);
        assert_eq!(
            since("depuis janvier 2024").as_deref(),
            Ok("2024-01/2026-10")
        );
        assert_eq!(since("since 2027-02").as_deref(), Ok("2027-02"));
        assert!(
            asked("avancement_plh", "depuis 2021")
                .unwrap_err()
                .contains("does not add up")
        );
    }

    #[test]
    fn a_period_the_indicator_is_not_told_for_is_refused_with_one_that_works() {
        assert!(
            asked("construction_pour_1000_hab", "2022-03")
                .unwrap_err()
                .contains("a year such as 2022")
        );
        assert!(
            asked("construction_pour_1000_hab", "2022-01/2023-12")
                .unwrap_err()
                .contains("a year such as 2022")
        );
        assert!(
            asked("logements_autorises_cumul12", "2022-01/2022-10")
                .unwrap_err()
                .contains("2022-03")
        );
        assert!(
            asked("avancement_plh", "6 derniers mois")
                .unwrap_err()
                .contains("does not add up")
        );
    }

    #[test]
    fn without_data_there_is_no_latest() {
        let catalogue = Catalogue::load(None).unwrap();
        let definition = catalogue.find("logements_autorises").unwrap();
        let france = fixture::place("FR", "France");
        let refusal =
            period(definition, &known(Vec::new()), &france, DateQuery::Latest).unwrap_err();
        assert!(
            refusal.to_string().contains("no data for France (FR)"),
            "{refusal}"
        );
        let year = DateQuery::Period(Period::year_of(date(2022, 1, 1)));
        assert!(period(definition, &known(Vec::new()), &france, year).is_ok());
    }
}
