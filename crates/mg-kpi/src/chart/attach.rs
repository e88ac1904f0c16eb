//! An answer with its picture.

use mg_core::{Answer, ToolError, serve::Call};
use serde::Serialize;

use super::Plot;

/// Which pictures an answer needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// An image in the answer, since the caller asked for one.
    image: bool,
    /// The drawing for the view, since the client shows views.
    view: bool,
}

impl Wanted {
    /// Those that this call wants; `None` where nothing is to be drawn, since nobody would look at it.
    pub(crate) fn by(call: &Call, image: Option<bool>) -> Option<Self> {
        let wanted = Self {
            image: image == Some(true),
            view: call.shows_views(),
        };
        (wanted.image || wanted.view).then_some(wanted)
    }

    /// Adds the pictures that are wanted.
    ///
    /// # Errors
    ///
    /// When the picture cannot be rendered.
    pub(crate) async fn attach<T: Serialize>(
        self,
        mut answer: Answer<T>,
        plot: Plot,
    ) -> Result<Answer<T>, ToolError> {
        if self.view {
            answer = answer.with_fragment(plot.fragment());
        }
        if self.image {
            // Tens of milliseconds of work: not on a thread that serves other calls.
            let drawn = tokio::task::spawn_blocking(move || plot.image()).await;
            answer = answer.with_image(drawn.map_err(anyhow::Error::from)??);
        }
        Ok(answer)
    }
}
