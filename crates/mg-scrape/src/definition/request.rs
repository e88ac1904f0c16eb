//! What a run asks for, and what the answer is read as.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What an answer is read as. Its text (`page`, `file:0:3`) is what the ledger keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RequestRole {
    /// A page: rows and links.
    Page,
    /// A file of a `[[file]]` rule.
    File {
        /// The index of the rule.
        rule: usize,
        /// Which combination of the rule's `for_each` parameters, see [`super::Bound::chain`].
        chain: usize,
    },
    /// A page of an API of an `[[api]]` rule.
    Api {
        /// The index of the rule.
        rule: usize,
        /// Which combination of the rule's `for_each` parameters, see [`super::Bound::chain`].
        chain: usize,
    },
    /// A sitemap, whose pages are followed where the spider allows them.
    Sitemap,
    /// A feed, whose entries are followed where the spider allows them.
    Feed,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Request {
    /// Absolute and canonical.
    pub url: String,
    /// What the answer is read as.
    pub role: RequestRole,
}

impl fmt::Display for RequestRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page => formatter.write_str("page"),
            Self::File { rule, chain } => write!(formatter, "file:{rule}:{chain}"),
            Self::Api { rule, chain } => write!(formatter, "api:{rule}:{chain}"),
            Self::Sitemap => formatter.write_str("sitemap"),
            Self::Feed => formatter.write_str("feed"),
        }
    }
}

impl FromStr for RequestRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let numbers: Option<Vec<usize>> = parts.map(|part| part.parse().ok()).collect();
        match (name, numbers.as_deref()) {
            ("page", Some([])) => Ok(Self::Page),
            ("sitemap", Some([])) => Ok(Self::Sitemap),
            ("feed", Some([])) => Ok(Self::Feed),
            ("file", Some(&[rule, chain])) => Ok(Self::File { rule, chain }),
            ("api", Some(&[rule, chain])) => Ok(Self::Api { rule, chain }),
            _ => Err(format!("`{text}` is not the role of a request")),
        }
    }
}

impl TryFrom<String> for RequestRole {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<RequestRole> for String {
    fn from(role: RequestRole) -> Self {
        role.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_as_it_is_written() {
        let roles = [
            RequestRole::Page,
            RequestRole::File { rule: 0, chain: 3 },
            RequestRole::Api { rule: 1, chain: 0 },
            RequestRole::Sitemap,
            RequestRole::Feed,
        ];
        for role in roles {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert!("file:1".parse::<RequestRole>().is_err() && "".parse::<RequestRole>().is_err());
    }
}
