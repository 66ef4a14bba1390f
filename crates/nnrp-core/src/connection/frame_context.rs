//! The headers of frames and sessions, and what of them applications choose.

use crate::flags::HeaderFlags;
use crate::header::Header;
use crate::message_type::MessageType;

/// The header fields of a frame that mean something to applications only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameContext {
    /// Header flags.
    pub flags: HeaderFlags,
    /// Logical lane.
    pub view_id: u16,
    /// Routing number.
    pub route_id: u16,
    /// Observability identifier.
    pub trace_id: u64,
}

impl FrameContext {
    pub(crate) fn of(header: &Header) -> Self {
        Self {
            flags: header.flags,
            view_id: header.view_id,
            route_id: header.route_id,
            trace_id: header.trace_id,
        }
    }

    pub(crate) fn header(
        self,
        message_type: MessageType,
        session_id: u32,
        frame_id: u32,
    ) -> Header {
        Header {
            flags: self.flags,
            view_id: self.view_id,
            route_id: self.route_id,
            trace_id: self.trace_id,
            ..session_header(message_type, session_id, frame_id)
        }
    }
}

pub(crate) fn session_header(message_type: MessageType, session_id: u32, frame_id: u32) -> Header {
    Header {
        session_id,
        frame_id,
        ..Header::new(message_type)
    }
}
