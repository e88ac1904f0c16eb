//! Types and how they are written: what the keys `type`, `format`, `locale`, `default` and `max_len` may say together.

use jiff::{
    civil::{Date, Time},
    fmt::strtime,
    tz::TimeZone,
};

use super::Locale;
use crate::{extract::typed, item::Kind};

/// Whether the keys of a field or a column go together.
pub(super) fn check(
    kind: Kind,
    format: Option<&str>,
    locale: Option<Locale>,
    max_len: Option<usize>,
) -> Result<(), String> {
    let dated = matches!(kind, Kind::Date | Kind::Month | Kind::Timestamp);
    match format {
        Some("year") if kind == Kind::Integer => {}
        Some(_) if !dated => {
            return Err(
                "`format` goes with the types date, month and datetime; `format = \"year\"` with int"
                    .into(),
            );
        }
        Some(format) if format != "fr" && !is_format(format) => {
            return Err(format!(
                "`{format}` is no date format; write `fr`, or for instance `%d/%m/%Y`"
            ));
        }
        _ => {}
    }
    if locale.is_some() && !matches!(kind, Kind::Decimal | Kind::Integer) {
        return Err("`locale` goes with the types int and decimal".into());
    }
    match max_len {
        Some(0) => Err("`max_len` is at least 1".into()),
        Some(_) if kind != Kind::Text => Err("`max_len` goes with the type text".into()),
        _ => Ok(()),
    }
}

/// Whether the default is of the type.
pub(super) fn check_default(
    kind: Kind,
    format: Option<&str>,
    default: Option<&str>,
) -> Result<(), String> {
    let Some(default) = default.filter(|_| kind != Kind::Url) else {
        return Ok(());
    };
    let style = typed::Style {
        kind,
        format,
        locale: None,
        base: None,
    };
    style
        .read(default)
        .map(drop)
        .map_err(|reason| format!("`default`: {reason}"))
}

fn is_format(format: &str) -> bool {
    let day = Date::constant(2026, 3, 12)
        .to_datetime(Time::midnight())
        .to_zoned(TimeZone::UTC);
    format.contains('%') && day.is_ok_and(|day| strtime::format(format, &day).is_ok())
}
