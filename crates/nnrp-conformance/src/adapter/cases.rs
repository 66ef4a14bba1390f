//! The cases, one file a family; each is a function of its own.

pub(super) mod cache;
mod cached;
pub(super) mod connection;
pub(super) mod epochs;
pub(super) mod exchange;
mod field;
pub(super) mod flow;
pub(super) mod foreign;
pub(super) mod handshake;
pub(super) mod header;
mod lifecycle;
mod lifecycle_step;
pub(super) mod metadata;
pub(super) mod operation;
pub(super) mod previous;
pub(super) mod resume;
mod resume_rules;
mod rule;
pub(super) mod schema;
pub(super) mod session;
mod siblings;
pub(super) mod transport;
pub(super) mod typed_payload;
mod vector;
