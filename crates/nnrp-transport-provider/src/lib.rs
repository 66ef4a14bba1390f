//! What the runtime knows of transports: traits, endpoint addresses, the writer, the in-memory transport.
//!
//! There are no sockets here; a transport crate such as `nnrp-transport-tcp` brings them and proves itself with
//! the suite in `contract` (a feature).

mod chunk_pool;
mod coalescing_writer;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod endpoint;
mod error;
#[cfg(any(test, feature = "contract"))]
pub mod fault;
mod memory;
pub mod probe;
pub mod security;
pub mod selection;
mod transport;

pub use chunk_pool::{CHUNK_BYTES, give_back_chunk, take_chunk};
pub use coalescing_writer::CoalescingWriter;
pub use endpoint::{Endpoint, EndpointError, EndpointErrorKind};
pub use error::{TransportError, TransportErrorKind};
pub use memory::MemoryTransport;
pub use nnrp_core::code::TransportId;
pub use security::Security;
pub use transport::{BoxFuture, CloseCode, Incoming, Link, LinkControl, Listener, Transport};
