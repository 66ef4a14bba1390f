//! The in-memory transport: `nnrp+mem://name`, a pair inside this process that needs no socket.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use tokio::io::{DuplexStream, duplex, split};
use tokio::sync::mpsc;

use crate::{
    BoxFuture, Endpoint, Incoming, Link, Listener, Transport, TransportError, TransportErrorKind,
    TransportId,
};

/// Bytes in flight per direction; comparable to the buffers of a loopback socket.
const PIPE_BYTES: usize = 256 * 1024;
/// Peers that may wait to be accepted before connecting waits too.
const BACKLOG: usize = 128;

/// Listeners of the process by name; a name lives as long as its listener.
static LISTENERS: LazyLock<Mutex<HashMap<String, mpsc::Sender<DuplexStream>>>> =
    LazyLock::new(Mutex::default);

/// The transport of `nnrp+mem://name`; all instances share the names of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryTransport;

impl Transport for MemoryTransport {
    fn id(&self) -> TransportId {
        TransportId::Unspecified
    }

    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Link, TransportError>> {
        Box::pin(async move {
            let name = memory_name(endpoint)?;
            let refused = || {
                let reason = io::Error::new(
                    io::ErrorKind::ConnectionRefused,
                    "nobody listens on that name",
                );
                TransportError::new(TransportErrorKind::Connect, endpoint, reason)
            };
            let listener = listeners().get(name).cloned().ok_or_else(refused)?;
            let (near, far) = duplex(PIPE_BYTES);
            listener.send(far).await.map_err(|_| refused())?;
            Ok(link(near, endpoint))
        })
    }

    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let name = memory_name(endpoint)?;
            let (sender, incoming) = mpsc::channel(BACKLOG);
            match listeners().entry(name.to_owned()) {
                Entry::Occupied(_) => Err(TransportError::new(
                    TransportErrorKind::Listen,
                    endpoint,
                    io::Error::new(
                        io::ErrorKind::AddrInUse,
                        "the name is taken in this process",
                    ),
                )),
                Entry::Vacant(slot) => {
                    slot.insert(sender);
                    let listener: Box<dyn Listener> = Box::new(MemoryListener {
                        endpoint: endpoint.clone(),
                        incoming,
                    });
                    Ok(listener)
                }
            }
        })
    }
}

struct MemoryListener {
    endpoint: Endpoint,
    incoming: mpsc::Receiver<DuplexStream>,
}

impl Listener for MemoryListener {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>> {
        Box::pin(async move {
            match self.incoming.recv().await {
                Some(stream) => {
                    let incoming: Box<dyn Incoming> = Box::new(MemoryIncoming {
                        stream,
                        endpoint: self.endpoint.clone(),
                    });
                    Ok(incoming)
                }
                // The registry holds a sender as long as this listener lives.
                None => Err(TransportError::new(
                    TransportErrorKind::Accept,
                    &self.endpoint,
                    io::ErrorKind::NotConnected.into(),
                )),
            }
        })
    }
}

impl Drop for MemoryListener {
    fn drop(&mut self) {
        if let Endpoint::Memory { name } = &self.endpoint {
            listeners().remove(name);
        }
    }
}

struct MemoryIncoming {
    stream: DuplexStream,
    endpoint: Endpoint,
}

impl Incoming for MemoryIncoming {
    fn peer(&self) -> String {
        self.endpoint.to_string()
    }

    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>> {
        Box::pin(async move { Ok(link(self.stream, &self.endpoint)) })
    }
}

fn link(stream: DuplexStream, endpoint: &Endpoint) -> Link {
    let (reader, writer) = split(stream);
    Link {
        reader: Box::new(reader),
        writer: Box::new(writer),
        peer: endpoint.to_string(),
        alpn: None,
        control: None,
    }
}

fn memory_name(endpoint: &Endpoint) -> Result<&str, TransportError> {
    match endpoint {
        Endpoint::Memory { name } => Ok(name),
        _ => Err(TransportError::unsupported(endpoint)),
    }
}

fn listeners() -> MutexGuard<'static, HashMap<String, mpsc::Sender<DuplexStream>>> {
    // The map is whole after every statement, so a panic elsewhere leaves nothing half done.
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Fixture;

    struct Memory;

    impl Fixture for Memory {
        fn transport(&self) -> &dyn Transport {
            &MemoryTransport
        }

        fn free_endpoint(&self, test: &str) -> Endpoint {
            Endpoint::Memory {
                name: format!("contract-{test}"),
            }
        }
    }

    crate::transport_contract!(super::Memory);
}
