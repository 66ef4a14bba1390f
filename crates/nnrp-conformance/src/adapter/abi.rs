//! What the C ABI tells an application, as plain values.

use std::time::Duration;

/// One event of a session as it came out of the C ABI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// `NNRP_EVENT_*`.
    pub kind: u32,
    /// The frame it is about.
    pub frame_id: u32,
    /// What a result is to its frame.
    pub result_class: u32,
    /// Payload kinds of a result.
    pub payload_kind_bitmap: u32,
    /// Typed payload frames of a result.
    pub payload_frame_count: u32,
    /// The body.
    pub body: Vec<u8>,
}

/// Where events come from.
pub trait Pump {
    /// The next event, unless none comes within this time.
    fn next(&mut self, patience: Duration) -> Option<Observed>;
}
