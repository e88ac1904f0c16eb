//! Changes to a JSON file of another program: only the members that are set change, all other text
//! stays as it is, byte for byte.

use std::fmt;

use serde::{
    Deserializer as _,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

/// Sets the value at a path of keys; objects on the way are made. A value that is already there is
/// left as it is written.
///
/// # Errors
/// When the text is not a JSON object, or something on the way is none.
pub(crate) fn set(text: &str, path: &[&str], value: &Value) -> Result<String, String> {
    set_at(
        text,
        path,
        value,
        &Layout {
            unit: unit(text),
            depth: 0,
        },
    )
}

/// The value at a path of keys, if there is one.
pub(crate) fn get(text: &str, path: &[&str]) -> Option<Value> {
    let whole: Value = serde_json::from_str(text).ok()?;
    path.iter()
        .try_fold(&whole, |value, key| value.get(key))
        .cloned()
}

/// How the file is indented.
struct Layout<'a> {
    unit: &'a str,
    depth: usize,
}

impl Layout<'_> {
    fn break_at(&self, depth: usize) -> String {
        format!("\n{}", self.unit.repeat(depth))
    }
}

fn set_at(text: &str, path: &[&str], value: &Value, layout: &Layout<'_>) -> Result<String, String> {
    let Some((key, rest)) = path.split_first() else {
        return Ok(text.to_owned());
    };
    let members = members(text)?;
    // Of a key written twice the last one counts, as for everyone who reads the file.
    let member = members
        .iter()
        .rev()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.get());
    let inner = Layout {
        unit: layout.unit,
        depth: layout.depth + 1,
    };
    let new = match (rest, member) {
        ([], Some(old)) if serde_json::from_str::<Value>(old).is_ok_and(|old| old == *value) => {
            old.to_owned()
        }
        ([], _) => written(value, &inner)?,
        (_, old) => set_at(old.unwrap_or("{}"), rest, value, &inner)
            .map_err(|why| format!("{key}: {why}"))?,
    };
    match member {
        Some(old) => Ok(replaced(text, old, &new)),
        None => inserted(
            text,
            members.last().map(|(_, value)| value.get()),
            key,
            &new,
            layout,
        ),
    }
}

/// `text` with its part `old` replaced.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let from = offset(text, old);
    format!("{}{new}{}", &text[..from], &text[from + old.len()..])
}

/// `text` with one more member at the end.
fn inserted(
    text: &str,
    last: Option<&str>,
    key: &str,
    new: &str,
    layout: &Layout<'_>,
) -> Result<String, String> {
    let key = serde_json::to_string(key).map_err(|error| error.to_string())?;
    let member = format!("{}{key}: {new}", layout.break_at(layout.depth + 1));
    if let Some(last) = last {
        let end = offset(text, last) + last.len();
        return Ok(format!("{},{member}{}", &text[..end], &text[end..]));
    }
    let open = text.find('{').map_or(0, |place| place + 1);
    let close = text.rfind('}').unwrap_or(text.len());
    let end = layout.break_at(layout.depth);
    Ok(format!("{}{member}{end}{}", &text[..open], &text[close..]))
}

/// Where the part begins; it was borrowed from the text.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

fn written(value: &Value, layout: &Layout<'_>) -> Result<String, String> {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(layout.unit.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    serde::Serialize::serialize(value, &mut serializer).map_err(|error| error.to_string())?;
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    Ok(text.replace('\n', &layout.break_at(layout.depth)))
}

/// What the first indented line is indented by; two spaces where none is.
fn unit(text: &str) -> &str {
    text.lines()
        .map(|line| &line[..line.len() - line.trim_start().len()])
        .find(|indent| !indent.is_empty())
        .unwrap_or("  ")
}

type Members<'a> = Vec<(String, &'a RawValue)>;

/// The members of an object, in order, each value as it is written.
fn members(text: &str) -> Result<Members<'_>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(Ordered);
    members
        .and_then(|members| deserializer.end().map(|()| members))
        .map_err(|error| error.to_string())
}

struct Ordered;

impl<'de> Visitor<'de> for Ordered {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_is_added_and_all_other_text_stays() {
        let text = "{\n\t\"z\": 1.50,\n\t\"servers\": { \"x\": {\"a\":[ ]} }\n}\n";
        assert_eq!(
            set(text, &["servers", "mg", "command"], &json!("/mg")).unwrap(),
            "{\n\t\"z\": 1.50,\n\t\"servers\": { \"x\": {\"a\":[ ]},\n\t\t\"mg\": {\n\t\t\t\"command\": \"/mg\"\n\t\t} }\n}\n"
        );
    }

    #[test]
    fn an_empty_object_is_filled_with_indented_lines() {
        assert_eq!(
            set("{}", &["a", "b"], &json!({"c": [1]})).unwrap(),
            "{\n  \"a\": {\n    \"b\": {\n      \"c\": [\n        1\n      ]\n    }\n  }\n}"
        );
    }

    #[test]
    fn a_value_is_replaced_in_its_place_and_an_equal_one_is_left_as_written() {
        let text = r#"{"a": 1, "b": {"x" : "old"}, "c": 3}"#;
        assert_eq!(
            set(text, &["b", "x"], &json!("new")).unwrap(),
            r#"{"a": 1, "b": {"x" : "new"}, "c": 3}"#
        );
        assert_eq!(set(text, &["b"], &json!({"x": "old"})).unwrap(), text);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[1]", "{\"a\": 1,}", "// comment\n{}", "{} {}"] {
            assert!(set(text, &["a"], &json!(1)).is_err(), "{text}");
        }
        let refusal = set(r#"{"servers": []}"#, &["servers", "a"], &json!(1)).unwrap_err();
        assert!(
            refusal.starts_with("servers: ") && refusal.contains("a JSON object"),
            "{refusal}"
        );
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        assert_eq!(
            set(r#"{"a": 1, "a": 2}"#, &["a"], &json!(3)).unwrap(),
            r#"{"a": 1, "a": 3}"#
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "[a-z\"\\\\{}é]{0,5}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[ab{]{1,2}", inner, 0..4)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_set_is_read_again_and_the_rest_is_equal(
            mut object in proptest::collection::btree_map("[a-c]{1,2}", any_json(), 0..5)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>()),
            pretty in any::<bool>(),
            value in any_json(),
        ) {
            let whole = Value::Object(object.clone());
            let text = if pretty { serde_json::to_string_pretty(&whole) } else { serde_json::to_string(&whole) }.unwrap();
            let changed = set(&text, &["ours"], &value).unwrap();
            prop_assert_eq!(&set(&changed, &["ours"], &value).unwrap(), &changed);
            prop_assert_eq!(get(&changed, &["ours"]), Some(value.clone()));
            object.insert("ours".into(), value);
            prop_assert_eq!(serde_json::from_str::<Value>(&changed).unwrap(), Value::Object(object));
        }
    }
}
