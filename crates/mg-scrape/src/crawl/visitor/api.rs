//! Answers of APIs.

use super::{Job, Read, Trouble, Visitor};

impl Visitor {
    pub(super) async fn api(&self, _job: &Job, _rule: usize) -> Result<Read, Trouble> {
        Err(Trouble::Internal)
    }
}
