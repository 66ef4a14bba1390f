//! What the async client and its sessions own together: the connection, and where its events go.

use std::sync::Arc;

use crate::ConnectionHandle;
use crate::client_router::ClientRouter;

/// A connection that ends with its last owner.
#[derive(Debug)]
pub(crate) struct ClientLink {
    pub(crate) connection: ConnectionHandle,
    pub(crate) router: Arc<ClientRouter>,
}

impl Drop for ClientLink {
    fn drop(&mut self) {
        self.connection.close();
        self.router.go_deaf();
    }
}
