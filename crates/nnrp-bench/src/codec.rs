//! What one packet costs to decode and to encode, beside the plainest safe Rust that yields the same values.

use std::hint::black_box;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, MessageType, Packet};

use crate::options::Options;
use crate::plain;

/// Repetitions of a chunk; the fastest half of the chunks is what the machine did when nobody disturbed it, and their median is reported.
const CHUNKS: u32 = 64;
/// Packets in rotation, so that nothing is constant.
const PACKETS: u32 = 64;
/// Body of each.
const BODY: usize = 64;

/// Measures `what` (`header-decode`, `packet-decode`, `packet-encode`) of `who` (`ours`, `floor`); returns the line of JSON for the harness.
pub fn run(options: &Options) -> Result<String, String> {
    let what = options.word(0, "what to measure")?;
    let who = options.word(1, "whose")?;
    let rounds = options.number("--rounds", 200)?;
    let packets: Vec<Packet> = (0..PACKETS).map(sample).collect();
    let encoded: Vec<Bytes> = packets.iter().map(encoded).collect();
    let nanoseconds = match (what, who) {
        ("header-decode", "ours") => time(rounds, &encoded, |bytes| {
            used(&Header::decode(bytes)).is_ok()
        }),
        ("header-decode", "floor") => time(rounds, &encoded, |bytes| {
            used(&plain::header(bytes)).is_some()
        }),
        ("packet-decode", "ours") => time(rounds, &encoded, decode),
        ("packet-decode", "floor") => time(rounds, &encoded, |bytes| {
            used(&plain::packet(bytes)).is_some()
        }),
        ("packet-encode", "ours") => {
            let (submits, mut buffer) = (submits(), BytesMut::with_capacity(4096));
            time(rounds, &submits, |(header, submit, body)| {
                encode(*header, submit, body, &mut buffer)
            })
        }
        ("packet-encode", "floor") => {
            let (submits, mut buffer) = (submits(), Vec::with_capacity(4096));
            time(rounds, &submits, |(header, submit, body)| {
                buffer.clear();
                plain::encode(header, submit, body, black_box(&mut buffer));
                buffer.len() == encoded[0].len()
            })
        }
        _ => return Err(format!("{what} of {who} is not measured here")),
    };
    Ok(format!(r#"{{"value":{nanoseconds:.3}}}"#))
}

fn decode(bytes: &Bytes) -> bool {
    let packet = nnrp_core::PacketView::decode(bytes);
    let Ok(packet) = used(&packet) else {
        return false;
    };
    used(&FrameSubmit::decode(packet.metadata)).is_ok()
}

/// Makes the compiler yield the whole value where it is. By reference: a copy would read in wide pieces what was just written in narrow ones, which
/// costs more than to decode it.
fn used<T>(value: &T) -> &T {
    black_box(value)
}

fn encode(header: Header, submit: &FrameSubmit, body: &Bytes, buffer: &mut BytesMut) -> bool {
    buffer.clear();
    let encoded = nnrp_core::encode_message(header, submit, body, black_box(buffer));
    encoded.is_ok()
}

fn submits() -> Vec<(Header, FrameSubmit, Bytes)> {
    let parts = |index| (header(index), submit(index), body(index));
    (0..PACKETS).map(parts).collect()
}

fn sample(index: u32) -> Packet {
    Packet::with_message(header(index), &submit(index), body(index)).expect("a valid submit")
}

fn header(index: u32) -> Header {
    Header {
        session_id: 1 + index,
        frame_id: index * 7,
        view_id: 3,
        route_id: 5,
        trace_id: u64::from(index) << 33,
        ..Header::new(MessageType::FrameSubmit)
    }
}

fn submit(index: u32) -> FrameSubmit {
    FrameSubmit {
        latency_budget_ms: 20,
        retry_of_frame: index,
        payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
        payload_frame_count: 1,
        ..FrameSubmit::default()
    }
}

fn body(index: u32) -> Bytes {
    vec![index.to_le_bytes()[0]; BODY].into()
}

fn encoded(packet: &Packet) -> Bytes {
    let mut buffer = BytesMut::new();
    packet.encode_into(&mut buffer);
    buffer.freeze()
}

/// Nanoseconds for each of the samples.
fn time<T>(rounds: u32, samples: &[T], mut measured: impl FnMut(&T) -> bool) -> f64 {
    let mut chunk = || {
        let started = Instant::now();
        let mut good = 0;
        for _ in 0..rounds {
            for sample in samples {
                good += u32::from(measured(black_box(sample)));
            }
        }
        let packets = rounds * PACKETS;
        assert_eq!(good, packets, "a sample was refused");
        started.elapsed().as_secs_f64() * 1e9 / f64::from(packets)
    };
    let mut chunks: Vec<f64> = (0..CHUNKS).map(|_| chunk()).collect();
    chunks.sort_by(f64::total_cmp);
    chunks[chunks.len() / 4]
}
