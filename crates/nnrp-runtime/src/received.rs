//! Headers as the application sees them: the machines hand on their fields.

use nnrp_core::connection::FrameContext;
use nnrp_core::{Header, MessageType};

/// The header of a packet with these lengths of metadata and body.
pub(crate) fn received(
    message_type: MessageType,
    (session_id, frame_id): (u32, u32),
    context: FrameContext,
    (metadata, body): (usize, usize),
) -> Header {
    // They came out of a header, so they fit.
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    Header {
        flags: context.flags,
        meta_len: length(metadata),
        body_len: length(body),
        session_id,
        frame_id,
        view_id: context.view_id,
        route_id: context.route_id,
        trace_id: context.trace_id,
        ..Header::new(message_type)
    }
}
