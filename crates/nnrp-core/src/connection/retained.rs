//! A submit that outlives its packet, because a resume may need it again.

use bytes::Bytes;

use super::FrameContext;
use crate::message::submit::FrameSubmit;

/// A submit that is kept until it is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct RetainedSubmit {
    /// Its metadata.
    pub metadata: FrameSubmit,
    /// Its header fields.
    pub context: FrameContext,
    /// Its body.
    pub body: Bytes,
    /// The client no longer wants it.
    pub cancelled: bool,
}

impl RetainedSubmit {
    /// Bytes it takes in memory.
    pub(super) fn footprint(&self) -> usize {
        size_of::<Self>() + self.body.len()
    }
}
