//! The openings of the echo contract (spec 19): what is granted, what is refused, and that a refusal arrives.

use crate::support::*;

const PROFILE_UNSUPPORTED: u32 = 0x0001_0002;
const SCHEMA_UNSUPPORTED: u32 = 0x0001_0003;
const SESSION_LIMIT_REACHED: u32 = 0x0001_0007;

#[test]
fn an_open_is_acked_with_what_it_asked_for() {
    let echo = Echo::start(&[]);
    let mut peer = echo.connect();
    let ack = peer.open(&Open {
        id: 77,
        max_in_flight: 256,
        ..Open::default()
    });
    assert_eq!(
        (ack.status(), ack.code(), ack.session, ack.frame),
        (0, 0, 77, 0)
    );
    assert_eq!(ack.u32(0), 77, "session id");
    assert_eq!((ack.u16(4), ack.u8(6)), (2, 1), "profile and priority");
    assert_eq!((ack.u32(8), ack.u32(12)), (0x1001, 3), "schema");
    assert!(
        ack.u16(18) >= 256,
        "max_in_flight_operations {}",
        ack.u16(18)
    );
    assert_eq!(ack.u32(28), 0, "no resume token was asked for");
    assert_eq!(ack.u32(52), 0, "session_flags_ack");
    assert!(ack.body.is_empty());
}

#[test]
fn the_recorded_session_of_the_published_client_is_answered() {
    let echo = Echo::start(&[]);
    let mut peer = echo.connect();
    peer.send_hex(
        "4e4e5250010007280000000030000000000000000000000000000000000000000000000000000000",
    );
    peer.send_hex(
        "01000000020001000110000003000000f40100000400000030750000000000000000000000000000",
    );
    peer.send_hex("0100000000000000");
    assert_eq!((peer.receive().status(), 1), (0, 1));
    peer.send_hex(
        "4e4e5250010010280000000048000000060000000100000001000000000000000000000000000000",
    );
    peer.send_hex(
        "00000000000000000000000000000000190000000000000000000000000000000000000000000000",
    );
    peer.send_hex("0000000000000000000000000000000000000000000000000200000001000000");
    peer.send_hex("70726f6d7074");
    peer.expect_echo(1, 1, b"prompt");
    peer.send_hex(
        "4e4e5250010009280000000018000000000000000100000000000000000000000000000000000000",
    );
    peer.send_hex("010000000000000002000000000000000000000001000000");
    let ack = peer.receive();
    assert_eq!((ack.kind, ack.session), (SESSION_CLOSE_ACK, 1));
    assert_eq!(ack.metadata, hex("02000000020000000000000000000000"));
    peer.expect_end();
}

#[test]
fn a_refused_open_is_told_why_before_the_connection_ends() {
    let echo = Echo::start(&[]);
    let _holder = echo.session(500);
    for (open, code) in [
        (
            Open {
                profile: 0xffff,
                ..Open::default()
            },
            PROFILE_UNSUPPORTED,
        ),
        (
            Open {
                schema_version: 9,
                ..Open::default()
            },
            SCHEMA_UNSUPPORTED,
        ),
        (
            Open {
                max_in_flight: 65_535,
                ..Open::default()
            },
            SESSION_LIMIT_REACHED,
        ),
        (
            Open {
                id: 500,
                ..Open::default()
            },
            SESSION_LIMIT_REACHED,
        ),
        // Several faults: the first of the contract's order decides.
        (
            Open {
                profile: 0xffff,
                schema_version: 9,
                max_in_flight: 65_535,
                id: 500,
                ..Open::default()
            },
            PROFILE_UNSUPPORTED,
        ),
    ] {
        let mut peer = echo.connect();
        let ack = peer.open(&open);
        assert_eq!((ack.status(), ack.code()), (1, code), "{ack:?}");
        assert_eq!(
            (ack.session, ack.u32(0)),
            (0, 0),
            "no id in header and metadata"
        );
        assert_eq!(
            (ack.u16(4), ack.u32(12)),
            (open.profile, open.schema_version),
            "echoed"
        );
        peer.expect_end();
    }
}

#[test]
fn a_refusal_arrives_although_the_client_has_sent_more() {
    let echo = Echo::start(&[]);
    for _ in 0..20 {
        let mut peer = echo.connect();
        let mut bytes = packet(
            SESSION_OPEN,
            0,
            0,
            &Open {
                profile: 9,
                ..Open::default()
            }
            .metadata(),
            &[],
        );
        bytes.extend(submit(1, 1, 0, &vec![0; 100_000]));
        peer.send(&bytes);
        assert_eq!(peer.receive().code(), PROFILE_UNSUPPORTED);
        peer.expect_end();
    }
}

#[test]
fn id_zero_gets_a_free_id_that_is_not_zero() {
    let echo = Echo::start(&[]);
    let _taken = echo.session(1);
    let mut peers: Vec<(Peer, u32)> = Vec::new();
    for _ in 0..8 {
        let mut peer = echo.connect();
        let ack = peer.open(&Open {
            id: 0,
            ..Open::default()
        });
        assert_eq!(ack.status(), 0);
        let id = ack.u32(0);
        assert_eq!(ack.session, id);
        assert!(
            id > 1 && peers.iter().all(|(_, other)| *other != id),
            "id {id}"
        );
        peers.push((peer, id));
    }
    for (peer, id) in &mut peers {
        peer.submit(*id, 1, 0, b"mine");
        peer.expect_echo(*id, 1, b"mine");
    }
}
