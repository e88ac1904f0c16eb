//! The web: who may be spoken to, and how.

pub mod address;
pub mod guard;
