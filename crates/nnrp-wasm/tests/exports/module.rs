//! The module as its host sees it: its exports by name, and bytes in and out of the memory that it hands out.

#![allow(unsafe_code)] // A host writes to the address that it was given; here there is no glue that does it.

use serde_json::Value;

use nnrp_wasm as _; // the exports below are its symbols

// SAFETY: these are the signatures of `src/exports.rs`; none of the functions takes a pointer.
unsafe extern "C" {
    pub(crate) safe fn nnrp_wasm_protocol_major() -> u32;
    pub(crate) safe fn nnrp_wasm_wire_format() -> u32;
    pub(crate) safe fn nnrp_wasm_input(slot: u32, length: u32) -> *mut u8;
    safe fn nnrp_wasm_output() -> *const u8;
    safe fn nnrp_wasm_output_length() -> u32;
    pub(crate) safe fn nnrp_wasm_select_transport_with_probe() -> u32;
    pub(crate) safe fn nnrp_wasm_score_provider_probe() -> u32;
    pub(crate) safe fn nnrp_wasm_check_packet() -> u32;
    pub(crate) safe fn nnrp_wasm_check_stream() -> u32;
    pub(crate) safe fn nnrp_wasm_decode_lines() -> u32;
    pub(crate) safe fn nnrp_wasm_client_new(now: u64) -> u32;
    pub(crate) safe fn nnrp_wasm_client_free(client: u32) -> u32;
    pub(crate) safe fn nnrp_wasm_client_receive(client: u32, now: u64) -> u32;
    pub(crate) safe fn nnrp_wasm_client_transport_ended(client: u32, clean: u32, now: u64) -> u32;
    pub(crate) safe fn nnrp_wasm_client_transmit(client: u32) -> u32;
    pub(crate) safe fn nnrp_wasm_client_events(client: u32, now: u64) -> u32;
    pub(crate) safe fn nnrp_wasm_client_deadline(client: u32) -> u64;
    pub(crate) safe fn nnrp_wasm_client_tick(client: u32, now: u64) -> u32;
    pub(crate) safe fn nnrp_wasm_client_state(client: u32) -> u32;
    pub(crate) safe fn nnrp_wasm_client_in_flight(client: u32, session_id: u32) -> u32;
    pub(crate) safe fn nnrp_wasm_client_command(client: u32, now: u64) -> u32;
    pub(crate) safe fn nnrp_wasm_client_resume(client: u32, resumable: u32, now: u64) -> u32;
    pub(crate) safe fn nnrp_wasm_client_detach(client: u32, session_id: u32) -> u32;
    pub(crate) safe fn nnrp_wasm_resumable_describe(resumable: u32) -> u32;
    pub(crate) safe fn nnrp_wasm_resumable_cancel(resumable: u32, frame_id: u32) -> u32;
    pub(crate) safe fn nnrp_wasm_resumable_free(resumable: u32) -> u32;
}

/// Writes the arguments of the next call, one a slot.
pub(crate) fn set_inputs(arguments: &[&[u8]]) {
    for (slot, bytes) in (0..).zip(arguments) {
        let length = u32::try_from(bytes.len()).expect("a short argument");
        let memory = nnrp_wasm_input(slot, length);
        assert!(!memory.is_null(), "no room for {length} bytes in {slot}");
        // SAFETY: the slot has `length` bytes until the next call, and they are not the argument's.
        unsafe { memory.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
}

/// A copy of what the latest call has left.
pub(crate) fn output() -> Vec<u8> {
    let (start, length) = (nnrp_wasm_output(), nnrp_wasm_output_length());
    let mut bytes = vec![0; length as usize];
    // SAFETY: the output has `length` bytes until the next call, and `bytes` is memory of its own.
    unsafe { start.copy_to_nonoverlapping(bytes.as_mut_ptr(), bytes.len()) };
    bytes
}

pub(crate) fn output_text() -> String {
    String::from_utf8(output()).expect("text")
}

/// The output as JSON, which a failed call leaves.
pub(crate) fn output_json() -> Value {
    let text = output_text();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// The result of a call, or the failure that it names.
pub(crate) fn outcome(result: u32) -> Result<u32, Value> {
    if result == 0 {
        Err(output_json())
    } else {
        Ok(result)
    }
}

/// Family and name of a failure.
pub(crate) fn refused(outcome: Result<u32, Value>) -> (String, String) {
    let failure = outcome.expect_err("a failure");
    let word = |key: &str| failure[key].as_str().expect("text").to_owned();
    assert!(!word("message").is_empty(), "{failure}");
    (word("family"), word("name"))
}
