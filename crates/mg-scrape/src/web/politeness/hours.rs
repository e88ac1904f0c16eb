//! The hours in which a site may be asked.

use std::{str::FromStr, time::Duration};

use jiff::{SignedDuration, civil::Time};

/// A span of the day, local time, over midnight too: `20:00-06:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    from: Time,
    to: Time,
}

impl Hours {
    /// How long it is from `now` until the hours begin; `None` within them.
    #[must_use]
    pub fn wait(self, now: Time) -> Option<Duration> {
        let within = if self.from <= self.to {
            self.from <= now && now < self.to
        } else {
            now >= self.from || now < self.to
        };
        let day = SignedDuration::from_hours(24);
        let left = self.from.duration_since(now);
        let left = if left.is_negative() { left + day } else { left };
        (!within).then(|| Duration::try_from(left).unwrap_or_default())
    }
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` are no hours: write e.g. 20:00-06:00");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| text.trim().parse::<Time>().map_err(|_| wrong());
        let (from, to) = (time(from)?, time(to)?);
        if from == to {
            return Err(wrong());
        }
        Ok(Self { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(hours: &str, now: &str) -> Option<u64> {
        let hours: Hours = hours.parse().unwrap();
        Some(hours.wait(now.parse().unwrap())?.as_secs() / 60)
    }

    #[test]
    fn hours_may_pass_midnight() {
        assert_eq!(minutes("20:00-06:00", "23:00"), None);
        assert_eq!(minutes("20:00-06:00", "05:59"), None);
        assert_eq!(minutes("20:00-06:00", "06:00"), Some(14 * 60));
        assert_eq!(minutes("08:00-18:00", "19:00"), Some(13 * 60));
        assert_eq!(minutes("08:00-18:00", "08:00"), None);
    }

    #[test]
    fn what_are_no_hours_is_refused() {
        for text in ["", "20:00", "8-25:00", "06:00-06:00"] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
    }
}
