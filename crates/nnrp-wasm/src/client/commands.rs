//! Commands as a host gives them: the packet that it would send, with numbers that are the machine's left out.

use bytes::Bytes;
use nnrp_core::connection::{FrameContext, OpenTicket};
use nnrp_core::message::AnyMessage;
use nnrp_core::{HEADER_LEN, Header, MessageType, Timestamp};

use super::Client;
use super::resumables::Resumables;
use crate::failure::Failure;

/// What a command returns that has no number of its own.
const DONE: u32 = 1;

impl Client {
    /// Carries out what the packet asks for: header and metadata in `head`. Returns the ticket of an open, the
    /// frame id of a submit, else 1.
    pub(crate) fn command(
        &mut self,
        now: Timestamp,
        head: &[u8],
        body: &[u8],
    ) -> Result<u32, Failure> {
        let header = Header::decode(head)?;
        let metadata = head.get(HEADER_LEN..).unwrap_or_default();
        if header.message_type == MessageType::SessionClose && metadata.is_empty() {
            self.machine.close_session(now, header.session_id)?;
            return Ok(DONE);
        }
        let message = AnyMessage::decode(&header, metadata)?;
        self.carry_out(now, &header, message, Bytes::copy_from_slice(body))
    }

    /// Carries a session on that has left its connection; returns the ticket of the open.
    pub(crate) fn resume(
        &mut self,
        now: Timestamp,
        resumables: &mut Resumables,
        number: u32,
    ) -> Result<u32, Failure> {
        let session = resumables.take(number)?;
        match self.machine.resume_session(now, session) {
            Ok(ticket) => Ok(self.number_of(ticket)),
            Err((error, session)) => {
                resumables.put_back(number, session);
                Err(error.into())
            }
        }
    }

    /// Takes a session off the connection; returns its number among the resumable ones.
    pub(crate) fn detach(
        &mut self,
        resumables: &mut Resumables,
        session_id: u32,
    ) -> Result<u32, Failure> {
        let session = self.machine.detach_session(session_id)?;
        Ok(resumables.keep(session))
    }

    fn carry_out(
        &mut self,
        now: Timestamp,
        header: &Header,
        message: AnyMessage,
        body: Bytes,
    ) -> Result<u32, Failure> {
        let session_id = header.session_id;
        let machine = &mut self.machine;
        match message {
            AnyMessage::FrameSubmit(submit) => {
                let context = context_of(header);
                return Ok(machine.submit(session_id, &submit, context, body)?);
            }
            AnyMessage::SessionOpen(open) => {
                let ticket = machine.open_session(now, &open, body)?;
                return Ok(self.number_of(ticket));
            }
            AnyMessage::SessionPatch(patch) => {
                machine.patch_session(now, session_id, &patch, body)?;
            }
            AnyMessage::SessionMigrate(migrate) => {
                machine.migrate_session(now, session_id, &migrate)?;
            }
            AnyMessage::SessionClose(close) => {
                machine.close_session_with(now, session_id, &close)?;
            }
            AnyMessage::CachePut(put) => machine.put_object(now, session_id, &put, body)?,
            AnyMessage::CacheInvalidate(invalidate) => {
                machine.invalidate_objects(session_id, &invalidate)?;
            }
            AnyMessage::TransportProbe(probe) => machine.probe(now, probe.probe_id, body)?,
            AnyMessage::Error(report) => machine.report_error(&report, body)?,
            AnyMessage::HeaderOnly(MessageType::FrameCancel) => {
                machine.cancel(session_id, header.frame_id)?;
            }
            AnyMessage::HeaderOnly(MessageType::Ping) => machine.ping(now)?,
            AnyMessage::HeaderOnly(MessageType::Close) => machine.close(),
            other => return Err(no_command(other.message_type())),
        }
        Ok(DONE)
    }

    fn number_of(&mut self, ticket: OpenTicket) -> u32 {
        let number = self.next_ticket;
        self.next_ticket = number.checked_add(1).unwrap_or(1);
        self.tickets.push((ticket, number));
        number
    }

    /// The number of a ticket that has its answer, which no longer names it.
    pub(super) fn answered(&mut self, ticket: OpenTicket) -> u32 {
        let place = self.tickets.iter().position(|(open, _)| *open == ticket);
        place.map_or(0, |place| self.tickets.remove(place).1)
    }
}

fn context_of(header: &Header) -> FrameContext {
    FrameContext {
        flags: header.flags,
        view_id: header.view_id,
        route_id: header.route_id,
        trace_id: header.trace_id,
    }
}

fn no_command(message_type: MessageType) -> Failure {
    let words = format!("{} is no command of a client", message_type.name());
    Failure::usage("NotACommand", words)
}
