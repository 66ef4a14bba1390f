//! The exports of the module, called natively as the JavaScript glue calls them: packets, selection, and whole connections.

mod any_bytes;
mod commands;
mod endings;
mod exchange;
mod greeting;
mod host_client;
mod link;
mod misuse;
mod module;
mod packets;
mod record;
mod recorded;
mod resuming;
mod selection;
