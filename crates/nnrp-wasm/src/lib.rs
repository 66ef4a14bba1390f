//! NNRP for JavaScript hosts that bring sockets of their own: codecs, the client machine, transport selection.
//!
//! ```text
//!                         ┌─► packets ────────► nnrp-core: codecs    ◄─ nnrp-decode-lines
//!   JavaScript ──► exports├─► client ─────────► nnrp-core: ClientConnection
//!     glue         slots  └─► selection ──────► nnrp-transport-provider (spec 16)
//! ```
//!
//! The module imports nothing: it reads what the host wrote into the memory of a slot, and the host reads what
//! the module left in its output. Numbers travel as arguments, structures in their wire layout, the rest as JSON.

mod client;
mod exports;
mod failure;
mod host;
mod host_memory;
mod packets;
mod provider_text;
mod score_text;
mod selection;

pub use selection::{score_provider_probe_json, select_transport_with_probe_json};
