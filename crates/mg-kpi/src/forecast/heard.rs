//! The network among the models: asked by name, or heard by `auto`.

use mg_core::{ToolError, kpi::Grain};
use mg_forecast::{Choice, Guest, Model, Refusal};

use super::{refusal, wish::Wish};
use crate::{
    neural::{self, Asked, Said},
    observed::Observed,
    span::Span,
    subject::Subject,
};

/// What the network had to say.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// None where it was not asked, was not trained, or cannot say anything of the series.
    pub(super) said: Option<Said>,
    /// Why `auto` did not hear a network that was trained.
    pub(super) unreadable: Option<ToolError>,
}

impl Heard {
    /// Asks the network where the wish wants it and the series is of months.
    ///
    /// # Errors
    ///
    /// Only for a network that was asked by name: it forecasts no such series, was not trained, or its weights cannot be read.
    pub(super) async fn of(
        subject: &Subject<'_>,
        span: &Span,
        wish: &Wish,
        observed: &Observed,
    ) -> Result<Self, ToolError> {
        let is_monthly = span.first.grain == Grain::Month;
        match wish.choice {
            Choice::Only(Model::Tft) if !is_monthly => Err(refusal::network_is_monthly(subject)),
            Choice::Only(Model::Tft) => match neural::ask(subject, observed).await? {
                Asked::Said(said) => Ok(Self::from(said)),
                Asked::Untrained => Err(refusal::no_network(subject)),
                Asked::TooShort { have, need } => {
                    let reason = Refusal::TooShort { have, need };
                    let advice = refusal::network_needs_more(subject.language());
                    Err(refusal::refused(subject, wish, observed, reason, advice))
                }
            },
            Choice::Auto if is_monthly => Ok(match neural::ask(subject, observed).await {
                Ok(Asked::Said(said)) => Self::from(said),
                Ok(Asked::Untrained | Asked::TooShort { .. }) => Self::default(),
                Err(error) => Self {
                    said: None,
                    unreadable: Some(error),
                },
            }),
            _ => Ok(Self::default()),
        }
    }

    /// Its forecasts for the backtest and the vote.
    pub(super) fn guest(&self) -> Option<Guest> {
        self.said.as_ref().map(Said::guest)
    }
}

impl From<Box<Said>> for Heard {
    fn from(said: Box<Said>) -> Self {
        Self {
            said: Some(*said),
            unreadable: None,
        }
    }
}
