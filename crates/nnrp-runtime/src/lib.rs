//! Async client and server of NNRP/1: one task owns a connection, everything is bounded.
//!
//! Two layers use the same task. [`connect`] and [`listen`] hand out [`ConnectionHandle`]s whose commands never block, and deliver
//! [`Event`]s into an [`EventSink`]. [`NnrpClient`] and [`NnrpServer`] put an idiomatic async API on top.

mod admission;
mod arrivals;
mod batch;
mod client;
mod client_event;
mod client_link;
mod client_router;
mod client_session;
mod client_side;
mod clock;
mod connect;
mod connection;
mod connection_options;
mod driver;
mod end;
mod error;
mod establish;
mod event;
mod event_sink;
mod exchange;
mod executor;
mod gauge;
mod greeting;
mod inbox;
mod listen_options;
mod listener;
mod metrics;
mod permit;
mod probe;
mod random_id;
mod received;
mod recovery;
mod request;
mod roster;
#[cfg(all(feature = "quic", feature = "tls"))]
mod secure_transport;
mod server;
mod server_router;
mod server_session;
mod server_side;
mod session_directory;
mod session_key;
mod session_options;
mod shared;
mod side;
mod sync;
mod timer;
mod transport_kind;

pub use admission::{AdmissionPolicy, AdmissionRequest};
pub use batch::{Accepted, Answer, Submission};
pub use client::{NnrpClient, NnrpClientConfig};
pub use client_event::{NnrpClientEvent, NnrpResult};
pub use client_session::NnrpClientSession;
pub use connect::connect;
pub use connection::ConnectionHandle;
pub use connection_options::ConnectionOptions;
pub use error::{
    CommandError, ConnectionEnd, ListenerEnd, MigrationFailure, RuntimeError, SessionEnd,
};
pub use event::Event;
pub use event_sink::{EventSink, ListenerSink};
pub use exchange::Exchange;
pub use executor::{Executor, Task};
pub use listen_options::{ListenOptions, SessionPolicy};
pub use listener::{ListenerHandle, listen, listen_beside};
pub use metrics::Metrics;
pub use nnrp_core::connection::FrameContext;
pub use nnrp_core::directory::SessionLimits;
pub use nnrp_transport_provider::probe::ProbeOptions;
pub use nnrp_transport_provider::{Security, security, selection};
pub use probe::probe;
pub use recovery::ReconnectPolicy;
pub use server::{NnrpServer, NnrpServerConfig};
pub use server_session::{NnrpCancel, NnrpServerEvent, NnrpServerSession, NnrpSubmit};
pub use session_key::SessionKey;
pub use session_options::SessionOptions;
pub use transport_kind::{
    RuntimeTransportKind, compile_time_provider_features, compiled_providers,
};
