//! What the module exports: functions of numbers, and slots of memory for everything else.
//!
//! The host asks for the memory of a slot, writes into it, calls a function and reads the output. No pointer is
//! ever read here: the slots belong to the module, so no call of a host can make it touch other memory.
//!
//! Where nothing else is said, a function returns 0 for a failure, which the output then names as JSON.

#![allow(unsafe_code)] // `no_mangle` counts as unsafe: the names are this module's own, and nothing else is linked in.

use std::cell::RefCell;

use nnrp_core::{CodecError, Timestamp, VERSION_MAJOR, WIRE_FORMAT};

use crate::client::Client;
use crate::failure::Failure;
use crate::host::{Host, NEVER};
use crate::packets;
use crate::selection::{score_provider_probe_json, select_transport_with_probe_json};

thread_local! {
    static HOST: RefCell<Host> = RefCell::default();
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

/// Memory for argument `slot` of the next call, valid until then; null if there is no such slot, the argument is
/// too long, or there is no memory for it.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_input(slot: u32, length: u32) -> *mut u8 {
    HOST.with_borrow_mut(|host| {
        let memory = host.memory.reserve(slot, length);
        memory.map_or(std::ptr::null_mut(), <[u8]>::as_mut_ptr)
    })
}

/// Where the output of the latest call begins, valid until the next one.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_output() -> *const u8 {
    HOST.with_borrow(|host| host.memory.output.as_ptr())
}

/// Bytes of the output.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_output_length() -> u32 {
    HOST.with_borrow(|host| u32::try_from(host.memory.output.len()).unwrap_or(0))
}

/// Slots: providers, remote transports, policy, samples. The output is the selection, or the words of an error.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_select_transport_with_probe() -> u32 {
    HOST.with_borrow_mut(|host| {
        host.answer_text(|[providers, remote, policy, samples]| {
            select_transport_with_probe_json(providers, remote, policy, samples)
        })
    })
}

/// Slots: provider, policy, samples. The output is the score, or the words of an error.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_score_provider_probe() -> u32 {
    HOST.with_borrow_mut(|host| {
        host.answer_text(|[provider, policy, samples, _]| {
            score_provider_probe_json(provider, policy, samples)
        })
    })
}

/// Slot: the bytes of one packet. 1 = they are valid.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_check_packet() -> u32 {
    answer(|host| packets::check_packet(host.memory.argument(0)).map(|()| 1))
}

/// Slot: packets back to back. Returns how many valid ones stand at the start; the output is empty, or names what
/// is wrong with the packet behind them.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_check_stream() -> u32 {
    answer(|host| {
        let (valid, outcome) = packets::check_stream(host.memory.argument(0));
        if let Err(error) = outcome {
            host.memory.output = Failure::from(error).to_json().into_bytes();
        }
        Ok::<_, CodecError>(valid)
    })
}

/// Slot: a corpus. The output is its canonical lines (spec 18).
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_decode_lines() -> u32 {
    answer(|host| {
        let mut lines = Vec::new();
        packets::decode_lines(host.memory.argument(0), &mut lines)?;
        host.memory.output = lines;
        Ok::<_, Failure>(1)
    })
}

/// Slots: options as JSON, metadata of the hello or nothing, schema descriptors, extensions of the hello. Returns
/// the number of a client. `now`, here and below, is in microseconds.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_new(now: u64) -> u32 {
    answer(|host| host.add_client(Timestamp::from_micros(now)))
}

/// Gives a client up; its number means nothing any more. 1 = there was one.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_free(client: u32) -> u32 {
    HOST.with_borrow_mut(|host| host.remove_client(client).into())
}

/// Slot: bytes that came over the transport.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_receive(client: u32, now: u64) -> u32 {
    answer(|host| {
        let (client, memory) = host.client_and_memory(client)?;
        client.receive(Timestamp::from_micros(now), memory.argument(0))?;
        Ok::<_, Failure>(1)
    })
}

/// The transport has ended; `clean` is 0 if what was sent may be lost.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_transport_ended(client: u32, clean: u32, now: u64) -> u32 {
    answer_client(client, |client| {
        client.end_transport(Timestamp::from_micros(now), clean != 0);
    })
}

/// The output is bytes for the transport; empty when there are none.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_transmit(client: u32) -> u32 {
    answer(|host| {
        let mut packets = Vec::new();
        host.client_and_memory(client)?.0.transmit(&mut packets);
        host.memory.output = packets;
        Ok::<_, Failure>(1)
    })
}

/// The output is event records. Returns their number, 0 when nothing has happened.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_events(client: u32, now: u64) -> u32 {
    answer(|host| host.take_events(client, Timestamp::from_micros(now)))
}

/// When to call `tick`; all bits set = never.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_deadline(client: u32) -> u64 {
    HOST.with_borrow_mut(|host| {
        let deadline = host
            .client_and_memory(client)
            .ok()
            .and_then(|(client, _)| client.deadline());
        deadline.map_or(NEVER, Timestamp::as_micros)
    })
}

/// Time has passed.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_tick(client: u32, now: u64) -> u32 {
    answer_client(client, |client| client.tick(Timestamp::from_micros(now)))
}

/// Bits: 1 bytes can be taken in, 2 the write side is to be ended, 4 the transport can be dropped, 8 the
/// connection is over, 16 the hello is acknowledged. 0 = no such client, or one that has to fetch events first.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_state(client: u32) -> u32 {
    HOST.with_borrow_mut(|host| {
        host.client_and_memory(client)
            .map_or(0, |(client, _)| client.state())
    })
}

/// Frames of a session without a terminal answer.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_in_flight(client: u32, session_id: u32) -> u32 {
    HOST.with_borrow_mut(|host| {
        let client = host.client_and_memory(client);
        client.map_or(0, |(client, _)| client.in_flight(session_id))
    })
}

/// Slots: header and metadata of the packet that the command would send, its body. Returns the ticket of an open,
/// the frame id of a submit, else 1.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_command(client: u32, now: u64) -> u32 {
    answer(|host| {
        let (client, memory) = host.client_and_memory(client)?;
        client.command(
            Timestamp::from_micros(now),
            memory.argument(0),
            memory.argument(1),
        )
    })
}

/// Opens a resumable session again. Returns the ticket of the open; the number of the session is used up.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_resume(client: u32, resumable: u32, now: u64) -> u32 {
    answer(|host| host.resume(client, resumable, Timestamp::from_micros(now)))
}

/// Takes a resumable session off its connection. Returns its number.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_client_detach(client: u32, session_id: u32) -> u32 {
    answer(|host| host.detach(client, session_id))
}

/// The output is what is known of a resumable session, as JSON.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_resumable_describe(resumable: u32) -> u32 {
    answer(|host| {
        let described = host.resumables.describe(resumable)?;
        host.memory.output = described.to_string().into_bytes();
        Ok::<_, Failure>(1)
    })
}

/// Notes that a frame of a resumable session is no longer wanted. 0 with an empty output = it has its answer.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_resumable_cancel(resumable: u32, frame_id: u32) -> u32 {
    answer(|host| host.resumables.cancel(resumable, frame_id).map(u32::from))
}

/// Drops a resumable session. 1 = there was one.
#[unsafe(no_mangle)]
extern "C" fn nnrp_wasm_resumable_free(resumable: u32) -> u32 {
    HOST.with_borrow_mut(|host| host.resumables.take(resumable).is_ok().into())
}

fn answer<E: Into<Failure>>(call: impl FnOnce(&mut Host) -> Result<u32, E>) -> u32 {
    HOST.with_borrow_mut(|host| host.answer(call))
}

fn answer_client(client: u32, call: impl FnOnce(&mut Client)) -> u32 {
    answer(|host| {
        call(host.client_and_memory(client)?.0);
        Ok::<_, Failure>(1)
    })
}
