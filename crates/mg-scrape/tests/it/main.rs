//! mg-scrape as a client and as a person meet it: the binary against local sites, well and badly behaved.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod evil;
mod following;
mod home;
mod kills;
mod launching;
mod main_content;
mod manners;
mod pages;
mod reading;
mod scripted;
mod transport;
mod wide;
