//! The opening handshake (RFC 6455 §4): one HTTP request and its answer, of bounded size.

mod accept_key;
mod client;
mod head;
mod refusal;
mod server;

pub(crate) use client::{Target, ask};
pub(crate) use server::{Welcome, answer};

/// The subprotocol (RFC 6455 §1.9) of NNRP. It is offered and selected; peers that speak of none are served as well.
const SUBPROTOCOL: &str = "nnrp.1";
/// The one version of RFC 6455.
const VERSION: &str = "13";

/// Whether a header that lists tokens has this one.
fn has_token(list: &str, token: &str) -> bool {
    list.split(',')
        .any(|entry| entry.trim().eq_ignore_ascii_case(token))
}
