//! The end of a link for a reason, told in a Close frame.

use nnrp_transport_provider::{CloseCode, LinkControl};

use super::shared::Shared;
use crate::close::CloseStatus;

pub(super) struct Control {
    outgoing: Shared,
}

impl Control {
    pub(super) fn new(outgoing: Shared) -> Self {
        Self { outgoing }
    }
}

impl LinkControl for Control {
    /// The Close frame goes out if the socket takes it at once: nobody waits for a peer that is given up.
    fn abort(&self, code: CloseCode) {
        self.outgoing.lock().abort(CloseStatus::of_code(code));
    }

    fn peer_code(&self) -> Option<u64> {
        let status = self.outgoing.lock().peer_close();
        status.map(CloseStatus::peer_code)
    }
}
