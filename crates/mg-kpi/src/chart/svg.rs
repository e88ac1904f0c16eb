//! A small writer of SVG: elements, attributes, escaped text.

use std::fmt::Write;

/// The namespace, a name and no address to fetch.
const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// A document being written. Lengths are pixels of its own grid, to a tenth.
#[derive(Debug, Default)]
pub(super) struct Svg(String);

/// The value of an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Length(f64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Value<'_> {
    fn from(length: f64) -> Self {
        Self::Length(length)
    }
}

type Attribute<'a> = (&'static str, Value<'a>);

impl Svg {
    /// The root element: an image with a name and a description for those who do not see it.
    pub(super) fn begin(&mut self, width: f64, height: f64, language: &str) {
        let (wide, high) = (length(width), length(height));
        let view_box = format!("0 0 {wide} {high}");
        let attributes: [(&'static str, &str); 9] = [
            ("xmlns", NAMESPACE),
            ("class", "mg-chart"),
            ("viewBox", &view_box),
            ("width", &wide),
            ("height", &high),
            ("role", "img"),
            ("lang", language),
            ("xml:lang", language),
            ("aria-labelledby", "mg-title mg-desc"),
        ];
        self.open("svg", &attributes.map(|(name, value)| (name, value.into())));
        self.0.push('\n');
    }

    pub(super) fn open(&mut self, tag: &str, attributes: &[Attribute<'_>]) {
        self.tag(tag, attributes);
        self.0.push('>');
    }

    pub(super) fn close(&mut self, tag: &str) {
        // Writing to a string cannot fail.
        let _done = writeln!(self.0, "</{tag}>");
    }

    pub(super) fn empty(&mut self, tag: &str, attributes: &[Attribute<'_>]) {
        self.tag(tag, attributes);
        self.0.push_str("/>\n");
    }

    /// An element with nothing but text in it.
    pub(super) fn worded(&mut self, tag: &str, attributes: &[Attribute<'_>], text: &str) {
        self.open(tag, attributes);
        push_escaped(&mut self.0, text);
        self.close(tag);
    }

    pub(super) fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let attributes = [("class", class.into()), ("x", x.into()), ("y", y.into())];
        self.worded("text", &attributes, text);
    }

    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ends = [("x1", from.0), ("y1", from.1), ("x2", to.0), ("y2", to.1)];
        self.shape("line", class, &ends);
    }

    pub(super) fn rectangle(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let sides = [("x", x), ("y", y), ("width", width), ("height", height)];
        self.shape("rect", class, &sides);
    }

    pub(super) fn circle(&mut self, class: &str, centre: (f64, f64), radius: f64) {
        let circle = [("cx", centre.0), ("cy", centre.1), ("r", radius)];
        self.shape("circle", class, &circle);
    }

    /// A line through places, or the outline of an area when `closed`. Nothing for none.
    pub(super) fn path(&mut self, class: &str, places: &[(f64, f64)], closed: bool) {
        let mut drawn = String::new();
        for (index, (x, y)) in places.iter().enumerate() {
            let step = if index == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _done = write!(drawn, "{step}{} {}", length(*x), length(*y));
        }
        if closed {
            drawn.push('Z');
        }
        if !places.is_empty() {
            self.empty("path", &[("class", class.into()), ("d", (&*drawn).into())]);
        }
    }

    /// Text that is markup already: the style sheet.
    pub(super) fn style(&mut self, sheet: &str) {
        self.open("style", &[]);
        self.0.push_str(sheet);
        self.close("style");
    }

    pub(super) fn finish(mut self) -> String {
        self.close("svg");
        self.0
    }

    fn shape<const N: usize>(
        &mut self,
        tag: &str,
        class: &str,
        lengths: &[(&'static str, f64); N],
    ) {
        let mut attributes = vec![("class", class.into())];
        attributes.extend(lengths.map(|(name, length)| (name, length.into())));
        self.empty(tag, &attributes);
    }

    fn tag(&mut self, tag: &str, attributes: &[Attribute<'_>]) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            match value {
                Value::Text(text) => push_escaped(&mut self.0, text),
                Value::Length(number) => self.0.push_str(&length(*number)),
            }
            self.0.push('"');
        }
    }
}

/// A length to a tenth of a pixel, as short as it can be written: the same on every machine.
fn length(pixels: f64) -> String {
    let tenths = (pixels * 10.0).round() / 10.0;
    if tenths == 0.0 || !tenths.is_finite() {
        return "0".into();
    }
    format!("{tenths}")
}

/// Adds text as XML and HTML take it, in content and in attributes. Characters that XML cannot hold are left out.
pub(super) fn push_escaped(markup: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#39;"),
            '\n' | '\t' => markup.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => markup.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let mut svg = Svg::default();
        svg.worded(
            "text",
            &[("class", "\"><script>".into())],
            "a<b>&'c'\u{0}\u{8}d",
        );
        assert_eq!(
            svg.0,
            "<text class=\"&quot;&gt;&lt;script&gt;\">a&lt;b&gt;&amp;&#39;c&#39;d</text>\n"
        );
    }

    #[test]
    fn lengths_are_short() {
        let written = [1.0, 1.25, -0.04, 0.333, f64::NAN].map(length);
        assert_eq!(written, ["1", "1.3", "0", "0.3", "0"]);
    }

    #[test]
    fn a_path_goes_through_its_places() {
        let mut svg = Svg::default();
        svg.path("line", &[(0.0, 1.0), (2.5, 3.0)], true);
        svg.path("line", &[], false);
        assert_eq!(svg.0, "<path class=\"line\" d=\"M0 1L2.5 3Z\"/>\n");
    }
}
