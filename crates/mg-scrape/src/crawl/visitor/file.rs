//! Files.

use super::{Job, Known, Read, Trouble, Visitor};

impl Visitor {
    pub(super) async fn file(&self, _job: &Job, _rule: usize, _known: Option<&Known>) -> Result<Read, Trouble> {
        Err(Trouble::Internal)
    }
}
