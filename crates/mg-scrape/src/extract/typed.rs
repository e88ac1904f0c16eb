//! Texts into typed values.

use serde_json::value::RawValue;
use url::Url;

use super::{codes, dates, numbers};
use crate::{
    definition::Locale,
    item::{Kind, Value},
};

/// How a text is to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style<'a> {
    pub(crate) kind: Kind,
    pub(crate) format: Option<&'a str>,
    pub(crate) locale: Option<Locale>,
    /// What relative URLs are resolved against.
    pub(crate) base: Option<&'a Url>,
}

impl Style<'_> {
    /// The value of a text that is not empty.
    pub(crate) fn read(&self, text: &str) -> Result<Value, String> {
        Ok(match self.kind {
            Kind::Text => Value::Text(text.to_owned()),
            Kind::Integer => {
                let number = numbers::integer(text, self.locale)?;
                Value::Integer(match self.format {
                    Some("year") => full_year(number),
                    _ => number,
                })
            }
            Kind::Decimal => Value::Decimal(numbers::decimal(text, self.locale)?),
            Kind::Date => Value::Date(dates::date(text, self.format)?),
            Kind::Month => Value::Text(dates::month(text, self.format)?),
            Kind::Timestamp => Value::Timestamp(dates::timestamp(text, self.format)?),
            Kind::Boolean => Value::Boolean(boolean(text)?),
            Kind::Url => Value::Text(self.url(text)?),
            Kind::Insee => Value::Text(codes::insee(text)?),
            Kind::Siret => Value::Text(codes::siret(text)?),
            Kind::Json => Value::Json(json(text)?),
        })
    }

    fn url(&self, text: &str) -> Result<String, String> {
        let text = text.trim();
        let parsed = match self.base {
            Some(base) => base.join(text),
            None => Url::parse(text),
        };
        match parsed {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url.into()),
            Ok(url) => Err(format!(
                "`{text}` is not of http or https but of {}",
                url.scheme()
            )),
            Err(error) => Err(format!("`{text}` is no URL: {error}")),
        }
    }
}

/// A year of two digits is one of this century, or of the last where that would lie far ahead.
const fn full_year(year: i64) -> i64 {
    match year {
        0..=69 => 2000 + year,
        70..=99 => 1900 + year,
        _ => year,
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    match mg_core::fold(text).as_str() {
        "oui" | "o" | "vrai" | "true" | "yes" | "y" | "1" | "x" => Ok(true),
        "non" | "n" | "faux" | "false" | "no" | "0" => Ok(false),
        _ => Err(format!(
            "`{text}` is neither yes nor no; written are oui, non, true, false, 1, 0"
        )),
    }
}

fn json(text: &str) -> Result<String, String> {
    let raw: &RawValue =
        serde_json::from_str(text).map_err(|error| format!("not a JSON document: {error}"))?;
    Ok(raw.get().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, text: &str) -> Result<Value, String> {
        let base: Url = "https://www.lagny.fr/avis/liste".parse().unwrap();
        Style {
            kind,
            format: None,
            locale: None,
            base: Some(&base),
        }
        .read(text)
    }

    #[test]
    fn every_kind_has_its_value() {
        assert_eq!(read(Kind::Integer, "1 564"), Ok(Value::Integer(1564)));
        assert_eq!(
            read(Kind::Month, "mars 2026"),
            Ok(Value::Text("2026-03".into()))
        );
        assert_eq!(read(Kind::Boolean, "Oui"), Ok(Value::Boolean(true)));
        assert_eq!(read(Kind::Boolean, "0"), Ok(Value::Boolean(false)));
        assert!(read(Kind::Boolean, "peut-être").is_err());
        assert_eq!(
            read(Kind::Json, " {\"a\": 12345678901234567890.10} "),
            Ok(Value::Json("{\"a\": 12345678901234567890.10}".into()))
        );
        assert!(read(Kind::Json, "{").is_err());
    }

    #[test]
    fn a_year_may_have_two_digits() {
        let year = |text| {
            let style = Style {
                kind: Kind::Integer,
                format: Some("year"),
                locale: None,
                base: None,
            };
            style.read(text)
        };
        for (text, number) in [("2012", 2012), ("12", 2012), ("5", 2005), ("98", 1998)] {
            assert_eq!(year(text), Ok(Value::Integer(number)), "{text}");
        }
    }

    #[test]
    fn urls_are_made_absolute_and_other_schemes_refused() {
        assert_eq!(
            read(Kind::Url, "../doc/a.pdf"),
            Ok(Value::Text("https://www.lagny.fr/doc/a.pdf".into()))
        );
        assert_eq!(
            read(Kind::Url, "//cdn.fr/x"),
            Ok(Value::Text("https://cdn.fr/x".into()))
        );
        assert!(
            read(Kind::Url, "javascript:alert(1)")
                .unwrap_err()
                .contains("javascript")
        );
        let bare = Style {
            kind: Kind::Url,
            format: None,
            locale: None,
            base: None,
        };
        assert!(bare.read("a.pdf").is_err());
    }
}
