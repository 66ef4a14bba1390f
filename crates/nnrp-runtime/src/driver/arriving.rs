//! The large packet that has arrived in part: its share of what a listener may buffer, and whether its peer goes on with it.

use std::sync::Arc;
use std::task::{Context, Poll};

use nnrp_transport_provider::CHUNK_BYTES;
use tokio::time::Instant;

use super::progress::{LeastRate, Progress};
use crate::gauge::{BLOCK_BYTES, Gauge, Share};

/// Bytes per second that a peer sends at least of a packet for whose memory others wait.
const LEAST_CONTENDED_RATE: u32 = 16 * 1024;

/// Memory is had for the whole packet before more than its first read is received, so whoever receives never waits for somebody who waits for
/// memory as well.
#[derive(Debug)]
pub(super) struct Arriving {
    /// Server: blocks of [`BLOCK_BYTES`].
    share: Option<Share>,
    progress: Progress,
    large: bool,
}

impl Arriving {
    pub(super) fn new(buffered: Option<Arc<Gauge>>) -> Self {
        Self {
            share: buffered.map(Share::of),
            progress: Progress::default(),
            large: false,
        }
    }

    /// Ready when there is memory for a packet of so many bytes.
    pub(super) fn poll_room(&mut self, packet: usize, cx: &Context<'_>) -> Poll<()> {
        self.large = packet >= BLOCK_BYTES;
        let bytes = if self.large {
            // What does not fill a chunk may lie in one.
            packet.max(CHUNK_BYTES)
        } else {
            0
        };
        match &mut self.share {
            Some(share) => share.poll_set(bytes.div_ceil(BLOCK_BYTES), cx),
            None => Poll::Ready(()),
        }
    }

    /// Of a packet that lacks `missing` bytes, `moved` have arrived. True if that sets a deadline.
    pub(super) fn note(&mut self, moved: usize, missing: usize, rate: LeastRate) -> bool {
        let before = self.progress.deadline();
        if self.large {
            self.progress
                .note(Instant::now(), moved, missing, self.contended(rate));
        }
        self.progress.deadline() != before
    }

    /// This side does not read, so the peer cannot go on.
    pub(super) fn pause(&mut self) {
        self.progress = Progress::default();
    }

    /// The packet is whole.
    pub(super) fn finish(&mut self) {
        self.pause();
        if let Some(share) = &mut self.share {
            share.set(0);
        }
    }

    /// When the peer is given up unless enough has arrived until then.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.progress.deadline()
    }

    fn contended(&self, rate: LeastRate) -> LeastRate {
        if !self.share.as_ref().is_some_and(Share::is_wanted) {
            return rate;
        }
        LeastRate {
            bytes_per_second: rate.bytes_per_second.max(LEAST_CONTENDED_RATE),
            ..rate
        }
    }
}
