//! Pictures of series and forecasts: the same drawing for files, for images in answers and for the view of hosts.
//!
//! Pure: answers in, text out. [`Plot`] is what a picture shows, `drawing` makes SVG of it, `page` HTML around that.

mod attach;
mod drawing;
mod frame;
mod layout;
mod legend;
mod marks;
mod page;
mod plot;
#[cfg(feature = "png")]
mod png;
#[cfg(test)]
mod samples;
mod scale;
mod style;
mod svg;
mod table;
mod text;
mod time;
mod words;

use mg_core::{Image, serve::View};

pub(crate) use attach::Wanted;
pub(crate) use plot::Plot;

/// The view of the tools that answer with a series or a forecast.
pub(crate) const VIEW: View = View {
    uri: "ui://mg-kpi/chart.html",
    title: "Courbe d'un indicateur",
    page: page::view,
};

impl Plot {
    /// A picture that stands alone, light or dark as its reader prefers.
    pub(crate) fn svg(&self) -> String {
        drawing::draw(self, Some(&style::file()))
    }

    /// A page that stands alone: the picture and its numbers as a table.
    pub(crate) fn html(&self) -> String {
        page::file(self)
    }

    /// What the view shows of an answer.
    pub(crate) fn fragment(&self) -> String {
        page::fragment(self)
    }

    /// A PNG picture, on white.
    ///
    /// # Errors
    ///
    /// When the picture cannot be rendered.
    #[cfg(feature = "png")]
    pub(crate) fn png(&self) -> anyhow::Result<Vec<u8>> {
        png::render(&drawing::draw(self, Some(&style::light())))
    }

    /// The picture that goes into an answer.
    ///
    /// # Errors
    ///
    /// When the picture cannot be rendered.
    #[cfg(feature = "png")]
    pub(crate) fn image(&self) -> anyhow::Result<Image> {
        Ok(Image {
            mime_type: "image/png",
            bytes: self.png()?,
        })
    }

    /// The picture that goes into an answer.
    ///
    /// # Errors
    ///
    /// None: this build draws SVG alone.
    #[cfg(not(feature = "png"))]
    pub(crate) fn image(&self) -> anyhow::Result<Image> {
        Ok(Image {
            mime_type: "image/svg+xml",
            bytes: self.svg().into_bytes(),
        })
    }
}
