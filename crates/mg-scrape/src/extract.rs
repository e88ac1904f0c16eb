//! What is read out of an answer: rows, links, main content. Pure: bytes in, values out.

pub(crate) mod api;
mod canonical;
mod charset;
mod codes;
mod dates;
mod files;
mod hash;
mod jsonld;
mod links;
mod main_content;
mod numbers;
mod page;
mod reading;
pub(crate) mod records;
mod table;
mod text;
pub(crate) mod typed;

use url::Url;

pub use api::{api, api_page};
pub use canonical::canonical;
pub use charset::decode;
pub use links::listed;
pub use main_content::{MainContent, PageLink, main_content};
pub use page::page;

use crate::{
    definition::RequestRole,
    item::{Item, Rejection},
};

/// The answer to a request.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its URL, after redirects.
    pub url: &'a Url,
    /// The Content-Type header, empty without one.
    pub content_type: &'a str,
    /// Its body, decompressed.
    pub body: &'a [u8],
}

/// What was read out of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extracted {
    /// The rows, typed.
    pub items: Vec<Item>,
    /// The rows that were left out.
    pub rejected: Vec<Rejection>,
    /// The links that are to be followed, canonical, each once, in the order of the page.
    pub links: Vec<Link>,
    /// How often each selector found something: an empty extraction explains itself.
    pub matches: Vec<Match>,
    /// A hash of the rows, or without rows of the main text: the same while navigation, tokens and dates of the frame change.
    pub hash: u64,
    /// Where the page says that its content stands, where `[follow]` has `canonical = true`; canonical.
    pub canonical: Option<String>,
    /// Whether the page as it was sent lacks the wanted rows and engine `auto` would ask a browser.
    pub wants_browser: bool,
}

/// A link that is to be followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Absolute and canonical.
    pub url: String,
    /// What the answer is read as.
    pub role: RequestRole,
    /// Why it is followed.
    pub reason: LinkReason,
}

/// Why a link is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkReason {
    /// The rules allow it.
    Allowed,
    /// It leads to the next page of a list: a run whose chain of pages breaks is not complete.
    Next,
    /// The next number of a list with `stop = "no_new_key"`: to be followed only where the page held something new.
    NextIfNew,
    /// It is a file.
    File,
}

/// How often a selector found something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where it stands in the file: `page[0].item[0].rows`, `page[0].item[0].fields.title`, `follow.next`.
    pub rule: String,
    /// The selector as it was written.
    pub selector: String,
    /// Elements, rows or values found.
    pub count: usize,
}
