//! What one packet costs the published codec to decode and to encode.

use crate::Outcome;
use nnrp_core::{CommonHeader, FrameSubmitMetadata, MessageType};
use nnrp_interop::{argument, pattern, token_submit};
use std::hint::black_box;
use std::time::Instant;

/// As many as our own measurement makes, of as many packets of the same bytes.
const CHUNKS: u32 = 64;
const PACKETS: u32 = 64;
const BODY: u32 = 64;

pub fn run(what: &str) -> Outcome {
    let rounds = argument("--rounds", 200);
    let packets: Vec<(CommonHeader, FrameSubmitMetadata, Vec<u8>)> =
        (0..PACKETS).map(sample).collect();
    let encoded: Vec<Vec<u8>> = packets
        .iter()
        .map(|parts| {
            let mut buffer = Vec::new();
            encode(parts, &mut buffer);
            buffer
        })
        .collect();
    let nanoseconds = match what {
        "header-decode" => time(rounds, &encoded, |bytes| {
            used(&CommonHeader::parse(bytes)).is_ok()
        }),
        "packet-decode" => time(rounds, &encoded, |bytes| {
            let packet = CommonHeader::parse_packet(bytes);
            let Ok((_, metadata, _)) = used(&packet) else {
                return false;
            };
            used(&FrameSubmitMetadata::parse(metadata)).is_ok()
        }),
        "packet-encode" => {
            let mut buffer = Vec::with_capacity(4096);
            time(rounds, &packets, |parts| {
                encode(parts, black_box(&mut buffer))
            })
        }
        _ => return Err(format!("{what} is not measured here").into()),
    };
    println!(r#"{{"value":{nanoseconds:.3}}}"#);
    Ok(())
}

/// Makes the compiler yield the whole value where it is, as our own measurement does.
fn used<T>(value: &T) -> &T {
    black_box(value)
}

/// Into a buffer that is used again and again.
fn encode(
    (header, metadata, body): &(CommonHeader, FrameSubmitMetadata, Vec<u8>),
    buffer: &mut Vec<u8>,
) -> bool {
    buffer.resize(112, 0);
    let (head, rest) = buffer.split_at_mut(40);
    let written = header.write(head).is_ok() && metadata.write(rest).is_ok();
    buffer.extend_from_slice(body);
    written
}

fn sample(index: u32) -> (CommonHeader, FrameSubmitMetadata, Vec<u8>) {
    let mut header = CommonHeader::new(MessageType::FrameSubmit, 72, BODY);
    header.session_id = 1 + index;
    header.frame_id = index * 7;
    header.view_id = 3;
    header.route_id = 5;
    header.trace_id = u64::from(index) << 33;
    let mut metadata = token_submit();
    metadata.latency_budget_ms = 20;
    metadata.retry_of_frame = index;
    (header, metadata, pattern(index, BODY))
}

/// Nanoseconds for each of the samples: the median of the faster half of the chunks.
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
