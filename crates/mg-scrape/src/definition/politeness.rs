//! How gently a host is asked.

use std::borrow::Cow;

use jiff::civil::Time;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How gently a host is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Politeness {
    /// Whether robots.txt is obeyed
    pub respect_robots: bool,
    /// Milliseconds between two requests to a host; a longer Crawl-delay of its robots.txt counts
    pub delay_ms: u64,
    /// Requests to a host at once
    pub concurrency: usize,
    /// Whether the delay follows the host's own answering time
    pub autothrottle: bool,
    /// What is tried again
    pub retry: Retry,
    /// How the requests call themselves; mg-scrape and its version without it
    pub user_agent: Option<String>,
    /// The hours of the day (of the machine's time zone) in which requests are made, e.g. `20:00-06:00`
    pub hours: Option<Hours>,
}

impl Default for Politeness {
    fn default() -> Self {
        Self {
            respect_robots: true,
            delay_ms: 500,
            concurrency: 2,
            autothrottle: true,
            retry: Retry::default(),
            user_agent: None,
            hours: None,
        }
    }
}

/// What is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// How often after the first time
    pub times: u32,
    /// After these answers; broken connections and timeouts always
    pub on: Vec<u16>,
    /// Whether Retry-After is obeyed
    pub honour_retry_after: bool,
    /// Seconds that one wait lasts at most
    pub max_wait_s: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            times: 3,
            on: vec![408, 425, 429, 500, 502, 503, 504],
            honour_retry_after: true,
            max_wait_s: 120,
        }
    }
}

/// Hours of the day, over midnight where the end comes before the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    from: Time,
    to: Time,
}

impl Hours {
    /// Whether the time of day lies in them.
    #[must_use]
    pub fn hold(self, time: Time) -> bool {
        if self.from <= self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }

    /// When they begin.
    #[must_use]
    pub const fn from(self) -> Time {
        self.from
    }
}

impl TryFrom<String> for Hours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no span of hours; write for instance `20:00-06:00`");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let read = |part: &str| Time::strptime("%H:%M", part.trim()).map_err(|_| wrong());
        let hours = Self {
            from: read(from)?,
            to: read(to)?,
        };
        if hours.from == hours.to {
            Err(wrong())
        } else {
            Ok(hours)
        }
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        format!(
            "{}-{}",
            hours.from.strftime("%H:%M"),
            hours.to.strftime("%H:%M")
        )
    }
}

impl JsonSchema for Hours {
    fn schema_name() -> Cow<'static, str> {
        "Hours".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^\\d{2}:\\d{2}-\\d{2}:\\d{2}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_go_over_midnight() {
        let hours = Hours::try_from("20:00-06:00".to_owned()).unwrap();
        let at = |hour| hours.hold(Time::constant(hour, 30, 0, 0));
        assert!(at(20) && at(23) && at(0) && at(5));
        assert!(!at(6) && !at(12) && !at(19));
        assert_eq!(String::from(hours), "20:00-06:00");
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in ["20h-6h", "20:00", "25:00-06:00", "06:00-06:00"] {
            let refusal = Hours::try_from(text.to_owned()).unwrap_err();
            assert!(refusal.contains("20:00-06:00"), "{refusal}");
        }
    }
}
