//! The client's credit ledger (spec 11 §11.3, §11.4): may another operation be submitted?
//!
//! Credit is a window over unfinished operations, not a budget that is used up: a result or a
//! drop makes its room free again. That is what keeps a client from starving at a server that
//! grants a little once and never sends a `FLOW_UPDATE`.

use crate::code::{BackpressureLevel, FlowScopeKind, FlowUpdateReason, SessionPriorityClass};
use crate::flags::FlowFlags;
use crate::message::flow::FlowUpdate;
use crate::message::session::SessionOpenAck;

/// Why a submit has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blocked {
    /// As many operations are unfinished as the session may have.
    InFlight,
    /// The window of the session or of the connection is full.
    Credit,
    /// The peer asked to stop submitting.
    Paused,
    /// Packets wait for the transport up to the local bound.
    Outgoing,
    /// A resumable session keeps as much for a resume as it may.
    Retained,
}

/// Credit of one scope: the connection or a session.
#[derive(Debug, Default)]
pub struct CreditScope {
    in_flight: u32,
    /// Window granted by the peer; `None` = the peer has not set one.
    window: Option<u16>,
    /// Bound that no update changes; `None` = unbounded in this scope.
    cap: Option<u16>,
    /// The peer asked to stop, and has not taken it back.
    paused: bool,
    /// The last update forbids new submits, as long as it is the last one.
    held: bool,
    /// The last update leaves room for background sessions only.
    background_only: bool,
    /// Epoch of the last update applied.
    epoch: Option<u32>,
}

impl CreditScope {
    /// The scope of a connection: unlimited until the peer says otherwise.
    #[must_use]
    pub fn connection() -> Self {
        Self::default()
    }

    /// The scope of a session as its ack grants it; `local_cap` bounds it from this side.
    #[must_use]
    pub fn session(ack: &SessionOpenAck, local_cap: u16) -> Self {
        let allowed = nonzero(ack.max_in_flight_operations).unwrap_or(local_cap);
        Self {
            window: nonzero(ack.granted_operation_credit),
            cap: Some(allowed.min(local_cap)),
            ..Self::default()
        }
    }

    /// Why a submit in this scope has to wait, if it has to.
    #[must_use]
    pub fn blocked(&self) -> Option<Blocked> {
        let full = |bound: Option<u16>| bound.is_some_and(|bound| self.in_flight >= bound.into());
        if self.paused || self.held {
            Some(Blocked::Paused)
        } else if full(self.cap) {
            Some(Blocked::InFlight)
        } else if full(self.window) {
            Some(Blocked::Credit)
        } else {
            None
        }
    }

    /// [`Self::blocked`] for a session of this class in the scope.
    #[must_use]
    pub fn blocked_for(&self, class: SessionPriorityClass) -> Option<Blocked> {
        let shut_out = self.background_only && class != SessionPriorityClass::Background;
        shut_out.then_some(Blocked::Paused).or(self.blocked())
    }

    /// Sets the bound that no update changes; 0 leaves the scope as it is.
    pub fn set_cap(&mut self, cap: u16) {
        self.cap = nonzero(cap).or(self.cap);
    }

    /// An operation was submitted.
    pub fn begin(&mut self) {
        self.in_flight += 1;
    }

    /// `count` operations were answered or ended.
    pub fn finish(&mut self, count: u32) {
        self.in_flight = self.in_flight.saturating_sub(count);
    }

    /// Unfinished operations.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Applies an update of this scope; false when its epoch is not newer than the last one's.
    pub fn apply(&mut self, update: &FlowUpdate) -> bool {
        if self.epoch.is_some_and(|last| update.credit_epoch <= last) {
            return false;
        }
        self.epoch = Some(update.credit_epoch);
        if update.scope_kind != FlowScopeKind::Operation
            && let Some(credit) = update.credit()
        {
            self.window = Some(credit);
        }
        self.paused = match update.update_reason {
            FlowUpdateReason::Pause => true,
            FlowUpdateReason::Grant | FlowUpdateReason::Resume => false,
            FlowUpdateReason::Reduce | FlowUpdateReason::Congestion => self.paused,
        };
        self.held = update.backpressure_level == BackpressureLevel::Hard
            || update.flow_flags.contains(FlowFlags::DRAIN_IN_FLIGHT_ONLY);
        self.background_only = update.flow_flags.contains(FlowFlags::BACKGROUND_ONLY);
        true
    }
}

fn nonzero(value: u16) -> Option<u16> {
    (value != 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ack(credit: u16, max_in_flight: u16) -> SessionOpenAck {
        SessionOpenAck {
            granted_operation_credit: credit,
            max_in_flight_operations: max_in_flight,
            ..SessionOpenAck::default()
        }
    }

    fn window(credit: u16, epoch: u32) -> FlowUpdate {
        FlowUpdate {
            scope_kind: FlowScopeKind::Session,
            session_credit: credit,
            credit_epoch: epoch,
            flow_flags: FlowFlags::CREDIT_VALID,
            ..FlowUpdate::default()
        }
    }

    #[test]
    fn a_result_gives_back_the_credit_that_its_submit_took() {
        let mut scope = CreditScope::session(&ack(2, 4), 256);
        scope.begin();
        scope.begin();
        assert_eq!(scope.blocked(), Some(Blocked::Credit));
        scope.finish(1);
        assert_eq!(scope.blocked(), None);
    }

    #[test]
    fn the_in_flight_cap_holds_whatever_credit_is_granted() {
        let mut scope = CreditScope::session(&ack(0, 1), 256);
        assert!(scope.apply(&window(9, 1)));
        scope.begin();
        assert_eq!(scope.blocked(), Some(Blocked::InFlight));
    }

    #[test]
    fn updates_with_an_old_epoch_are_ignored() {
        let mut scope = CreditScope::session(&ack(0, 0), 256);
        assert!(scope.apply(&window(0, 5)));
        assert_eq!(scope.blocked(), Some(Blocked::Credit));
        assert!(!scope.apply(&window(9, 5)));
        assert!(!scope.apply(&window(9, 4)));
        assert_eq!(scope.blocked(), Some(Blocked::Credit));
        assert!(scope.apply(&window(9, 6)));
        assert_eq!(scope.blocked(), None);
    }

    #[test]
    fn hard_backpressure_pauses_until_a_newer_update_relaxes_it() {
        let mut scope = CreditScope::connection();
        let hard = FlowUpdate {
            backpressure_level: BackpressureLevel::Hard,
            credit_epoch: 1,
            ..FlowUpdate::default()
        };
        assert!(scope.apply(&hard));
        assert_eq!(scope.blocked(), Some(Blocked::Paused));
        let resume = FlowUpdate {
            update_reason: FlowUpdateReason::Resume,
            credit_epoch: 2,
            ..FlowUpdate::default()
        };
        assert!(scope.apply(&resume));
        assert_eq!(scope.blocked(), None);
    }

    #[test]
    fn a_pause_outlasts_updates_that_do_not_take_it_back() {
        let mut scope = CreditScope::connection();
        let update = |update_reason, credit_epoch| FlowUpdate {
            update_reason,
            credit_epoch,
            ..FlowUpdate::default()
        };
        for (epoch, reason, paused) in [
            (1, FlowUpdateReason::Pause, true),
            (2, FlowUpdateReason::Reduce, true),
            (3, FlowUpdateReason::Congestion, true),
            (3, FlowUpdateReason::Resume, true),
            (4, FlowUpdateReason::Resume, false),
            (5, FlowUpdateReason::Pause, true),
            (6, FlowUpdateReason::Grant, false),
        ] {
            scope.apply(&update(reason, epoch));
            assert_eq!(scope.blocked().is_some(), paused, "{reason:?} {epoch}");
        }
    }

    #[test]
    fn background_only_holds_the_other_classes_back() {
        let mut scope = CreditScope::connection();
        let background = FlowUpdate {
            flow_flags: FlowFlags::BACKGROUND_ONLY,
            credit_epoch: 1,
            ..FlowUpdate::default()
        };
        assert!(scope.apply(&background));
        assert_eq!(scope.blocked_for(SessionPriorityClass::Background), None);
        for class in [
            SessionPriorityClass::Interactive,
            SessionPriorityClass::Balanced,
        ] {
            assert_eq!(scope.blocked_for(class), Some(Blocked::Paused));
        }
        let over = FlowUpdate {
            credit_epoch: 2,
            ..FlowUpdate::default()
        };
        assert!(scope.apply(&over));
        assert_eq!(scope.blocked_for(SessionPriorityClass::Interactive), None);
    }

    #[test]
    fn an_update_without_valid_credit_leaves_the_window_as_it_is() {
        let mut scope = CreditScope::session(&ack(1, 0), 256);
        let silent = FlowUpdate {
            flow_flags: FlowFlags::NONE,
            ..window(9, 1)
        };
        assert!(scope.apply(&silent));
        scope.begin();
        assert_eq!(scope.blocked(), Some(Blocked::Credit));
    }
}
