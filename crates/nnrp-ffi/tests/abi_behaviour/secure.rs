//! Servers with a certificate made for the test, and clients that trust it.

use crate::events::Events;
use crate::pair::{Pair, connect, listen_at, memory_uri, open_session, options_of, set_bytes};
use nnrp::*;
use nnrp_transport_provider::security::SelfSigned;

/// Every endpoint that has a socket.
pub(crate) const SOCKETS: [&str; 3] = [
    "nnrp+tcp://127.0.0.1:0",
    "nnrp+tls://127.0.0.1:0",
    "nnrp+quic://127.0.0.1:0",
];

/// Who a server is, as option sets want it.
pub(crate) struct Certificate {
    made: SelfSigned,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        let made = SelfSigned::generate("localhost").expect("a certificate");
        Self { made }
    }

    /// Numbers, and what a server shows.
    pub(crate) fn server_options(&self, values: &[(u32, u64)]) -> NnrpHandle {
        let options = options_of(values);
        let identity = &self.made.identity;
        set_bytes(
            options,
            NNRP_BYTES_OPTION_CERTIFICATE_CHAIN,
            &identity.certificate_chain[0],
        );
        set_bytes(
            options,
            NNRP_BYTES_OPTION_PRIVATE_KEY,
            &identity.private_key,
        );
        options
    }

    /// Numbers, and whom a client trusts.
    pub(crate) fn client_options(&self, values: &[(u32, u64)]) -> NnrpHandle {
        let options = options_of(values);
        set_bytes(
            options,
            NNRP_BYTES_OPTION_ROOT_CERTIFICATES,
            &self.made.root,
        );
        set_bytes(options, NNRP_BYTES_OPTION_SERVER_NAME, b"localhost");
        options
    }
}

/// An open session over a socket; the numbers are the client's and the server's options.
pub(crate) fn pair_at(uri: &str, client: &[(u32, u64)], server: &[(u32, u64)]) -> Pair {
    let certificate = Certificate::new();
    let events = Events::new(1024, 1 << 16);
    let (listener, uri) = listen_at(events.queue, uri, certificate.server_options(server));
    Pair::open_at(events, listener, &uri, certificate.client_options(client))
}

/// An open session of a client that says no hello.
pub(crate) fn open_first_pair() -> Pair {
    let server = Events::new(64, 1024);
    let mut client = Events::new(64, 1024);
    let (listener, uri) = listen_at(server.queue, &memory_uri(), 0);
    let connection = connect(client.queue, &uri, options_of(&[(NNRP_OPTION_EXCHANGE, 2)]));
    let session = open_session(connection, 0);
    client.expect(NNRP_EVENT_CONNECTED);
    client.expect(NNRP_EVENT_SESSION_OPENED);
    Pair::joined(client, server, listener, connection, session)
}
