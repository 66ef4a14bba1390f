//! The sessions of a listener, shared by its connections, and who carries each of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use nnrp_core::Timestamp;
use nnrp_core::code::SessionErrorCode;
use nnrp_core::connection::server::SessionContinuity;
use nnrp_core::directory::{
    Admission, Decision, DirectoryConfig, OpenRequest, SessionDirectory as Table,
};

use crate::shared::Shared;

/// Something one connection wants another one to do. Sent after the sender's own lock is free, so that no task holds two of them.
#[derive(Debug)]
pub(crate) struct Signal {
    pub(crate) to: Weak<Shared>,
    pub(crate) order: Order,
}

/// What a connection is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Give this session up: its client is on another connection.
    Surrender(u32),
    /// Ask the directory again about the open that waits.
    Retry,
}

/// What becomes of an open.
#[derive(Debug)]
pub(crate) enum Opening {
    Admit(Admission),
    Resume(Admission, Box<SessionContinuity>),
    /// It waits until the signal has made another connection surrender the session.
    Wait(Signal),
    Refuse(SessionErrorCode),
}

/// The table of a listener.
#[derive(Debug)]
pub(crate) struct SessionDirectory(Mutex<State>);

#[derive(Debug)]
struct State {
    table: Table,
    holders: HashMap<u32, Weak<Shared>>,
    /// Connections whose open waits for a session that is held elsewhere; the last one wins.
    contenders: HashMap<u32, Weak<Shared>>,
}

impl SessionDirectory {
    pub(crate) fn new(config: DirectoryConfig) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            table: Table::new(config),
            holders: HashMap::new(),
            contenders: HashMap::new(),
        })))
    }

    pub(crate) fn open(
        &self,
        request: &OpenRequest<'_>,
        now: Timestamp,
        asking: &Weak<Shared>,
    ) -> Opening {
        let mut state = self.lock();
        match state.table.admit(request, now) {
            Ok(Decision::Admit(admission)) => {
                state.holders.insert(admission.session_id, asking.clone());
                Opening::Admit(admission)
            }
            Ok(Decision::Resume(admission, continuity)) => {
                state.holders.insert(admission.session_id, asking.clone());
                Opening::Resume(admission, continuity)
            }
            Ok(Decision::HeldElsewhere) => state.contend(request.open.requested_session_id, asking),
            Err(code) => Opening::Refuse(code),
        }
    }

    /// The session was closed.
    pub(crate) fn release(&self, admission: &Admission) -> Option<Signal> {
        let mut state = self.lock();
        state.table.release(admission);
        state.vacate(admission.session_id)
    }

    /// The connection of the session is gone, or has surrendered it.
    pub(crate) fn detach(
        &self,
        admission: &Admission,
        continuity: Option<Box<SessionContinuity>>,
        now: Timestamp,
    ) -> Option<Signal> {
        let mut state = self.lock();
        state.table.detach(admission, continuity, now);
        state.vacate(admission.session_id)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every call leaves the state whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn contend(&mut self, session_id: u32, asking: &Weak<Shared>) -> Opening {
        match self.holders.get(&session_id) {
            Some(holder) if !holder.ptr_eq(asking) => {
                let to = holder.clone();
                self.contenders.insert(session_id, asking.clone());
                let order = Order::Surrender(session_id);
                Opening::Wait(Signal { to, order })
            }
            _ => Opening::Refuse(SessionErrorCode::RESUME_REJECTED),
        }
    }

    /// The holder is gone; whoever waits for the session can ask again.
    fn vacate(&mut self, session_id: u32) -> Option<Signal> {
        self.holders.remove(&session_id);
        let to = self.contenders.remove(&session_id)?;
        let order = Order::Retry;
        Some(Signal { to, order })
    }
}
