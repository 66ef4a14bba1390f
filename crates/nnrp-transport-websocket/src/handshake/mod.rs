//! The opening handshake (RFC 6455 §4): one HTTP request and its answer, of bounded size.

mod accept_key;
mod client;
mod head;
mod refusal;
mod server;
mod terms;

pub(crate) use client::{Target, ask};
pub(crate) use server::{Welcome, answer};
