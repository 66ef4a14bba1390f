//! Whether a session opens: what the application, the listener and the directory of its sessions say.

use bytes::Bytes;
use nnrp_core::Timestamp;
use nnrp_core::code::{SessionErrorCode, SessionStatus};
use nnrp_core::connection::server::SessionContinuity;
use nnrp_core::connection::{EndCause, OpenTicket};
use nnrp_core::directory::{Admission, OpenRequest, SessionLimits};
use nnrp_core::flags::SessionFlags;
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};

use super::ServerSide;
use super::session::Session;
use super::waiting_open::WaitingOpen;
use crate::random_id::random_token;
use crate::session_directory::Opening;
use crate::{AdmissionRequest, Event, SessionKey};

impl ServerSide {
    pub(super) fn decide_open(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        open: &SessionOpen,
        token: Bytes,
    ) -> Option<Event> {
        let limits = match self.admits(open) {
            Ok(limits) => limits,
            Err(code) => return self.refuse(now, ticket, code),
        };
        let wants_token = self.machine.peer_said_hello()
            && open.session_flags.contains(SessionFlags::ALLOW_RESUME);
        let request = OpenRequest {
            open,
            presented_token: &token,
            fresh_token: wants_token.then(random_token).flatten(),
        };
        let directory = &self.settings.directory;
        let (admission, admitted) = match directory.open(&request, now, &self.myself) {
            Opening::Admit(mut admission) => {
                admission.limits = limits;
                let admitted = self.machine.admit(now, ticket, admission);
                (admission, admitted.map_err(|_| None))
            }
            Opening::Resume(mut admission, continuity) => {
                admission.limits = limits;
                let admitted = self
                    .machine
                    .admit_resumed(now, ticket, admission, continuity);
                (admission, admitted.map_err(|(_, kept)| Some(kept)))
            }
            Opening::Wait(signal) => {
                self.signals.push(signal);
                self.waiting = Some(WaitingOpen {
                    ticket,
                    open: *open,
                    token,
                    due: false,
                });
                return None;
            }
            Opening::Refuse(code) => return self.refuse(now, ticket, code),
        };
        if let Err(continuity) = admitted {
            // The id was used on this connection before, or the open has had its time.
            let cause = match continuity {
                None => EndCause::ClosedLocally,
                Some(_) => EndCause::TransportLost,
            };
            self.give_back(now, &admission, cause, continuity);
            return self.refuse(now, ticket, SessionErrorCode::SESSION_LIMIT_REACHED);
        }
        self.handshake = None;
        let key = SessionKey(self.next_key);
        self.next_key += 1;
        self.keys.insert(admission.session_id, key);
        let session = Session::new(admission.session_id, open.profile_id);
        self.sessions.insert(key, Box::new(session));
        Some(Event::SessionOpened {
            session: key,
            ack: self.granted(open, &admission),
        })
    }

    /// Whether the application, and the state of the listener, let a client in, and with what limits.
    fn admits(&self, open: &SessionOpen) -> Result<SessionLimits, SessionErrorCode> {
        if self.draining {
            return Err(SessionErrorCode::SESSION_LIMIT_REACHED);
        }
        let peer = &self.peer;
        match &self.settings.admission {
            Some(admission) => admission.decide(&AdmissionRequest { peer, open }),
            None => Ok(SessionLimits::NONE),
        }
    }

    /// Frees the id of a session, or keeps it for a resume.
    pub(super) fn give_back(
        &mut self,
        now: Timestamp,
        admission: &Admission,
        cause: EndCause,
        continuity: Option<Box<SessionContinuity>>,
    ) {
        let directory = &self.settings.directory;
        let signal = if let EndCause::Closed(_) = cause {
            directory.release(admission)
        } else {
            directory.detach(admission, continuity, now)
        };
        self.signals.extend(signal);
    }

    fn refuse(
        &mut self,
        now: Timestamp,
        ticket: OpenTicket,
        code: SessionErrorCode,
    ) -> Option<Event> {
        // An open that waited for its session may have had its time meanwhile.
        let _refused = self.machine.refuse(now, ticket, code);
        None
    }

    /// What the application is told of the ack that went out.
    fn granted(&self, open: &SessionOpen, admission: &Admission) -> SessionOpenAck {
        let record = self.machine.lifecycle().session(admission.session_id);
        SessionOpenAck {
            session_id: admission.session_id,
            session_status: if admission.resumed {
                SessionStatus::Resumed
            } else {
                SessionStatus::Opened
            },
            accepted_profile_id: open.profile_id,
            accepted_priority_class: open.priority_class,
            schema_id: open.schema_id,
            schema_version: open.schema_version,
            max_in_flight_operations: record.map_or(0, |record| record.max_in_flight_operations),
            ..SessionOpenAck::default()
        }
    }
}
