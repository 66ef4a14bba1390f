//! How a server connection ends: streams that stop, time that passes.

use super::session::ServerSession;
use super::{Phase, Request, ServerConnection, ServerEvent};
use crate::connection::EndCause;
use crate::error::{ErrorKind, ProtocolError, TimeoutKind};
use crate::timestamp::Timestamp;

impl ServerConnection {
    /// The stream ended cleanly between two packets: the client has ended its write side.
    ///
    /// It may still read, so answers owed are given for a short while.
    pub fn handle_end_of_stream(&mut self, now: Timestamp) {
        self.phase = match self.phase {
            Phase::Serving => Phase::HalfClosed {
                until: now.after(self.config.timeouts.half_close),
            },
            Phase::Ending { .. } => Phase::Over,
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
    pub fn handle_stream_error(&mut self, error: ProtocolError) {
        self.end_everything(EndCause::Failed(error));
        self.phase = Phase::Over;
    }

    /// Time has passed; an error ends the connection.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        match self.phase {
            Phase::HalfClosed { until } if until <= now => {
                self.begin_ending(now, EndCause::TransportLost);
                self.phase = Phase::Over;
            }
            Phase::Ending { until } if until <= now => self.phase = Phase::Over,
            Phase::Serving | Phase::HalfClosed { .. } => return self.check_deadlines(now),
            Phase::Ending { .. } | Phase::Over => {}
        }
        Ok(())
    }

    /// When to call [`Self::handle_timeout`]; may move with every call.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let request = self.request.map(|(_, deadline)| deadline);
        match self.phase {
            Phase::Serving => [request, self.handshake_deadline(), self.idle_deadline()]
                .into_iter()
                .flatten()
                .min(),
            Phase::HalfClosed { until } => Some(request.map_or(until, |at| at.min(until))),
            Phase::Ending { until } => Some(until),
            Phase::Over => None,
        }
    }

    /// With the client's write side ended, the connection ends when nothing is owed any more.
    pub(super) fn settle(&mut self, now: Timestamp) {
        let half_closed = matches!(self.phase, Phase::HalfClosed { .. });
        if half_closed && self.request.is_none() && self.owed() == 0 {
            self.begin_ending(now, EndCause::TransportLost);
        }
    }

    pub(super) fn owed(&self) -> usize {
        self.sessions.values().map(ServerSession::unanswered).sum()
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
        for (session_id, session) in std::mem::take(&mut self.sessions) {
            let admission = session.admission;
            self.events.push(ServerEvent::SessionEnded {
                session_id,
                admission,
                cause,
            });
        }
        // Closing twice is an error of the lifecycle, and here simply done.
        let _already_closed = self.lifecycle.close();
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
        let passed = |deadline: Option<Timestamp>| deadline.is_some_and(|at| at <= now);
        if passed(self.handshake_deadline()) {
            return Err(self.fail(now, TimeoutKind::Handshake));
        }
        if passed(self.idle_deadline()) {
            return Err(self.fail(now, TimeoutKind::Idle));
        }
        Ok(())
    }

    pub(super) fn fail(&mut self, now: Timestamp, timeout: TimeoutKind) -> ProtocolError {
        let error = ProtocolError::on_connection(ErrorKind::TimedOut(timeout));
        self.begin_ending(now, EndCause::Failed(error));
        error
    }

    pub(super) fn handshake_deadline(&self) -> Option<Timestamp> {
        let waiting = self.lifecycle.session_count() == 0 && self.request.is_none();
        waiting.then(|| self.started.after(self.config.timeouts.handshake))
    }

    pub(super) fn idle_deadline(&self) -> Option<Timestamp> {
        let idle = self.config.timeouts.idle?;
        let quiet = self.request.is_none() && self.owed() == 0;
        quiet.then(|| self.last_activity.after(idle))
    }
}
