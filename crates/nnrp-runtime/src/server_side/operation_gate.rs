//! Which submits of a connection find room among the operations of all connections of a listener.

use std::collections::BTreeSet;

use nnrp_core::connection::server::ServerEvent;

use crate::gauge::Share;

/// Looks at the events of a machine in their order, from one look at its queue.
#[derive(Debug)]
pub(crate) struct OperationGate<'a> {
    /// Nothing is turned away for a connection that has ended, which is not counted any more.
    operations: Option<&'a mut Share>,
    /// Session and frame of each submit that found no room.
    turned_away: BTreeSet<(u32, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    /// A submit that is to be answered with a drop.
    Drop {
        session_id: u32,
        frame_id: u32,
    },
    /// What is about a submit of which the application has not heard.
    Forget,
}

impl<'a> OperationGate<'a> {
    pub(crate) fn new(operations: Option<&'a mut Share>) -> Self {
        Self {
            operations,
            turned_away: BTreeSet::new(),
        }
    }

    pub(super) fn judge(&mut self, event: &ServerEvent) -> Verdict {
        match *event {
            ServerEvent::Submitted {
                session_id,
                frame_id,
                ..
            } if !self.has_room() => {
                self.turned_away.insert((session_id, frame_id));
                Verdict::Drop {
                    session_id,
                    frame_id,
                }
            }
            // The client may cancel before it can have seen the drop.
            ServerEvent::CancelRequested {
                session_id,
                frame_id,
            } if self.turned_away.contains(&(session_id, frame_id)) => Verdict::Forget,
            _ => Verdict::Pass,
        }
    }

    fn has_room(&mut self) -> bool {
        match &mut self.operations {
            Some(operations) => operations.take_one(),
            None => true,
        }
    }
}
