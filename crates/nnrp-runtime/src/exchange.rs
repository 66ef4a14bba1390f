//! How a client begins a connection: with `CLIENT_HELLO`, or with `SESSION_OPEN` as published clients do (spec 13.15).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What a client says first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// `CLIENT_HELLO`; if the server ends the connection without any answer, once more on a fresh one with `SESSION_OPEN`, which is remembered for
    /// the endpoint. Both attempts share the connect timeout.
    #[default]
    Auto,
    /// `CLIENT_HELLO`: many sessions on one connection, keep-alive, resume and migration, cache. Published servers refuse it.
    Hello,
    /// `SESSION_OPEN`: one session a connection. Every server understands it.
    OpenFirst,
}

/// Endpoints whose servers are remembered to know no hello.
const REMEMBERED: usize = 256;
/// How long: a server may be replaced by one that does.
const MEMORY: Duration = Duration::from_mins(10);

static OPEN_FIRST: Mutex<VecDeque<(String, Instant)>> = Mutex::new(VecDeque::new());

/// Whether the server of an endpoint is remembered to know no hello.
pub(crate) fn is_open_first(endpoint: &str) -> bool {
    let mut known = known_endpoints();
    known.retain(|(_, since)| since.elapsed() < MEMORY);
    known.iter().any(|(known, _)| known == endpoint)
}

/// The server of an endpoint has answered a `SESSION_OPEN` after it had not answered a hello.
pub(crate) fn remember_open_first(endpoint: &str) {
    let mut known = known_endpoints();
    known.retain(|(known, _)| known != endpoint);
    known.push_back((endpoint.to_owned(), Instant::now()));
    if known.len() > REMEMBERED {
        known.pop_front();
    }
}

fn known_endpoints() -> MutexGuard<'static, VecDeque<(String, Instant)>> {
    // The queue is whole after every statement.
    OPEN_FIRST.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn endpoints_are_remembered_for_a_while_and_in_bounded_number() {
        remember_open_first("nnrp://one");
        assert!(is_open_first("nnrp://one") && !is_open_first("nnrp://two"));
        (0..REMEMBERED).for_each(|n| remember_open_first(&format!("nnrp://many:{n}")));
        assert!(!is_open_first("nnrp://one"));
        assert!(known_endpoints().len() <= REMEMBERED);
        tokio::time::advance(MEMORY).await;
        assert!(!is_open_first("nnrp://many:255"));
    }
}
