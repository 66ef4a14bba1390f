//! How a server answers frames: with results, or with a drop.

use bytes::Bytes;

use super::ServerConnection;
use crate::connection::{CommandError, FrameContext, session_header};
use crate::credit::Blocked;
use crate::header::Header;
use crate::message::result::ResultPush;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;

impl ServerConnection {
    /// Sends a result of an unanswered frame. A partial one leaves it unanswered.
    pub fn push_result(
        &mut self,
        now: Timestamp,
        session_id: u32,
        frame_id: u32,
        context: FrameContext,
        metadata: &ResultPush,
        body: Bytes,
    ) -> Result<(), CommandError> {
        let allowed = self.config.limits.body_bytes as usize;
        if body.len() > allowed {
            return Err(CommandError::BodyTooLarge {
                actual: body.len(),
                allowed,
            });
        }
        self.require_answerable(session_id, frame_id)?;
        let header = context.header(MessageType::ResultPush, session_id, frame_id);
        let packet = Packet::with_message(header, metadata, body)?;
        self.queue_answer(session_id, packet);
        if metadata.is_terminal()
            && let Some(session) = self.sessions.get_mut(&session_id)
        {
            session.answered(frame_id);
            self.in_flight -= 1;
        }
        self.last_activity = now;
        self.settle(now);
        Ok(())
    }

    /// Answers a frame with a drop: it will get no (further) result.
    pub fn push_drop(
        &mut self,
        now: Timestamp,
        session_id: u32,
        frame_id: u32,
    ) -> Result<(), CommandError> {
        self.require_answerable(session_id, frame_id)?;
        self.drop_frame(session_id, frame_id);
        self.last_activity = now;
        self.settle(now);
        Ok(())
    }

    /// Whether an answer of the session can be queued: `WouldBlock` if a `Writable` event has to
    /// come first.
    pub fn require_answer_room(&mut self, session_id: u32) -> Result<(), CommandError> {
        let session = self.sessions.get(&session_id);
        let session = session.ok_or(CommandError::UnknownSession(session_id))?;
        let kept = session.continuity.as_ref();
        let kept = kept.map_or(0, |continuity| continuity.answer_bytes());
        if kept >= self.config.limits.retained_bytes {
            self.awaits_arrival = true;
            return Err(CommandError::WouldBlock(Blocked::Retained));
        }
        self.require_room()
    }

    /// Answers an unanswered frame with a drop.
    pub(super) fn drop_frame(&mut self, session_id: u32, frame_id: u32) {
        self.queue_drop(session_id, frame_id);
        if let Some(session) = self.sessions.get_mut(&session_id) {
            session.answered(frame_id);
            self.in_flight -= 1;
        }
    }

    pub(super) fn queue_drop(&mut self, session_id: u32, frame_id: u32) {
        let header = session_header(MessageType::ResultDrop, session_id, frame_id);
        self.queue_answer(session_id, Packet::empty(header));
    }

    /// Asks how many answers have arrived, when there is much to forget.
    pub(super) fn ask_arrival(&mut self, session_id: u32) {
        let limit = self.config.limits.retained_bytes;
        let Some(session) = self.sessions.get_mut(&session_id) else {
            return;
        };
        let question = session.continuity.as_mut();
        let Some(number) = question.and_then(|continuity| continuity.question(limit)) else {
            return;
        };
        let ping = Packet::empty(Header {
            trace_id: number,
            ..session_header(MessageType::Ping, session_id, 0)
        });
        self.outgoing.push(session.lane, ping);
    }

    fn require_answerable(&mut self, session_id: u32, frame_id: u32) -> Result<(), CommandError> {
        self.require_serving()?;
        let session = self.sessions.get(&session_id);
        let session = session.ok_or(CommandError::UnknownSession(session_id))?;
        session.require_unanswered(frame_id)?;
        self.require_answer_room(session_id)
    }

    /// Queues an answer, and keeps it until it is known to have arrived if it may be asked for.
    fn queue_answer(&mut self, session_id: u32, packet: Packet) {
        let Some(session) = self.sessions.get_mut(&session_id) else {
            return;
        };
        let lane = session.lane;
        let Some(continuity) = &mut session.continuity else {
            return self.outgoing.push(lane, packet);
        };
        continuity.retain_answer(packet.clone());
        self.outgoing.push(lane, packet);
        self.ask_arrival(session_id);
    }
}
