//! What goes wrong on a link.

use std::time::Duration;

/// What goes wrong on each link, on the side of the transport that is wrapped. Default: nothing.
///
/// Splits, short writes and delays only make a stream slow and ragged, so that nothing built on it may notice. The others end it. All byte numbers
/// count from the start of the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Decides about every split and delay.
    pub seed: u64,
    /// Reads give at most this many bytes, at random; 0 = as many as there are.
    pub longest_read: usize,
    /// Writes take at most this many bytes, at random; 0 = as many as there are.
    pub longest_write: usize,
    /// One in so many reads and writes is delayed; 0 = none.
    pub delayed_one_in: u32,
    /// Longest delay.
    pub longest_delay: Duration,
    /// The connection breaks when this many bytes have been read.
    pub break_after_read: Option<u64>,
    /// The connection breaks when this many bytes have been written.
    pub break_after_written: Option<u64>,
    /// Reading stands still for ever when this many bytes have been read.
    pub stall_after_read: Option<u64>,
    /// Writing stands still for ever when this many bytes have been written.
    pub stall_after_written: Option<u64>,
    /// This side's direction ends when this many bytes have been written.
    pub half_close_after_written: Option<u64>,
}
