//! What the module exports: functions of numbers, and slots of memory for text.
//!
//! The host asks for the memory of a slot, writes UTF-8 text into it, calls a function and reads the output. No
//! pointer is ever read here: the slots belong to the module, so no call of a host can make it touch other memory.

#![allow(unsafe_code)] // `no_mangle` counts as unsafe: the names are this module's own, and nothing else is linked in.

use std::cell::RefCell;

use nnrp_core::{VERSION_MAJOR, WIRE_FORMAT};

use crate::selection::{score_provider_probe_json, select_transport_with_probe_json};

/// Arguments of the function with the most of them.
const SLOTS: usize = 4;

/// The longest text of one argument, in bytes.
const LONGEST_INPUT: u32 = 16 * 1024 * 1024;

#[derive(Default)]
struct Exchange {
    inputs: [Vec<u8>; SLOTS],
    output: Vec<u8>,
}

thread_local! {
    static EXCHANGE: RefCell<Exchange> = RefCell::default();
}

/// The version of the protocol, 1.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_protocol_major() -> u32 {
    VERSION_MAJOR.into()
}

/// The wire format, 0.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_wire_format() -> u32 {
    WIRE_FORMAT.into()
}

/// Memory for the text of argument `slot`, valid until the next call; null if there is no such slot or the
/// text is too long.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_input(slot: u32, length: u32) -> *mut u8 {
    EXCHANGE.with_borrow_mut(|exchange| {
        let Some(input) = exchange.inputs.get_mut(slot as usize) else {
            return std::ptr::null_mut();
        };
        if length > LONGEST_INPUT {
            return std::ptr::null_mut();
        }
        *input = vec![0; length as usize];
        input.as_mut_ptr()
    })
}

/// Slots: providers, remote transports, policy, samples. 1 = the output is the selection, 0 = it is an error.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_select_transport_with_probe() -> u32 {
    answer(|[providers, remote, policy, samples]| {
        select_transport_with_probe_json(providers, remote, policy, samples)
    })
}

/// Slots: provider, policy, samples. 1 = the output is the score, 0 = it is an error.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_score_provider_probe() -> u32 {
    answer(|[provider, policy, samples, _]| score_provider_probe_json(provider, policy, samples))
}

/// Where the output of the latest call begins, valid until the next one.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_output() -> *const u8 {
    EXCHANGE.with_borrow(|exchange| exchange.output.as_ptr())
}

/// Bytes of the output.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_output_length() -> u32 {
    EXCHANGE.with_borrow(|exchange| u32::try_from(exchange.output.len()).unwrap_or(0))
}

/// Takes the inputs, so that none of them is kept, and leaves the outcome as the output.
fn answer(function: impl FnOnce([&str; SLOTS]) -> Result<String, String>) -> u32 {
    EXCHANGE.with_borrow_mut(|exchange| {
        let inputs = std::mem::take(&mut exchange.inputs);
        let outcome = texts(&inputs).and_then(function);
        let succeeded = outcome.is_ok();
        exchange.output = outcome.unwrap_or_else(|error| error).into_bytes();
        succeeded.into()
    })
}

fn texts(inputs: &[Vec<u8>; SLOTS]) -> Result<[&str; SLOTS], String> {
    let mut texts = [""; SLOTS];
    for (text, input) in texts.iter_mut().zip(inputs) {
        *text = std::str::from_utf8(input)
            .map_err(|error| format!("an argument is no text: {error}"))?;
    }
    Ok(texts)
}
