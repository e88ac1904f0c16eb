//! What a network looks like, and how it is trained.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// An input of a few kinds, such as the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name in answers.
    pub name: String,
    /// The kinds that are known, from 1 on; 0 is any other.
    pub labels: Vec<String>,
}

impl Variable {
    /// How many kinds there are, the unknown one included.
    #[must_use]
    pub fn kinds(&self) -> usize {
        self.labels.len() + 1
    }

    /// The number of a kind; 0 where it is not known.
    #[must_use]
    pub fn kind(&self, label: &str) -> usize {
        let place = self.labels.iter().position(|known| known == label);
        place.map_or(0, |place| place + 1)
    }
}

/// The form of a network: what goes in, how wide it is, what comes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Steps that are looked back at.
    pub past: usize,
    /// Steps that are forecast.
    pub horizon: usize,
    /// Steps a year.
    pub period: usize,
    /// Width of every layer, a multiple of `heads`.
    pub width: usize,
    /// Heads of the attention.
    pub heads: usize,
    /// What is forecast: shares such as 0.5; the median among them.
    pub quantiles: Vec<f64>,
    /// What is known of a series as such.
    pub statics: Vec<Variable>,
    /// Numbers known ahead, of a size about one.
    pub numbers: Vec<String>,
    /// Kinds known ahead.
    pub kinds: Vec<Variable>,
}

impl Shape {
    /// Inputs derived from the series itself at every step: the value, whether it is known.
    pub(crate) const OBSERVED: [&str; 2] = ["value", "known"];
    /// What is known ahead of any series: the value a year before, where between past and horizon.
    pub(crate) const DERIVED: [&str; 2] = ["year_before", "position"];

    /// Names of the inputs of the past, in the order of selection weights.
    #[must_use]
    pub fn past_inputs(&self) -> Vec<String> {
        let observed = Self::OBSERVED.iter().map(|name| (*name).to_owned());
        observed.chain(self.future_inputs()).collect()
    }

    /// Names of the inputs of the horizon, in the order of selection weights.
    #[must_use]
    pub fn future_inputs(&self) -> Vec<String> {
        let derived = Self::DERIVED.iter().map(|name| (*name).to_owned());
        let kinds = self.kinds.iter().map(|kind| kind.name.clone());
        derived
            .chain(self.numbers.iter().cloned())
            .chain(kinds)
            .collect()
    }

    /// Observations without which there is no forecast.
    #[must_use]
    pub fn least_history(&self) -> usize {
        self.period.max(4).min(self.past)
    }

    /// Refuses what cannot be built.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let problem = if self.past == 0 || self.horizon == 0 || self.period == 0 {
            "past, horizon and period are at least 1"
        } else if self.heads == 0 || self.width == 0 || !self.width.is_multiple_of(self.heads) {
            "the width is a multiple of the number of heads"
        } else if !self.quantiles.contains(&0.5) || !self.quantiles.is_sorted() {
            "quantiles ascend, and 0.5 is among them"
        } else if self
            .quantiles
            .iter()
            .any(|share| !(0.0..1.0).contains(share))
        {
            "quantiles are shares between 0 and 1"
        } else if self.statics.is_empty() {
            "at least one static variable; one of no known kind will do"
        } else {
            return Ok(());
        };
        Err(Failure::Shape(problem.to_owned()))
    }

    /// Where the median is among the quantiles.
    pub(crate) fn median(&self) -> usize {
        let distance = |share: &f64| (share - 0.5).abs();
        let places = self.quantiles.iter().map(distance).enumerate();
        places
            .min_by(|left, right| left.1.total_cmp(&right.1))
            .map_or(0, |(place, _)| place)
    }
}

/// How a network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What chance starts from.
    pub seed: u64,
    /// Steps at most.
    pub steps: usize,
    /// Windows a step.
    pub batch: usize,
    /// Adam's, at the beginning; it falls to a hundredth along a cosine.
    pub learning_rate: f64,
    /// The share that dropout drops.
    pub dropout: f32,
    /// Steps a round: then the network is judged.
    pub round: usize,
    /// Rounds without a better network after which training ends.
    pub patience: usize,
    /// Steps at the end of each series that are never learnt from: they judge, at rolling origins.
    pub kept_apart: usize,
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let counts = [
            self.steps,
            self.batch,
            self.round,
            self.patience,
            self.kept_apart,
        ];
        if counts.contains(&0) {
            return Err(Failure::Shape(
                "steps, batch, round, patience and the steps kept apart are at least 1".into(),
            ));
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            steps: 1_500,
            batch: 64,
            learning_rate: 3e-3,
            dropout: 0.1,
            round: 50,
            patience: 6,
            kept_apart: 12,
        }
    }
}
