//! Events of the machine as records for the host.

use nnrp_core::Timestamp;
use nnrp_core::connection::client::{ClientEvent, ResumableSession};
use nnrp_core::resume::ResumeOutcome;
use serde_json::Value;

use super::Client;
use super::event_record::{EventRecord, wire};
use super::event_text::{cause_text, hello_text};
use super::resumables::Resumables;
use crate::failure::Failure;

/// Bytes of records after which a call hands over what it has.
const BATCH_BYTES: usize = 256 << 10;

/// The kinds of records; JavaScript has the same table.
mod kind {
    pub(super) const HELLO_ACKNOWLEDGED: u32 = 1;
    pub(super) const SESSION_OPENED: u32 = 2;
    pub(super) const OPEN_REFUSED: u32 = 3;
    pub(super) const OPEN_FAILED: u32 = 4;
    pub(super) const RESULT: u32 = 5;
    pub(super) const RESULT_DROPPED: u32 = 6;
    pub(super) const HINT: u32 = 7;
    pub(super) const FLOW_UPDATED: u32 = 8;
    pub(super) const WRITABLE: u32 = 9;
    pub(super) const CACHE_ANSWERED: u32 = 10;
    pub(super) const OBJECTS_INVALIDATED: u32 = 11;
    pub(super) const SESSION_PATCHED: u32 = 12;
    pub(super) const SESSION_MIGRATED: u32 = 13;
    pub(super) const CLOSE_ANSWERED: u32 = 14;
    pub(super) const SESSION_ENDED: u32 = 15;
    pub(super) const PONG: u32 = 16;
    pub(super) const PROBE_ACKNOWLEDGED: u32 = 17;
    pub(super) const PEER_ERROR: u32 = 18;
    pub(super) const CONNECTION_ENDED: u32 = 19;
}

impl Client {
    /// Appends records of what has happened; returns their number, 0 when there is nothing to tell.
    pub(crate) fn take_events(
        &mut self,
        now: Timestamp,
        resumables: &mut Resumables,
        output: &mut Vec<u8>,
    ) -> u32 {
        let mut records = 0;
        while output.len() < BATCH_BYTES {
            let event = self.machine.poll_event().or_else(|| {
                // The room that was made may let more be read.
                self.read_on(now);
                self.machine.poll_event()
            });
            match event {
                Some(event) => self.record_of(event, resumables).append_to(output),
                None if self.append_end(output) => {}
                None => break,
            }
            records += 1;
        }
        records
    }

    /// Tells once that the connection is over, as the last event.
    fn append_end(&mut self, output: &mut Vec<u8>) -> bool {
        let is_over = self.machine.should_end_write() || self.machine.is_over();
        if self.told_of_end || !is_over {
            return false;
        }
        self.told_of_end = true;
        let failure = self.failure.map(Failure::from);
        let record = EventRecord {
            kind: kind::CONNECTION_ENDED,
            text: failure.map_or_else(String::new, |failure| failure.to_json()),
            ..EventRecord::default()
        };
        record.append_to(output);
        true
    }

    #[allow(clippy::too_many_lines)] // one arm an event; splitting the match would hide that it is whole
    fn record_of(&mut self, event: ClientEvent, resumables: &mut Resumables) -> EventRecord {
        let none = EventRecord::default();
        match event {
            ClientEvent::HelloAcknowledged {
                ack,
                extensions,
                schemas,
            } => EventRecord {
                kind: kind::HELLO_ACKNOWLEDGED,
                metadata: wire(&ack),
                text: hello_text(&extensions, &schemas),
                ..none
            },
            ClientEvent::SessionOpened {
                ticket,
                session_id,
                ack,
                resume,
                body,
                lost_frames,
            } => {
                let (number, window_ms) = outcome(resume);
                EventRecord {
                    kind: kind::SESSION_OPENED,
                    session_id,
                    frame_id: self.answered(ticket),
                    number,
                    wide: window_ms.into(),
                    metadata: wire(&ack),
                    body,
                    text: Value::from(lost_frames).to_string(),
                    ..none
                }
            }
            ClientEvent::OpenRefused {
                ticket,
                ack,
                abandoned,
            } => EventRecord {
                kind: kind::OPEN_REFUSED,
                frame_id: self.answered(ticket),
                metadata: wire(&ack),
                text: Value::from(unanswered(abandoned.as_deref())).to_string(),
                ..none
            },
            ClientEvent::OpenFailed {
                ticket,
                cause,
                resumable,
            } => EventRecord {
                kind: kind::OPEN_FAILED,
                frame_id: self.answered(ticket),
                resumable: resumable.map_or(0, |session| resumables.keep(session)),
                text: cause_text(cause),
                ..none
            },
            ClientEvent::Result {
                session_id,
                frame_id,
                context,
                metadata,
                body,
            } => EventRecord {
                kind: kind::RESULT,
                session_id,
                frame_id,
                wide: context.trace_id,
                context,
                metadata: wire(&metadata),
                body,
                ..none
            },
            ClientEvent::ResultDropped {
                session_id,
                frame_id,
                context,
            } => EventRecord {
                kind: kind::RESULT_DROPPED,
                session_id,
                frame_id,
                wide: context.trace_id,
                context,
                ..none
            },
            ClientEvent::Hint {
                session_id,
                frame_id,
                hint,
            } => EventRecord {
                kind: kind::HINT,
                session_id,
                frame_id,
                metadata: wire(&hint),
                ..none
            },
            ClientEvent::FlowUpdated {
                session_id,
                update,
                applied,
            } => EventRecord {
                kind: kind::FLOW_UPDATED,
                session_id,
                number: applied.into(),
                metadata: wire(&update),
                ..none
            },
            ClientEvent::Writable { session_id } => EventRecord {
                kind: kind::WRITABLE,
                session_id,
                ..none
            },
            ClientEvent::CacheAnswered {
                session_id,
                put,
                ack,
            } => EventRecord {
                kind: kind::CACHE_ANSWERED,
                session_id,
                metadata: wire(&ack),
                body: wire(&put).into(),
                ..none
            },
            ClientEvent::ObjectsInvalidated {
                session_id,
                invalidate,
            } => EventRecord {
                kind: kind::OBJECTS_INVALIDATED,
                session_id,
                metadata: wire(&invalidate),
                ..none
            },
            ClientEvent::SessionPatched {
                session_id,
                ack,
                body,
            } => EventRecord {
                kind: kind::SESSION_PATCHED,
                session_id,
                metadata: wire(&ack),
                body,
                ..none
            },
            ClientEvent::SessionMigrated { session_id, ack } => EventRecord {
                kind: kind::SESSION_MIGRATED,
                session_id,
                metadata: wire(&ack),
                ..none
            },
            ClientEvent::CloseAnswered { session_id, ack } => EventRecord {
                kind: kind::CLOSE_ANSWERED,
                session_id,
                metadata: wire(&ack),
                ..none
            },
            ClientEvent::SessionEnded {
                session_id,
                cause,
                resumable,
            } => EventRecord {
                kind: kind::SESSION_ENDED,
                session_id,
                resumable: resumable.map_or(0, |session| resumables.keep(session)),
                text: cause_text(cause),
                ..none
            },
            ClientEvent::Pong { round_trip } => EventRecord {
                kind: kind::PONG,
                wide: u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX),
                ..none
            },
            ClientEvent::ProbeAcknowledged {
                probe_id,
                server_recv_ts_us,
            } => EventRecord {
                kind: kind::PROBE_ACKNOWLEDGED,
                frame_id: probe_id,
                wide: server_recv_ts_us,
                ..none
            },
            ClientEvent::PeerError { report, diagnostic } => EventRecord {
                kind: kind::PEER_ERROR,
                session_id: report.related_session_id,
                frame_id: report.related_frame_id,
                metadata: wire(&report),
                body: diagnostic,
                ..none
            },
        }
    }
}

fn outcome(resume: ResumeOutcome) -> (u32, u32) {
    match resume {
        ResumeOutcome::Fresh => (0, 0),
        ResumeOutcome::Enabled { window_ms } => (1, window_ms),
        ResumeOutcome::Resumed { window_ms } => (2, window_ms),
        ResumeOutcome::Rejected => (3, 0),
    }
}

fn unanswered(session: Option<&ResumableSession>) -> Vec<u32> {
    session.map_or_else(Vec::new, |session| {
        session.unanswered().map(|(frame_id, _)| frame_id).collect()
    })
}
