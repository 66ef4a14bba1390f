//! The submits of one session, one after the other: what holds for all of them is found once.

use alloc::vec::Vec;
use bytes::Bytes;

use super::ClientConnection;
use super::greeting::HelloState;
use super::session::ClientSession;
use crate::body::object_reference::ObjectRegion;
use crate::body::prelude::BodyRegions;
use crate::code::SubmitMode;
use crate::connection::negotiated::Negotiated;
use crate::connection::outgoing::Outgoing;
use crate::connection::retained::RetainedSubmit;
use crate::connection::{CommandError, FrameContext};
use crate::credit::{Blocked, CreditScope};
use crate::message::submit::FrameSubmit;
use crate::message_type::MessageType;
use crate::packet::Packet;

/// Submits to one open session.
#[derive(Debug)]
pub struct Submitting<'a> {
    session_id: u32,
    session: &'a mut ClientSession,
    credit: &'a mut CreditScope,
    outgoing: &'a mut Outgoing,
    /// Whether anybody of the connection waits to hear of room.
    refused_submits: &'a mut bool,
    /// What the hello exchange agreed on, if there was one.
    agreed: Option<&'a Negotiated>,
    allowed_body_bytes: usize,
    retained_limit: usize,
}

impl ClientConnection {
    /// Begins to submit frames to a session.
    pub fn submitting(&mut self, session_id: u32) -> Result<Submitting<'_>, CommandError> {
        self.require_open()?;
        self.require_accepting(session_id)?;
        let allowed_body_bytes = self.allowed_body_bytes();
        let session = self.sessions.get_mut(&session_id);
        Ok(Submitting {
            session_id,
            session: session.ok_or(CommandError::UnknownSession(session_id))?,
            credit: &mut self.credit,
            outgoing: &mut self.outgoing,
            refused_submits: &mut self.refused_submits,
            agreed: match &self.hello {
                HelloState::Acknowledged(agreed) => Some(agreed),
                _ => None,
            },
            allowed_body_bytes,
            retained_limit: self.config.limits.retained_bytes,
        })
    }

    /// Submits a frame and returns its id.
    ///
    /// `WouldBlock` consumes nothing; a `Writable` event of the session follows.
    pub fn submit(
        &mut self,
        session_id: u32,
        metadata: &FrameSubmit,
        context: FrameContext,
        body: Bytes,
    ) -> Result<u32, CommandError> {
        self.submitting(session_id)?.submit(metadata, context, body)
    }
}

impl Submitting<'_> {
    /// Unanswered frames of the session.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.session.credit.in_flight()
    }

    /// Submits a frame and returns its id, as [`ClientConnection::submit`] does.
    #[inline]
    pub fn submit(
        &mut self,
        metadata: &FrameSubmit,
        context: FrameContext,
        body: Bytes,
    ) -> Result<u32, CommandError> {
        self.check(metadata, &body)?;
        let frame_id = self.session.peek_frame_id()?;
        if let Some(blocked) = self.blocked() {
            *self.refused_submits = true;
            return Err(self.session.refuse(blocked));
        }
        let header = context.header(MessageType::FrameSubmit, self.session_id, frame_id);
        let packet = Packet::with_message(header, metadata, body)?;
        self.session.begin_frame();
        self.session.retain(frame_id, || RetainedSubmit {
            metadata: *metadata,
            context,
            body: packet.body().clone(),
            objects: Vec::new(),
            cancelled: false,
        });
        self.credit.begin();
        self.outgoing.push(self.session.lane, packet);
        Ok(frame_id)
    }

    /// Whether the frame keeps to what was agreed.
    #[inline]
    fn check(&self, metadata: &FrameSubmit, body: &Bytes) -> Result<(), CommandError> {
        if body.len() > self.allowed_body_bytes {
            return Err(CommandError::BodyTooLarge {
                actual: body.len(),
                allowed: self.allowed_body_bytes,
            });
        }
        let Some(agreed) = self.agreed else {
            return Ok(());
        };
        if !agreed.allows_payload_kinds(metadata.payload_kind_bitmap) {
            return Err(CommandError::NotNegotiated("payload kind"));
        }
        if metadata.submit_mode == SubmitMode::Inline || !agreed.caches_objects() {
            return Ok(());
        }
        check_references(metadata, body)
    }

    /// Why the next frame has to wait.
    #[inline]
    fn blocked(&self) -> Option<Blocked> {
        let no_room = (!self.outgoing.has_room()).then_some(Blocked::Outgoing);
        self.session
            .blocked(self.retained_limit)
            .or(self.credit.blocked_for(self.session.class))
            .or(no_room)
    }
}

/// A submit that names objects must have the body and the mask that say so.
fn check_references(submit: &FrameSubmit, body: &Bytes) -> Result<(), CommandError> {
    let region = ObjectRegion::decode(BodyRegions::object_references_in(body)?)?;
    Ok(region.check_slots(submit.submit_mode, submit.object_ref_mask)?)
}
