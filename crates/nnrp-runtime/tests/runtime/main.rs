//! Behaviour of the runtime, over the memory transport with paused time and over real TCP.

mod backpressure;
mod cache;
mod cancellation;
mod dialogue;
mod echoes;
#[cfg(all(feature = "tls", feature = "quic"))]
mod exchange;
mod failure;
mod fallback;
mod floods;
mod grants;
mod handles;
mod limits;
#[cfg(feature = "quic")]
mod migrate;
mod observability;
mod operation_limit;
#[cfg(all(feature = "tls", feature = "quic"))]
mod priority;
mod reasons;
mod reconnect;
mod requests;
mod session;

mod slow_bodies;
mod soak;
mod support;
mod timeouts;
mod unreliable;
