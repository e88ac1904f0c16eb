//! SVG to PNG, with the font that the program carries: the same picture on every machine.

use std::sync::{Arc, LazyLock};

use anyhow::Context;
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{
        self,
        fontdb::{Database, Source},
    },
};

/// Pixels of the picture a pixel of the drawing: sharp on fine screens, under 100 kB.
const ZOOM: f32 = 2.0;

const FAMILY: &str = "DejaVu Sans";

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for font in [dejavu::sans::regular(), dejavu::sans::bold()] {
        fonts.load_font_source(Source::Binary(Arc::new(font)));
    }
    fonts.set_sans_serif_family(FAMILY);
    Arc::new(fonts)
});

/// Renders a drawing of ours.
///
/// # Errors
///
/// When it is no SVG, or larger than memory.
pub(super) fn render(svg: &str) -> anyhow::Result<Vec<u8>> {
    let options = usvg::Options {
        fontdb: Arc::clone(&FONTS),
        font_family: FAMILY.into(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree
        .size()
        .to_int_size()
        .scale_by(ZOOM)
        .context("the picture has no size")?;
    let mut pixels =
        Pixmap::new(size.width(), size.height()).context("no memory for the picture")?;
    resvg::render(
        &tree,
        Transform::from_scale(ZOOM, ZOOM),
        &mut pixels.as_mut(),
    );
    Ok(pixels.encode_png()?)
}

#[cfg(test)]
mod tests {
    use mg_core::Language;

    use super::super::samples;
    use super::*;

    #[test]
    fn a_png_is_on_white_and_has_its_words() {
        let png = samples::forecast(Language::French).png().unwrap();
        let picture = Pixmap::decode_png(&png).unwrap();
        assert_eq!(picture.width(), 1600);
        let white = |x, y| {
            let pixel = picture.pixel(x, y).unwrap();
            (pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()) == (255, 255, 255, 255)
        };
        assert!(
            [(0, 0), (1599, 0), (1599, picture.height() - 1)]
                .into_iter()
                .all(|(x, y)| white(x, y))
        );
        // The title stands in the first lines, to the left: text without a font would leave them blank.
        let inked = (36..72)
            .flat_map(|y| (32..500).map(move |x| (x, y)))
            .filter(|(x, y)| !white(*x, *y));
        assert!(inked.count() > 2_000);
        assert!(png.len() < 300_000, "{}", png.len());
    }

    #[test]
    fn the_same_picture_has_the_same_bytes() {
        let plot = samples::monthly(Language::French);
        assert_eq!(plot.png().unwrap(), plot.png().unwrap());
    }
}
