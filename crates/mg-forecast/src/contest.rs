//! Who forecasts: the ensemble, unless a yardstick did clearly better at earlier origins; a guest joins whom it clearly beats.

use crate::{
    answer::{Backtest, Score, Why},
    backtest,
    calibration::{ENOUGH_ORIGINS, GUEST_MARGIN, MOST_ORIGINS},
    history::History,
    member::{Fitted, Model, Visit},
    refusal::Refusal,
    request::Choice,
    track::{Judging, Track},
};

/// What the choice is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choosing<'a> {
    pub(crate) judging: Judging<'a>,
    pub(crate) guest: Option<&'a Visit>,
    pub(crate) levels: &'a [f64],
    /// Steps a year, also where the history is forecast without seasons.
    pub(crate) year: usize,
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

/// A yardstick and what it said.
type Beside = (Model, Track);

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
    let yardsticks = choosing.yardsticks()?;
    let beside = choosing.told_beside(&yardsticks)?;
    if choice != Choice::Auto {
        return Ok(choosing.chosen(asked, Why::Asked, &beside));
    }
    let members = match &asked.fitted {
        Fitted::Ensemble(ensemble) => ensemble.models(),
        _ => Vec::new(),
    };
    if asked.track.origins.len() < ENOUGH_ORIGINS {
        return Ok(choosing.chosen(asked, Why::Untested { members }, &beside));
    }
    let error = |entrant: &Entrant| entrant.score.mase.unwrap_or(f64::INFINITY);
    let best = yardsticks
        .into_iter()
        .min_by(|left, right| error(left).total_cmp(&error(right)));
    let margin = choosing.judging.calibration.margin;
    let (winner, why) = match best {
        Some(best) if choosing.clearly_better(&best, &asked, margin) => {
            let ensemble = error(&asked);
            (best, Why::YardstickWins { ensemble })
        }
        _ => (asked, Why::Ensemble { members }),
    };
    Ok(choosing.with_guest(winner, why, &beside))
}

impl Choosing<'_> {
    fn enter(&self, model: Model) -> Result<Entrant, Refusal> {
        let fitted = match model {
            Model::Tft => self.visit()?,
            _ => model.fit(self.judging.history)?,
        };
        Ok(self.entrant(model, fitted))
    }

    /// The guest, where it can say enough.
    fn visit(&self) -> Result<Fitted, Refusal> {
        let visit = self.guest.cloned().ok_or(Refusal::NoGuest)?;
        let fitted = Fitted::Guest(visit);
        let horizon = self.judging.horizon;
        if fitted.forecast(horizon).is_empty() {
            return Err(Refusal::GuestSaysLess { horizon });
        }
        Ok(fitted)
    }

    /// Who may win against the ensemble.
    fn yardsticks(&self) -> Result<Vec<Entrant>, Refusal> {
        let models = backtest::yardsticks(self.judging.history.period);
        models.iter().map(|model| self.enter(*model)).collect()
    }

    /// The yardsticks that the answer tells of: those in the contest, and the last year also where no season is forecast, as
    /// of sums over a year, so that every long series has it to be compared with.
    fn told_beside(&self, yardsticks: &[Entrant]) -> Result<Vec<Beside>, Refusal> {
        let history = self.judging.history;
        let told = yardsticks.iter();
        let mut told: Vec<Beside> = told
            .map(|one| (one.score.model, one.track.clone()))
            .collect();
        if history.period < self.year && history.len() >= 2 * self.year {
            let model = Model::SeasonalNaive;
            let fitted = model.fit(History {
                period: self.year,
                ..history
            })?;
            told.insert(0, (model, Track::of(&fitted, &self.judging)));
        }
        Ok(told)
    }

    /// Who won, joined by the guest where that did clearly better at earlier origins.
    fn with_guest(&self, winner: Entrant, why: Why, beside: &[Beside]) -> Chosen {
        let better = self.enter(Model::Tft).ok().filter(|guest| {
            guest.track.origins.len() >= ENOUGH_ORIGINS
                && self.clearly_better(guest, &winner, GUEST_MARGIN)
        });
        let Some(guest) = better else {
            return self.chosen(winner, why, beside);
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
        self.chosen(self.entrant(Model::Ensemble, both), why, beside)
    }

    fn entrant(&self, model: Model, fitted: Fitted) -> Entrant {
        let track = Track::of(&fitted, &self.judging);
        let score = backtest::score(model, &track, self.judging.history);
        Entrant {
            fitted,
            track,
            score,
        }
    }

    /// Smaller errors on the whole by the margin, and at most of the origins both have: not one lucky guess.
    fn clearly_better(&self, one: &Entrant, other: &Entrant, margin: f64) -> bool {
        let (ones, others) =
            backtest::shared_errors(&one.track, &other.track, self.judging.history);
        let wins = ones
            .iter()
            .zip(&others)
            .filter(|(one, other)| one < other)
            .count();
        let sum = |errors: &[f64]| errors.iter().sum::<f64>();
        sum(&ones) < margin * sum(&others) && wins as f64 >= MOST_ORIGINS * ones.len() as f64
    }

    fn chosen(&self, entrant: Entrant, why: Why, beside: &[Beside]) -> Chosen {
        let Entrant {
            fitted,
            track,
            score,
        } = entrant;
        let Judging {
            history,
            calibration,
            ..
        } = self.judging;
        let baseline =
            |(model, said): &Beside| backtest::score(*model, &said.beside(&track), history);
        let baselines = beside.iter().map(baseline).collect();
        let coverage = backtest::coverage(&track, history, calibration, self.levels);
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
