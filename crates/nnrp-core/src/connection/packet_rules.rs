//! What both ends require of packets, and the answers both ends give.

use crate::error::ErrorKind;
use crate::header::Header;
use crate::limits::{Limit, Limits};
use crate::message_type::MessageType;
use crate::packet::Packet;

/// Published peers require the exact metadata length for most messages (spec 13 §13.10).
pub(super) fn require_metadata(header: &Header, size: usize) -> Result<(), ErrorKind> {
    let actual = header.meta_len;
    if actual as usize == size {
        return Ok(());
    }
    let expected = u32::try_from(size).unwrap_or(u32::MAX);
    Err(ErrorKind::UnexpectedMetadataLength { expected, actual })
}

/// Nothing but these copied fields ties a PONG to its PING (spec 02 §2.15).
pub(super) fn pong(ping: &Header) -> Packet {
    Packet::empty(Header {
        session_id: ping.session_id,
        frame_id: ping.frame_id,
        trace_id: ping.trace_id,
        ..Header::new(MessageType::Pong)
    })
}

/// The caller has ignored `wants_packet`; going on would break the bounds or the lockstep.
pub(super) fn unwanted(limits: &Limits) -> ErrorKind {
    let allowed = limits.queued_events as u64;
    ErrorKind::LimitExceeded {
        limit: Limit::QueuedEvents,
        actual: allowed + 1,
        allowed,
    }
}
