//! What a peer can do with a connection that stands: streams that nobody allowed, resets, stops, closes, and silence for ever.

use std::future::Future;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use quinn::{Connection, ConnectionError, RecvStream, SendStream, VarInt};
use tokio::time::timeout;

use crate::PATIENCE;
use crate::bridge::{client_config, quic_endpoint, tcp_address_of};
use crate::support::*;
use crate::watched::{Watched, scaled};
use crate::way::{Fate, Way};

/// Ids of hostile sessions start here.
const FIRST_ID: u32 = 1000;
/// The application close code of a peer that broke the protocol.
const PROTOCOL: VarInt = VarInt::from_u32(1);

/// A connection with its one stream, and an open session of this id.
async fn session(echo: &Echo, id: u32) -> (Connection, SendStream, RecvStream) {
    let endpoint = quic_endpoint(client_config(echo.root(), None));
    let connecting = endpoint.connect(server_of(echo), "localhost");
    let connection = connecting.expect("it begins").await.expect("a handshake");
    let (mut send, mut receive) = connection.open_bi().await.expect("a stream");
    let open = Open {
        id,
        ..Open::default()
    };
    let open = packet(SESSION_OPEN, 0, 0, &open.metadata(), &[]);
    send.write_all(&open).await.expect("write");
    let mut ack = [0; 40 + 56];
    receive.read_exact(&mut ack).await.expect("an ack");
    assert_eq!((ack[6], ack[40 + 7]), (SESSION_OPEN_ACK, 0), "{ack:?}");
    (connection, send, receive)
}

fn server_of(echo: &Echo) -> SocketAddr {
    let uri = echo.uri();
    let authority = uri.rsplit("//").next().expect("an authority");
    authority.parse().expect("an address")
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async { timeout(PATIENCE, test).await.expect("in time") })
}

#[test]
fn a_connection_has_one_stream_and_no_peer_gets_another() {
    let mut watched = Watched::start(&[]);
    run(async {
        let (connection, mut send, mut receive) = session(&watched.echo, FIRST_ID).await;
        let soon = Duration::from_millis(300);
        assert!(timeout(soon, connection.open_bi()).await.is_err());
        assert!(timeout(soon, connection.open_uni()).await.is_err());
        let submit = submit(FIRST_ID, 1, 0, b"served");
        send.write_all(&submit).await.expect("write");
        let mut result = [0; 40 + 64 + 6];
        receive.read_exact(&mut result).await.expect("a result");
        assert_eq!(&result[104..], b"served");
    });
    watched.still_echoes();
    watched.finish("1 peer that wants more streams");
}

#[test]
fn a_stream_that_is_reset_or_stopped_ends_its_connection() {
    let mut watched = Watched::start(&[]);
    let count = scaled(1000, 20);
    for id in (FIRST_ID..).take(count) {
        run(async {
            let (connection, mut send, mut receive) = session(&watched.echo, id).await;
            if id % 2 == 0 {
                let submit = submit(id, 1, 0, &[7; 300]);
                send.write_all(&submit[..100]).await.expect("write");
                send.reset(VarInt::from_u32(7)).expect("it is open");
            } else {
                receive.stop(VarInt::from_u32(7)).expect("it is open");
                // What the server writes from here on is refused.
                for frame in 1..=3 {
                    let _ = send.write_all(&submit(id, frame, 0, &[7; 300])).await;
                }
            }
            connection.closed().await;
        });
        watched.still_echoes();
    }
    watched.finish(&format!("{count} streams that are reset or stopped"));
}

#[test]
fn a_peer_that_breaks_the_protocol_is_told_so_by_the_close_code() {
    let mut watched = Watched::start(&[]);
    let count = scaled(1000, 20);
    for id in (FIRST_ID..).take(count) {
        let ended = run(async {
            let (connection, mut send, _receive) = session(&watched.echo, id).await;
            send.write_all(&[0x5a; 40]).await.expect("write");
            connection.closed().await
        });
        let ConnectionError::ApplicationClosed(close) = &ended else {
            panic!("{ended:?}");
        };
        assert_eq!(close.error_code, PROTOCOL, "{ended:?}");
        watched.still_echoes();
    }
    watched.echo.expect_ends("protocol-error", count);
    watched.finish(&format!("{count} close codes of broken protocol"));
}

#[test]
fn a_peer_that_closes_with_any_code_frees_its_session() {
    let mut watched = Watched::start(&[]);
    let count = scaled(1000, 20);
    for id in (FIRST_ID..).take(count) {
        run(async {
            let (connection, mut send, _receive) = session(&watched.echo, id).await;
            let submit = submit(id, 1, 0, &[7; 300]);
            send.write_all(&submit).await.expect("write");
            connection.close(VarInt::from_u32(id * 7919), &[b'x'; 200]);
            // The close has to leave before the socket goes.
            connection.closed().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        });
        drop(watched.echo.session_when_free(id));
        watched.still_echoes();
    }
    watched.finish(&format!("{count} closes with strange codes"));
}

#[test]
fn datagrams_damaged_on_the_way_only_cost_time() {
    let mut watched = Watched::start(&[]);
    let way = Way::to(server_of(&watched.echo));
    let mut peer = over(&way, &watched);
    let open = Open {
        id: FIRST_ID,
        ..Open::default()
    };
    assert_eq!(peer.open(&open).status(), 0);
    way.decide(Fate::Suffer);
    let count = u32::try_from(scaled(2000, 40)).expect("few");
    for frame in 1..=count {
        peer.submit(FIRST_ID, frame, 0, &[5; 2000]);
        peer.expect_echo(FIRST_ID, frame, &[5; 2000]);
    }
    watched.still_echoes();
    way.decide(Fate::Arrive);
    drop(peer);
    watched.finish(&format!("{count} echoes over a way that damages datagrams"));
}

#[test]
fn peers_that_vanish_without_a_word_are_given_up_and_their_sessions_free() {
    let watched = Watched::start(&["--idle-timeout", "5"]);
    let count = scaled(100, 5);
    for id in (FIRST_ID..).take(count) {
        let way = Way::to(server_of(&watched.echo));
        let mut peer = over(&way, &watched);
        let open = Open {
            id,
            ..Open::default()
        };
        assert_eq!(peer.open(&open).status(), 0);
        way.decide(Fate::Vanish);
        // Its bridge may still try; nothing arrives.
        drop(peer);
    }
    for id in (FIRST_ID..).take(count) {
        drop(watched.echo.session_when_free(id));
    }
    watched.echo.expect_ends("peer-timeout", count);
    println!("counted: {count} peers that vanish without a word");
}

/// A byte-level peer over this way.
fn over(way: &Way, watched: &Watched) -> Peer {
    let uri = format!("nnrp+quic://{}", way.address);
    let address = tcp_address_of(&uri, watched.echo.root(), None);
    let stream = TcpStream::connect(address).expect("connect");
    stream.set_nodelay(true).expect("nodelay");
    Peer { stream }
}
