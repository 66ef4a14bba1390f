//! What a migration leaves behind: the transport of before, which ends in order while its sessions are elsewhere.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use crate::driver::ride::Ride;

/// How long the server may take to end its side.
const LINGER: Duration = Duration::from_secs(1);

/// A link that is no longer needed, to be polled beside the one that has replaced it.
#[derive(Default)]
pub(super) struct OldLink(Option<(Ride, Pin<Box<Sleep>>)>);

impl OldLink {
    /// Begins to end a link.
    pub(super) fn end(&mut self, ride: Ride) {
        self.0 = Some((ride, Box::pin(sleep(LINGER))));
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) {
        let Some((ride, too_late)) = &mut self.0 else {
            return;
        };
        if ride.poll_wind_up(cx).is_ready() || too_late.as_mut().poll(cx).is_ready() {
            self.0 = None;
        }
    }
}
