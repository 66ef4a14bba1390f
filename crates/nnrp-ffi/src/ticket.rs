//! Recovery tickets: sessions apart from their connection, to be carried on over another one, by another process if need be.

use crate::call::run;
use crate::connection::{connection, forget_session, session};
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::{Removal, Table};
use crate::layout::NnrpError;
use crate::lost_sessions;
use crate::pointer::{Output, bytes, memory, put_bytes};
use crate::status::*;
use nnrp_core::connection::client::ResumableSession;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most tickets alive at once.
const LIMIT: u32 = 1 << 16;

/// Largest saved ticket that is read: as much as a session may retain, and its own data.
const MOST_SAVED_BYTES: usize = 1 << 30;

/// Every ticket that is neither used nor released.
static TICKETS: Table<Ticket> = Table::new(Kind::Ticket, LIMIT);

/// One session without a connection; empty while a resume tries to use it.
#[derive(Debug)]
struct Ticket {
    session: Mutex<Option<Box<ResumableSession>>>,
}

/// What a ticket says of its session. 32 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpTicketInfo {
    /// Id on the wire.
    pub session_id: u32,
    /// How long after the loss of its transport the server keeps it, milliseconds.
    pub resume_window_ms: u32,
    /// The id that its next frame gets.
    pub next_frame_id: u32,
    /// Frames without a final answer.
    pub unanswered_frames: u32,
    /// The highest frame that is answered, 0 = none.
    pub last_result_frame_id: u32,
    /// Profile of the session.
    pub profile_id: u32,
    /// Zero.
    pub reserved0: u64,
}

const _: () = assert!(size_of::<NnrpTicketInfo>() == 32);

/// Client: takes an open resumable session off its connection.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_detach(
    session: NnrpHandle,
    out_ticket: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_ticket, 2)?;
            let session = self::session(session)?;
            let detached = session.connection.runtime().detach_session(session.key);
            out.set(issue(detached.map_err(|error| session.failure(&error))?)?);
            Ok(())
        })
    }
}

/// Client: takes what an ended session needs to go on over another connection, once.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_session_take_ticket(
    session: NnrpHandle,
    out_ticket: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_ticket, 2)?;
            let taken = match self::session(session) {
                Ok(session) => session
                    .connection
                    .runtime()
                    .take_resumable(session.key)
                    .ok_or_else(|| Failure::new(NNRP_STATUS_WRONG_STATE))?,
                Err(failure) => lost_sessions::take(session).ok_or(failure)?,
            };
            out.set(issue(taken)?);
            Ok(())
        })
    }
}

/// Client: carries the session of a ticket on over this connection.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_connection_resume_session(
    connection: NnrpHandle,
    ticket: NnrpHandle,
    out_session: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_session, 3)?;
            let connection = self::connection(connection)?;
            let used = find(ticket)?;
            let mut place = used.lock();
            let earlier = place.take().ok_or_else(Failure::handle)?;
            connection.expect_resumable_sessions();
            let key = match connection.runtime().resume_session(earlier) {
                Ok(key) => key,
                Err((error, earlier)) => {
                    *place = Some(earlier);
                    return Err(connection.failure(&error));
                }
            };
            drop(place);
            drop(TICKETS.remove(ticket));
            let handle = connection.name_session(key).map_err(|_| {
                connection.runtime().abort();
                Failure::new(NNRP_STATUS_OUT_OF_RESOURCES)
            })?;
            if connection.queue.is_closed() {
                forget_session(handle);
                return Err(Failure::handle());
            }
            out.set(handle);
            Ok(())
        })
    }
}

/// Says what a ticket is for.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_ticket_info(
    ticket: NnrpHandle,
    out_info: *mut NnrpTicketInfo,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_info, 2)?;
            let ticket = find(ticket)?;
            let place = ticket.lock();
            out.set(info(place.as_ref().ok_or_else(Failure::handle)?));
            Ok(())
        })
    }
}

/// Writes a ticket as bytes.
///
/// # Safety
/// `data` is NULL or valid for `capacity` writes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_ticket_save(
    ticket: NnrpHandle,
    data: *mut u8,
    capacity: usize,
    out_size: *mut usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (memory, out) = (memory(data, capacity, 2)?, Output::new(out_size, 4)?);
            let ticket = find(ticket)?;
            let place = ticket.lock();
            let saved = place.as_ref().ok_or_else(Failure::handle)?.save();
            out.set(saved.len());
            put_bytes(&saved, memory)
        })
    }
}

/// Makes a ticket of saved bytes.
///
/// # Safety
/// `data` is NULL or valid for reads of `size` bytes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_ticket_restore(
    data: *const u8,
    size: usize,
    out_ticket: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_ticket, 3)?;
            if size > MOST_SAVED_BYTES {
                return Err(Failure::argument(2));
            }
            let restored = ResumableSession::restore(bytes(data, size, 1)?);
            let restored = restored.map_err(|_| Failure::argument(1))?;
            out.set(issue(Box::new(restored))?);
            Ok(())
        })
    }
}

/// Forgets a ticket: nobody will carry its session on.
pub(crate) fn release(ticket: NnrpHandle) -> bool {
    !matches!(TICKETS.remove(ticket), Removal::NeverIssued)
}

fn issue(session: Box<ResumableSession>) -> Result<NnrpHandle, Failure> {
    let mut issued = 0;
    TICKETS
        .insert_with(|handle| {
            issued = handle;
            Arc::new(Ticket {
                session: Mutex::new(Some(session)),
            })
        })
        .map_err(|_| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))?;
    Ok(issued)
}

fn find(ticket: NnrpHandle) -> Result<Arc<Ticket>, Failure> {
    TICKETS.get(ticket).ok_or_else(Failure::handle)
}

fn info(session: &ResumableSession) -> NnrpTicketInfo {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    NnrpTicketInfo {
        session_id: session.session_id(),
        resume_window_ms: u32::try_from(session.window().as_millis()).unwrap_or(u32::MAX),
        next_frame_id: session.next_frame_id(),
        unanswered_frames: count(session.unanswered().count()),
        last_result_frame_id: session.last_result_frame_id(),
        profile_id: session.open().profile_id.into(),
        reserved0: 0,
    }
}

impl Ticket {
    // The place is whole after every statement.
    fn lock(&self) -> MutexGuard<'_, Option<Box<ResumableSession>>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
