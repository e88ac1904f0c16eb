//! robots.txt, as RFC 9309 says: one per origin, kept for the run.

mod readable;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use texting_robots::Robot;
use tokio::sync::OnceCell;
use url::{Origin, Url};

use super::{
    Failure, Transport,
    transport::{Answer, Asked},
};

/// What of a robots.txt is read, as the RFC asks at least.
const MOST: usize = 500 * 1024;
/// A file that cannot be had is asked for once more after so long.
const SECOND_TRY: Duration = Duration::from_secs(1);
/// A delay beyond this is a mistake of the site.
const LONGEST_DELAY: Duration = Duration::from_mins(5);

/// The rules of the sites of a run.
#[derive(Debug)]
pub struct Robots {
    agent: String,
    known: Mutex<HashMap<Origin, Arc<OnceCell<Rules>>>>,
}

/// The rules of one site.
#[derive(Debug)]
enum Rules {
    /// There is no file.
    None,
    /// The site's own.
    Own(Box<Robot>),
    /// The file is there but cannot be had: nothing may be fetched.
    Unreachable(String),
}

impl Robots {
    /// For a crawler of this name: what stands before the slash of a user agent.
    #[must_use]
    pub fn new(user_agent: &str) -> Self {
        let agent = user_agent.split(['/', ' ']).next().unwrap_or_default();
        Self {
            agent: agent.to_owned(),
            known: Mutex::default(),
        }
    }

    /// Asks whether a URL may be fetched; the site's file is fetched first if it is not known yet.
    ///
    /// # Errors
    ///
    /// [`Failure::Robots`] where it may not.
    pub async fn check(&self, transport: &Transport, url: &Url) -> Result<(), Failure> {
        let cell = self.cell(url);
        let rules = cell.get_or_init(|| self.fetched(transport, url)).await;
        match rules {
            Rules::Own(robot) if !allows(robot, url.as_str()) => Err(Failure::Robots(
                "the site's robots.txt forbids this address".into(),
            )),
            Rules::Unreachable(why) => Err(Failure::Robots(format!(
                "the site's robots.txt cannot be read ({why}), which means that nothing may be fetched"
            ))),
            Rules::None | Rules::Own(_) => Ok(()),
        }
    }

    /// The pause that the site of a URL asks for between two requests, if its file is known.
    #[must_use]
    pub fn delay(&self, url: &Url) -> Option<Duration> {
        let cell = self.cell(url);
        let Some(Rules::Own(robot)) = cell.get() else {
            return None;
        };
        let delay = Duration::try_from_secs_f32(robot.delay?).ok()?;
        Some(delay.min(LONGEST_DELAY))
    }

    /// The sitemaps that the site of a URL names, if its file is known.
    #[must_use]
    pub fn sitemaps(&self, url: &Url) -> Vec<Url> {
        let cell = self.cell(url);
        let Some(Rules::Own(robot)) = cell.get() else {
            return Vec::new();
        };
        let named = robot.sitemaps.iter();
        named
            .filter_map(|named| url.join(named.trim()).ok())
            .collect()
    }

    fn cell(&self, url: &Url) -> Arc<OnceCell<Rules>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(url.origin()).or_default())
    }

    async fn fetched(&self, transport: &Transport, url: &Url) -> Rules {
        let Ok(place) = url.join("/robots.txt") else {
            return Rules::Unreachable("no address".into());
        };
        let asked = Asked {
            url: &place,
            unless: None,
            robots: None,
        };
        let mut answer = transport.page(asked).await;
        if answer
            .as_ref()
            .is_err_and(|failure| failure.is_transient(&[500, 502, 504]))
        {
            // A hiccup would forbid the whole site for the whole run.
            tokio::time::sleep(SECOND_TRY).await;
            answer = transport.page(asked).await;
        }
        match answer {
            Ok(Answer::Fresh(page)) => self.parsed(&page.body),
            Ok(Answer::Unchanged) | Err(Failure::Status(400..=499) | Failure::TooManyHops(_)) => {
                Rules::None
            }
            // More than anyone's rules: what a cap of ours cut off is not known.
            Err(failure) => Rules::Unreachable(failure.to_string()),
        }
    }

    fn parsed(&self, body: &[u8]) -> Rules {
        match Robot::new(&self.agent, &readable::readable(whole_lines(body))) {
            Ok(robot) => Rules::Own(Box::new(robot)),
            Err(error) => Rules::Unreachable(error.to_string()),
        }
    }
}

fn allows(robot: &Robot, address: &str) -> bool {
    let address = readable::canonical(address.as_bytes());
    robot.allowed(&String::from_utf8_lossy(&address))
}

/// The lines within what is read; the one that the cap cuts is left out.
fn whole_lines(body: &[u8]) -> &[u8] {
    let Some(read) = body.get(..MOST) else {
        return body;
    };
    let end = read.iter().rposition(|byte| *byte == b'\n').unwrap_or(MOST);
    body.get(..end).unwrap_or(read)
}

#[cfg(test)]
mod differential;

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(agent: &str, file: &str, path: &str) -> bool {
        let robots = Robots::new(agent);
        match robots.parsed(file.as_bytes()) {
            Rules::Own(robot) => allows(&robot, path),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_longest_rule_counts_and_queries_and_wildcards_are_part_of_it() {
        let file = "User-agent: *\nDisallow: /private\nAllow: /private/open\nDisallow: /*.pdfx$\nDisallow: /q?x=";
        let agent = "mg-scrape/0.1 (+https://ville.fr)";
        for path in [
            "/private",
            "/private/x",
            "/private2.html",
            "/a.pdfx",
            "/q?x=1",
        ] {
            assert!(!allowed(agent, file, path), "{path}");
        }
        for path in ["/", "/private/open/a", "/a.pdfx2", "/q?y=1", "/robots.txt"] {
            assert!(allowed(agent, file, path), "{path}");
        }
    }

    #[test]
    fn a_group_of_our_own_replaces_the_one_for_all() {
        let file = "User-agent: *\nDisallow:\n\nUser-agent: MG-Scrape\nDisallow: /";
        assert!(!allowed("mg-scrape/0.1", file, "/a"));
        assert!(allowed("other/1", file, "/a"));
    }

    #[test]
    fn a_large_file_is_cut_at_a_line() {
        let mut file = b"User-agent: *\nDisallow: /a\n".to_vec();
        file.resize(MOST - 5, b'#');
        file.extend_from_slice(b"\nDisallow: /b\n");
        let read = whole_lines(&file);
        assert!(read.len() < MOST && !read.ends_with(b"Dis"));
    }
}
