//! Sessions over TCP, TLS and QUIC, and what is refused before any I/O.

use crate::events::Events;
use crate::pair::{Pair, connect, listen_at, open_session, options_of, set_bytes, text_of};
use crate::secure::{Certificate, SOCKETS, pair_at};
use nnrp::*;
use std::ptr;

#[test]
fn a_session_carries_submits_and_results_over_every_socket() {
    for uri in SOCKETS {
        let mut pair = pair_at(uri, &[], &[]);
        let (status, batch) = pair.submit(&[b"over a socket", b""]);
        assert_eq!((status, batch.accepted), (NNRP_STATUS_OK, 2), "{uri}");
        let (submit, body) = pair.server.expect_body(NNRP_EVENT_SUBMIT);
        assert_eq!(body, b"over a socket");
        pair.server.expect(NNRP_EVENT_SUBMIT);
        let frames = [submit.frame_id, submit.frame_id + 1];
        assert_eq!(pair.answer(&frames).0, NNRP_STATUS_OK);
        for frame in frames {
            let (result, body) = pair.client.expect_body(NNRP_EVENT_RESULT);
            assert_eq!(result.frame_id, frame, "{uri}");
            assert_eq!(body, frame.to_le_bytes());
        }
    }
}

#[test]
fn both_ends_know_each_other_by_name() {
    for uri in SOCKETS {
        let pair = pair_at(uri, &[], &[]);
        let peer = |connection| {
            text_of(|text, capacity, size| {
                // SAFETY: `text` has `capacity` bytes; `size` is a live local.
                unsafe { nnrp_connection_peer(connection, text, capacity, size, ptr::null_mut()) }
            })
        };
        let uri_of = |connection| {
            text_of(|text, capacity, size| {
                // SAFETY: `text` has `capacity` bytes; `size` is a live local.
                unsafe { nnrp_connection_uri(connection, text, capacity, size, ptr::null_mut()) }
            })
        };
        assert!(peer(pair.connection).contains("127.0.0.1:"), "{uri}");
        assert!(peer(pair.accepted).contains("127.0.0.1:"), "{uri}");
        let scheme = &uri[..uri.find("://").expect("a scheme") + 3];
        assert!(uri_of(pair.connection).starts_with(scheme), "{uri}");
        assert_eq!(uri_of(pair.connection), uri_of(pair.accepted), "{uri}");
    }
}

#[test]
fn before_the_transport_is_up_there_is_no_peer() {
    let client = Events::new(16, 0);
    // Nothing listens at a reserved address (RFC 5737), and nothing refuses either.
    let connection = connect(client.queue, "nnrp+tcp://192.0.2.1:9", 0);
    let mut size = 7;
    // SAFETY: all pointers are NULL or to live locals.
    let status = unsafe {
        nnrp_connection_peer(
            connection,
            ptr::null_mut(),
            0,
            &raw mut size,
            ptr::null_mut(),
        )
    };
    assert_eq!((status, size), (NNRP_STATUS_WRONG_STATE, 7));
}

#[test]
fn a_server_that_is_not_trusted_is_no_connection() {
    let (server, mut client) = (Events::new(64, 0), Events::new(64, 0));
    let (known, other) = (Certificate::new(), Certificate::new());
    for uri in &SOCKETS[1..] {
        let (_, uri) = listen_at(server.queue, uri, known.server_options(&[]));
        connect(client.queue, &uri, other.client_options(&[]));
        let closed = client.expect(NNRP_EVENT_CONNECTION_CLOSED);
        assert_eq!(closed.status, NNRP_STATUS_CONNECT_FAILED, "{uri}");
        let anyone = options_of(&[(NNRP_OPTION_TRUST, 2)]);
        set_bytes(anyone, NNRP_BYTES_OPTION_SERVER_NAME, b"localhost");
        let connection = connect(client.queue, &uri, anyone);
        let (connected, _) = client.find(NNRP_EVENT_CONNECTED);
        assert_eq!(connected.connection, connection, "{uri}");
        client.expect(NNRP_EVENT_GREETED);
    }
}

#[test]
fn secure_endpoints_with_unusable_options_name_the_option_at_once() {
    let events = Events::new(16, 0);
    let certificate = Certificate::new();
    let with = |options: NnrpHandle, key, value: &[u8]| {
        set_bytes(options, key, value);
        options
    };
    for uri in &SOCKETS[1..] {
        let nameless = |key, value: &[u8]| with(certificate.client_options(&[]), key, value);
        let clients = [
            (0, NNRP_BYTES_OPTION_ROOT_CERTIFICATES),
            (
                nameless(NNRP_BYTES_OPTION_ROOT_CERTIFICATES, b"no certificate"),
                NNRP_BYTES_OPTION_ROOT_CERTIFICATES,
            ),
            (
                nameless(NNRP_BYTES_OPTION_SERVER_NAME, b"no name at all"),
                NNRP_BYTES_OPTION_SERVER_NAME,
            ),
            (
                nameless(NNRP_BYTES_OPTION_ALPN_TOKEN, b"\xff"),
                NNRP_BYTES_OPTION_ALPN_TOKEN,
            ),
        ];
        for (options, key) in clients {
            assert_eq!(
                refused_connect(events.queue, uri, options),
                (NNRP_STATUS_INVALID_OPTION, key)
            );
        }
        let chain_only = with(
            options_of(&[]),
            NNRP_BYTES_OPTION_CERTIFICATE_CHAIN,
            b"-----BEGIN CERTIFICATE-----",
        );
        let bad_key = with(
            certificate.server_options(&[]),
            NNRP_BYTES_OPTION_PRIVATE_KEY,
            b"no key",
        );
        let servers = [
            (0, NNRP_BYTES_OPTION_CERTIFICATE_CHAIN),
            (chain_only, NNRP_BYTES_OPTION_PRIVATE_KEY),
            (bad_key, NNRP_BYTES_OPTION_PRIVATE_KEY),
        ];
        for (options, key) in servers {
            assert_eq!(
                refused_listen(events.queue, uri, options),
                (NNRP_STATUS_INVALID_OPTION, key)
            );
        }
    }
}

#[test]
fn an_alpn_token_of_its_own_is_agreed_on() {
    for uri in &SOCKETS[1..] {
        let certificate = Certificate::new();
        let (mut client, server) = (Events::new(64, 1024), Events::new(64, 1024));
        let ours = certificate.server_options(&[]);
        set_bytes(ours, NNRP_BYTES_OPTION_ALPN_TOKEN, b"own/1");
        let (_, uri) = listen_at(server.queue, uri, ours);
        let same = certificate.client_options(&[]);
        set_bytes(same, NNRP_BYTES_OPTION_ALPN_TOKEN, b"own/1");
        open_session(connect(client.queue, &uri, same), 0);
        client.find(NNRP_EVENT_SESSION_OPENED);
    }
}

#[test]
fn a_secure_endpoint_takes_quic_or_tls_whichever_is_there() {
    for uri in &SOCKETS[1..] {
        let certificate = Certificate::new();
        let events = Events::new(1024, 1 << 16);
        let (listener, uri) = listen_at(events.queue, uri, certificate.server_options(&[]));
        let port = uri.rsplit(':').next().expect("a port");
        let secure = format!("nnrps://127.0.0.1:{port}");
        let pair = Pair::open_at(events, listener, &secure, certificate.client_options(&[]));
        assert_eq!(pair.submit(&[b"over either"]).0, NNRP_STATUS_OK, "{uri}");
    }
    let events = Events::new(16, 0);
    let options = Certificate::new().server_options(&[]);
    let refused = refused_listen(events.queue, "nnrps://127.0.0.1:0", options);
    assert_eq!(
        refused,
        (NNRP_STATUS_UNSUPPORTED, 1),
        "a server listens at both"
    );
}

fn refused_connect(queue: NnrpHandle, uri: &str, options: NnrpHandle) -> (NnrpStatus, u32) {
    let (mut out, mut error) = (0, NnrpError::default());
    // SAFETY: all pointers are to live memory of the stated sizes.
    let status = unsafe {
        nnrp_connect(
            queue,
            uri.as_ptr().cast(),
            uri.len(),
            options,
            &raw mut out,
            &raw mut error,
        )
    };
    (status, error.detail)
}

fn refused_listen(queue: NnrpHandle, uri: &str, options: NnrpHandle) -> (NnrpStatus, u32) {
    let (mut out, mut error) = (0, NnrpError::default());
    // SAFETY: all pointers are to live memory of the stated sizes.
    let status = unsafe {
        nnrp_server_listen(
            queue,
            uri.as_ptr().cast(),
            uri.len(),
            options,
            &raw mut out,
            &raw mut error,
        )
    };
    (status, error.detail)
}
