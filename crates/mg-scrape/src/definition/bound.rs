//! A spider with a caller's arguments put in: what a worker runs.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::{Constant, Limits, Request, RequestRole, Spider, Template};

/// A spider with a caller's arguments put in: what a worker runs and the ledger keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// The spider.
    pub spider: Spider,
    /// The first requests.
    pub start: Vec<Request>,
    /// Each parameter's values; one but for lists.
    pub params: BTreeMap<String, Vec<String>>,
    /// The spider's limits, lowered by the caller's.
    pub limits: Limits,
}

impl Bound {
    /// The values of a rule's `for_each` parameters in the chain that a request belongs to, and of the parameters that
    /// have one value. Chains are numbered from 0, the last parameter of `for_each` changing fastest.
    #[must_use]
    pub fn chain(&self, role: RequestRole) -> BTreeMap<&str, &str> {
        let (for_each, chain) = match role {
            RequestRole::File { rule, chain } => (
                self.spider
                    .definition
                    .file
                    .get(rule)
                    .map(|rule| &rule.for_each),
                chain,
            ),
            RequestRole::Api { rule, chain } => (
                self.spider
                    .definition
                    .api
                    .get(rule)
                    .map(|rule| &rule.for_each),
                chain,
            ),
            RequestRole::Page | RequestRole::Sitemap | RequestRole::Feed => (None, 0),
        };
        combination(&self.params, for_each.map_or(&[], Vec::as_slice), chain)
    }

    /// A text with the values of a request's chain put in. A parameter that is a list and not of the chain gives its
    /// values separated by commas.
    #[must_use]
    pub fn fill(&self, template: &Template, role: RequestRole) -> String {
        let chain = self.chain(role);
        template.fill(|name| match chain.get(name) {
            Some(value) => Some(Cow::Borrowed(*value)),
            None => self.params.get(name).map(|values| values.join(",").into()),
        })
    }

    /// A constant in the rows of a request, as text.
    #[must_use]
    pub fn constant(&self, constant: &Constant, role: RequestRole) -> String {
        match constant {
            Constant::Integer(number) => number.to_string(),
            Constant::Boolean(truth) => truth.to_string(),
            Constant::Text(template) => self.fill(template, role),
        }
    }
}

/// The values of the parameters with one value, and of those of `for_each` in one of their combinations.
pub(super) fn combination<'a>(
    params: &'a BTreeMap<String, Vec<String>>,
    for_each: &[String],
    chain: usize,
) -> BTreeMap<&'a str, &'a str> {
    let single = params
        .iter()
        .filter_map(|(name, values)| match values.as_slice() {
            [value] => Some((name.as_str(), value.as_str())),
            _ => None,
        });
    let mut found: BTreeMap<&str, &str> = single.collect();
    let mut rest = chain;
    for wanted in for_each.iter().rev() {
        let Some((name, values)) = params.get_key_value(wanted) else {
            continue;
        };
        if let Some(value) = values.get(rest % values.len().max(1)) {
            found.insert(name, value);
        }
        rest /= values.len().max(1);
    }
    found
}

/// How many combinations the parameters of `for_each` have.
pub(super) fn combinations(params: &BTreeMap<String, Vec<String>>, for_each: &[String]) -> usize {
    for_each
        .iter()
        .map(|name| params.get(name).map_or(0, Vec::len))
        .product()
}
