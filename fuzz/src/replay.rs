//! Replays a committed corpus, and mutations of its entries, where there is no fuzzer.

use std::fs;
use std::path::Path;

/// Mutations of each entry; the fuzzer itself tries more in a second.
const MUTATIONS: u64 = if cfg!(miri) { 1 } else { 20 };
/// Every how manieth entry is replayed: miri is slow.
const STRIDE: usize = if cfg!(miri) { 40 } else { 1 };

/// Runs a target over its corpus, given the folder of a crate of the workspace.
pub fn replay(manifest: &str, target: &str, run: fn(&[u8])) {
    let corpus = Path::new(manifest).join("../../fuzz/corpus");
    let mut entries: Vec<_> = fs::read_dir(corpus.join(target))
        .expect("a committed corpus")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    entries.sort();
    assert!(entries.len() >= 20, "the corpus of {target} is not empty");
    for entry in entries.iter().step_by(STRIDE) {
        let bytes = fs::read(entry).expect("a readable entry");
        run(&bytes);
        for seed in 1..=MUTATIONS {
            run(&mutated(&bytes, seed));
        }
    }
}

/// The bytes with up to four changes; the same for the same seed.
fn mutated(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ bytes.len() as u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).expect("below is a usize")
    };
    for _ in 0..=next(4) {
        let at = next(bytes.len() + 1);
        match next(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, u8::try_from(next(256)).expect("below 256")),
            _ if at < bytes.len() => bytes[at] ^= 1 << next(8),
            _ => {}
        }
    }
    bytes
}
