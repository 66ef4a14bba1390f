//! The exported functions of event queues.

use crate::buffer;
use crate::call::{run, run_bare};
use crate::connection::{end_connection, forget_connection, forget_session};
use crate::event::{
    NNRP_EVENT_CONNECTION_CLOSED, NNRP_EVENT_LISTENER_CLOSED, NNRP_EVENT_SESSION_CLOSED,
};
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Removal;
use crate::layout::{NnrpError, NnrpEvent};
use crate::listener::{end_listener, forget_listener};
use crate::lost_sessions::{self, retire_session};
use crate::pointer::{Output, memory};
use crate::queue::{Payload, QUEUES, Queue, Take, Waited, find};
use crate::status::*;
use crate::wake::{NnrpWakeCallback, refuse_inside_callback};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Places a queue may have.
const CAPACITY: RangeInclusive<u32> = 16..=1_048_576;

/// Every body starts on this boundary of the arena, so that its fields can be read in place.
const BODY_ALIGNMENT: usize = 8;

/// Creates a bounded queue of events.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_queue_create(
    capacity: u32,
    out_queue: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_queue, 2)?;
            if !CAPACITY.contains(&capacity) {
                return Err(Failure::argument(1));
            }
            let mut created = 0;
            QUEUES
                .insert_with(|handle| {
                    created = handle;
                    Queue::new(capacity)
                })
                .map_err(|_| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))?;
            out.set(created);
            Ok(())
        })
    }
}

/// Sets, or with NULL removes, the wake callback. On return the previous one is not running and will not run.
///
/// # Safety
/// `error` is NULL or valid for one write. `callback` may be called with `user_data` on any thread until it is replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_queue_set_wake(
    queue: NnrpHandle,
    callback: Option<NnrpWakeCallback>,
    user_data: *mut c_void,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            refuse_inside_callback()?;
            find(queue)?.set_wake(callback, user_data);
            Ok(())
        })
    }
}

/// Gives a descriptor that is readable while the queue has events.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_queue_descriptor(
    queue: NnrpHandle,
    out_descriptor: *mut u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_descriptor, 2)?;
            out.set(descriptor_of(&*find(queue)?)?);
            Ok(())
        })
    }
}

/// Blocks until the queue has an event, at most `timeout_ms` (2^32-1 = for ever).
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_queue_wait(
    queue: NnrpHandle,
    timeout_ms: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let queue = find(queue)?;
            if timeout_ms != 0 {
                refuse_inside_callback()?;
            }
            let timeout =
                (timeout_ms != u32::MAX).then(|| Duration::from_millis(timeout_ms.into()));
            match queue.wait(timeout) {
                Waited::Ready => Ok(()),
                Waited::TimedOut => Err(Failure::new(NNRP_STATUS_TIMEOUT)),
                Waited::Closed => Err(Failure::new(NNRP_STATUS_CLOSED)),
            }
        })
    }
}

/// Moves up to `capacity` events into `events` and their bodies into `arena`.
///
/// # Safety
/// `events` is NULL or valid for `capacity` writes, `arena` NULL or valid for `arena_size` writes, `out_count` NULL or valid
/// for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_queue_drain(
    queue: NnrpHandle,
    events: *mut NnrpEvent,
    capacity: u32,
    arena: *mut u8,
    arena_size: usize,
    out_count: *mut u32,
) -> NnrpStatus {
    run_bare(|| {
        // SAFETY: the pointers are as this function's caller promised.
        let (events, arena, out) = unsafe {
            let events = memory(events, capacity as usize, 2)?;
            (
                events,
                memory(arena, arena_size, 4)?,
                Output::new(out_count, 6)?,
            )
        };
        if capacity == 0 {
            return Err(Failure::argument(3));
        }
        let queue = find(queue)?;
        let mut drain = Drain {
            events,
            arena,
            count: 0,
            used: 0,
            closing: Vec::new(),
            full: false,
        };
        queue
            .drain(|event, payload| drain.take(event, payload))
            .map_err(|_| Failure::handle())?;
        drain.closing.iter().for_each(Closing::forget);
        if drain.full && drain.count == 0 {
            return Err(Failure::new(NNRP_STATUS_OUT_OF_RESOURCES));
        }
        out.set(drain.count);
        Ok(())
    })
}

/// Ends every listener, connection and session of the queue without waiting for their peers, then the queue.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_queue_close(queue: NnrpHandle, error: *mut NnrpError) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            refuse_inside_callback()?;
            match QUEUES.remove(queue) {
                Removal::Removed(queue) => {
                    let left = queue.close();
                    left.owned.into_iter().for_each(end);
                    left.ended_sessions.into_iter().for_each(forget_session);
                    lost_sessions::forget_all_of(&queue);
                    Ok(())
                }
                Removal::AlreadyRemoved => Ok(()),
                Removal::NeverIssued => Err(Failure::handle()),
            }
        })
    }
}

#[cfg(unix)]
fn descriptor_of(queue: &Queue) -> Result<u32, Failure> {
    queue.descriptor()
}

/// Sockets of Windows are no descriptors that programs could wait for together with others.
#[cfg(not(unix))]
fn descriptor_of(_: &Queue) -> Result<u32, Failure> {
    Err(Failure::new(NNRP_STATUS_UNSUPPORTED))
}

fn end(handle: NnrpHandle) {
    match Kind::of(handle) {
        Some(Kind::Connection) => end_connection(handle),
        Some(Kind::Listener) => end_listener(handle),
        _ => {}
    }
}

/// One drain: the caller's memory and how much of it is used.
struct Drain<'a> {
    events: &'a mut [MaybeUninit<NnrpEvent>],
    arena: &'a mut [MaybeUninit<u8>],
    count: u32,
    used: usize,
    /// Handles whose last event is among the drained.
    closing: Vec<Closing>,
    /// No further buffer handle could be had.
    full: bool,
}

/// A handle that ends with the event that carries it.
enum Closing {
    Connection(NnrpHandle),
    Session(NnrpHandle),
    Listener(NnrpHandle),
}

impl Drain<'_> {
    fn take(&mut self, event: &NnrpEvent, payload: Payload<'_>) -> Take {
        let Some(slot) = self.events.get_mut(self.count as usize) else {
            return Take::Stop;
        };
        let body = payload.as_slice();
        let (mut buffer, mut offset) = (0, 0);
        if body.len() > self.arena.len() {
            let Ok(handle) = buffer::share(payload.to_bytes()) else {
                self.full = true;
                return Take::Stop;
            };
            buffer = handle;
        } else if !body.is_empty() {
            let Some(start) = copy_body(body, self.arena, &mut self.used) else {
                return Take::Stop;
            };
            offset = start as u64;
        }
        let event = slot.write(*event);
        event.buffer = buffer;
        event.payload_offset = offset;
        // Only what has a record is longer than its body.
        if event.record_size == 0 {
            event.payload_size = body.len() as u64;
        }
        self.closing.extend(Closing::of(event));
        self.count += 1;
        Take::Taken
    }
}

/// Where the body went; nothing if the rest of the arena is too small for it.
fn copy_body(body: &[u8], arena: &mut [MaybeUninit<u8>], used: &mut usize) -> Option<usize> {
    let offset = used.next_multiple_of(BODY_ALIGNMENT);
    let end = offset.checked_add(body.len())?;
    arena.get_mut(offset..end)?.write_copy_of_slice(body);
    *used = end;
    Some(offset)
}

impl Closing {
    fn of(event: &NnrpEvent) -> Option<Self> {
        match event.kind {
            NNRP_EVENT_CONNECTION_CLOSED => Some(Self::Connection(event.connection)),
            NNRP_EVENT_SESSION_CLOSED => Some(Self::Session(event.session)),
            NNRP_EVENT_LISTENER_CLOSED => Some(Self::Listener(event.listener)),
            _ => None,
        }
    }

    fn forget(&self) {
        match *self {
            Self::Connection(handle) => forget_connection(handle),
            Self::Session(handle) => retire_session(handle),
            Self::Listener(handle) => forget_listener(handle),
        }
    }
}
