//! How politely a site is asked: pauses and requests at once. Pure: whoever asks tells the time.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// A pause that grows with a slow site ends here.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What the spider says.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Between the starts of two requests to one site.
    pub delay: Duration,
    /// Requests to one site at once.
    pub concurrency: usize,
    /// Whether the pause follows the time that the site takes to answer.
    pub autothrottle: bool,
}

/// How a request to a site ended, as far as manners go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ended {
    /// How long it took; `None` where it says nothing of the site.
    pub took: Option<Duration>,
    /// Whether it was answered well.
    pub well: bool,
    /// How long the site asks to be left alone.
    pub wait: Option<Duration>,
    /// The pause that its robots.txt asks for.
    pub robots_delay: Option<Duration>,
}

/// The sites of a run, and when each may be asked again.
#[derive(Debug)]
pub struct Politeness {
    manners: Manners,
    sites: HashMap<String, Site>,
}

#[derive(Debug)]
struct Site {
    open: usize,
    next: Instant,
    pause: Duration,
    least: Duration,
    /// Until its first answer, when its robots.txt is known, one request at a time.
    met: bool,
}

impl Politeness {
    /// Nothing was asked yet.
    #[must_use]
    pub fn new(manners: Manners) -> Self {
        Self {
            manners,
            sites: HashMap::new(),
        }
    }

    /// Whether a request to the site may start now.
    ///
    /// # Errors
    ///
    /// When to ask again; `None` where it depends on a request that is open.
    pub fn may_start(&self, site: &str, now: Instant) -> Result<(), Option<Instant>> {
        let Some(site) = self.sites.get(site) else {
            return Ok(());
        };
        let most = if site.met {
            self.manners.concurrency
        } else {
            1
        };
        if site.open >= most.max(1) {
            return Err(None);
        }
        if site.next > now {
            return Err(Some(site.next));
        }
        Ok(())
    }

    /// A request to the site starts.
    pub fn started(&mut self, site: &str, now: Instant) {
        let delay = self.manners.delay;
        let site = self.sites.entry(site.to_owned()).or_insert(Site {
            open: 0,
            next: now,
            pause: delay,
            least: delay,
            met: false,
        });
        site.open += 1;
        site.next = site.next.max(now + site.pause);
    }

    /// A request to the site ended.
    pub fn ended(&mut self, site: &str, ended: Ended, now: Instant) {
        let manners = self.manners;
        let Some(site) = self.sites.get_mut(site) else {
            return;
        };
        site.open = site.open.saturating_sub(1);
        site.met = true;
        if let Some(asked) = ended.robots_delay {
            site.least = manners.delay.max(asked);
        }
        if manners.autothrottle {
            site.pause = throttled(site.pause, ended, manners.concurrency);
        }
        site.pause = site.pause.max(site.least);
        if let Some(wait) = ended.wait {
            site.next = site.next.max(now + wait);
        } else if !site.pause.is_zero() && site.least > manners.delay {
            // The first pause that robots.txt asks for counts from the answer that told of it.
            site.next = site.next.max(now + site.pause);
        }
    }
}

/// Half-way to the time the site takes per request at once; an answer that was no success never shortens it.
fn throttled(pause: Duration, ended: Ended, concurrency: usize) -> Duration {
    let Some(took) = ended.took else {
        return pause;
    };
    let share = took / u32::try_from(concurrency.max(1)).unwrap_or(u32::MAX);
    let next = share.max((pause + share) / 2).min(LONGEST_PAUSE);
    if ended.well { next } else { next.max(pause) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polite(delay: u64, concurrency: usize, autothrottle: bool) -> Politeness {
        Politeness::new(Manners {
            delay: Duration::from_millis(delay),
            concurrency,
            autothrottle,
        })
    }

    fn well(took: u64) -> Ended {
        Ended {
            took: Some(Duration::from_millis(took)),
            well: true,
            ..Ended::default()
        }
    }

    #[test]
    fn a_site_is_met_by_one_request_then_by_as_many_as_the_spider_says() {
        let (mut polite, now) = (polite(0, 2, false), Instant::now());
        polite.started("a", now);
        assert_eq!(polite.may_start("a", now), Err(None));
        assert_eq!(polite.may_start("b", now), Ok(()));
        polite.ended("a", well(5), now);
        polite.started("a", now);
        assert_eq!(polite.may_start("a", now), Ok(()));
        polite.started("a", now);
        assert_eq!(polite.may_start("a", now), Err(None));
    }

    #[test]
    fn the_longer_of_the_own_delay_and_the_sites_is_kept() {
        let now = Instant::now();
        for (own, asked, kept) in [(500, 0, 500), (500, 2000, 2000)] {
            let mut polite = polite(own, 1, false);
            polite.started("a", now);
            let robots_delay = Some(Duration::from_millis(asked));
            polite.ended(
                "a",
                Ended {
                    robots_delay,
                    ..well(1)
                },
                now,
            );
            let next = now + Duration::from_millis(kept);
            assert_eq!(polite.may_start("a", now), Err(Some(next)));
        }
    }

    #[test]
    fn a_site_that_asks_to_wait_is_left_alone() {
        let (mut polite, now) = (polite(0, 4, false), Instant::now());
        polite.started("a", now);
        let wait = Some(Duration::from_secs(3));
        polite.ended(
            "a",
            Ended {
                wait,
                ..Ended::default()
            },
            now,
        );
        let next = now + Duration::from_secs(3);
        assert_eq!(polite.may_start("a", now), Err(Some(next)));
        assert_eq!(polite.may_start("a", next), Ok(()));
    }

    #[test]
    fn the_pause_follows_a_slow_site_and_a_failure_does_not_shorten_it() {
        let ms = Duration::from_millis;
        let slow = throttled(ms(100), well(1000), 2);
        assert_eq!(slow, ms(500));
        assert_eq!(throttled(slow, well(100), 2), ms(275));
        let failed = Ended {
            well: false,
            ..well(100)
        };
        assert_eq!(throttled(slow, failed, 2), slow);
        assert_eq!(throttled(ms(1), well(900_000), 1), LONGEST_PAUSE);
    }
}
