//! Everything that happens on a connection, as the application is told.

use bytes::Bytes;
use nnrp_core::Header;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpenAck;
use nnrp_core::message::submit::FrameSubmit;

use crate::{ConnectionEnd, SessionEnd};

/// Names a session of one connection on this side, also before the server has given it an id.
///
/// Keys count up from 0 in the order the sessions were opened and are never reused on a connection, so they can index a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(pub(crate) u32);

impl SessionKey {
    /// The number of the session on its connection, from 0.
    #[must_use]
    pub fn index(self) -> u32 {
        self.0
    }
}

/// One event of one connection. Events arrive in the order they happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Client: the transport is up.
    Connected {
        /// Address of the server.
        peer: String,
    },
    /// Server: a peer connected. The first event of its connection.
    Accepted {
        /// Address of the client.
        peer: String,
    },
    /// The last event of a connection; every session of it has ended before.
    ConnectionClosed {
        /// Why.
        reason: ConnectionEnd,
    },
    /// Client: the server accepted the session. Server: a client opened one.
    SessionOpened {
        /// The session.
        session: SessionKey,
        /// The answer that went over the wire: id, profile, schema, priority, limits.
        ack: SessionOpenAck,
    },
    /// The last event of a session.
    SessionClosed {
        /// The session.
        session: SessionKey,
        /// Its id on the wire, 0 if it never had one.
        session_id: u32,
        /// Why.
        reason: SessionEnd,
    },
    /// Server: `FRAME_SUBMIT`.
    Submit {
        /// The session.
        session: SessionKey,
        /// Header of the packet: session id, frame id, flags, view, route, trace.
        header: Header,
        /// Metadata of the packet.
        metadata: FrameSubmit,
        /// Body of the packet; a slice of the receive buffer.
        body: Bytes,
    },
    /// Client: `RESULT_PUSH`.
    Result {
        /// The session.
        session: SessionKey,
        /// Header of the packet.
        header: Header,
        /// Metadata of the packet.
        metadata: ResultPush,
        /// Body of the packet; a slice of the receive buffer.
        body: Bytes,
    },
    /// Client: `RESULT_DROP`; no result will come for the frame.
    ResultDrop {
        /// The session.
        session: SessionKey,
        /// Header of the packet.
        header: Header,
    },
    /// Client: `FLOW_UPDATE`.
    FlowUpdate {
        /// The session; `None` for the scope of the connection.
        session: Option<SessionKey>,
        /// Header of the packet.
        header: Header,
        /// Metadata of the packet.
        metadata: FlowUpdate,
    },
    /// Server: `FRAME_CANCEL` of a frame that is not answered yet.
    Cancel {
        /// The session.
        session: SessionKey,
        /// Header of the packet.
        header: Header,
    },
    /// There is room again after [`CommandError::WouldBlock`](crate::CommandError::WouldBlock) on this session.
    Writable {
        /// The session.
        session: SessionKey,
    },
}

impl Event {
    /// Bytes of the body the event carries; only submits and results have one.
    #[must_use]
    pub fn body_len(&self) -> usize {
        match self {
            Self::Submit { body, .. } | Self::Result { body, .. } => body.len(),
            _ => 0,
        }
    }

    /// The session the event is about, if it is about one.
    #[must_use]
    pub fn session(&self) -> Option<SessionKey> {
        match self {
            Self::SessionOpened { session, .. }
            | Self::SessionClosed { session, .. }
            | Self::Submit { session, .. }
            | Self::Result { session, .. }
            | Self::ResultDrop { session, .. }
            | Self::Cancel { session, .. }
            | Self::Writable { session } => Some(*session),
            Self::FlowUpdate { session, .. } => *session,
            Self::Connected { .. } | Self::Accepted { .. } | Self::ConnectionClosed { .. } => None,
        }
    }

    /// Whether the peer decides how many events of this kind there are.
    ///
    /// A sink counts these against its capacity. The others are bounded by the number of connections and sessions and must always fit.
    #[must_use]
    pub fn is_traffic(&self) -> bool {
        matches!(
            self,
            Self::Submit { .. }
                | Self::Result { .. }
                | Self::ResultDrop { .. }
                | Self::FlowUpdate { .. }
                | Self::Cancel { .. }
        )
    }
}
