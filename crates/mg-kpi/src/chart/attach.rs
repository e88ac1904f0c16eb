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
    pub(crate) fn by(call: &Call, image: Option<bool>) -> Self {
        Self {
            image: image == Some(true),
            view: call.shows_views(),
        }
    }
}

/// Adds the pictures that are wanted; nothing is drawn for nobody.
///
/// # Errors
///
/// When the picture cannot be rendered.
pub(crate) async fn attach<T: Serialize>(
    mut answer: Answer<T>,
    wanted: Wanted,
    plot: impl FnOnce(&T) -> Plot,
) -> Result<Answer<T>, ToolError> {
    if !(wanted.image || wanted.view) {
        return Ok(answer);
    }
    let plot = plot(&answer.data);
    if wanted.view {
        answer = answer.with_fragment(plot.fragment());
    }
    if wanted.image {
        // Tens of milliseconds of work: not on a thread that serves other calls.
        let drawn = tokio::task::spawn_blocking(move || plot.image()).await;
        answer = answer.with_image(drawn.map_err(anyhow::Error::from)??);
    }
    Ok(answer)
}
