//! Reads a spider's file and says what is wrong with it.

use mg_core::nearest;

use super::{Definition, Problem, Spider, check};

/// Reads the text of the file `<stem>.toml`.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn parse(stem: &str, text: &str) -> Result<Spider, Problem> {
    let definition: Definition = toml::from_str(text).map_err(|error| {
        let key = error
            .span()
            .map(|span| key_at(text, span.start))
            .unwrap_or_default();
        Problem::new(stem, key, sentence(error.message()))
    })?;
    check::check(stem, &definition).map_err(|wrong| Problem::new(stem, wrong.key, wrong.reason))?;
    Spider::new(definition).map_err(|reason| Problem::new(stem, "table", reason))
}

/// The dotted key that stands at a place of the text, or that begins before it.
fn key_at(text: &str, position: usize) -> String {
    let end = text
        .get(position..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |line| position + line);
    let (mut section, mut key) = ("", "");
    for line in text.get(..end).unwrap_or(text).lines().map(str::trim) {
        if line.starts_with('[') && line.trim_end_matches(']').len() < line.len() {
            (section, key) = (line.trim_matches(['[', ']']), "");
        } else if let Some((name, _)) = line.split_once('=').filter(|(name, _)| is_key(name.trim()))
        {
            key = name.trim();
        }
    }
    match (section, key) {
        ("", key) => key.to_owned(),
        (section, "") => section.to_owned(),
        (section, key) => format!("{section}.{key}"),
    }
}

fn is_key(text: &str) -> bool {
    let plain =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '"' | '\'');
    !text.is_empty() && text.chars().all(plain)
}

/// The reader's message as a sentence that says what would work.
fn sentence(message: &str) -> String {
    let message = message.trim();
    if let Some((name, known)) = names_after(message, "unknown field ") {
        return unknown_key(name, &known);
    }
    if let Some((name, known)) = names_after(message, "unknown variant ") {
        return format!(
            "`{name}` is none of {}{}",
            known.join(", "),
            did_you_mean(name, &known)
        );
    }
    match message.strip_prefix("missing field ") {
        Some(name) => format!("{name} is missing"),
        None => message.to_owned(),
    }
}

fn unknown_key(name: &str, known: &[&str]) -> String {
    match name {
        "xpath" => "XPath is not supported; write a CSS selector in `css`".to_owned(),
        _ => format!(
            "there is no key `{name}` here{}; the keys are {}",
            did_you_mean(name, known),
            known.join(", ")
        ),
    }
}

fn did_you_mean(name: &str, known: &[&str]) -> String {
    let found = nearest(name, known.iter().copied(), 1);
    found
        .first()
        .map_or_else(String::new, |near| format!(", did you mean `{near}`?"))
}

/// The name in backquotes after a phrase, and those that were expected.
fn names_after<'a>(message: &'a str, phrase: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let rest = message.strip_prefix(phrase)?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_told_with_its_sections() {
        let text = "name = \"a\"\n[start]\nurls = [\n  \"x\",\n]\n[[page]]\n[[page.item]]\ntable = \"t\"\n";
        assert_eq!(key_at(text, 3), "name");
        assert_eq!(key_at(text, text.find("\"x\"").unwrap()), "start.urls");
        assert_eq!(key_at(text, text.find("\"t\"").unwrap()), "page.item.table");
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest() {
        let told = sentence("unknown field `cs`, expected one of `css`, `jsonld`");
        assert_eq!(
            told,
            "there is no key `cs` here, did you mean `css`?; the keys are css, jsonld"
        );
        assert!(sentence("unknown field `xpath`, expected `css`").contains("CSS selector"));
    }
}
