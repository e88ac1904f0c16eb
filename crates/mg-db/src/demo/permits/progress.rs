//! The life of a permit: deposit, authorisation, opening of the site, completion, and when SITADEL learned of each.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::draws::{Draws, whole};
use super::kind::Pace;
use super::permit::Cell;
use super::{EXTRACTED, SITES_REPORTED_UNTIL};
use crate::demo::calendar::month_of;

/// Weights of the months, as in 1,730 genuine permits.
const MONTHS: [f64; 12] = [
    123.0, 130.0, 165.0, 142.0, 153.0, 148.0, 150.0, 112.0, 163.0, 155.0, 128.0, 161.0,
];
/// What the epidemic made of the months of 2020, from the national twelve-month sums.
const MONTHS_OF_2020: [f64; 12] = [
    1.11, 1.17, 0.98, 0.42, 0.64, 0.88, 0.74, 0.92, 1.01, 0.83, 1.05, 0.90,
];
/// Share of the completions that are declared.
const COMPLETIONS_DECLARED: f64 = 0.75;
/// A site opens within three years, else the permit lapses.
const LONGEST_WAIT_DAYS: f64 = 1080.0;

/// The dates of a permit.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    cancelled: bool,
    pub(super) deposited: Date,
    authorised: Date,
    started: Option<Date>,
    completed: Option<Date>,
    /// Months between an event and its registration; the authorisation may be registered early.
    authorisation_lag: i32,
    site_lag: i32,
}

impl Progress {
    /// A permit authorised in `year`.
    pub(super) fn draw(pace: &Pace, year: i16, cancelled: bool, draws: &mut Draws) -> Self {
        let authorised = day_in(year, draws);
        let review = pace.review_months + draws.one_of(&[(0, 3.0), (1, 2.0), (2, 1.0), (3, 1.0)]);
        let goes_ahead = !cancelled && draws.chance(pace.started);
        let wait = draws
            .log_normal(pace.start_days, 0.6)
            .min(LONGEST_WAIT_DAYS);
        let started = reported(goes_ahead.then_some(authorised), wait);
        let declared = started.filter(|_| draws.chance(COMPLETIONS_DECLARED));
        let completed = reported(declared, draws.log_normal(pace.works_days, 0.3));
        Self {
            cancelled,
            deposited: authorised.saturating_sub(review.months()),
            authorised,
            started,
            completed,
            authorisation_lag: authorisation_lag(draws),
            site_lag: draws.between(0..=3),
        }
    }

    /// Authorised (2), cancelled (4), started (5) or completed (6).
    pub(super) fn state(&self) -> i16 {
        match (self.cancelled, self.started, self.completed) {
            (true, _, _) => 4,
            (_, _, Some(_)) => 6,
            (_, Some(_), _) => 5,
            _ => 2,
        }
    }

    pub(super) fn cells(&self) -> [Cell; 9] {
        let authorisation_known = registered(self.authorised, self.authorisation_lag);
        let start_known = self.started.map(|day| registered(day, self.site_lag));
        let completion_known = self.completed.map(|day| registered(day, self.site_lag));
        let last_known = completion_known
            .or(start_known)
            .map_or(authorisation_known, |day| day.max(authorisation_known));
        [
            ("etat_dau", self.state().into()),
            (
                "date_reelle_autorisation",
                self.authorised.to_string().into(),
            ),
            (
                "date_reelle_doc",
                self.started.map(|day| day.to_string()).into(),
            ),
            (
                "date_reelle_daact",
                self.completed.map(|day| day.to_string()).into(),
            ),
            ("an_depot", self.deposited.year().into()),
            ("dpc_prem", month_of(self.deposited).into()),
            ("dpc_aut", month_of(authorisation_known).into()),
            ("dpc_doc", start_known.map(month_of).into()),
            ("dpc_dern", month_of(last_known).into()),
        ]
    }
}

/// A day of the year: months weighted as in genuine permits, the last year ends with the extract.
fn day_in(year: i16, draws: &mut Draws) -> Date {
    let last_month = if year == EXTRACTED.year() {
        EXTRACTED.month()
    } else {
        12
    };
    let months: Vec<(i8, f64)> = (1..=last_month)
        .zip(MONTHS.iter().zip(MONTHS_OF_2020))
        .map(|(month, (weight, in_2020))| {
            (
                month,
                if year == 2020 {
                    weight * in_2020
                } else {
                    *weight
                },
            )
        })
        .collect();
    let first = date(year, draws.one_of(&months), 1);
    first.saturating_add((draws.between(1..=i32::from(first.days_in_month())) - 1).days())
}

/// The day so many days later, unless it is not reported yet.
fn reported(after: Option<Date>, days: f64) -> Option<Date> {
    after
        .map(|day| day.saturating_add(whole(days).days()))
        .filter(|day| *day <= SITES_REPORTED_UNTIL)
}

/// The month in which an event is registered, the extract's at the latest.
fn registered(event: Date, lag_months: i32) -> Date {
    event.saturating_add(lag_months.months()).min(EXTRACTED)
}

/// Months between an authorisation and its registration, shaped as in genuine permits.
fn authorisation_lag(draws: &mut Draws) -> i32 {
    match draws.one_of(&[(0, 90.5), (-1, 2.0), (1, 3.3), (2, 3.5), (7, 0.7)]) {
        2 => draws.between(2..=6),
        7 => draws.between(7..=18),
        months => months,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::demo::permits::kind::KINDS;

    proptest! {
        #[test]
        fn dates_follow_each_other_and_none_is_reported_too_late(seed: u64, kind in 0_usize..4, year in 2013_i16..=2026) {
            let life = Progress::draw(&KINDS[kind].pace, year, false, &mut Draws::seeded(seed));
            prop_assert_eq!(life.authorised.year(), year);
            prop_assert!(life.deposited < life.authorised && life.authorised <= EXTRACTED);
            prop_assert!(life.started.is_none_or(|day| life.authorised <= day && day <= SITES_REPORTED_UNTIL));
            prop_assert!(life.completed.is_none_or(|day| life.started.is_some_and(|start| start < day) && day <= SITES_REPORTED_UNTIL));
            prop_assert_eq!(life.state(), match (life.started, life.completed) { (None, _) => 2, (_, None) => 5, _ => 6 });
        }

        #[test]
        fn a_cancelled_permit_is_never_started(seed: u64, year in 2013_i16..=2026) {
            let life = Progress::draw(&KINDS[2].pace, year, true, &mut Draws::seeded(seed));
            prop_assert_eq!((life.state(), life.started, life.completed), (4, None, None));
        }
    }

    #[test]
    fn april_2020_is_the_thinnest_month_of_its_year() {
        let mut draws = Draws::seeded(3);
        let mut months = [0; 13];
        for _ in 0..6000 {
            months[usize::try_from(day_in(2020, &mut draws).month()).unwrap()] += 1;
        }
        assert_eq!((1..=12).min_by_key(|month| months[*month]), Some(4));
    }

    #[test]
    fn nine_authorisations_of_ten_are_registered_in_their_month() {
        let mut draws = Draws::seeded(3);
        let at_once = (0..4000)
            .filter(|_| authorisation_lag(&mut draws) == 0)
            .count();
        assert!((3500..3740).contains(&at_once), "{at_once}");
    }
}
