//! What is wished for, checked: horizon, model, levels.

use mg_core::{
    ToolError,
    kpi::{Definition, Grain, Number},
};
use mg_forecast::{Choice, Model};
use rust_decimal::{Decimal, prelude::ToPrimitive};

/// How many levels an answer may have.
const MOST_LEVELS: usize = 5;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question {
    /// The indicator: name, title or synonym.
    pub(crate) name: String,
    /// The territory; the authority where none is named.
    pub(crate) territory: Option<String>,
    /// Steps after the last covered period.
    pub(crate) horizon: Option<i64>,
    /// `auto` or the name of a model.
    pub(crate) model: Option<String>,
    /// Levels of the intervals in percent.
    pub(crate) levels: Option<Vec<Number>>,
}

/// A question that can be answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    /// Steps after the last covered period.
    pub(super) horizon: usize,
    /// Which model.
    pub(super) choice: Choice,
    /// Levels in percent, the narrowest first.
    pub(super) levels: Vec<Number>,
}

impl Wish {
    /// With the defaults of the grain.
    ///
    /// # Errors
    ///
    /// [`ToolError::Invalid`] or [`ToolError::Unknown`], each with what would work.
    pub(super) fn of(
        question: &Question,
        grain: Grain,
        definition: &Definition,
    ) -> Result<Self, ToolError> {
        Ok(Self {
            horizon: horizon(question.horizon, grain, definition)?,
            choice: choice(question.model.as_deref().unwrap_or("auto"))?,
            levels: levels(question.levels.as_deref())?,
        })
    }

    /// The levels as shares of one.
    pub(super) fn shares(&self) -> Vec<f64> {
        let share = |level: &Number| level.decimal() / Decimal::ONE_HUNDRED;
        self.levels
            .iter()
            .filter_map(|level| share(level).to_f64())
            .collect()
    }
}

fn horizon(asked: Option<i64>, grain: Grain, definition: &Definition) -> Result<usize, ToolError> {
    let (default, longest) = match grain {
        Grain::Month | Grain::Interval => (12, 60),
        Grain::Quarter => (4, 20),
        Grain::Year => (3, 10),
    };
    // The indicator's own bound counts steps of its own grain.
    let own = definition
        .forecast
        .horizon_max
        .filter(|_| grain == definition.grain);
    let most = own.map_or(longest, i64::from);
    match asked.unwrap_or(default.min(most)) {
        steps if (1..=most).contains(&steps) => Ok(usize::try_from(steps).unwrap_or(1)),
        steps => Err(ToolError::Invalid(format!(
            "horizon {steps} cannot be: `{}` is forecast 1 to {most} steps ahead, each a {}; the default is {}",
            definition.name,
            grain.name(),
            default.min(most),
        ))),
    }
}

fn choice(name: &str) -> Result<Choice, ToolError> {
    let name = name.trim().to_lowercase();
    Choice::parse(&name).ok_or_else(|| {
        let known = Model::ALL.iter().map(|model| model.name());
        ToolError::unknown("model", &name, known.chain(["auto"]))
    })
}

fn levels(asked: Option<&[Number]>) -> Result<Vec<Number>, ToolError> {
    let default = [80, 95].map(Number::from);
    let mut levels = asked
        .filter(|levels| !levels.is_empty())
        .unwrap_or(&default)
        .to_vec();
    levels.sort();
    levels.dedup();
    let (least, most) = (Decimal::from(50), Decimal::new(999, 1));
    let wrong = levels
        .iter()
        .find(|level| !(least..=most).contains(&level.decimal()));
    if let Some(level) = wrong {
        let percent = (level.decimal() * Decimal::ONE_HUNDRED).normalize();
        let hint = if (least..=most).contains(&percent) {
            format!("; write {percent}")
        } else {
            String::new()
        };
        return Err(ToolError::Invalid(format!(
            "level {} cannot be: levels are percentages from 50 to 99.9, e.g. [80, 95]{hint}",
            level.decimal()
        )));
    }
    if levels.len() > MOST_LEVELS {
        return Err(ToolError::Invalid(format!(
            "{} levels are too many; ask for at most {MOST_LEVELS}, e.g. [80, 95]",
            levels.len()
        )));
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    fn wish(question: &Question, grain: Grain) -> Result<Wish, String> {
        let catalogue = Catalogue::load(None).unwrap();
        let mut definition = catalogue.find("logements_autorises").unwrap().clone();
        definition.forecast.horizon_max = None;
        Wish::of(question, grain, &definition).map_err(|error| error.to_string())
    }

    fn horizon(steps: i64, grain: Grain) -> Result<usize, String> {
        let question = Question {
            horizon: Some(steps),
            ..Question::default()
        };
        wish(&question, grain).map(|wish| wish.horizon)
    }

    #[test]
    fn a_year_of_months_or_quarters_or_three_years_are_the_default() {
        let of = |grain| wish(&Question::default(), grain).unwrap();
        assert_eq!(
            [Grain::Month, Grain::Quarter, Grain::Year].map(|grain| of(grain).horizon),
            [12, 4, 3]
        );
        let month = of(Grain::Month);
        assert_eq!(
            (month.choice, month.shares()),
            (Choice::Auto, vec![0.8, 0.95])
        );
    }

    #[test]
    fn a_horizon_that_cannot_be_is_answered_with_those_that_can() {
        for steps in [0, -3, 61, 10_000] {
            let refusal = horizon(steps, Grain::Month).unwrap_err();
            assert!(
                refusal.contains("1 to 60 steps ahead, each a month"),
                "{refusal}"
            );
        }
        assert_eq!(horizon(60, Grain::Month), Ok(60));
        assert!(horizon(11, Grain::Year).unwrap_err().contains("1 to 10"));
    }

    #[test]
    fn a_model_that_is_not_there_is_answered_with_those_that_are() {
        let model = |name: &str| {
            let question = Question {
                model: Some(name.into()),
                ..Question::default()
            };
            wish(&question, Grain::Month).map(|wish| wish.choice)
        };
        assert_eq!(model(" ETS"), Ok(Choice::Only(Model::Ets)));
        assert_eq!(model("tft"), Ok(Choice::Only(Model::Tft)));
        assert!(model("prophete").unwrap_err().contains("nearest: prophet"));
    }

    #[test]
    fn levels_are_ordered_percentages() {
        let levels = |asked: &[&str]| {
            let asked = asked
                .iter()
                .map(|level| Number::from(level.parse::<Decimal>().unwrap()));
            let question = Question {
                levels: Some(asked.collect()),
                ..Question::default()
            };
            wish(&question, Grain::Month).map(|wish| wish.shares())
        };
        assert_eq!(levels(&["95", "80", "95"]), Ok(vec![0.8, 0.95]));
        assert_eq!(levels(&[]), Ok(vec![0.8, 0.95]));
        assert!(
            levels(&["0.95"])
                .unwrap_err()
                .ends_with("e.g. [80, 95]; write 95")
        );
        for none in ["0", "1", "-5", "0.2", "-0.95"] {
            let refusal = levels(&[none]).unwrap_err();
            assert!(refusal.ends_with("e.g. [80, 95]"), "{refusal}");
        }
        assert!(levels(&["100"]).unwrap_err().contains("50 to 99.9"));
        assert!(
            levels(&["50", "60", "70", "80", "90", "95"])
                .unwrap_err()
                .contains("at most 5")
        );
    }
}
