//! Objects of the cache, byte by byte: put, named by submits, missed, invalidated.

use crate::support::{
    CLIENT_HELLO, ERROR, Echo, FRAME_SUBMIT, Open, Packet, Peer, RESULT_DROP, SERVER_HELLO_ACK,
};

const CACHE_PUT: u8 = 0x14;
const CACHE_ACK: u8 = 0x15;
const CACHE_INVALIDATE: u8 = 0x16;

const SESSION: u32 = 77;
/// `prompt_segment`
const KIND: u32 = 7;
const CACHE_MISS: u32 = 0x0003_0001;

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A peer with an open session on a connection whose hello agreed on a cache.
fn caching_peer(echo: &Echo) -> Peer {
    let mut peer = echo.connect();
    let mut hello = vec![1, 1, 1, 0, 3, 0, 0, 0, 0x7f, 0, 0, 0];
    hello.resize(64, 0);
    (hello[30], hello[31], hello[34]) = (0xff, 0x01, 1);
    peer.send_packet(CLIENT_HELLO, 0, 0, &hello, &[]);
    let ack = peer.receive();
    assert_eq!((ack.kind, ack.u32(36)), (SERVER_HELLO_ACK, 0x01ff));
    assert!(ack.u32(40) > 0 && ack.u32(44) > 0 && ack.u32(76) == 1);
    let open = Open {
        id: SESSION,
        ..Open::default()
    };
    assert_eq!(peer.open(&open).status(), 0);
    peer
}

fn put(peer: &mut Peer, key: u32, declared: u32, object: &[u8]) -> Packet {
    let metadata = words(&[5, 0, key, KIND, 20_000, declared, 0, 2]);
    peer.send_packet(CACHE_PUT, SESSION, 0, &metadata, object);
    let ack = peer.receive();
    assert_eq!((ack.kind, ack.session), (CACHE_ACK, SESSION));
    assert_eq!(ack.metadata[..12], metadata[..12], "the key is echoed");
    ack
}

/// A structured body of one object reference.
fn naming(key: u32) -> Vec<u8> {
    let prelude = words(&[0, 16, 0, 0, 0, 0, 0, 0]);
    [prelude, words(&[KIND, 5, 0, key])].concat()
}

#[test]
fn an_object_that_was_put_can_be_named_until_it_is_invalidated() {
    let echo = Echo::start(&[]);
    let mut peer = caching_peer(&echo);
    let ack = put(&mut peer, 9, 4, b"once");
    assert_eq!((ack.u32(12), ack.u32(16), ack.u32(24)), (0, 20_000, 0));
    assert!(ack.u32(20) >= 4);
    peer.submit(SESSION, 1, 25, &naming(9));
    peer.expect_echo(SESSION, 1, &naming(9));
    assert_eq!(put(&mut peer, 9, 5, b"twice").u32(12), 2, "replaced");
    peer.submit(SESSION, 2, 25, &naming(9));
    peer.expect_echo(SESSION, 2, &naming(9));

    peer.send_packet(CACHE_INVALIDATE, SESSION, 0, &words(&[3, 5, 0, 9, 1]), &[]);
    expect_miss(&mut peer, 3, 9);
    peer.submit(SESSION, 4, 25, b"the session goes on");
    peer.expect_echo(SESSION, 4, b"the session goes on");
}

#[test]
fn what_was_never_put_is_a_miss_and_a_put_that_lies_is_rejected() {
    let echo = Echo::start(&[]);
    let mut peer = caching_peer(&echo);
    expect_miss(&mut peer, 1, 8);
    let ack = put(&mut peer, 8, 5, b"four");
    assert_eq!((ack.u32(12), ack.u32(16), ack.u32(24) >> 16), (1, 0, 3));
    expect_miss(&mut peer, 2, 8);
}

/// Submits a frame that names an object that is not there.
fn expect_miss(peer: &mut Peer, frame: u32, key: u32) {
    peer.submit(SESSION, frame, 25, &naming(key));
    let report = peer.receive();
    assert_eq!(
        (report.kind, report.u32(0), report.u32(4)),
        (ERROR, CACHE_MISS, 2)
    );
    assert_eq!(
        (report.u32(8), report.u32(16), report.u32(20)),
        (0, SESSION, frame)
    );
    let drop = peer.receive();
    assert_eq!(
        (drop.kind, drop.session, drop.frame),
        (RESULT_DROP, SESSION, frame)
    );
}

#[test]
fn without_an_agreed_cache_every_put_is_answered_and_none_stored() {
    let echo = Echo::start(&[]);
    let mut peer = echo.connect();
    assert_eq!(peer.hello().u32(76), 0);
    let open = Open {
        id: SESSION,
        ..Open::default()
    };
    assert_eq!(peer.open(&open).status(), 0);
    assert_eq!(put(&mut peer, 9, 4, b"once").u32(12), 1);
    let by_value = [FRAME_SUBMIT; 3];
    peer.submit(SESSION, 1, 25, &by_value);
    peer.expect_echo(SESSION, 1, &by_value);
}
