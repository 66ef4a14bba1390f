//! The client's end of a connection: sessions by key, submits that wait for their session, commands.

use std::collections::VecDeque;

use bytes::Bytes;
use nnrp_core::connection::FrameContext;
use nnrp_core::connection::client::{ClientConnection, ClientEvent};
use nnrp_core::connection::{CommandError as MachineError, EndCause, OpenTicket};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::{MessageType, MetadataBytes, Timestamp};

use crate::connection::{Accepted, Submission};
use crate::end::connection_end;
use crate::random_id::random_session_id;
use crate::received::received;
use crate::{
    CommandError, ConnectionEnd, ConnectionOptions, Event, SessionEnd, SessionKey, SessionOptions,
};

#[derive(Debug)]
pub(crate) struct ClientSide {
    pub(crate) machine: ClientConnection,
    sessions: Vec<Session>,
    next_key: u32,
    options: ConnectionOptions,
    /// The transport is up; opens wait until then, so that their answer is not due before.
    connected: bool,
    /// What ended the last session, if that was not its close by this side.
    ended_with: Option<ConnectionEnd>,
}

#[derive(Debug)]
struct Session {
    key: SessionKey,
    open: SessionOpen,
    stage: Stage,
    /// Submits taken before the server has answered, with the frame ids they were promised.
    held: VecDeque<Submission>,
    held_bytes: usize,
    last_frame_id: u32,
    blocked: Option<Blocked>,
    /// The application wants it closed; the time until which answers are waited for.
    closing: Option<Timestamp>,
    close_sent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The transport is not up yet.
    Waiting,
    /// `SESSION_OPEN` is out.
    Opening(OpenTicket),
    /// Accepted, under this id.
    Open(u32),
}

/// Who has to say that there is room again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blocked {
    /// The machine, by its writable event.
    Machine,
    /// This side: the session has as many unanswered frames as it asked for.
    InFlight,
}

impl ClientSide {
    pub(crate) fn new(machine: ClientConnection, options: ConnectionOptions) -> Self {
        Self {
            machine,
            sessions: Vec::new(),
            next_key: 0,
            options,
            connected: false,
            ended_with: None,
        }
    }

    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Why the machine ended the connection: its error, a refusal, or a close by this side.
    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        self.ended_with.clone().unwrap_or(ConnectionEnd::ClosedHere)
    }

    /// The transport is up: sends the opens that waited for it.
    pub(crate) fn transport_is_up(&mut self, now: Timestamp, events: &mut VecDeque<Event>) {
        self.connected = true;
        for index in (0..self.sessions.len()).rev() {
            if self.send_open(now, index).is_err() {
                let session = self.sessions.remove(index);
                let reason = SessionEnd::ConnectionEnded(ConnectionEnd::ClosedHere);
                events.push_back(Event::SessionClosed {
                    session: session.key,
                    session_id: 0,
                    reason,
                });
            }
        }
    }

    /// No transport could be had.
    pub(crate) fn transport_failed(&mut self, end: &ConnectionEnd, events: &mut VecDeque<Event>) {
        for session in self.sessions.drain(..) {
            let reason = SessionEnd::ConnectionEnded(end.clone());
            events.push_back(Event::SessionClosed {
                session: session.key,
                session_id: 0,
                reason,
            });
        }
    }

    pub(crate) fn open_session(
        &mut self,
        now: Timestamp,
        options: &SessionOptions,
    ) -> Result<SessionKey, CommandError> {
        if self.next_key > 0 {
            // Without the hello exchange a peer serves one session a connection, ever.
            return Err(CommandError::WrongState(
                "this connection has had its one session; connect again",
            ));
        }
        let limit = self.options.max_sessions;
        if self.sessions.len() >= limit {
            return Err(CommandError::TooManySessions { limit });
        }
        let key = SessionKey(self.next_key);
        self.sessions.push(Session::new(key, session_open(options)));
        if self.connected
            && let Err(error) = self.send_open(now, self.sessions.len() - 1)
        {
            self.sessions.pop();
            return Err(error);
        }
        self.next_key += 1;
        Ok(key)
    }

    pub(crate) fn submit(
        &mut self,
        key: SessionKey,
        submits: impl IntoIterator<Item = Submission>,
    ) -> Result<Accepted, CommandError> {
        let session = find(&mut self.sessions, key)?;
        if session.closing.is_some() {
            return Err(CommandError::WrongState("the session is closing"));
        }
        let first_frame_id = session.last_frame_id.saturating_add(1);
        let mut count = 0;
        for submission in submits {
            match session.submit(&mut self.machine, &self.options, submission) {
                Ok(()) => count += 1,
                Err(error) if count == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(Accepted {
            count,
            first_frame_id,
        })
    }

    pub(crate) fn cancel(&mut self, key: SessionKey, frame_id: u32) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        let Stage::Open(id) = session.stage else {
            return Err(CommandError::WrongState("the session is not open yet"));
        };
        self.machine
            .cancel(id, frame_id)
            .map_err(|error| session.refused(error))
    }

    /// Waits for the answers to what was submitted, for a bounded time, then sends `SESSION_CLOSE`.
    pub(crate) fn close_session(
        &mut self,
        now: Timestamp,
        key: SessionKey,
    ) -> Result<(), CommandError> {
        let session = find(&mut self.sessions, key)?;
        session
            .closing
            .get_or_insert(now.after(self.options.drain_timeout));
        self.continue_requests(now);
        Ok(())
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.sessions
            .iter()
            .filter(|session| !session.close_sent)
            .filter_map(|session| session.closing)
            .min()
    }

    /// Sends the closes whose answers have come or have had their time.
    pub(crate) fn continue_requests(&mut self, now: Timestamp) {
        for session in &mut self.sessions {
            let (Stage::Open(id), Some(deadline), false) =
                (session.stage, session.closing, session.close_sent)
            else {
                continue;
            };
            let answered = session.held.is_empty() && self.machine.in_flight(id) == 0;
            if answered || deadline <= now {
                // A full queue refuses; the next event or deadline tries again.
                session.close_sent = self.machine.close_session(now, id).is_ok();
            }
        }
    }

    pub(crate) fn take_events(
        &mut self,
        now: Timestamp,
        end: Option<&ConnectionEnd>,
        events: &mut VecDeque<Event>,
    ) {
        while let Some(event) = self.machine.poll_event() {
            self.translate(end, event, events);
            self.continue_requests(now);
        }
    }

    fn send_open(&mut self, now: Timestamp, index: usize) -> Result<(), CommandError> {
        let session = &mut self.sessions[index];
        session.stage = Stage::Opening(self.machine.open_session(
            now,
            &session.open,
            Bytes::new(),
        )?);
        Ok(())
    }

    fn translate(
        &mut self,
        end: Option<&ConnectionEnd>,
        event: ClientEvent,
        events: &mut VecDeque<Event>,
    ) {
        match event {
            ClientEvent::SessionOpened {
                ticket,
                session_id,
                ack,
                ..
            } => {
                let Some(session) = self.by_stage(Stage::Opening(ticket)) else {
                    return;
                };
                session.stage = Stage::Open(session_id);
                let key = session.key;
                events.push_back(Event::SessionOpened { session: key, ack });
                self.report_writable(session_id, events);
            }
            ClientEvent::OpenRefused { ticket, ack } => {
                let reason = SessionEnd::Rejected {
                    code: ack.session_error_code,
                };
                events.extend(self.end_session(Stage::Opening(ticket), reason));
            }
            ClientEvent::OpenFailed { ticket, cause } => {
                let reason = SessionEnd::ConnectionEnded(connection_end(cause, end));
                events.extend(self.end_session(Stage::Opening(ticket), reason));
            }
            ClientEvent::Result {
                session_id,
                frame_id,
                context,
                metadata,
                body,
            } => {
                let Some(session) = self.key_of(session_id) else {
                    return;
                };
                let header = received(
                    MessageType::ResultPush,
                    (session_id, frame_id),
                    context,
                    (ResultPush::SIZE, body.len()),
                );
                events.push_back(Event::Result {
                    session,
                    header,
                    metadata,
                    body,
                });
                self.report_room(session_id, events);
            }
            ClientEvent::ResultDropped {
                session_id,
                frame_id,
                context,
            } => {
                let Some(session) = self.key_of(session_id) else {
                    return;
                };
                let header = received(
                    MessageType::ResultDrop,
                    (session_id, frame_id),
                    context,
                    (0, 0),
                );
                events.push_back(Event::ResultDrop { session, header });
                self.report_room(session_id, events);
            }
            ClientEvent::FlowUpdated {
                session_id, update, ..
            } => {
                let header = received(
                    MessageType::FlowUpdate,
                    (session_id, 0),
                    FrameContext::default(),
                    (FlowUpdate::SIZE, 0),
                );
                events.push_back(Event::FlowUpdate {
                    session: self.key_of(session_id),
                    header,
                    metadata: update,
                });
            }
            ClientEvent::Writable { session_id } => self.report_writable(session_id, events),
            ClientEvent::SessionEnded { session_id, cause } => {
                let reason = match cause {
                    EndCause::Closed(_) => SessionEnd::ClosedHere,
                    _ => SessionEnd::ConnectionEnded(connection_end(cause, end)),
                };
                events.extend(self.end_session(Stage::Open(session_id), reason));
            }
            // Answers to requests that this side does not make.
            ClientEvent::HelloAcknowledged { .. }
            | ClientEvent::Hint { .. }
            | ClientEvent::SessionPatched { .. }
            | ClientEvent::SessionMigrated { .. }
            | ClientEvent::CloseAnswered { .. }
            | ClientEvent::Pong { .. }
            | ClientEvent::ProbeAcknowledged { .. }
            | ClientEvent::PeerError { .. } => {}
        }
    }

    fn send_held(&mut self, session_id: u32) {
        let Some(session) = self
            .sessions
            .iter_mut()
            .find(|session| session.stage == Stage::Open(session_id))
        else {
            return;
        };
        while let Some(submission) = session.held.front() {
            let Submission {
                header,
                metadata,
                body,
            } = submission.clone();
            if self
                .machine
                .submit(session_id, &metadata, header, body)
                .is_err()
            {
                // Only for want of room: everything else was checked when it was taken.
                return;
            }
            session.held_bytes -= submission.body.len();
            session.held.pop_front();
        }
    }

    /// The machine has room again: first for what waits here, then for the application.
    fn report_writable(&mut self, session_id: u32, events: &mut VecDeque<Event>) {
        self.send_held(session_id);
        let Some(session) = self.by_stage(Stage::Open(session_id)) else {
            return;
        };
        if session.held.is_empty() && session.blocked == Some(Blocked::Machine) {
            session.blocked = None;
            events.push_back(Event::Writable {
                session: session.key,
            });
        }
    }

    /// A frame was answered: room for a session that has reached its own limit.
    fn report_room(&mut self, session_id: u32, events: &mut VecDeque<Event>) {
        let in_flight = self.machine.in_flight(session_id);
        let Some(session) = self.by_stage(Stage::Open(session_id)) else {
            return;
        };
        if session.blocked == Some(Blocked::InFlight) && in_flight < session.max_in_flight() {
            session.blocked = None;
            events.push_back(Event::Writable {
                session: session.key,
            });
        }
    }

    fn end_session(&mut self, stage: Stage, reason: SessionEnd) -> Option<Event> {
        let position = self
            .sessions
            .iter()
            .position(|session| session.stage == stage)?;
        let session = self.sessions.swap_remove(position);
        let session_id = if let Stage::Open(id) = session.stage {
            id
        } else {
            0
        };
        self.ended_with = match &reason {
            SessionEnd::ConnectionEnded(end) => Some(end.clone()),
            SessionEnd::Rejected { .. } => Some(ConnectionEnd::ClosedByPeer),
            SessionEnd::ClosedHere | SessionEnd::ClosedByPeer { .. } => None,
        };
        Some(Event::SessionClosed {
            session: session.key,
            session_id,
            reason,
        })
    }

    fn by_stage(&mut self, stage: Stage) -> Option<&mut Session> {
        self.sessions
            .iter_mut()
            .find(|session| session.stage == stage)
    }

    fn key_of(&self, session_id: u32) -> Option<SessionKey> {
        self.sessions
            .iter()
            .find(|session| session.stage == Stage::Open(session_id))
            .map(|session| session.key)
    }
}

impl Session {
    fn new(key: SessionKey, open: SessionOpen) -> Self {
        Self {
            key,
            open,
            stage: Stage::Waiting,
            held: VecDeque::new(),
            held_bytes: 0,
            last_frame_id: 0,
            blocked: None,
            closing: None,
            close_sent: false,
        }
    }

    fn max_in_flight(&self) -> u32 {
        self.open.max_in_flight_operations.into()
    }

    fn submit(
        &mut self,
        machine: &mut ClientConnection,
        options: &ConnectionOptions,
        submission: Submission,
    ) -> Result<(), CommandError> {
        match self.stage {
            Stage::Open(id) if self.held.is_empty() => self.send(machine, id, submission)?,
            _ => self.hold(options, submission)?,
        }
        self.last_frame_id += 1;
        Ok(())
    }

    fn send(
        &mut self,
        machine: &mut ClientConnection,
        id: u32,
        submission: Submission,
    ) -> Result<(), CommandError> {
        if machine.in_flight(id) >= self.max_in_flight() {
            self.blocked.get_or_insert(Blocked::InFlight);
            return Err(CommandError::WouldBlock);
        }
        let Submission {
            header,
            metadata,
            body,
        } = submission;
        let frame_id = machine
            .submit(id, &metadata, header, body)
            .map_err(|error| self.refused(error))?;
        debug_assert_eq!(frame_id, self.last_frame_id + 1, "the id that was promised");
        Ok(())
    }

    fn hold(
        &mut self,
        options: &ConnectionOptions,
        submission: Submission,
    ) -> Result<(), CommandError> {
        check_body(options, submission.body.len())?;
        MetadataBytes::from_message(&submission.metadata).map_err(CommandError::Invalid)?;
        let full = self.held.len() >= usize::from(self.open.max_in_flight_operations)
            || self.held_bytes >= options.send_queue_bytes;
        if full {
            self.blocked = Some(Blocked::Machine);
            return Err(CommandError::WouldBlock);
        }
        self.held_bytes += submission.body.len();
        self.held.push_back(submission);
        Ok(())
    }

    fn refused(&mut self, error: MachineError) -> CommandError {
        if matches!(error, MachineError::WouldBlock(_)) {
            self.blocked = Some(Blocked::Machine);
        }
        error.into()
    }
}

fn find(sessions: &mut [Session], key: SessionKey) -> Result<&mut Session, CommandError> {
    sessions
        .iter_mut()
        .find(|session| session.key == key)
        .ok_or(CommandError::UnknownSession)
}

fn check_body(options: &ConnectionOptions, actual: usize) -> Result<(), CommandError> {
    let limit = options.max_body_bytes as usize;
    if actual <= limit {
        Ok(())
    } else {
        Err(CommandError::BodyTooLarge { limit, actual })
    }
}

fn session_open(options: &SessionOptions) -> SessionOpen {
    let requested_session_id = options
        .requested_session_id
        .unwrap_or_else(random_session_id);
    SessionOpen {
        requested_session_id,
        profile_id: options.profile_id,
        priority_class: options.priority_class,
        schema_id: options.schema_id,
        schema_version: options.schema_version,
        default_deadline_ms: options.default_deadline_ms,
        max_in_flight_operations: options.max_in_flight,
        lease_ttl_hint_ms: options.lease_ttl_hint_ms,
        client_session_tag: requested_session_id.into(),
        ..SessionOpen::default()
    }
}
