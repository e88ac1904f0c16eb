//! The databases of mg-platform, two faces: the [`gate`] for statements of callers, the [`store`] for our own.

pub mod demo;
pub mod embedded;
pub mod fill;
pub mod gate;
pub mod grants;
pub mod hidden;
mod mariadb_end;
mod mariadb_value;
pub mod open;
mod quoting;
pub mod schema;
mod sqlite_file;
pub mod store;
mod time_limit;
pub mod url;
pub mod value;
pub mod writer;

pub use url::{DatabaseUrl, Engine};
pub use value::Value;
