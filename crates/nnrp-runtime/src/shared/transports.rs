//! Client: what changes in the shared state while one transport takes the place of another.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use nnrp_core::Timestamp;
use nnrp_core::code::{SessionErrorCode, TransportId};
use nnrp_core::connection::client::ClientConnection;
use nnrp_transport_provider::Endpoint;

use super::Shared;
use crate::client_side::ClientSide;
use crate::side::Side;
use crate::{CommandError, ConnectionEnd, Event, MigrationFailure};

/// How far a move of sessions to another transport has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MoveProgress {
    #[default]
    UnderWay,
    Arrived,
    /// The server there does not take them.
    Refused(SessionErrorCode),
}

impl Shared {
    /// Client: asks for the move of all sessions to another transport.
    pub(crate) fn migrate(&self, to: Endpoint) -> Result<(), CommandError> {
        self.command(|side, now| match side {
            Side::Client(side) => {
                side.migrate(now, to)?;
                self.migrating.store(true, Ordering::Relaxed);
                Ok(())
            }
            Side::Server(_) => Err(CommandError::WrongState(
                "this is the server's end of the connection",
            )),
        })
    }

    pub(crate) fn is_migrating(&self) -> bool {
        self.migrating.load(Ordering::Relaxed)
    }

    /// Where to make a transport, once the server has agreed to the move of every session.
    pub(crate) fn take_destination(&self) -> Option<Endpoint> {
        self.on_client(|side, _| {
            let to = side.take_destination();
            if !side.is_migrating() {
                self.migrating.store(false, Ordering::Relaxed);
            }
            to
        })
    }

    pub(crate) fn move_progress(&self) -> MoveProgress {
        self.on_client(|side, _| {
            if let Some(code) = side.refusal() {
                return MoveProgress::Refused(code);
            }
            if !side.take_arrival() {
                return MoveProgress::UnderWay;
            }
            self.migrating.store(false, Ordering::Relaxed);
            MoveProgress::Arrived
        })
    }

    /// Nothing comes of a move; what to tell of that.
    pub(crate) fn fail_migration(&self, reason: MigrationFailure) -> VecDeque<Event> {
        let mut events = VecDeque::new();
        self.migrating.store(false, Ordering::Relaxed);
        self.on_client(|side, _| side.fail_migration(reason, &mut events));
        events
    }

    /// Takes the sessions off their transport, to ask for them on another one.
    pub(crate) fn leave_transport(&self, events: &mut VecDeque<Event>) {
        self.on_client(|side, now| side.leave_transport(now, events));
    }

    /// Asks for the sessions on a transport that is up.
    pub(crate) fn transport_is_up(
        &self,
        machine: ClientConnection,
        transport: TransportId,
        fell_back_at: Option<String>,
        events: &mut VecDeque<Event>,
    ) {
        self.on_client(|side, now| {
            side.transport = transport;
            side.transport_is_up(now, machine, fell_back_at, events);
        });
    }

    /// The transport to which sessions were moving is of no use. True if they wait for the one they came from.
    pub(crate) fn turn_back(
        &self,
        end: &ConnectionEnd,
        failure: MigrationFailure,
        events: &mut VecDeque<Event>,
    ) -> bool {
        let waits = self.suspend(end, events);
        events.extend(self.fail_migration(failure));
        waits
    }

    /// The transport is lost. True if another one carries the sessions on, which wait for it from here on; false if nothing has changed.
    pub(crate) fn suspend(&self, end: &ConnectionEnd, events: &mut VecDeque<Event>) -> bool {
        let mut state = self.lock();
        let Side::Client(side) = &mut state.side else {
            return false;
        };
        if !side.comes_back(Some(end)) {
            return false;
        }
        let before = events.len();
        side.suspend(self.clock.now(), end, events);
        let ended = events.iter().skip(before);
        ended.for_each(|event| self.counters.note_event(event));
        self.counters.queued_bytes.set(0);
        true
    }

    fn on_client<T: Default>(&self, run: impl FnOnce(&mut ClientSide, Timestamp) -> T) -> T {
        match &mut self.lock().side {
            Side::Client(side) => run(side, self.clock.now()),
            Side::Server(_) => T::default(),
        }
    }
}
