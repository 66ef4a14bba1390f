//! The client's end of a connection: its machine and its sessions.

mod closing;
mod commands;
mod ending;
mod events;
mod migration;
mod migration_progress;
mod opening;
mod recovery;
mod room;
mod session;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use nnrp_core::Timestamp;
use nnrp_core::code::TransportId;
use nnrp_core::connection::client::{ClientConnection, ResumableSession};

use self::migration_progress::Migration;
use self::session::{Session, is_between_transports};
use crate::{CommandError, ConnectionEnd, ConnectionOptions, Event, SessionKey};

#[derive(Debug)]
pub(crate) struct ClientSide {
    pub(crate) machine: ClientConnection,
    /// Sessions that have not ended.
    /// Boxed: a node of the map has room for eleven, and most connections have one.
    sessions: BTreeMap<SessionKey, Box<Session>>,
    /// Those of them that are open, by their id on the wire.
    keys: BTreeMap<u32, SessionKey>,
    /// Sessions that ended and could go on over another connection, until somebody asks for them.
    resumable: BTreeMap<SessionKey, Box<ResumableSession>>,
    next_key: u32,
    options: Arc<ConnectionOptions>,
    /// The transport is up; opens wait until then, so that their answer is not due before.
    connected: bool,
    /// The endpoint, if its server has not answered a hello and its next answer shows that it answers an open.
    open_first: Option<String>,
    /// What ended the last session, if that was not its close by this side.
    ended_with: Option<ConnectionEnd>,
    /// A frame was answered since this was last asked.
    answered: bool,
    /// What carries the sessions.
    pub(crate) transport: TransportId,
    migration: Option<Migration>,
    /// Translated before the task of the connection asked for them.
    early: VecDeque<Event>,
}

impl ClientSide {
    pub(crate) fn new(
        machine: ClientConnection,
        transport: TransportId,
        options: Arc<ConnectionOptions>,
    ) -> Self {
        Self {
            machine,
            sessions: BTreeMap::new(),
            keys: BTreeMap::new(),
            resumable: BTreeMap::new(),
            next_key: 0,
            options,
            connected: false,
            open_first: None,
            ended_with: None,
            answered: false,
            transport,
            migration: None,
            early: VecDeque::new(),
        }
    }

    /// Sessions that are open.
    pub(crate) fn session_count(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Why the machine ended the connection: its error, a refusal, or a close by this side.
    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        self.ended_with.clone().unwrap_or(ConnectionEnd::ClosedHere)
    }

    /// The transport is up, and greeted if `machine` is one that has said hello: sends the opens that waited for it.
    pub(crate) fn transport_is_up(
        &mut self,
        now: Timestamp,
        machine: ClientConnection,
        fell_back_at: Option<String>,
        events: &mut VecDeque<Event>,
    ) {
        self.machine = machine;
        self.connected = true;
        self.open_first = fell_back_at;
        let keys: Vec<SessionKey> = self.sessions.keys().copied().collect();
        for key in keys {
            if self.send_open(now, key).is_err() {
                self.end_waiting(key, &ConnectionEnd::ClosedHere, events);
            }
        }
    }

    fn key_of(&self, session_id: u32) -> Option<SessionKey> {
        self.keys.get(&session_id).copied()
    }

    /// For commands that nobody keeps until the next transport is up.
    fn require_transport(&self) -> Result<(), CommandError> {
        if is_between_transports(&self.machine, &self.options) {
            return Err(CommandError::WrongState(
                "the connection is between two transports; try again when the session is resumed",
            ));
        }
        Ok(())
    }

    fn require_greeted(&self) -> Result<(), CommandError> {
        self.require_transport()?;
        if self.machine.hello_acknowledged() {
            return Ok(());
        }
        Err(CommandError::WrongState(
            "the server has not answered a hello, and others end the connection on this message",
        ))
    }
}
