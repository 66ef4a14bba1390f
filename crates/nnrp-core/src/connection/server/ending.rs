//! How a server connection ends: streams that stop, time that passes.

use super::requests::Request;
use super::{Phase, ServerConnection, ServerEvent};
use crate::code::{ErrorCode, ErrorScope};
use crate::connection::EndCause;
use crate::connection::keep_alive::Silence;
use crate::connection::outgoing::Lane;
use crate::connection::report::{report_packet, undecodable, violation};
use crate::error::{ErrorKind, Location, ProtocolError, TimeoutKind};
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::timestamp::Timestamp;
use alloc::vec::Vec;
use bytes::Bytes;

/// Sessions that ended here before the client knew; as many as it can still be talking to.
const MAX_LEFT: usize = 1024;

impl ServerConnection {
    /// The stream ended cleanly between two packets: the client has ended its write side.
    ///
    /// It may still read, so answers owed are given for a short while.
    pub fn handle_end_of_stream(&mut self, now: Timestamp) {
        self.phase = match self.phase {
            Phase::Serving => Phase::HalfClosed {
                until: now.after(self.config.timeouts.half_close),
            },
            Phase::Ending { .. } | Phase::Lingering { .. } => Phase::Over,
            phase => phase,
        };
        self.settle(now);
    }

    /// The transport failed, or ended inside a packet: nothing can be sent any more.
    pub fn handle_transport_lost(&mut self) {
        while self.outgoing.pop().is_some() {}
        self.end_everything(EndCause::TransportLost);
        self.phase = Phase::Over;
    }

    /// The stream cannot be decoded any further. Queued packets are still sent.
    ///
    /// A client that says hello is told why. What it goes on to send is to be read and discarded,
    /// without decoding it, until [`Self::is_finished`]: unread bytes would destroy the report on
    /// its way. The end of its stream is handed over as ever.
    pub fn handle_stream_error(&mut self, now: Timestamp, error: ProtocolError) {
        let reports = self.phase == Phase::Serving && self.speaks_hello(&error.at);
        if reports {
            self.outgoing.push_built(Lane::Last, undecodable(&error));
        }
        self.end_everything(EndCause::Failed(error));
        self.phase = match self.phase {
            Phase::Serving if reports => Phase::Lingering {
                until: now.after(self.config.timeouts.linger),
            },
            Phase::Ending { until } | Phase::Lingering { until } => Phase::Lingering { until },
            _ => Phase::Over,
        };
    }

    /// Whether the client understands a report of what is wrong with the packet at this place:
    /// it began with a hello, which may be that packet. Others get what published servers do.
    pub(super) fn speaks_hello(&self, at: &Location) -> bool {
        let greets = at.message_type == Some(MessageType::ClientHello);
        self.agreed.is_some() || (greets && !self.asked_to_open)
    }

    /// Time has passed; an error ends the connection.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        match self.phase {
            Phase::HalfClosed { until } if until <= now => {
                self.begin_ending(now, EndCause::TransportLost);
                self.phase = Phase::Over;
            }
            Phase::Ending { until } | Phase::Lingering { until } if until <= now => {
                self.phase = Phase::Over;
            }
            Phase::Serving | Phase::HalfClosed { .. } => return self.check_deadlines(now),
            Phase::Ending { .. } | Phase::Lingering { .. } | Phase::Over => {}
        }
        Ok(())
    }

    /// When to call [`Self::handle_timeout`]; may move with every call.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let request = self.request.map(|(_, deadline)| deadline);
        match self.phase {
            Phase::Serving => {
                // What waits to be read may be the answer that is missed.
                let silence = self.keep_alive.deadline(self.last_heard);
                let silence = silence.filter(|_| self.wants_packet());
                let deadlines = [
                    request,
                    self.handshake_deadline(),
                    self.idle_deadline(),
                    silence,
                    self.next_frame_deadline(),
                    self.next_lease_end(),
                ];
                // Compared as plain numbers: of options the compiler compares values that are not there, which does no
                // harm and is reported by valgrind in every program that uses this.
                let micros = deadlines.map(|at| at.map_or(u64::MAX, Timestamp::as_micros));
                let soonest = micros.into_iter().min().filter(|&at| at < u64::MAX);
                soonest.map(Timestamp::from_micros)
            }
            Phase::HalfClosed { until } => Some(request.map_or(until, |at| at.min(until))),
            Phase::Ending { until } | Phase::Lingering { until } => Some(until),
            Phase::Over => None,
        }
    }

    /// With the client's write side ended, the connection ends when nothing is owed any more.
    pub(super) fn settle(&mut self, now: Timestamp) {
        let half_closed = matches!(self.phase, Phase::HalfClosed { .. });
        if half_closed && self.request.is_none() && self.in_flight == 0 {
            self.begin_ending(now, EndCause::TransportLost);
        }
    }

    pub(super) fn begin_ending(&mut self, now: Timestamp, cause: EndCause) {
        self.end_everything(cause);
        self.phase = match self.phase {
            Phase::Serving => Phase::Ending {
                until: now.after(self.config.timeouts.linger),
            },
            Phase::HalfClosed { .. } => Phase::Over,
            phase => phase,
        };
    }

    pub(super) fn end_everything(&mut self, cause: EndCause) {
        self.request = None;
        while let Some((&session_id, _)) = self.sessions.first_key_value() {
            self.end_session(session_id, cause);
        }
        self.objects = None;
        // Closing twice is an error of the lifecycle, and here simply done.
        let _already_closed = self.lifecycle.close();
    }

    /// Ends one session here and tells the application, with what a resume elsewhere needs.
    pub(super) fn end_session(&mut self, session_id: u32, cause: EndCause) {
        let Some(session) = self.sessions.remove(&session_id) else {
            return;
        };
        self.in_flight -= session.unanswered();
        self.lifecycle.leave_session(session_id);
        let mut continuity = session.continuity.filter(|_| can_go_on(cause));
        if let Some(objects) = &mut self.objects {
            match &mut continuity {
                Some(continuity) if session.leases_enabled => {
                    continuity.objects = objects.take_owner(session_id);
                }
                _ => objects.remove_owner(session_id),
            }
        }
        self.events.push(ServerEvent::SessionEnded {
            session_id,
            admission: session.admission,
            cause,
            continuity,
        });
    }

    /// The same, while the client may go on talking to it for a while.
    pub(super) fn leave_session(&mut self, session_id: u32, cause: EndCause) {
        if !self.sessions.contains_key(&session_id) {
            return;
        }
        if let Some((request, _)) = self.request
            && request.session_id() == Some(session_id)
        {
            self.request = None;
        }
        self.left.insert(session_id);
        if self.left.len() > MAX_LEFT {
            self.left.pop_first();
        }
        self.end_session(session_id, cause);
    }

    pub(super) fn check_deadlines(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        if let Some((request, deadline)) = self.request
            && deadline <= now
        {
            let Request::Close { session_id, close } = request else {
                return Err(self.fail(now, TimeoutKind::Request));
            };
            self.finish_close(now, session_id, &close);
            self.settle(now);
            return Ok(());
        }
        self.drop_overdue(now);
        self.expire_objects(now);
        let passed = |deadline: Option<Timestamp>| deadline.is_some_and(|at| at <= now);
        if passed(self.handshake_deadline()) {
            return Err(self.fail(now, TimeoutKind::Handshake));
        }
        if passed(self.idle_deadline()) {
            return Err(self.fail(now, TimeoutKind::Idle));
        }
        self.check_silence(now)
    }

    fn check_silence(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        if !self.wants_packet() {
            return Ok(());
        }
        match self.keep_alive.check(now, self.last_heard) {
            Silence::Bearable => Ok(()),
            Silence::Ping => {
                let ping = Packet::empty(Header::new(MessageType::Ping));
                self.outgoing.push(Lane::Control, ping);
                Ok(())
            }
            Silence::TooLong => Err(self.fail(now, TimeoutKind::Ping)),
        }
    }

    fn next_frame_deadline(&self) -> Option<Timestamp> {
        self.agreed?;
        let deadlines = self.sessions.values();
        deadlines
            .filter_map(|session| session.next_deadline())
            .min()
    }

    /// Drops frames that nobody has answered in time, and says so to both sides.
    fn drop_overdue(&mut self, now: Timestamp) {
        if self.next_frame_deadline().is_none_or(|at| at > now) {
            return;
        }
        let mut overdue = Vec::new();
        for (&session_id, session) in &mut self.sessions {
            while let Some(frame_id) = session.take_overdue(now) {
                overdue.push((session_id, frame_id));
            }
        }
        for (session_id, frame_id) in overdue {
            self.report_frame(session_id, frame_id, ErrorCode::FRAME_EXPIRED);
            self.drop_frame(session_id, frame_id);
            self.events.push(ServerEvent::DeadlinePassed {
                session_id,
                frame_id,
            });
        }
        self.settle(now);
    }

    /// Says why a frame gets no result, to clients that understand it.
    pub(super) fn report_frame(&mut self, session_id: u32, frame_id: u32, error_code: ErrorCode) {
        if self.agreed.is_none() {
            return;
        }
        let report = ErrorReport {
            error_code,
            error_scope: ErrorScope::Frame,
            related_session_id: session_id,
            related_frame_id: frame_id,
            ..ErrorReport::default()
        };
        let packet = report_packet(&report, Bytes::new());
        self.outgoing.push_built(self.lane_of(session_id), packet);
    }

    /// A client that has greeted and opened nothing is told. Where sessions are open it is not: a
    /// report would end those that can go on over another connection.
    pub(super) fn fail(&mut self, now: Timestamp, timeout: TimeoutKind) -> ProtocolError {
        let error = ProtocolError::on_connection(ErrorKind::TimedOut(timeout));
        if self.agreed.is_some() && self.sessions.is_empty() {
            self.outgoing.push_built(Lane::Last, violation(&error));
        }
        self.begin_ending(now, EndCause::Failed(error));
        error
    }

    pub(super) fn handshake_deadline(&self) -> Option<Timestamp> {
        let waiting = self.lifecycle.session_count() == 0 && self.request.is_none();
        waiting.then(|| self.started.after(self.config.timeouts.handshake))
    }

    pub(super) fn idle_deadline(&self) -> Option<Timestamp> {
        let idle = self.config.timeouts.idle?;
        let quiet = self.request.is_none() && self.in_flight == 0;
        quiet.then(|| self.last_activity.after(idle))
    }
}

/// Whether sessions go on over another connection: not when an end was meant, and not with a
/// client that breaks the protocol.
fn can_go_on(cause: EndCause) -> bool {
    match cause {
        EndCause::TransportLost | EndCause::TakenOver => true,
        EndCause::Failed(error) => matches!(error.kind, ErrorKind::TimedOut(_)),
        _ => false,
    }
}
