//! Every accepted byte string, cut at each place and with each bit flipped.

use std::collections::BTreeMap;

use nnrp_core::CodecError;

use crate::structures::{STRUCTURES, decode};

/// The accepted byte strings of the vectors by structure, and a zeroed one of each where that is
/// accepted.
fn accepted() -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut samples: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let file = include_str!("../../../../spec/vectors/accept.txt");
    let mut structure = "";
    for line in file.lines() {
        if let Some(name) = line.strip_prefix("structure ") {
            structure = name;
        } else if let Some(hex) = line.strip_prefix("hex ") {
            samples
                .entry(structure.to_owned())
                .or_default()
                .push(bytes(hex));
        }
    }
    for (name, size) in STRUCTURES {
        let zeroed = vec![0; *size];
        if decode(name, &zeroed).is_ok() {
            samples.entry((*name).to_owned()).or_default().push(zeroed);
        }
    }
    samples
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.len()).step_by(2).map(byte).collect()
}

#[test]
fn each_structure_has_an_accepted_sample() {
    let samples = accepted();
    for (name, _) in STRUCTURES {
        assert!(samples.contains_key(*name), "{name}");
    }
}

#[test]
fn each_cut_of_a_structure_is_too_short_by_what_was_cut() {
    let samples = accepted();
    for (name, size) in STRUCTURES {
        for sample in &samples[*name] {
            for length in 0..*size {
                let cut = decode(name, &sample[..length]).map(|decoded| decoded.fields);
                let expected = CodecError::SourceTooShort {
                    expected: *size,
                    actual: length,
                };
                assert_eq!(cut, Err(expected), "{name} cut to {length}");
            }
        }
    }
}

#[test]
fn each_cut_of_a_packet_is_an_error() {
    for packet in &accepted()["packet"] {
        for length in 0..packet.len() {
            assert!(decode("packet", &packet[..length]).is_err(), "{length}");
        }
    }
}

/// Every bit; under miri, where each takes a thousand times as long, one of each fifth byte or so.
pub(crate) const BITS_APART: usize = if cfg!(miri) { 37 } else { 1 };

#[test]
fn each_flipped_bit_is_an_error_or_survives_a_round_trip() {
    for (name, samples) in accepted() {
        for sample in samples {
            for bit in (0..sample.len() * 8).step_by(BITS_APART) {
                let mut flipped = sample.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                if let Ok(decoded) = decode(&name, &flipped) {
                    let size = decoded.encoded.len();
                    assert_eq!(decoded.encoded, flipped[..size], "{name} bit {bit}");
                }
            }
        }
    }
}
