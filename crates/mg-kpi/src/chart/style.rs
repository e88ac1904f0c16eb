//! The look of a picture: colours with enough contrast in light and in dark, told apart without hue as well.

use std::fmt::Write;

/// The colours of a picture, as CSS values.
#[derive(Clone, Copy, Debug)]
struct Colours {
    surface: &'static str,
    /// Title and values.
    ink: &'static str,
    /// Axes and source.
    muted: &'static str,
    grid: &'static str,
    observed: &'static str,
    expected: &'static str,
    target: &'static str,
    anomaly: &'static str,
}

/// Blue and orange stay apart for every kind of colour blindness; green and purple differ in shape too.
const LIGHT: Colours = Colours {
    surface: "#ffffff",
    ink: "#161616",
    muted: "#545454",
    grid: "#dddddd",
    observed: "#0b4f9e",
    expected: "#ad4a00",
    target: "#00664f",
    anomaly: "#95006f",
};

const DARK: Colours = Colours {
    surface: "#161616",
    ink: "#f5f5f5",
    muted: "#b8b8b8",
    grid: "#3d3d3d",
    observed: "#8ab8ff",
    expected: "#ffab66",
    target: "#63d6b8",
    anomaly: "#ff9ce6",
};

/// The colours of a page, which sets the variables.
const VARIABLES: Colours = Colours {
    surface: "var(--surface)",
    ink: "var(--ink)",
    muted: "var(--muted)",
    grid: "var(--grid)",
    observed: "var(--observed)",
    expected: "var(--expected)",
    target: "var(--target)",
    anomaly: "var(--anomaly)",
};

/// Sizes of text, which the layout counts with.
pub(super) const TITLE: f64 = 18.0;
pub(super) const TEXT: f64 = 13.0;
pub(super) const SMALL: f64 = 12.0;

/// Everything but colours. Dashes and marks tell lines apart where colours do not.
const SHAPES: &str = "\
.mg-chart{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans','DejaVu Sans',sans-serif;font-size:13px}
.title{font-size:18px;font-weight:bold}
.label,.value{font-weight:bold}
.tick,.foot{font-size:12px}
.tick{text-anchor:middle}
.tick.side,.value.end{text-anchor:end}
.value{text-anchor:middle;paint-order:stroke;stroke-width:4px;stroke-linejoin:round}
.gap{fill-opacity:.14}
.band{fill-opacity:.16}
.line,.edge,.grid,.axis,.today,.ring,.shift{fill:none}
.line{stroke-width:2px;stroke-linejoin:round;stroke-linecap:round}
.provisional{stroke-dasharray:2 5}
.expected{stroke-width:2.5px}
.edge{stroke-width:1px;stroke-opacity:.75}
.target{stroke-width:2px;stroke-dasharray:9 4}
.compared{stroke-width:1.5px;stroke-dasharray:1 3}
.today{stroke-dasharray:3 3}
.dot{stroke-width:2px}
.ring{stroke-width:2.5px}
.shift{stroke-width:2.5px;stroke-dasharray:7 3 1 3}
";

fn colouring(colours: &Colours) -> String {
    let Colours {
        surface,
        ink,
        muted,
        grid,
        observed,
        expected,
        target,
        anomaly,
    } = colours;
    format!(
        "\
.surface{{fill:{surface}}}
.title,.label,.words,.value{{fill:{ink}}}
.value{{stroke:{surface}}}
.tick,.foot,.gap{{fill:{muted}}}
.grid{{stroke:{grid}}}
.axis,.today,.compared{{stroke:{muted}}}
.observed{{stroke:{observed}}}
.dot{{stroke:{observed};fill:{observed}}}
.dot.open{{fill:{surface}}}
.expected,.edge{{stroke:{expected}}}
.band{{fill:{expected}}}
.dot.ahead{{stroke:{expected};fill:{expected}}}
.target{{stroke:{target}}}
.ring,.shift{{stroke:{anomaly}}}
"
    )
}

/// For a file: light, and dark where its reader prefers that.
pub(super) fn file() -> String {
    format!(
        "\n{SHAPES}{}@media(prefers-color-scheme:dark){{\n{}}}\n",
        colouring(&LIGHT),
        colouring(&DARK)
    )
}

/// For print and PNG: light.
pub(super) fn light() -> String {
    format!("\n{SHAPES}{}", colouring(&LIGHT))
}

/// For a page: what its reader prefers, or what its host says in `data-theme`.
pub(super) fn page() -> String {
    let (light, dark) = (variables(&LIGHT), variables(&DARK));
    format!(
        ":root{{color-scheme:light;{light}}}\n\
         @media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n\
         :root[data-theme=dark]{{color-scheme:dark;{dark}}}\n{SHAPES}{}",
        colouring(&VARIABLES)
    )
}

fn named(colours: &Colours) -> [(&'static str, &'static str); 8] {
    [
        ("surface", colours.surface),
        ("ink", colours.ink),
        ("muted", colours.muted),
        ("grid", colours.grid),
        ("observed", colours.observed),
        ("expected", colours.expected),
        ("target", colours.target),
        ("anomaly", colours.anomaly),
    ]
}

fn variables(colours: &Colours) -> String {
    named(colours)
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            // Writing to a string cannot fail.
            let _done = write!(text, "--{name}:{value};");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of WCAG 2.2.
    fn luminance(colour: &str) -> f64 {
        let part = |from: usize| {
            let part = f64::from(u8::from_str_radix(&colour[from..from + 2], 16).unwrap()) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_and_lines_have_the_contrast_that_rgaa_asks_for() {
        for colours in [LIGHT, DARK] {
            for (name, colour) in named(&colours) {
                // Lines would do with 3; they are thin.
                let ratio = contrast(colour, colours.surface);
                assert!(
                    ratio >= 4.5 || ["surface", "grid"].contains(&name),
                    "{name} {colour}: {ratio:.1}"
                );
            }
        }
    }

    #[test]
    fn a_file_is_dark_for_those_who_prefer_it_and_print_is_not() {
        assert!(
            file().contains("@media(prefers-color-scheme:dark)") && file().contains(DARK.observed)
        );
        assert!(!light().contains("@media") && !light().contains(DARK.observed));
    }
}
