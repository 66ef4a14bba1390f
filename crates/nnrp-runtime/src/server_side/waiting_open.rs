//! An open whose session is held by another connection.

use bytes::Bytes;
use nnrp_core::connection::OpenTicket;
use nnrp_core::message::session::SessionOpen;

#[derive(Debug)]
pub(super) struct WaitingOpen {
    pub(super) ticket: OpenTicket,
    pub(super) open: SessionOpen,
    pub(super) token: Bytes,
    /// The other connection has surrendered, or ended.
    pub(super) due: bool,
}
