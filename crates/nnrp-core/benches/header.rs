//! Header decode against the plain safe-Rust floor, side by side in one run; prints JSON rows.

use nnrp_core::Header;
use std::hint::black_box;
use std::time::Instant;

/// Chunks per row; the median of them is reported.
const CHUNKS: usize = 31;
/// Decodes per chunk.
const DECODES: u32 = 200_000;
/// Different headers in rotation, so that nothing is constant.
const HEADERS: usize = 64;

fn main() {
    let headers: Vec<[u8; 40]> = (0..HEADERS).map(sample).collect();
    let mut floor = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..CHUNKS {
        floor.push(nanoseconds(&headers, |bytes| {
            black_box(plain(bytes)).is_some()
        }));
        ours.push(nanoseconds(&headers, |bytes| {
            black_box(Header::decode(bytes)).is_ok()
        }));
    }
    let floor = median(&mut floor);
    let ours = median(&mut ours);
    println!(r#"{{"name":"header decode, plain floor","value":{floor:.2},"unit":"ns","ratio":1}}"#);
    let ratio = ours / floor;
    println!(
        r#"{{"name":"header decode, nnrp-core","value":{ours:.2},"unit":"ns","ratio":{ratio:.2}}}"#
    );
}

/// What nobody can do without: one length check, fixed offsets, the same nine values.
struct Plain {
    _values: (u8, u32, u32, u32, u32, u32, u16, u16, u64),
}

fn plain(source: &[u8]) -> Option<Plain> {
    let b = source.first_chunk::<40>()?;
    let u16_at = |at: usize| u16::from_le_bytes([b[at], b[at + 1]]);
    let u32_at = |at: usize| u32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]]);
    let u64_at = |at: usize| u64::from(u32_at(at)) | u64::from(u32_at(at + 4)) << 32;
    if b[..4] != *b"NNRP" || b[4] != 1 || b[5] != 0 || b[7] != 40 || u32_at(8) & !0x3f != 0 {
        return None;
    }
    let values = (
        b[6],
        u32_at(8),
        u32_at(12),
        u32_at(16),
        u32_at(20),
        u32_at(24),
        u16_at(28),
        u16_at(30),
        u64_at(32),
    );
    Some(Plain { _values: values })
}

fn sample(index: usize) -> [u8; 40] {
    let mut bytes = [0; 40];
    bytes[..8].copy_from_slice(&[
        b'N',
        b'N',
        b'R',
        b'P',
        1,
        0,
        [0x10, 0x12, 0x17][index % 3],
        40,
    ]);
    for (at, byte) in bytes.iter_mut().enumerate().skip(12) {
        *byte = u8::try_from((index * 7 + at) % 251).unwrap_or(0);
    }
    bytes
}

fn nanoseconds(headers: &[[u8; 40]], decode: impl Fn(&[u8]) -> bool) -> f64 {
    let started = Instant::now();
    let mut decoded = 0_u32;
    for round in 0..DECODES {
        decoded += u32::from(decode(black_box(&headers[round as usize % HEADERS][..])));
    }
    assert_eq!(decoded, DECODES, "a sample header did not decode");
    started.elapsed().as_secs_f64() * 1e9 / f64::from(DECODES)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
