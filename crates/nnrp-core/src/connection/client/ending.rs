//! How a client connection ends: streams that stop, time that passes.

use super::{ClientConnection, ClientEvent, HelloState, PendingOpen, Phase};
use crate::connection::EndCause;
use crate::error::{ErrorKind, ProtocolError, TimeoutKind};
use crate::timestamp::Timestamp;

impl ClientConnection {
    /// The stream ended cleanly between two packets.
    pub fn handle_end_of_stream(&mut self) {
        self.end_everything(EndCause::TransportLost);
        self.phase = Phase::Over;
    }

    /// The transport failed, or ended inside a packet: nothing can be sent any more.
    pub fn handle_transport_lost(&mut self) {
        while self.outgoing.pop().is_some() {}
        self.handle_end_of_stream();
    }

    /// The stream cannot be decoded any further.
    pub fn handle_stream_error(&mut self, error: ProtocolError) {
        self.end_everything(EndCause::Failed(error));
        self.phase = Phase::Over;
    }

    /// Time has passed; an error ends the connection.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        let passed = self.deadlines().find(|(deadline, _)| *deadline <= now);
        let Some((_, timeout)) = passed.filter(|_| self.phase == Phase::Open) else {
            return Ok(());
        };
        let error = ProtocolError::on_connection(ErrorKind::TimedOut(timeout));
        self.begin_ending(EndCause::Failed(error));
        self.phase = Phase::Over;
        Err(error)
    }

    /// When to call [`Self::handle_timeout`]; may move with every call.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Open => self.deadlines().map(|(deadline, _)| deadline).min(),
            Phase::Ending | Phase::Over => None,
        }
    }

    pub(super) fn end_session(&mut self, session_id: u32, cause: EndCause) {
        if let Some(session) = self.sessions.remove(&session_id) {
            self.credit.finish(session.credit.in_flight());
            self.events
                .push(ClientEvent::SessionEnded { session_id, cause });
        }
    }

    pub(super) fn begin_ending(&mut self, cause: EndCause) {
        self.end_everything(cause);
        if self.phase == Phase::Open {
            self.phase = Phase::Ending;
        }
    }

    pub(super) fn end_everything(&mut self, cause: EndCause) {
        for PendingOpen { ticket, .. } in self.opens.drain(..) {
            self.events.push(ClientEvent::OpenFailed { ticket, cause });
        }
        for session_id in std::mem::take(&mut self.sessions).into_keys() {
            self.events
                .push(ClientEvent::SessionEnded { session_id, cause });
        }
        self.held_opens.clear();
        self.pings.clear();
        // Closing twice is an error of the lifecycle, and here simply done.
        let _already_closed = self.lifecycle.close();
    }

    pub(super) fn deadlines(&self) -> impl Iterator<Item = (Timestamp, TimeoutKind)> + '_ {
        let hello = match self.hello {
            HelloState::Sent { deadline } => Some((deadline, TimeoutKind::Open)),
            HelloState::None | HelloState::Acknowledged => None,
        };
        let open = self
            .opens
            .front()
            .map(|open| (open.deadline, TimeoutKind::Open));
        let requests = self.sessions.values().filter_map(|session| session.request);
        let requests = requests.map(|(_, deadline)| (deadline, TimeoutKind::Request));
        let ping_time = self.config.timeouts.ping;
        let ping = self
            .pings
            .front()
            .map(|sent| (sent.after(ping_time), TimeoutKind::Ping));
        let idle = self
            .idle_deadline()
            .map(|deadline| (deadline, TimeoutKind::Idle));
        hello
            .into_iter()
            .chain(open)
            .chain(requests)
            .chain(ping)
            .chain(idle)
    }

    pub(super) fn idle_deadline(&self) -> Option<Timestamp> {
        let idle = self.config.timeouts.idle?;
        (self.credit.in_flight() > 0).then(|| self.last_received.after(idle))
    }
}
