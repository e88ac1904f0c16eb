//! What is learnt from: series of one step with what is known of them.

use serde::{Deserialize, Serialize};

use crate::{failure::Failure, shape::Shape};

/// A series with its inputs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    /// For messages.
    pub name: String,
    /// In order of time; none where one is missing or provisional.
    pub values: Vec<Option<f64>>,
    /// One kind a static variable; 0 where it is none of those seen in training.
    pub statics: Vec<usize>,
    /// One row a number known ahead, as long as the values and the horizon together.
    pub numbers: Vec<Vec<f32>>,
    /// One row a variable of kinds, as long.
    pub kinds: Vec<Vec<usize>>,
}

impl Series {
    /// Refuses what the network cannot read.
    pub(crate) fn check(&self, shape: &Shape) -> Result<(), Failure> {
        let needed = self.values.len() + shape.horizon;
        let short = |length: usize| length < needed;
        let problem = if self.statics.len() != shape.statics.len() {
            format!(
                "{} static variables, not {}",
                shape.statics.len(),
                self.statics.len()
            )
        } else if self.numbers.len() != shape.numbers.len() || self.kinds.len() != shape.kinds.len()
        {
            "as many rows of known inputs as the shape names".into()
        } else if self.numbers.iter().any(|row| short(row.len()))
            || self.kinds.iter().any(|row| short(row.len()))
        {
            format!("known inputs reach {needed} steps, to the end of the horizon")
        } else if self.values.iter().flatten().any(|value| !value.is_finite()) {
            "values are finite".into()
        } else {
            return Ok(());
        };
        Err(Failure::Series {
            series: self.name.clone(),
            problem: format!("expected {problem}"),
        })
    }
}

/// Series that are learnt from together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Panel {
    /// In any order; the same order gives the same weights.
    pub series: Vec<Series>,
}
