//! Named spiders that end in a table: declared in TOML, launched by name, their rows typed, keyed and checked.

pub mod definition;
pub mod extract;
pub mod item;
