//! Damaged packets: cut off at every byte, wrong magic, lengths of 4 GiB, messages before an open.

use nnrp_core::MessageType;

use crate::support::*;
use crate::watched::{Watched, scaled, send_anyway};

const VECTORS: &str = include_str!("../../../../spec/vectors/accept.txt");
/// Session of the hostile peers; free again as soon as the one before is gone.
const SESSION: u32 = 9;
const HEADER: usize = 40;

/// A packet of every message type, its metadata from the vectors where it has any, with a body of 8 bytes.
fn every_message() -> Vec<(MessageType, Vec<u8>)> {
    let build = |kind: &MessageType| {
        let metadata = metadata_of(kind.name());
        let bytes = packet(kind.to_wire(), SESSION, 1, &metadata, &[7; 8]);
        (*kind, bytes)
    };
    MessageType::ALL.iter().map(build).collect()
}

fn metadata_of(structure: &str) -> Vec<u8> {
    let line = format!("structure {structure}\nhex ");
    let Some((_, rest)) = VECTORS.split_once(&line) else {
        return Vec::new();
    };
    hex(rest.lines().next().expect("hex digits"))
}

#[test]
fn a_packet_cut_off_at_any_byte_ends_its_connection() {
    let mut watched = Watched::start(&[]);
    let cuts: Vec<Vec<u8>> = every_message()
        .iter()
        .flat_map(|(_, bytes)| (1..bytes.len()).map(|length| bytes[..length].to_vec()))
        .collect();
    assert!(cuts.len() > 1500, "{}", cuts.len());
    // At less than full size every n-th cut, n odd so that each offset of some message is met.
    let step = (cuts.len() / scaled(cuts.len(), 300)) | 1;
    let mut tried = 0;
    for cut in cuts.iter().step_by(step) {
        let mut peer = watched.echo.connect();
        send_anyway(&mut peer, cut);
        let _ = peer.stream.shutdown(std::net::Shutdown::Write);
        peer.expect_dropped();
        tried += 1;
        if tried % 50 == 0 {
            watched.still_echoes();
        }
    }
    watched.finish(&format!("{tried} packets cut off"));
}

#[test]
fn a_packet_with_a_wrong_identity_ends_its_connection() {
    let mut watched = Watched::start(&[]);
    let (mut id, mut tried) = (100, 0);
    for (_, bytes) in every_message() {
        for offset in [0, 1, 2, 3, 4, 5, 7] {
            let mut damaged = bytes.clone();
            damaged[offset] ^= 0x80;
            // First thing that is sent, and after a session has been opened.
            let mut first = watched.echo.connect();
            send_anyway(&mut first, &damaged);
            first.expect_dropped();
            if tried % 7 == 0 {
                id += 1;
                let mut later = watched.echo.session(id);
                send_anyway(&mut later, &damaged);
                later.expect_dropped();
            }
            tried += 1;
        }
        watched.still_echoes();
    }
    watched.echo.expect_ends("protocol-error", tried);
    watched.finish(&format!("{tried} wrong identities"));
}

#[test]
fn lengths_of_4_gib_in_any_message_cost_no_memory() {
    let mut watched = Watched::start(&[]);
    let mut tried = 0;
    for (message_type, bytes) in every_message() {
        for field in [12..16, 16..20, 12..20] {
            let mut bomb = bytes[..HEADER].to_vec();
            bomb[field].fill(0xff);
            let mut peer = watched.echo.connect();
            send_anyway(&mut peer, &bomb);
            send_anyway(&mut peer, &[0; 4096]);
            if message_type == MessageType::ClientHello {
                assert_eq!(peer.receive().kind, ERROR, "it is told why");
            }
            peer.expect_dropped();
            tried += 1;
        }
        watched.still_echoes();
    }
    watched.echo.expect_ends("protocol-error", tried);
    watched.finish(&format!("{tried} lengths of 4 GiB"));
}

#[test]
fn a_message_of_a_session_before_any_open_ends_its_connection() {
    let mut watched = Watched::start(&[]);
    let mut tried = 0;
    for kind in [
        FRAME_SUBMIT,
        FRAME_CANCEL,
        SESSION_CLOSE,
        SESSION_PATCH,
        RESULT_PUSH,
        RESULT_DROP,
        SESSION_OPEN_ACK,
        SESSION_CLOSE_ACK,
        SESSION_PATCH_ACK,
        SERVER_HELLO_ACK,
    ] {
        let messages = every_message();
        let message = messages.iter().find(|(each, _)| each.to_wire() == kind);
        let mut peer = watched.echo.connect();
        send_anyway(&mut peer, &message.expect("a message type").1);
        peer.expect_dropped();
        watched.still_echoes();
        tried += 1;
    }
    watched.echo.expect_ends("protocol-error", tried);
    watched.finish(&format!("{tried} messages before an open"));
}
