//! Values of MariaDB's binary protocol, read byte by byte: the driver's own types tell a zero date
//! as NULL, a TINYINT(1) as a boolean, and know no time beyond a day.

use std::{borrow::Cow, fmt::Write};

use sqlx::{
    Column as _, Decode, MySql, Row as _, Type, TypeInfo,
    mysql::{MySqlColumn, MySqlRow, MySqlTypeInfo},
};

use crate::value::hexadecimal;

/// One exact value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MariaDbValue<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// A decimal, or an integer beyond 63 bits, in its own digits.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    Json(Cow<'a, str>),
}

/// What a column holds and what the engine calls its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MariaDbColumn {
    /// In lower case, e.g. `bigint unsigned`.
    pub(crate) type_name: String,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Signed,
    Unsigned,
    Real,
    Decimal,
    Date,
    DateTime,
    Time,
    /// So many bits; none where the driver does not tell.
    Bits(Option<usize>),
    Json,
    Text,
    Bytes,
}

impl MariaDbColumn {
    pub(crate) fn of(column: &MySqlColumn) -> Self {
        let kind = column.type_info();
        let unsigned = <u8 as Type<MySql>>::compatible(kind);
        // Every collation but `binary` is text, which the server sends as UTF-8.
        let textual = <str as Type<MySql>>::compatible(kind);
        let (type_name, form) = match kind.name() {
            "BOOLEAN" if unsigned => ("tinyint unsigned", Form::Unsigned),
            "BOOLEAN" => ("tinyint", Form::Signed),
            "BIT" => ("bit", Form::Bits(undisclosed(kind).width)),
            "DATE" => ("date", Form::Date),
            "DATETIME" => ("datetime", Form::DateTime),
            "TIMESTAMP" => ("timestamp", Form::DateTime),
            "TIME" => ("time", Form::Time),
            "JSON" => ("json", Form::Json),
            "DECIMAL" => ("decimal", Form::Decimal),
            "CHAR" | "BINARY" | "ENUM" if textual => (undisclosed(kind).name, Form::Text),
            "VARCHAR" | "VARBINARY" if textual => ("varchar", Form::Text),
            "TINYTEXT" | "TINYBLOB" if textual => ("tinytext", Form::Text),
            "TEXT" | "BLOB" if textual => ("text", Form::Text),
            "MEDIUMTEXT" | "MEDIUMBLOB" if textual => ("mediumtext", Form::Text),
            "LONGTEXT" | "LONGBLOB" if textual => ("longtext", Form::Text),
            "CHAR" => ("binary", Form::Bytes),
            "VARCHAR" => ("varbinary", Form::Bytes),
            other => {
                return Self {
                    type_name: other.to_ascii_lowercase(),
                    form: plain(other, unsigned),
                };
            }
        };
        Self {
            type_name: type_name.to_owned(),
            form,
        }
    }

    /// The value in this column of a row.
    pub(crate) fn value<'r>(&self, row: &'r MySqlRow, index: usize) -> MariaDbValue<'r> {
        let raw = row.try_get_raw(index).ok();
        // Not `is_null`, which is also said of a zero date.
        let bytes = raw.and_then(|raw| <&[u8] as Decode<MySql>>::decode(raw).ok());
        bytes.map_or(MariaDbValue::Null, |bytes| self.form.read(bytes))
    }
}

/// Forms whose names need no second look.
fn plain(name: &str, unsigned: bool) -> Form {
    match name {
        "FLOAT" | "DOUBLE" => Form::Real,
        // A result of type NULL holds nothing but NULL.
        "NULL" => Form::Text,
        "YEAR" => Form::Unsigned,
        _ if name.starts_with("TINYINT")
            || name.starts_with("SMALLINT")
            || name.starts_with("MEDIUMINT")
            || name.starts_with("INT")
            || name.starts_with("BIGINT") =>
        {
            if unsigned {
                Form::Unsigned
            } else {
                Form::Signed
            }
        }
        _ => Form::Bytes,
    }
}

/// What the driver knows of a type and shows in its debugging text only.
struct Undisclosed {
    /// The n of BIT(n).
    width: Option<usize>,
    /// Which of the texts of fixed length it is.
    name: &'static str,
}

/// Reads the driver's debugging text. Were it to change, a bit text would be filled up to whole bytes
/// and a set be named `char`; the values stay right.
fn undisclosed(kind: &MySqlTypeInfo) -> Undisclosed {
    let text = format!("{kind:?}");
    let after = |mark: &str| {
        let rest = text.split_once(mark)?.1;
        rest.split_once(')').map(|(inside, _)| inside)
    };
    let flags = after("ColumnFlags(").unwrap_or_default();
    let flagged = |flag: &str| flags.split(" | ").any(|known| known == flag);
    Undisclosed {
        width: after("max_size: Some(").and_then(|width| width.parse().ok()),
        name: match (flagged("ENUM"), flagged("SET")) {
            (true, _) => "enum",
            (_, true) => "set",
            _ => "char",
        },
    }
}

impl Form {
    fn read(self, bytes: &[u8]) -> MariaDbValue<'_> {
        match self {
            Self::Signed => MariaDbValue::Integer(signed(bytes)),
            Self::Unsigned => match i64::try_from(unsigned(bytes)) {
                Ok(value) => MariaDbValue::Integer(value),
                Err(_) => MariaDbValue::Number(unsigned(bytes).to_string().into()),
            },
            Self::Real => MariaDbValue::Real(real(bytes)),
            Self::Decimal => MariaDbValue::Number(String::from_utf8_lossy(bytes)),
            Self::Date => MariaDbValue::Text(date(bytes).into()),
            Self::DateTime => MariaDbValue::Text(date_time(bytes).into()),
            Self::Time => MariaDbValue::Text(time(bytes).into()),
            Self::Bits(width) => MariaDbValue::Text(bits(bytes, width).into()),
            Self::Json => MariaDbValue::Json(String::from_utf8_lossy(bytes)),
            Self::Text => MariaDbValue::Text(String::from_utf8_lossy(bytes)),
            Self::Bytes => MariaDbValue::Text(hexadecimal(bytes).into()),
        }
    }
}

/// Little-endian, of 1 to 8 bytes.
fn unsigned(bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    for (to, from) in wide.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_le_bytes(wide)
}

fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut wide = if negative { [0xff; 8] } else { [0; 8] };
    for (to, from) in wide.iter_mut().zip(bytes) {
        *to = *from;
    }
    i64::from_le_bytes(wide)
}

/// A FLOAT by its shortest text: 0.1 stays 0.1.
fn real(bytes: &[u8]) -> f64 {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        let shortest = f32::from_le_bytes(four).to_string();
        return shortest.parse().unwrap_or(f64::NAN);
    }
    <[u8; 8]>::try_from(bytes).map_or(f64::NAN, f64::from_le_bytes)
}

/// The byte at a place behind the length that comes first; what was not sent is zero.
fn part(bytes: &[u8], place: usize) -> u8 {
    bytes.get(place).copied().unwrap_or_default()
}

fn date(bytes: &[u8]) -> String {
    let year = u16::from_le_bytes([part(bytes, 1), part(bytes, 2)]);
    format!("{year:04}-{:02}-{:02}", part(bytes, 3), part(bytes, 4))
}

fn date_time(bytes: &[u8]) -> String {
    let (hour, minute, second) = (part(bytes, 5), part(bytes, 6), part(bytes, 7));
    let fraction = fraction(bytes, 8);
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}{fraction}",
        date(bytes)
    )
}

/// A duration of up to 838 hours, either way.
fn time(bytes: &[u8]) -> String {
    let sign = if part(bytes, 1) == 0 { "" } else { "-" };
    let days = u32::from_le_bytes([
        part(bytes, 2),
        part(bytes, 3),
        part(bytes, 4),
        part(bytes, 5),
    ]);
    let hours = u64::from(days) * 24 + u64::from(part(bytes, 6));
    let (minute, second) = (part(bytes, 7), part(bytes, 8));
    format!(
        "{sign}{hours:02}:{minute:02}:{second:02}{}",
        fraction(bytes, 9)
    )
}

/// `.25` for 250,000 microseconds, nothing for none: the protocol does not tell how many digits the
/// column has.
fn fraction(bytes: &[u8], place: usize) -> String {
    let microseconds = unsigned(bytes.get(place..).unwrap_or_default());
    if microseconds == 0 {
        return String::new();
    }
    format!(".{microseconds:06}")
        .trim_end_matches('0')
        .to_owned()
}

/// Zeros and ones, the highest first.
fn bits(bytes: &[u8], width: Option<usize>) -> String {
    let mut text = String::with_capacity(bytes.len() * 8);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:08b}");
    }
    let filling = width.map_or(0, |width| text.len().saturating_sub(width));
    text.split_off(filling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> MariaDbValue<'_> {
        MariaDbValue::Text(value.into())
    }

    #[test]
    fn integers_of_every_width_keep_their_sign() {
        assert_eq!(Form::Signed.read(&[0x80]), MariaDbValue::Integer(-128));
        assert_eq!(
            Form::Signed.read(&[0xff, 0xff, 0xff, 0x7f]),
            MariaDbValue::Integer(i32::MAX.into())
        );
        assert_eq!(
            Form::Signed.read(&i64::MIN.to_le_bytes()),
            MariaDbValue::Integer(i64::MIN)
        );
        assert_eq!(Form::Unsigned.read(&[200]), MariaDbValue::Integer(200));
        assert_eq!(
            Form::Unsigned.read(&u64::MAX.to_le_bytes()),
            MariaDbValue::Number("18446744073709551615".into())
        );
    }

    #[test]
    fn a_float_is_told_by_its_shortest_text() {
        assert_eq!(
            Form::Real.read(&0.1_f32.to_le_bytes()),
            MariaDbValue::Real(0.1)
        );
        assert_eq!(
            Form::Real.read(&0.1_f64.to_le_bytes()),
            MariaDbValue::Real(0.1)
        );
    }

    #[test]
    fn dates_without_a_day_are_told_as_they_are() {
        assert_eq!(Form::Date.read(&[0]), text("0000-00-00"));
        assert_eq!(Form::Date.read(&[4, 0xea, 7, 0, 0]), text("2026-00-00"));
        assert_eq!(Form::DateTime.read(&[0]), text("0000-00-00T00:00:00"));
        assert_eq!(
            Form::DateTime.read(&[4, 0xea, 7, 2, 28]),
            text("2026-02-28T00:00:00")
        );
        assert_eq!(
            Form::DateTime.read(&[11, 0xea, 7, 2, 28, 12, 34, 56, 0x90, 0xd0, 3, 0]),
            text("2026-02-28T12:34:56.25")
        );
    }

    #[test]
    fn times_reach_beyond_a_day_in_both_directions() {
        assert_eq!(Form::Time.read(&[0]), text("00:00:00"));
        assert_eq!(
            Form::Time.read(&[12, 1, 34, 0, 0, 0, 22, 59, 59, 0x3f, 0x42, 0x0f, 0]),
            text("-838:59:59.999999")
        );
        assert_eq!(
            Form::Time.read(&[8, 0, 0, 0, 0, 0, 5, 6, 7]),
            text("05:06:07")
        );
    }

    #[test]
    fn bits_have_the_width_of_their_column() {
        assert_eq!(Form::Bits(Some(4)).read(&[0b1010]), text("1010"));
        assert_eq!(Form::Bits(Some(9)).read(&[1, 1]), text("100000001"));
        assert_eq!(Form::Bits(None).read(&[0b1010]), text("00001010"));
    }

    #[test]
    fn bytes_are_hexadecimal() {
        assert_eq!(Form::Bytes.read(&[0, 255]), text("\\x00ff"));
        assert_eq!(Form::Bytes.read(&[]), text("\\x"));
    }
}
