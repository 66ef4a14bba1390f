//! The UDP sockets that connections of an async runtime share: one for each address family, as long as any of them lives.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use quinn::{ConnectError, Connecting, Endpoint, TokioRuntime};
use tokio::runtime::Handle;

use crate::parameters::endpoint_config;
use crate::socket::{any_port, bind};

/// A UDP socket with its task.
#[derive(Debug)]
pub(crate) struct ClientEndpoint(Endpoint);

impl ClientEndpoint {
    pub(crate) fn connect(
        &self,
        config: quinn::ClientConfig,
        address: SocketAddr,
        name: &str,
    ) -> Result<Connecting, ConnectError> {
        self.0.connect_with(config, address, name)
    }
}

/// The runtime, and whether for IPv6: connections of a runtime that ends must not take those of others along.
type Key = (tokio::runtime::Id, bool);

static ENDPOINTS: LazyLock<Mutex<HashMap<Key, Weak<ClientEndpoint>>>> =
    LazyLock::new(Mutex::default);

/// The endpoint of the calling runtime for a peer.
pub(crate) fn client_endpoint(peer: SocketAddr) -> io::Result<Arc<ClientEndpoint>> {
    let key = (Handle::current().id(), peer.is_ipv6());
    // The map is whole after every statement.
    let mut endpoints = ENDPOINTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(endpoint) = endpoints.get(&key).and_then(Weak::upgrade) {
        return Ok(endpoint);
    }
    endpoints.retain(|_, endpoint| endpoint.strong_count() > 0);
    let socket = bind(any_port(peer))?;
    let endpoint = Endpoint::new(endpoint_config(), None, socket, Arc::new(TokioRuntime))?;
    let endpoint = Arc::new(ClientEndpoint(endpoint));
    endpoints.insert(key, Arc::downgrade(&endpoint));
    Ok(endpoint)
}
