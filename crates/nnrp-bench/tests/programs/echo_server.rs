//! An echo on a thread of its own, for the loads that need a server of the protocol.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use nnrp_conformance::echo::EchoSink;
use nnrp_runtime::security::ServerSecurity;
use nnrp_runtime::{
    ConnectionHandle, ConnectionOptions, EventSink, ListenOptions, ListenerEnd, ListenerSink,
    Security, listen,
};
use nnrp_transport_provider::security::Identity;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// A listener that lives as long as this.
pub(crate) struct EchoServer {
    /// Where it listens, as a URI.
    pub(crate) uri: String,
    /// Dropped with this; the thread ends then.
    _stop: oneshot::Sender<()>,
}

impl EchoServer {
    /// Listens on a URI, with an identity where its transport needs one.
    pub(crate) fn start(uri: &str, identity: Option<Identity>) -> Self {
        let endpoint = uri.parse().expect("a URI");
        let options = ListenOptions {
            connection: ConnectionOptions {
                security: Security::server(ServerSecurity {
                    identity,
                    ..ServerSecurity::default()
                }),
                ..ConnectionOptions::default()
            },
            ..ListenOptions::default()
        };
        let (stop, stopped) = oneshot::channel();
        let (said, listening) = channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let executor = Arc::new(Handle::current());
                let server = listen(endpoint, options, Arc::new(Echoes), executor);
                let server = server.await.expect("a listener");
                said.send(server.endpoint().to_string()).expect("a reader");
                // Either way the test is done with it.
                let _ = stopped.await;
            });
        });
        Self {
            uri: listening.recv().expect("it listens"),
            _stop: stop,
        }
    }

    pub(crate) fn tcp() -> Self {
        Self::start("nnrp+tcp://127.0.0.1:0", None)
    }
}

struct Echoes;

impl ListenerSink for Echoes {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        Arc::new(EchoSink::new(connection.clone(), true))
    }

    fn closed(&self, _: ListenerEnd) {}
}
