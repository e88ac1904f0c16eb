//! PostgreSQL's text of an array as JSON: nested lists whose elements keep the rules of single values.

use super::cells::Form;

/// Integers beyond this lose digits in readers that take JSON numbers for doubles.
const EXACT: u64 = 1 << 53;

/// Adds the array to `json` as compact JSON; `None` when the text is no array's, e.g. an `int2vector`.
pub(super) fn push_json(
    json: &mut String,
    text: &str,
    element: Form,
    delimiter: char,
) -> Option<()> {
    let mut rest = without_bounds(text)?;
    let mut depth = 0_usize;
    loop {
        let first = rest.chars().next()?;
        match first {
            '{' => {
                depth += 1;
                json.push('[');
            }
            '}' => {
                depth = depth.checked_sub(1)?;
                json.push(']');
                if depth == 0 {
                    return (rest == "}").then_some(());
                }
            }
            _ if first == delimiter => json.push(','),
            _ => {
                rest = push_next(json, rest, element, delimiter)?;
                continue;
            }
        }
        rest = &rest[first.len_utf8()..];
    }
}

/// Adds the element that the text begins with; answers what follows it.
fn push_next<'a>(
    json: &mut String,
    text: &'a str,
    element: Form,
    delimiter: char,
) -> Option<&'a str> {
    if let Some(inside) = text.strip_prefix('"') {
        let (value, behind) = quoted(inside)?;
        push_element(json, &value, element);
        return Some(behind);
    }
    let (value, behind) = text.split_at(text.find([delimiter, '}'])?);
    match value {
        "NULL" => json.push_str("null"),
        value => push_element(json, value, element),
    }
    Some(behind)
}

/// `[2:3][0:1]={{…}}` without what stands before the braces: JSON has no lower bounds.
fn without_bounds(text: &str) -> Option<&str> {
    match text.strip_prefix('[') {
        Some(bounds) => bounds.split_once('=').map(|(_, array)| array),
        None => text.starts_with('{').then_some(text),
    }
}

/// An element in double quotes, a backslash before what it would otherwise end or mean; and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    loop {
        match characters.next()? {
            (at, '"') => return Some((value, &text[at + 1..])),
            (_, '\\') => value.push(characters.next()?.1),
            (_, character) => value.push(character),
        }
    }
}

fn push_element(json: &mut String, value: &str, form: Form) {
    match form {
        Form::Boolean => json.push_str(if value == "t" { "true" } else { "false" }),
        Form::Integer
            if value
                .parse()
                .is_ok_and(|number: i64| number.unsigned_abs() <= EXACT) =>
        {
            json.push_str(value);
        }
        Form::Real if value.parse().is_ok_and(f64::is_finite) => json.push_str(value),
        form => {
            let mut text = String::new();
            if !form.push_text(&mut text, value) {
                value.clone_into(&mut text);
            }
            json.push_str(&serde_json::Value::from(text).to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str, element: Form) -> Option<String> {
        let mut json = String::new();
        push_json(&mut json, text, element, ',').map(|()| json)
    }

    #[test]
    fn elements_keep_the_rules_of_single_values() {
        for (text, element, expected) in [
            ("{1,NULL,3}", Form::Integer, "[1,null,3]"),
            (
                "{9007199254740992,9007199254740993}",
                Form::Integer,
                "[9007199254740992,\"9007199254740993\"]",
            ),
            ("{1.10,NaN}", Form::Text, "[\"1.10\",\"NaN\"]"),
            (
                "{0.1,1e+20,NaN,-Infinity}",
                Form::Real,
                "[0.1,1e+20,\"NaN\",\"-Infinity\"]",
            ),
            ("{t,f,NULL}", Form::Boolean, "[true,false,null]"),
            (
                "{\"2026-11-22 12:34:56+01\"}",
                Form::Timestamp,
                "[\"2026-11-22T12:34:56+01:00\"]",
            ),
            (
                "{\"{\\\"a\\\": 1.0}\"}",
                Form::Json,
                "[\"{\\\"a\\\": 1.0}\"]",
            ),
        ] {
            assert_eq!(json(text, element).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn quotes_commas_backslashes_and_words_like_null_are_text() {
        let text = "{\"a,b\",\"\\\"\",\"\\\\\",\"{}\",\"NULL\",NULL,\"\",é}";
        let expected = r#"["a,b","\"","\\","{}","NULL",null,"","é"]"#;
        assert_eq!(json(text, Form::Text).as_deref(), Some(expected));
    }

    #[test]
    fn dimensions_are_nested_and_bounds_are_left_out() {
        for (text, expected) in [
            ("{}", "[]"),
            ("{{1,2},{3,4}}", "[[1,2],[3,4]]"),
            ("[2:3]={5,6}", "[5,6]"),
            ("[0:1][-1:-1]={{1},{2}}", "[[1],[2]]"),
        ] {
            assert_eq!(
                json(text, Form::Integer).as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_array_is_left_to_be_told_as_text() {
        for text in ["", "1 2 3", "{1", "{1}}", "{\"a}", "[1:2]", "}"] {
            assert_eq!(json(text, Form::Integer), None, "{text}");
        }
    }

    #[test]
    fn boxes_are_separated_by_semicolons() {
        let mut json = String::new();
        push_json(&mut json, "{(1,1),(0,0);(2,2),(1,1)}", Form::Text, ';').unwrap();
        assert_eq!(json, "[\"(1,1),(0,0)\",\"(2,2),(1,1)\"]");
    }
}
