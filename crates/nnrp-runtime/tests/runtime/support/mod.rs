//! Endpoints nobody else uses, certificates of their own, and the longest wait.

pub(crate) mod raw_peer;
pub(crate) mod recorder;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nnrp_transport_provider::security::{ClientSecurity, SelfSigned, ServerSecurity, Trust};
use nnrp_transport_provider::{Endpoint, Security};

/// Longest wait for what must happen; virtual seconds where time is paused.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) fn memory_endpoint() -> Endpoint {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    Endpoint::Memory {
        name: format!("runtime-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
    }
}

pub(crate) fn tcp_endpoint() -> Endpoint {
    Endpoint::Tcp {
        host: "127.0.0.1".into(),
        port: 0,
    }
}

/// Both ends of TLS and QUIC, with a certificate of their own.
pub(crate) fn security() -> Security {
    let certificate = SelfSigned::generate("localhost").expect("a certificate");
    let client = ClientSecurity {
        trust: Trust::Roots(vec![certificate.root]),
        server_name: Some("localhost".into()),
        ..ClientSecurity::default()
    };
    let server = ServerSecurity {
        identity: Some(certificate.identity),
        ..ServerSecurity::default()
    };
    Security::new(client, server)
}

pub(crate) async fn within<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, step)
        .await
        .expect("it happens in time")
}
