//! A submit that outlives its packet, because a resume may need it again.

use alloc::vec::Vec;
use bytes::Bytes;

use super::frame_context::FrameContext;
use crate::cache::CachedObject;
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
    /// At a server: the cached objects that it names.
    pub objects: Vec<CachedObject>,
    /// The client no longer wants it.
    pub cancelled: bool,
}

impl RetainedSubmit {
    /// Bytes it takes in memory.
    pub(super) fn footprint(&self) -> usize {
        let objects = self.objects.iter();
        let objects = objects.map(|object| size_of::<CachedObject>() + object.body.len());
        size_of::<Self>() + self.body.len() + objects.sum::<usize>()
    }
}
