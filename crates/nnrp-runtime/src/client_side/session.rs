//! One session of a client: submits that wait for it, and why a submit has to wait.

use std::collections::{BTreeMap, VecDeque};

use nnrp_core::connection::client::{ClientConnection, ResumableSession, Submitting};
use nnrp_core::connection::{CommandError as MachineError, OpenTicket};
use nnrp_core::message::session::{SessionClose, SessionOpen};
use nnrp_core::{MetadataBytes, Timestamp};

use crate::batch::{Accepted, Submission};
use crate::{CommandError, ConnectionOptions, SessionKey};

#[derive(Debug)]
pub(super) struct Session {
    pub(super) open: SessionOpen,
    /// The id it asks for is one of many that would do.
    pub(super) any_id: bool,
    /// The earlier session it continues, until the machine has it.
    pub(super) resuming: Option<Box<ResumableSession>>,
    pub(super) stage: Stage,
    /// It was open before, over another transport of this connection.
    pub(super) was_open: bool,
    /// Submits taken before the server has answered, with the frame ids they were promised.
    pub(super) held: VecDeque<Submission>,
    pub(super) held_bytes: usize,
    pub(super) last_frame_id: u32,
    pub(super) blocked: Option<Blocked>,
    /// How far its close has come, once the application wants it.
    pub(super) closing: Option<Closing>,
    /// What the application says with its close, if it is not the ordinary one.
    pub(super) close: Option<Box<SessionClose>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The transport is not up yet.
    Waiting,
    /// `SESSION_OPEN` is out.
    Opening(OpenTicket),
    /// Accepted, under this id.
    Open(u32),
}

/// How far a close has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// Answers to earlier submits are waited for until then.
    Draining(Timestamp),
    /// It leaves as soon as the send queue has room.
    Due,
    /// `SESSION_CLOSE` is queued or out.
    Sent,
}

/// Who has to say that there is room again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// The machine, by its writable event.
    Machine,
    /// This side: the session has as many unanswered frames as it asked for.
    InFlight,
}

impl Session {
    pub(super) fn new(open: SessionOpen) -> Self {
        Self {
            open,
            any_id: false,
            resuming: None,
            stage: Stage::Waiting,
            was_open: false,
            held: VecDeque::new(),
            held_bytes: 0,
            last_frame_id: 0,
            blocked: None,
            closing: None,
            close: None,
        }
    }

    pub(super) fn max_in_flight(&self) -> u32 {
        self.open.max_in_flight_operations.into()
    }

    /// Between two transports, of which the session may not have heard yet, submits wait for the next one.
    pub(super) fn submit(
        &mut self,
        machine: &mut ClientConnection,
        options: &ConnectionOptions,
        submits: impl IntoIterator<Item = Submission>,
    ) -> Result<Accepted, CommandError> {
        let away = is_between_transports(machine, options);
        match self.stage {
            Stage::Open(id) if self.held.is_empty() && !away => {
                let machine = machine.submitting(id);
                let mut machine = machine.map_err(|error| self.refused(error))?;
                self.take_all(submits, |session, submission| {
                    session.send(&mut machine, submission)
                })
            }
            _ => self.take_all(submits, |session, submission| {
                session.hold(options, std::mem::take(submission))
            }),
        }
    }

    /// Takes submits until one cannot be taken. They are lent: each is a large value to hand from call to call.
    #[inline]
    fn take_all(
        &mut self,
        submits: impl IntoIterator<Item = Submission>,
        mut take: impl FnMut(&mut Self, &mut Submission) -> Result<(), CommandError>,
    ) -> Result<Accepted, CommandError> {
        let first_frame_id = self.last_frame_id.saturating_add(1);
        let mut count = 0;
        for mut submission in submits {
            match take(self, &mut submission) {
                Ok(()) => count += 1,
                Err(error) if count == 0 => return Err(error),
                Err(_) => break,
            }
            self.last_frame_id += 1;
        }
        Ok(Accepted {
            count,
            first_frame_id,
        })
    }

    #[inline]
    fn send(
        &mut self,
        machine: &mut Submitting<'_>,
        submission: &mut Submission,
    ) -> Result<(), CommandError> {
        if machine.in_flight() >= self.max_in_flight() {
            self.blocked.get_or_insert(Blocked::InFlight);
            return Err(CommandError::WouldBlock);
        }
        let body = std::mem::take(&mut submission.body);
        let frame_id = machine
            .submit(&submission.metadata, submission.header, body)
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

    /// The server lets a close rest, and the session go on.
    pub(super) fn reopen(&mut self) {
        self.closing = None;
        self.close = None;
    }

    /// Notes that a frame is no longer wanted, while the session is on no transport.
    pub(super) fn cancel_while_away(&mut self, frame_id: u32) -> Result<(), CommandError> {
        let Some(earlier) = &mut self.resuming else {
            self.blocked = Some(Blocked::Machine);
            return Err(CommandError::WouldBlock);
        };
        if earlier.cancel(frame_id) {
            Ok(())
        } else {
            Err(CommandError::UnknownFrame { frame_id })
        }
    }

    /// The ids promised to the submits that wait here.
    pub(super) fn held_frames(&self) -> std::ops::RangeInclusive<u32> {
        // Not more than a session's frames in flight, which are 16 bits.
        let held = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        self.last_frame_id - held + 1..=self.last_frame_id
    }

    /// Gives the submits up that wait here.
    pub(super) fn drop_held(&mut self) -> Vec<u32> {
        let frames = self.held_frames().collect();
        self.held.clear();
        self.held_bytes = 0;
        frames
    }

    pub(super) fn refused(&mut self, error: MachineError) -> CommandError {
        if matches!(error, MachineError::WouldBlock(_)) {
            self.blocked = Some(Blocked::Machine);
        }
        error.into()
    }
}

pub(super) fn find(
    sessions: &mut BTreeMap<SessionKey, Box<Session>>,
    key: SessionKey,
) -> Result<&mut Session, CommandError> {
    let session = sessions.get_mut(&key).map(Box::as_mut);
    session.ok_or(CommandError::UnknownSession)
}

pub(super) fn find_open(
    sessions: &mut BTreeMap<SessionKey, Box<Session>>,
    key: SessionKey,
) -> Result<(&mut Session, u32), CommandError> {
    let session = find(sessions, key)?;
    match session.stage {
        Stage::Open(id) => Ok((session, id)),
        _ => Err(CommandError::WrongState("the session is not open yet")),
    }
}

/// Whether the transport of a connection that comes back by itself is lost, be its sessions told or not.
pub(super) fn is_between_transports(
    machine: &ClientConnection,
    options: &ConnectionOptions,
) -> bool {
    options.reconnect.is_some() && machine.hello_acknowledged() && machine.is_over()
}

fn check_body(options: &ConnectionOptions, actual: usize) -> Result<(), CommandError> {
    let limit = options.max_body_bytes as usize;
    if actual <= limit {
        Ok(())
    } else {
        Err(CommandError::BodyTooLarge { limit, actual })
    }
}
