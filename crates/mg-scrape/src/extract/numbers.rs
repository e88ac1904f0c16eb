//! Numbers as pages and files write them: `1 234,50 €`, `1,234.50`, `−5 %`.

use rust_decimal::Decimal;

use crate::definition::Locale;

/// What may stand around a number, in the order in which it is taken off: `250 000 euros TTC`.
const UNITS: [&str; 12] = [
    "ttc", "ht", "€", "$", "£", "%", "m²", "m2", "euros", "euro", "eur", "ha",
];

/// An exact number. Without a locale both ways of writing are read: of a point and a comma the last marks the decimals,
/// and either alone does.
pub(crate) fn decimal(text: &str, locale: Option<Locale>) -> Result<Decimal, String> {
    let wrong =
        || format!("`{text}` is not a number; written are for instance 1234.5 or 1 234,50 €");
    let (negative, bare) = bare(text);
    let (whole, fraction) = parts(&bare, locale).ok_or_else(wrong)?;
    let digits = grouped(&whole).ok_or_else(wrong)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit())
        || (digits.is_empty() && fraction.is_empty())
    {
        return Err(wrong());
    }
    let sign = if negative { "-" } else { "" };
    let whole = if digits.is_empty() { "0" } else { &digits };
    let plain = if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    };
    Decimal::from_str_exact(&plain)
        .map_err(|_| format!("`{text}` has more digits than are kept (28)"))
}

/// A whole number; one with a fraction other than zeros is none.
pub(crate) fn integer(text: &str, locale: Option<Locale>) -> Result<i64, String> {
    let number = decimal(text, locale)?;
    if !number.fract().is_zero() {
        return Err(format!(
            "`{text}` is not a whole number; give the field `type = \"decimal\"` or `locale = \"en\"`"
        ));
    }
    i64::try_from(number.trunc().mantissa())
        .map_err(|_| format!("`{text}` is beyond the whole numbers that are kept"))
}

/// The sign, and the number without sign and units, its spaces as one kind of mark.
fn bare(text: &str) -> (bool, String) {
    let mut bare = text.trim().to_lowercase();
    for unit in UNITS {
        bare = bare
            .trim_start_matches(unit)
            .trim_end_matches(unit)
            .trim()
            .to_owned();
    }
    let negative = bare.starts_with(['-', '\u{2212}', '\u{2013}']);
    let unsigned = bare
        .trim_start_matches(['-', '\u{2212}', '\u{2013}', '+'])
        .trim();
    let spaced = |letter: char| {
        if letter.is_whitespace() || matches!(letter, '\'' | '\u{2019}') {
            ' '
        } else {
            letter
        }
    };
    (negative, unsigned.chars().map(spaced).collect())
}

/// The part before the decimal mark, its groups separated by spaces, and the part behind it.
fn parts(bare: &str, locale: Option<Locale>) -> Option<(String, &str)> {
    let (mark, group) = match locale {
        Some(Locale::Fr) => (',', '.'),
        Some(Locale::En) => ('.', ','),
        None => marks(bare)?,
    };
    let (whole, fraction) = bare.split_once(mark).unwrap_or((bare, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    Some((whole.replace(group, " "), fraction))
}

/// The decimal mark and the mark of groups.
fn marks(bare: &str) -> Option<(char, char)> {
    let counts = (bare.matches(',').count(), bare.matches('.').count());
    match counts {
        (0, 1) => Some(('.', ',')),
        (0, _) | (1, 0) => Some((',', '.')),
        (_, 0) => Some(('.', ',')),
        _ if bare.rfind(',') > bare.rfind('.') => (counts.0 == 1).then_some((',', '.')),
        _ => (counts.1 == 1).then_some(('.', ',')),
    }
}

/// Digits whose groups, where there are any, have three each: `12 34` is not a number.
fn grouped(whole: &str) -> Option<String> {
    let groups: Vec<&str> = whole.split(' ').collect();
    let digits = groups
        .iter()
        .all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    let threes = groups.iter().skip(1).all(|group| group.len() == 3);
    let first = groups.len() == 1
        || groups
            .first()
            .is_some_and(|group| (1..=3).contains(&group.len()));
    (digits && threes && first).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use mg_core::Language;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        decimal(text, None).unwrap().to_string()
    }

    #[test]
    fn french_and_english_numbers_are_read_exactly() {
        for (text, number) in [
            ("1 234,50 €", "1234.50"),
            ("1\u{a0}234\u{a0}567", "1234567"),
            ("1\u{202f}234,5", "1234.5"),
            ("1,234.50", "1234.50"),
            ("1.234,50", "1234.50"),
            ("1.234.567", "1234567"),
            ("1,234,567", "1234567"),
            ("12,5 %", "12.5"),
            ("€ 12", "12"),
            ("\u{2212}5", "-5"),
            ("- 1 000", "-1000"),
            ("+7", "7"),
            (",5", "0.5"),
            ("0,10", "0.10"),
            ("250 000 euros TTC", "250000"),
            ("86,4 m²", "86.4"),
            ("1'234", "1234"),
            ("007", "7"),
        ] {
            assert_eq!(read(text), number, "{text}");
        }
    }

    #[test]
    fn a_locale_settles_what_one_mark_means() {
        assert_eq!(
            decimal("1,234", Some(Locale::En)).unwrap().to_string(),
            "1234"
        );
        assert_eq!(
            decimal("1,234", Some(Locale::Fr)).unwrap().to_string(),
            "1.234"
        );
        assert_eq!(
            decimal("1.234", Some(Locale::Fr)).unwrap().to_string(),
            "1234"
        );
        assert_eq!(integer("1,234", Some(Locale::En)), Ok(1234));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "abc",
            "12 34",
            "01 64 12 34 56",
            "1,2,3.4.5",
            "1-2",
            "12 logements",
            "-",
            "1 2345",
            "1e5",
            "NaN",
        ] {
            assert!(decimal(text, None).is_err(), "{text}");
        }
        assert!(
            decimal("123456789012345678901234567890123", None)
                .unwrap_err()
                .contains("digits")
        );
        assert!(integer("12,5", None).unwrap_err().contains("decimal"));
        assert_eq!(integer("12,00", None), Ok(12));
        assert!(integer("99999999999999999999", None).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(mantissa in -1_000_000_000_000_i64..1_000_000_000_000, decimals in 0_u32..6) {
            let number = Decimal::new(mantissa, decimals);
            for (language, locale) in [(Language::French, Locale::Fr), (Language::English, Locale::En)] {
                let text = language.number(number, decimals);
                prop_assert_eq!(decimal(&text, Some(locale)).unwrap(), number, "{}", text);
            }
        }
    }
}
