//! The decoder against frames in any pieces, against each broken rule, and against any bytes.

use super::*;
use proptest::prelude::*;

fn frame(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let header = FrameHeader {
        is_last: true,
        opcode: Opcode::Binary,
        length: payload.len() as u64,
        key,
    };
    let (mut bytes, length) = header.encode();
    bytes[0] = first;
    let mut frame = bytes[..length].to_vec();
    let start = frame.len();
    frame.extend_from_slice(payload);
    header.mask().apply(&mut frame[start..]);
    frame
}

const KEY: Option<[u8; 4]> = Some([0x37, 0xfa, 0x21, 0x3d]);

/// Everything that the decoder makes of the bytes.
fn decode(raw: &[u8]) -> (Vec<u8>, Result<(), Violation>, FrameDecoder) {
    let mut decoder = FrameDecoder::of_sender(Role::Client);
    let mut bytes = raw.to_vec();
    let (length, outcome) = decoder.decode(&mut bytes);
    bytes.truncate(length);
    (bytes, outcome, decoder)
}

#[test]
fn control_frames_inside_a_message_are_taken_out_of_it() {
    let raw = [
        frame(0x02, b"one ", KEY),
        frame(0x89, b"are you there", KEY),
        frame(0x00, b"message", KEY),
        frame(0x8a, b"unasked", KEY),
        frame(0x80, b"", KEY),
        frame(0x82, b", another", KEY),
    ]
    .concat();
    let (payload, outcome, mut decoder) = decode(&raw);
    assert_eq!(
        (payload.as_slice(), outcome),
        (&b"one message, another"[..], Ok(()))
    );
    let ping = decoder.take_ping().expect("a ping");
    assert_eq!(ping.as_bytes(), b"are you there");
    assert_eq!(decoder.take_ping(), None);
}

#[test]
fn the_payload_before_a_violation_is_not_lost() {
    for (bad, violation) in [
        (frame(0x81, b"text", KEY), Violation::Text),
        (frame(0x80, b"", KEY), Violation::StrayContinuation),
        (frame(0x82, b"bare", None), Violation::NotMasked),
        (frame(0x88, b"\x03", KEY), Violation::CloseStatus),
        (frame(0x88, b"\x03\xe8\xff", KEY), Violation::CloseReason),
    ] {
        let raw = [frame(0x82, b"good", KEY), bad, frame(0x82, b"unheard", KEY)].concat();
        let (payload, outcome, _) = decode(&raw);
        assert_eq!(
            (payload.as_slice(), outcome),
            (&b"good"[..], Err(violation))
        );
    }
    let raw = [frame(0x02, b"open", KEY), frame(0x82, b"", KEY)].concat();
    assert_eq!(decode(&raw).1, Err(Violation::InterruptedMessage));
}

#[test]
fn nothing_counts_after_a_close() {
    let raw = [
        frame(0x82, b"last", KEY),
        frame(0x88, b"\x03\xe8done", KEY),
        frame(0x81, b"whatever", None),
    ]
    .concat();
    let (payload, outcome, decoder) = decode(&raw);
    assert_eq!((payload.as_slice(), outcome), (&b"last"[..], Ok(())));
    assert_eq!(decoder.close(), Some(CloseStatus::NORMAL));
}

#[test]
fn a_frame_of_exabytes_needs_no_memory() {
    let header = FrameHeader {
        is_last: true,
        opcode: Opcode::Binary,
        length: i64::MAX as u64,
        key: KEY,
    };
    let (bytes, length) = header.encode();
    let mut decoder = FrameDecoder::of_sender(Role::Client);
    assert_eq!(decoder.decode(&mut bytes[..length].to_vec()), (0, Ok(())));
    for _ in 0..3 {
        assert_eq!(decoder.decode(&mut [7; 1000]), (1000, Ok(())));
    }
}

proptest! {
    #[test]
    fn any_frames_in_any_pieces_give_their_payload(
        messages in prop::collection::vec(
            (prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..4), any::<bool>()),
            0..6,
        ),
        key: [u8; 4],
        pieces in prop::collection::vec(1usize..50, 1..20),
    ) {
        let (mut raw, mut expected) = (Vec::new(), Vec::new());
        for (fragments, with_ping) in &messages {
            for (index, fragment) in fragments.iter().enumerate() {
                let opcode = if index == 0 { 2 } else { 0 };
                let last = if index + 1 == fragments.len() { 0x80 } else { 0 };
                raw.extend(frame(opcode | last, fragment, Some(key)));
                expected.extend_from_slice(fragment);
                if *with_ping {
                    raw.extend(frame(0x89, b"ping", Some(key)));
                }
            }
        }
        let mut decoder = FrameDecoder::of_sender(Role::Client);
        let mut heard = Vec::new();
        let mut rest = raw.as_mut_slice();
        for piece in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at_mut((*piece).min(rest.len()));
            let (length, outcome) = decoder.decode(now);
            prop_assert_eq!(outcome, Ok(()));
            heard.extend_from_slice(&now[..length]);
            rest = later;
        }
        prop_assert_eq!(heard, expected);
    }

    #[test]
    fn any_bytes_give_no_more_than_they_are(mut raw in prop::collection::vec(any::<u8>(), 0..400)) {
        for sender in [Role::Client, Role::Server] {
            let mut decoder = FrameDecoder::of_sender(sender);
            let (length, _) = decoder.decode(&mut raw);
            prop_assert!(length <= raw.len());
        }
    }
}
