//! What the batch commands take and give: submits, results, and how many of them were taken.

use bytes::Bytes;
use nnrp_core::connection::FrameContext;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;

/// One submit.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// Header fields.
    pub header: FrameContext,
    /// Metadata.
    pub metadata: FrameSubmit,
    /// Body; up to 1 KiB is copied into the write batch, more is sent from where it is.
    pub body: Bytes,
}

/// One result.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The submit answered.
    pub frame_id: u32,
    /// Header fields.
    pub header: FrameContext,
    /// Metadata; an `active_profile_id` of 0 becomes the profile of the session.
    pub metadata: ResultPush,
    /// Body.
    pub body: Bytes,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Entries taken, from the first on; at least 1.
    pub count: u32,
    /// Submits: frame id of the first entry taken, the others follow by 1. Results: 0.
    pub first_frame_id: u32,
}
