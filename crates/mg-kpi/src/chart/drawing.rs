//! One picture as SVG.

use super::{
    frame,
    layout::{Layout, WIDTH},
    marks::Marks,
    plot::Plot,
    svg::Svg,
    words::Words,
};

/// Draws a plot. `sheet` is its own style sheet; a page that has one passes none.
pub(super) fn draw(plot: &Plot, sheet: Option<&str>) -> String {
    let layout = Layout::of(plot);
    let words = Words(plot);
    let mut svg = Svg::default();
    svg.begin(WIDTH, layout.height, plot.language.pick("fr", "en"));
    svg.worded("title", &[("id", "mg-title".into())], &words.name());
    svg.worded("desc", &[("id", "mg-desc".into())], &words.description());
    if let Some(sheet) = sheet {
        svg.style(sheet);
    }
    svg.rectangle("surface", 0.0, 0.0, WIDTH, layout.height);
    svg.open("g", &[("class", "plot".into())]);
    frame::values(&mut svg, plot, &layout);
    if let Some(time) = &layout.time {
        frame::gaps(&mut svg, plot, &layout, time);
        frame::periods(&mut svg, plot, &layout, time);
        frame::today(&mut svg, plot, &layout, time);
        let marks = Marks {
            plot,
            layout: &layout,
            time,
        };
        marks.draw(&mut svg);
    }
    if layout.scale.is_none() {
        frame::nothing(&mut svg, plot, &layout);
    }
    svg.close("g");
    frame::words(&mut svg, &layout);
    svg.finish()
}

#[cfg(test)]
mod tests {
    use mg_core::Language;
    use mg_testkit::golden;

    use super::super::samples;

    #[test]
    fn pictures_are_those_of_their_golden_files() {
        for (name, plot) in [
            ("yearly", samples::yearly(Language::French)),
            ("monthly", samples::monthly(Language::French)),
            ("forecast", samples::forecast(Language::English)),
        ] {
            golden(
                &format!("crates/mg-kpi/tests/pictures/{name}.svg"),
                &plot.svg(),
            );
        }
    }

    #[test]
    fn a_line_never_crosses_a_gap() {
        let svg = samples::monthly(Language::French).svg();
        let lines: Vec<&str> = svg
            .lines()
            .filter(|line| line.starts_with("<path class=\"line observed\""))
            .collect();
        assert_eq!(
            lines.len(),
            2,
            "one before the gap and one after: {lines:?}"
        );
        // 13 months before the gap, 16 settled ones after it.
        let points = lines.iter().map(|line| line.matches(['M', 'L']).count());
        assert_eq!(points.collect::<Vec<_>>(), [13, 16]);
    }

    #[test]
    fn a_picture_is_well_formed_xml_whatever_its_words_are() {
        let mut plot = samples::yearly(Language::French);
        plot.title = "<&>\"'\u{0}\u{202e} ]]> <!--".into();
        plot.territory = "\u{fffe}\n".into();
        plot.source = "</svg>".into();
        let svg = plot.svg();
        assert_eq!(svg.matches("</svg>").count(), 1);
        #[cfg(feature = "png")]
        plot.png().unwrap();
    }
}
