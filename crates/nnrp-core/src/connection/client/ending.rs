//! How a client connection ends: streams that stop, time that passes.

use super::greeting::HelloState;
use super::opening::PendingOpen;
use super::{ClientConnection, ClientEvent, Phase};
use crate::code::ErrorScope;
use crate::connection::EndCause;
use crate::connection::keep_alive::Silence;
use crate::connection::outgoing::Lane;
use crate::connection::report::undecodable;
use crate::error::{ErrorKind, ProtocolError, TimeoutKind};
use crate::message::error_report::ErrorReport;
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

    /// The stream cannot be decoded any further. Queued packets are still sent, and a server that
    /// has answered a hello is told why.
    pub fn handle_stream_error(&mut self, error: ProtocolError) {
        if self.phase == Phase::Open && self.hello_acknowledged() {
            self.outgoing.push_built(Lane::Last, undecodable(&error));
        }
        self.fail(error);
    }

    pub(super) fn fail(&mut self, error: ProtocolError) {
        self.end_everything(EndCause::Failed(error));
        self.phase = Phase::Over;
    }

    /// Time has passed; an error ends the connection.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        if self.phase != Phase::Open {
            return Ok(());
        }
        let mut passed = self.deadlines().find(|(deadline, _)| *deadline <= now);
        if passed.is_none() && self.wants_packet() {
            match self.keep_alive.check(now, self.last_received) {
                Silence::Bearable => {}
                Silence::Ping => self.send_ping(now, false),
                Silence::TooLong => passed = Some((now, TimeoutKind::Ping)),
            }
        }
        let Some((_, timeout)) = passed else {
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
            Phase::Open => {
                // What waits to be read may be the answer that is missed.
                let silence = self.keep_alive.deadline(self.last_received);
                let silence = silence.filter(|_| self.wants_packet());
                let deadlines = self.deadlines().map(|(deadline, _)| deadline);
                deadlines.chain(silence).min()
            }
            Phase::Ending | Phase::Over => None,
        }
    }

    pub(super) fn end_session(&mut self, session_id: u32, cause: EndCause) {
        if let Some(session) = self.sessions.remove(&session_id) {
            self.credit.finish(session.credit.in_flight());
            self.owed_pongs.remove(&session_id);
            self.forget_puts(session_id);
            self.lifecycle.leave_session(session_id);
            self.events.push(ClientEvent::SessionEnded {
                session_id,
                cause,
                resumable: None,
            });
        }
    }

    /// Ends what a fatal report of either side says is over.
    pub(super) fn end_reported(&mut self, report: &ErrorReport, cause: EndCause) {
        match report.error_scope {
            _ if !report.is_fatal => {}
            ErrorScope::Connection => self.begin_ending(cause),
            ErrorScope::Session => self.end_session(report.related_session_id, cause),
            ErrorScope::Frame => {}
        }
    }

    pub(super) fn begin_ending(&mut self, cause: EndCause) {
        self.end_everything(cause);
        if self.phase == Phase::Open {
            self.phase = Phase::Ending;
        }
    }

    pub(super) fn end_everything(&mut self, cause: EndCause) {
        let resumable = can_go_on(cause);
        for PendingOpen {
            ticket, resuming, ..
        } in self.opens.drain(..)
        {
            self.events.push(ClientEvent::OpenFailed {
                ticket,
                cause,
                resumable: resuming.filter(|_| resumable),
            });
        }
        for (session_id, session) in core::mem::take(&mut self.sessions) {
            let earlier = session.into_resumable();
            self.events.push(ClientEvent::SessionEnded {
                session_id,
                cause,
                resumable: earlier.filter(|_| resumable),
            });
        }
        self.held_opens.clear();
        self.puts.clear();
        self.pings.clear();
        self.owed_pongs.clear();
        // Closing twice is an error of the lifecycle, and here simply done.
        let _already_closed = self.lifecycle.close();
    }

    pub(super) fn deadlines(&self) -> impl Iterator<Item = (Timestamp, TimeoutKind)> + '_ {
        let hello = match self.hello {
            HelloState::Sent { deadline } => Some((deadline, TimeoutKind::Open)),
            HelloState::None | HelloState::Acknowledged(_) => None,
        };
        let open = self
            .opens
            .front()
            .map(|open| (open.deadline, TimeoutKind::Open));
        let requests = self.sessions.values().filter_map(|session| session.request);
        let requests = requests.map(|(_, deadline)| (deadline, TimeoutKind::Request));
        let put = self.puts.front();
        let put = put.map(|put| (put.deadline, TimeoutKind::Request));
        let ping_time = self.config.timeouts.ping;
        let asked_for = self.pings.iter().find(|ping| ping.asked_for);
        let ping = asked_for.map(|ping| (ping.at.after(ping_time), TimeoutKind::Ping));
        let idle = self
            .idle_deadline()
            .map(|deadline| (deadline, TimeoutKind::Idle));
        hello
            .into_iter()
            .chain(open)
            .chain(requests)
            .chain(put)
            .chain(ping)
            .chain(idle)
    }

    pub(super) fn idle_deadline(&self) -> Option<Timestamp> {
        let idle = self.config.timeouts.idle?;
        (self.credit.in_flight() > 0).then(|| self.last_received.after(idle))
    }
}

/// Whether sessions go on over another connection: not when an end was meant, and not with a
/// server that breaks the protocol.
fn can_go_on(cause: EndCause) -> bool {
    match cause {
        EndCause::TransportLost => true,
        EndCause::Failed(error) => matches!(error.kind, ErrorKind::TimedOut(_)),
        _ => false,
    }
}
