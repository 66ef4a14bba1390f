//! Replays the committed fuzz corpora, and mutations of their entries, through the fuzz targets.

#![allow(unreachable_pub)] // the modules are public items of the fuzz workspace

#[path = "../../../fuzz/src/decode.rs"]
mod decode;
#[path = "../../../fuzz/src/operations.rs"]
mod operations;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/round_trip.rs"]
mod round_trip;
#[path = "../../../fuzz/src/sessions/mod.rs"]
mod sessions;

#[test]
fn any_bytes_decode_to_an_error_or_a_value() {
    replay::replay(env!("CARGO_MANIFEST_DIR"), "decode", decode::run);
}

#[test]
fn what_decodes_encodes_to_the_same_bytes() {
    replay::replay(env!("CARGO_MANIFEST_DIR"), "round_trip", round_trip::run);
}

#[test]
fn machines_keep_their_promises_in_any_order_of_steps() {
    replay::replay(env!("CARGO_MANIFEST_DIR"), "sessions", sessions::run);
}

#[test]
fn the_operation_registry_agrees_with_a_plain_model() {
    replay::replay(env!("CARGO_MANIFEST_DIR"), "operations", operations::run);
}
