//! What people run without a network: `mg-scrape check` and `mg-scrape extract`.

mod check;
mod extract;

pub use check::check;
pub use extract::extract;
