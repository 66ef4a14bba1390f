//! The server's end of a connection: its machine and its sessions.

mod commands;
mod events;
mod opening;
mod operation_gate;
mod requests;
mod session;
mod waiting_open;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use nnrp_core::connection::EndCause;
use nnrp_core::connection::server::ServerConnection;

pub(crate) use self::operation_gate::OperationGate;
use self::session::Session;
use self::waiting_open::WaitingOpen;
use crate::end::connection_end;
use crate::gauge::Gauge;
use crate::permit::Permit;
use crate::session_directory::{Order, SessionDirectory, Signal};
use crate::shared::Shared;
use crate::{AdmissionPolicy, ConnectionEnd, SessionKey};

#[derive(Debug)]
pub(crate) struct ServerSide {
    pub(crate) machine: ServerConnection,
    /// Sessions that have not ended.
    /// Boxed: a node of the map has room for eleven, and most connections have one.
    sessions: BTreeMap<SessionKey, Box<Session>>,
    /// The same by their id on the wire.
    keys: BTreeMap<u32, SessionKey>,
    next_key: u32,
    settings: ServerSettings,
    /// The connection of this side.
    myself: Weak<Shared>,
    /// The open that waits until another connection has surrendered its session.
    waiting: Option<WaitingOpen>,
    /// What other connections are to be told when the lock is free.
    pub(crate) signals: Vec<Signal>,
    /// Counts the connection as one that has not opened a session.
    handshake: Option<Permit>,
    /// Why sessions ended that were not closed one by one.
    cause: Option<EndCause>,
    /// The client's address.
    peer: String,
    /// The listener is coming to its end.
    draining: bool,
}

/// What the connections of a listener have in common beside the machine's configuration.
#[derive(Clone, Debug)]
pub(crate) struct ServerSettings {
    pub(crate) directory: Arc<SessionDirectory>,
    /// How long a request waits for the application's answers to earlier submits.
    pub(crate) drain_timeout: Duration,
    /// Whether patch and migrate requests are granted; otherwise they are unexpected messages.
    pub(crate) control: bool,
    /// Submits without an answer on all connections.
    pub(crate) operations: Arc<Gauge>,
    /// Blocks of bytes that wait on all connections.
    pub(crate) buffered: Arc<Gauge>,
    pub(crate) admission: Option<AdmissionPolicy>,
}

impl ServerSide {
    pub(crate) fn new(
        machine: ServerConnection,
        settings: ServerSettings,
        handshake: Permit,
        myself: Weak<Shared>,
        peer: String,
    ) -> Self {
        Self {
            machine,
            sessions: BTreeMap::new(),
            keys: BTreeMap::new(),
            next_key: 0,
            settings,
            myself,
            waiting: None,
            signals: Vec::new(),
            handshake: Some(handshake),
            cause: None,
            peer,
            draining: false,
        }
    }

    pub(crate) fn handle_transport_lost(&mut self) {
        self.handshake = None;
        self.machine.handle_transport_lost();
    }

    /// Another connection wants something of this one.
    pub(crate) fn obey(&mut self, order: Order) {
        match order {
            Order::Surrender(session_id) => {
                // It may have ended meanwhile, which answers the other connection as well.
                let _surrendered = self.machine.surrender_session(session_id);
            }
            Order::Retry => {
                if let Some(waiting) = &mut self.waiting {
                    waiting.due = true;
                }
            }
        }
    }

    /// The gauges of the listener: of operations and of blocks of waiting bytes.
    pub(crate) fn gauges(&self) -> (Arc<Gauge>, Arc<Gauge>) {
        let settings = &self.settings;
        (
            Arc::clone(&settings.operations),
            Arc::clone(&settings.buffered),
        )
    }

    /// Opens no session any more.
    pub(crate) fn drain(&mut self) {
        self.draining = true;
    }

    /// Submits without an answer.
    pub(crate) fn operations(&self) -> usize {
        self.sessions
            .values()
            .map(|session| self.machine.unanswered(session.id))
            .sum()
    }

    /// Sessions that are open.
    pub(crate) fn session_count(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn has_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Why the machine ended the connection: its error, a close of the client, or a refusal by this side.
    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        match self.cause {
            Some(cause) => connection_end(cause, None),
            None if self.next_key > 0 => ConnectionEnd::ClosedByPeer,
            None => ConnectionEnd::ClosedHere,
        }
    }
}
