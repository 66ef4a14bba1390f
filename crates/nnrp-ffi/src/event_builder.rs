//! What the struct of any event is made of: its kind, how something ended, and the record behind its body.

use crate::end::Ended;
use crate::layout::{EventRecord, NnrpEvent};
use bytes::{Bytes, BytesMut};

/// Where records begin: their fields can be read in place.
const RECORD_ALIGNMENT: usize = 8;

/// An event that says no more than its kind.
pub(crate) fn of_kind(kind: u32) -> NnrpEvent {
    NnrpEvent {
        kind,
        ..NnrpEvent::default()
    }
}

/// A closing event.
pub(crate) fn ended(kind: u32, end: &Ended) -> NnrpEvent {
    NnrpEvent {
        status: end.status,
        detail: end.detail,
        protocol_code: end.protocol_code,
        close_reason: end.close_reason,
        ..of_kind(kind)
    }
}

/// An event with a record behind its body.
pub(crate) fn with_record<T: EventRecord>(
    event: NnrpEvent,
    body: &[u8],
    record: &T,
) -> (NnrpEvent, Bytes) {
    let (event, payload) = with_open_record(event, body, record);
    (event, payload.freeze())
}

/// As [`with_record`], for events that have something behind their record, too.
pub(crate) fn with_open_record<T: EventRecord>(
    event: NnrpEvent,
    body: &[u8],
    record: &T,
) -> (NnrpEvent, BytesMut) {
    let event = NnrpEvent {
        payload_size: body.len() as u64,
        // A record has some dozens of bytes.
        record_size: u32::try_from(size_of::<T>()).unwrap_or(u32::MAX),
        ..event
    };
    (event, payload(body, record))
}

/// A body and the record behind it.
fn payload<T: EventRecord>(body: &[u8], record: &T) -> BytesMut {
    let record = record.as_bytes();
    let start = body.len().next_multiple_of(RECORD_ALIGNMENT);
    let mut payload = BytesMut::with_capacity(start + record.len());
    payload.extend_from_slice(body);
    payload.resize(start, 0);
    payload.extend_from_slice(record);
    payload
}
