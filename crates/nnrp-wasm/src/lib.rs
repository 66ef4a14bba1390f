//! Transport selection of NNRP behind JSON text (spec 16), for hosts that bring sockets of their own.
//!
//! ```text
//!   JavaScript glue ──► exports ──► selection ──► nnrp-transport-provider
//!                       slots of      text in,
//!                       memory        text out
//! ```
//!
//! The module imports nothing: it reads what the host wrote into the memory of a slot, and the host reads what
//! the module left in its output.

mod exports;
mod provider_text;
mod score_text;
mod selection;

pub use selection::{score_provider_probe_json, select_transport_with_probe_json};
