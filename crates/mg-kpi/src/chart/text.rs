//! How much room text takes, without a font at hand: widths of a wide sans serif, so that no text is cut.

/// An upper bound of the width of a text, in pixels at this font size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// A letter's width in parts of the font size.
fn em(letter: char) -> f64 {
    match letter {
        '\u{202f}' | '\u{2009}' => 0.2,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '’' | '|' | '!' => 0.34,
        ' ' | '\u{a0}' | 'f' | 't' | 'r' | '(' | ')' | '-' | '/' | '·' | 'î' | 'ï' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' | '—' | 'œ' | 'Œ' => 1.0,
        letter if letter.is_uppercase() => 0.76,
        _ => 0.64,
    }
}

/// The lines that hold a text, each at most `room` wide; what does not fit into `most` lines ends with `…`.
pub(super) fn wrap(text: &str, size: f64, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // A no-break space keeps its neighbours together, so only plain ones part words.
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + 0.42 * size <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let cut = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut()
        && (cut || width(last, size) > room)
    {
        shorten(last, size, room);
    }
    lines
}

/// Cuts a line so that it and an ellipsis fit.
fn shorten(line: &mut String, size: f64, room: f64) {
    while width(line, size) + size > room && line.pop().is_some() {}
    let kept = line.trim_end_matches([' ', ',', '\u{a0}']).len();
    line.truncate(kept);
    line.push('…');
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "Part des logements collectifs autorisés dans l'ensemble des logements autorisés hors résidences";

    #[test]
    fn every_line_fits_and_no_word_is_lost() {
        let lines = wrap(LONG, 18.0, 300.0, 9);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line, 18.0) <= 300.0));
        assert_eq!(lines.join(" "), LONG);
    }

    #[test]
    fn what_does_not_fit_is_shown_to_go_on() {
        let lines = wrap(LONG, 18.0, 300.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(
            lines[1].ends_with('…') && width(&lines[1], 18.0) <= 300.0,
            "{lines:?}"
        );
        let word = wrap("Donaudampfschifffahrtsgesellschaft", 18.0, 100.0, 1);
        assert!(
            word[0].ends_with('…') && width(&word[0], 18.0) <= 118.0,
            "{word:?}"
        );
    }
}
