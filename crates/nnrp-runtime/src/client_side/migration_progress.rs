//! How far the move of all sessions to another transport has come.

use std::collections::BTreeSet;

use nnrp_core::code::SessionErrorCode;
use nnrp_transport_provider::Endpoint;

use crate::SessionKey;

#[derive(Debug)]
pub(super) enum Migration {
    /// The server has not agreed for each session yet.
    Announced {
        to: Endpoint,
        awaiting: BTreeSet<SessionKey>,
    },
    /// A transport is being made.
    Agreed,
    /// The sessions are being resumed on it.
    Moving,
    /// The server of the new transport does not have a session.
    Refused(SessionErrorCode),
}
