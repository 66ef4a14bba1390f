//! Replays the committed corpus of the ABI fuzzer, and mutations of its entries.

#![allow(unsafe_code)] // The exported functions take raw pointers.
#![allow(unreachable_pub)] // The modules are public items of the fuzz workspace.

#[path = "../../../fuzz/src/abi/mod.rs"]
mod abi;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;

#[test]
fn random_calls_of_two_threads_get_a_status_and_break_nothing() {
    replay::replay(env!("CARGO_MANIFEST_DIR"), "abi", abi::run);
}
