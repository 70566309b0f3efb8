//! The store on a database server: MySQL, MariaDB and PostgreSQL behind the one trait of `suanzi-store`.
//!
//! Statements are written once, in the SQL that the servers share; [`session::Dialect`] says the few words in which they differ. A batch is judged in memory over rows that are
//! locked, and written with a handful of statements of many rows, so that its cost is round trips per batch instead of per record.

mod aliases;
mod apply;
mod artifacts;
mod cache;
mod connections;
mod dags;
mod files;
mod lost_files;
mod migrate;
mod models;
mod my_sql;
mod notifications;
mod post_gres;
mod quarantine;
mod rows;
mod runs;
mod saved_dags;
mod schedules;
mod services;
mod session;
mod settings;
mod store;
mod tasks;
mod url;
mod value;

pub use connections::Access;
#[cfg(feature = "servers")]
pub use migrate::migrate_some;
pub use store::RemoteStore;
pub use url::{DatabaseUrl, Server, UrlError};
