//! Who forecasts: the ensemble, unless a yardstick did clearly better at earlier origins; a guest joins whom it clearly beats.

use crate::{
    answer::{Backtest, Score, Why},
    backtest::{self, ENOUGH_ORIGINS},
    calibration::Calibration,
    history::History,
    member::{Fitted, Model, Visit},
    refusal::Refusal,
    request::Choice,
    track::Track,
};

/// The share of origins that are most.
const MOST: f64 = 0.75;

/// The guest joins whoever won where its error is below this share of the winner's.
const GUEST_MARGIN: f64 = 0.9;

/// What the choice is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choosing<'a> {
    pub(crate) history: History<'a>,
    pub(crate) guest: Option<&'a Visit>,
    pub(crate) calibration: Calibration,
    pub(crate) horizon: usize,
    pub(crate) levels: &'a [f64],
}

/// Who was chosen, and what it said at earlier origins.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) model: Model,
    pub(crate) fitted: Fitted,
    pub(crate) track: Track,
    pub(crate) why: Why,
    pub(crate) backtest: Backtest,
}

/// A model with what it said.
#[derive(Debug)]
struct Entrant {
    fitted: Fitted,
    track: Track,
    score: Score,
}

pub(crate) fn choose(choice: Choice, choosing: &Choosing<'_>) -> Result<Chosen, Refusal> {
    let model = match choice {
        Choice::Auto => Model::Ensemble,
        Choice::Only(model) => model,
    };
    let asked = choosing.enter(model)?;
    let yardsticks = backtest::yardsticks(choosing.history.period)
        .iter()
        .map(|model| choosing.enter(*model))
        .collect::<Result<Vec<Entrant>, Refusal>>()?;
    let baselines: Vec<Score> = yardsticks.iter().map(|entrant| entrant.score).collect();
    if choice != Choice::Auto {
        return Ok(choosing.chosen(asked, Why::Asked, baselines));
    }
    let members = match &asked.fitted {
        Fitted::Ensemble(ensemble) => ensemble.models(),
        _ => Vec::new(),
    };
    if asked.track.origins.len() < ENOUGH_ORIGINS {
        return Ok(choosing.chosen(asked, Why::Untested { members }, baselines));
    }
    let error = |entrant: &Entrant| entrant.score.mase.unwrap_or(f64::INFINITY);
    let best = yardsticks
        .into_iter()
        .min_by(|left, right| error(left).total_cmp(&error(right)));
    let margin = choosing.calibration.margin;
    let (winner, why) = match best {
        Some(best) if choosing.clearly_better(&best, &asked, margin) => {
            let ensemble = error(&asked);
            (best, Why::YardstickWins { ensemble })
        }
        _ => (asked, Why::Ensemble { members }),
    };
    Ok(choosing.with_guest(winner, why, baselines))
}

impl Choosing<'_> {
    fn enter(&self, model: Model) -> Result<Entrant, Refusal> {
        let fitted = match model {
            Model::Tft => self.visit()?,
            _ => model.fit(self.history)?,
        };
        Ok(self.entrant(model, fitted))
    }

    /// The guest, where it can say enough.
    fn visit(&self) -> Result<Fitted, Refusal> {
        let visit = self.guest.cloned().ok_or(Refusal::NoGuest)?;
        let fitted = Fitted::Guest(visit);
        if fitted.forecast(self.horizon).is_empty() {
            return Err(Refusal::GuestSaysLess {
                horizon: self.horizon,
            });
        }
        Ok(fitted)
    }

    /// Who won, joined by the guest where that did clearly better at earlier origins.
    fn with_guest(&self, winner: Entrant, why: Why, baselines: Vec<Score>) -> Chosen {
        let better = self.enter(Model::Tft).ok().filter(|guest| {
            guest.track.origins.len() >= ENOUGH_ORIGINS
                && self.clearly_better(guest, &winner, GUEST_MARGIN)
        });
        let Some(guest) = better else {
            return self.chosen(winner, why, baselines);
        };
        let why = Why::Joined {
            members: match why {
                Why::Ensemble { members } => members,
                _ => vec![winner.score.model],
            },
            without: winner.score.mase,
            network: guest.score.mase,
        };
        let both = Fitted::Joined(Box::new([winner.fitted, guest.fitted]));
        self.chosen(self.entrant(Model::Ensemble, both), why, baselines)
    }

    fn entrant(&self, model: Model, fitted: Fitted) -> Entrant {
        let track = Track::of(&fitted, self.history, self.calibration, self.horizon);
        let score = backtest::score(model, &track, self.history);
        Entrant {
            fitted,
            track,
            score,
        }
    }

    /// Smaller errors on the whole by the margin, and at most of the origins both have: not one lucky guess.
    fn clearly_better(&self, one: &Entrant, other: &Entrant, margin: f64) -> bool {
        let (ones, others) = backtest::shared_errors(&one.track, &other.track, self.history);
        let wins = ones
            .iter()
            .zip(&others)
            .filter(|(one, other)| one < other)
            .count();
        let sum = |errors: &[f64]| errors.iter().sum::<f64>();
        sum(&ones) < margin * sum(&others) && wins as f64 >= MOST * ones.len() as f64
    }

    fn chosen(&self, entrant: Entrant, why: Why, baselines: Vec<Score>) -> Chosen {
        let Entrant {
            fitted,
            track,
            score,
        } = entrant;
        let coverage = backtest::coverage(&track, self.history, self.calibration, self.levels);
        Chosen {
            model: score.model,
            fitted,
            why,
            backtest: Backtest {
                origins: track.origins.len(),
                mase: score.mase,
                smape: score.smape,
                baselines,
                coverage,
            },
            track,
        }
    }
}
