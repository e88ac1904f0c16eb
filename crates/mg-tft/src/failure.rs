//! What can be wrong with panels, shapes and files.

/// Why there are no weights or no forecast.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The shape contradicts itself.
    #[error("the network cannot have this shape: {0}")]
    Shape(String),
    /// A series does not have what the shape asks for.
    #[error("series {series}: {problem}")]
    Series {
        /// Which.
        series: String,
        /// What is wrong.
        problem: String,
    },
    /// There is nothing to learn from.
    #[error(
        "no series is long enough: each needs at least {needed} observations before the {kept_apart} that judge the network"
    )]
    NothingToLearn {
        /// Observations behind a forecast.
        needed: usize,
        /// Steps kept apart.
        kept_apart: usize,
    },
    /// A checkpoint of something else.
    #[error("the training that was stopped had other data, inputs or settings: begin anew")]
    OtherTraining,
    /// Errors stopped being numbers.
    #[error(
        "training left the numbers at step {step}; a smaller learning rate or another seed may help"
    )]
    Diverged {
        /// Where.
        step: usize,
    },
    /// A file of another program or version.
    #[error(
        "these weights are of format {found}, this program reads format {expected}: train again"
    )]
    OtherFormat {
        /// What the file says.
        found: u32,
        /// What is read.
        expected: u32,
    },
    /// A file that is not what was written.
    #[error("these weights are damaged ({0}): restore the file, or train again")]
    Damaged(String),
}
