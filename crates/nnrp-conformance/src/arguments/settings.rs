//! What a command line of `nnrp-echo` asks for.

use std::path::PathBuf;
use std::time::Duration;

use nnrp_runtime::{ConnectionOptions, ListenOptions};
use nnrp_transport_provider::Endpoint;
use nnrp_transport_provider::security::Alpn;
use tracing::level_filters::LevelFilter;

/// What to do.
#[derive(Debug)]
pub enum Command {
    /// Answer submits.
    Serve(Box<Serve>),
    /// Submit and count.
    Call(Box<Call>),
    /// Print the manual.
    Help,
    /// Print the version.
    Version,
}

/// The settings of `serve`.
#[derive(Debug)]
pub struct Serve {
    /// Endpoints to bind.
    pub endpoints: Vec<Endpoint>,
    /// Obey verbs in `latency_budget_ms`.
    pub verbs: bool,
    /// End when stdin ends.
    pub watch_stdin: bool,
    /// What the server shows on TLS and QUIC.
    pub certificate: Certificate,
    /// Where to write the certificate to trust.
    pub certificate_out: Option<PathBuf>,
    /// The token to select.
    pub alpn: Alpn,
    /// What is logged.
    pub log: LevelFilter,
    /// What each endpoint admits; its security comes from the settings above.
    pub options: ListenOptions,
}

/// Where a server's certificate comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Made at start for this name.
    SelfSigned(String),
    /// Read from files.
    Files {
        /// The chain.
        chain: PathBuf,
        /// The key.
        private_key: PathBuf,
    },
}

/// The settings of `call`.
#[derive(Debug)]
pub struct Call {
    /// The server.
    pub endpoint: Endpoint,
    /// The server as it was given, for the report.
    pub uri: String,
    /// Submits; `None` = until the duration is over.
    pub count: Option<u64>,
    /// Bytes of each body.
    pub size: usize,
    /// Submits without answer at once.
    pub in_flight: u16,
    /// How long to submit.
    pub duration: Option<Duration>,
    /// Report as JSON.
    pub json: bool,
    /// Whom to trust on TLS and QUIC.
    pub trust: Trusted,
    /// The name to check.
    pub server_name: Option<String>,
    /// The token to offer.
    pub alpn: Alpn,
    /// Where the session moves in the middle of the call.
    pub migrate_to: Option<Endpoint>,
    /// What is logged.
    pub log: LevelFilter,
    /// Timeouts and limits; the security comes from the settings above.
    pub options: ConnectionOptions,
}

/// Whose certificates a caller accepts.
#[derive(Debug, PartialEq, Eq)]
pub enum Trusted {
    /// Nobody's: enough for TCP.
    Nobody,
    /// The roots of a file.
    File(PathBuf),
    /// Anybody's.
    Anybody,
}
