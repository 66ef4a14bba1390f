//! Why a command was not taken, and why sessions, connections and listeners ended.

use std::io;
use std::sync::Arc;

use nnrp_core::code::{ErrorCode, SessionCloseReason, SessionErrorCode};
use nnrp_core::connection::CommandError as MachineError;
use nnrp_core::{CodecError, ProtocolError, TimeoutKind};
use nnrp_transport_provider::{EndpointError, TransportError, TransportErrorKind};

/// Why a command was not taken. Nothing was sent and nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The send queue, the in-flight limit or the credit is exhausted; [`Event::Writable`](crate::Event::Writable) follows.
    #[error(
        "the send queue, the in-flight limit or the credit is exhausted; go on after the writable event"
    )]
    WouldBlock,
    /// The session has ended, or the key is of another connection.
    #[error("the session has ended or belongs to another connection")]
    UnknownSession,
    /// The connection or session is not in a state for this command, or it is a command of the other side.
    #[error("not possible here: {0}")]
    WrongState(&'static str),
    /// The connection has ended.
    #[error("the connection has ended")]
    Closed,
    /// A body is larger than the configured limit.
    #[error("{actual} bytes of body exceed the limit of {limit}")]
    BodyTooLarge {
        /// Configured limit, bytes.
        limit: usize,
        /// Size of the body.
        actual: usize,
    },
    /// The connection has as many sessions as it may.
    #[error("the connection has its {limit} sessions already; close one")]
    TooManySessions {
        /// Configured limit.
        limit: usize,
    },
    /// The frame was never submitted or is answered already.
    #[error("frame {frame_id} was never submitted or is answered already")]
    UnknownFrame {
        /// The frame named.
        frame_id: u32,
    },
    /// The session has used every frame id; open another one.
    #[error("the session has used every frame id; open another session")]
    FrameIdOverflow,
    /// The fields cannot be encoded.
    #[error("the message cannot be encoded: {0}")]
    Invalid(CodecError),
}

impl From<MachineError> for CommandError {
    fn from(error: MachineError) -> Self {
        match error {
            MachineError::WouldBlock(_) => Self::WouldBlock,
            MachineError::ConnectionNotOpen => Self::Closed,
            MachineError::OneSessionPerConnection => Self::WrongState(
                "a peer without the hello exchange serves one session a connection",
            ),
            MachineError::NotNegotiated(_) => {
                Self::WrongState("the hello exchange did not agree on what this needs")
            }
            MachineError::NotResumable(_) => {
                Self::WrongState("the session was not opened as resumable")
            }
            MachineError::TooManySessions => {
                Self::WrongState("the connection has as many sessions as it may")
            }
            MachineError::UnknownSession(_) => Self::UnknownSession,
            MachineError::SessionNotOpen(_) => Self::WrongState("the session is closing or closed"),
            MachineError::UnknownFrame(frame_id) => Self::UnknownFrame { frame_id },
            MachineError::SessionIdUsed(_) => {
                Self::WrongState("the session id was used on this connection before")
            }
            MachineError::UnknownTicket | MachineError::NoRequest(_) => {
                Self::WrongState("there is no such request to answer")
            }
            MachineError::RequestPending(_) => {
                Self::WrongState("a request of the session waits for its answer")
            }
            MachineError::FrameIdsExhausted => Self::FrameIdOverflow,
            MachineError::BodyTooLarge { actual, allowed } => Self::BodyTooLarge {
                limit: allowed,
                actual,
            },
            MachineError::Codec(error) => Self::Invalid(error),
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionEnd {
    /// This side closed it.
    #[error("closed by this side")]
    ClosedHere,
    /// The peer ended it in order, with nothing left open.
    #[error("closed by the peer")]
    ClosedByPeer,
    /// No connection could be had.
    #[error("{0}")]
    ConnectFailed(Arc<TransportError>),
    /// No connection could be had within the connect timeout.
    #[error("connecting took longer than {0} ms")]
    ConnectTimeout(u64),
    /// The peer or the network ended the connection while something was open.
    #[error("the transport was lost: {kind}{}", possible_refusal(*kind, *.os_error))]
    Lost {
        /// What the operating system says; `UnexpectedEof` if the peer ended the stream. On QUIC, `ConnectionReset` if the peer dropped the connection
        /// without a word, which is how the refusal of a published server often ends.
        kind: io::ErrorKind,
        /// Its number, if it has one.
        os_error: Option<i32>,
    },
    /// The peer did not do in time what it had to.
    #[error("the peer let the {} timeout pass", .0.as_str())]
    PeerTimeout(TimeoutKind),
    /// The peer took fewer bytes than the least rate asks for, for the whole write timeout.
    #[error("the peer read nothing, or too little, for the whole write timeout")]
    WriteTimeout,
    /// The server answered the hello with an error report.
    #[error("the server refuses the connection with {code}: {text}")]
    Refused {
        /// Its code.
        code: ErrorCode,
        /// What it says, 200 printable characters at most; for humans.
        text: String,
    },
    /// The peer broke the protocol.
    #[error("protocol error: {0}")]
    Protocol(ProtocolError),
    /// The connection was lost, and nothing has come of the attempts that the reconnect policy allows.
    #[error("given up after {attempts} attempts to connect again; the last end: {last}")]
    GivenUp {
        /// Attempts since the last transport that was of use.
        attempts: u32,
        /// How the last one ended, or the loss itself if there was none.
        last: Arc<ConnectionEnd>,
    },
}

impl ConnectionEnd {
    /// Whether another transport may do better.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Lost { .. }
            | Self::PeerTimeout(_)
            | Self::WriteTimeout
            | Self::ConnectTimeout(_) => true,
            Self::ConnectFailed(error) => error.kind() == TransportErrorKind::Connect,
            Self::ClosedHere
            | Self::ClosedByPeer
            | Self::Refused { .. }
            | Self::Protocol(_)
            | Self::GivenUp { .. } => false,
        }
    }
}

/// Published servers drop a QUIC connection right after they refuse its session, which destroys the refusal on its way (spec 13.5). No operating system
/// has a part in that, so the number is missing.
fn possible_refusal(kind: io::ErrorKind, os_error: Option<i32>) -> &'static str {
    match (kind, os_error) {
        (io::ErrorKind::ConnectionReset, None) => {
            "; if no session was open yet, the server may have refused it"
        }
        _ => "",
    }
}

/// Why nothing has come of a migration. The sessions go on where they were.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationFailure {
    /// The server does not agree.
    #[error("the server does not agree to the migration: accept code {code}")]
    NotAccepted {
        /// Its code.
        code: u32,
    },
    /// The other transport cannot be had.
    #[error("no transport to migrate to: {0}")]
    NoTransport(ConnectionEnd),
    /// The server there does not have a session.
    #[error("the session is not taken there: code {:#010x}", .0.0)]
    Refused(SessionErrorCode),
    /// The transport was lost before the sessions had arrived.
    #[error("a transport was lost on the way: {0}")]
    Lost(ConnectionEnd),
}

/// Why a session ended.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionEnd {
    /// This side closed it in order.
    #[error("closed by this side")]
    ClosedHere,
    /// The peer closed it in order.
    #[error("closed by the peer")]
    ClosedByPeer {
        /// The reason on the wire.
        reason: SessionCloseReason,
        /// The error on the wire, `NONE` for an ordinary close.
        code: SessionErrorCode,
    },
    /// The server refused to open it.
    #[error("the server refused the session with code {:#010x}", .code.0)]
    Rejected {
        /// The reason on the wire.
        code: SessionErrorCode,
    },
    /// Its client carries it on over another connection; a session of that connection continues it.
    #[error("carried on over another connection")]
    TakenOver,
    /// Its connection ended first.
    #[error("the connection ended: {0}")]
    ConnectionEnded(ConnectionEnd),
}

/// Why a listener ended.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenerEnd {
    /// This side closed it.
    #[error("closed by this side")]
    ClosedHere,
    /// No peer can be accepted any more.
    #[error("{0}")]
    Failed(Arc<TransportError>),
}

/// A failure of the async client and server API (names of spec 13.16).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The network or the operating system.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The peer broke the protocol, or a message of ours would.
    #[error("protocol error: {0}")]
    Protocol(ProtocolError),
    /// The configuration asks for a transport this call does not serve.
    #[error("unsupported transport: {0}")]
    UnsupportedTransport(String),
    /// The address is not an endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The session has used every frame id.
    #[error("the session has used every frame id; open another session")]
    FrameIdOverflow,
    /// Something else arrived than what was waited for.
    #[error("unexpected message: {0}")]
    UnexpectedMessage(String),
    /// The server refused the session.
    #[error("the server refused the session with code {:#010x}", .0.0)]
    SessionRejected(SessionErrorCode),
    /// The command cannot be taken.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Nothing has come of a migration.
    #[error(transparent)]
    Migration(#[from] MigrationFailure),
    /// The session has ended.
    #[error("the session has ended: {0}")]
    SessionEnded(SessionEnd),
    /// The connection has ended.
    #[error("the connection has ended: {0}")]
    ConnectionEnded(ConnectionEnd),
    /// The listener has ended.
    #[error("the listener has ended: {0}")]
    ListenerEnded(ListenerEnd),
}

impl From<ConnectionEnd> for RuntimeError {
    /// Failures of the network keep the operating system's error.
    fn from(end: ConnectionEnd) -> Self {
        match &end {
            ConnectionEnd::ConnectFailed(error) => {
                Self::Io(io::Error::new(error.io_error().kind(), end.to_string()))
            }
            ConnectionEnd::Lost { kind, .. } => Self::Io(io::Error::new(*kind, end.to_string())),
            ConnectionEnd::ConnectTimeout(_)
            | ConnectionEnd::WriteTimeout
            | ConnectionEnd::PeerTimeout(_) => {
                Self::Io(io::Error::new(io::ErrorKind::TimedOut, end.to_string()))
            }
            ConnectionEnd::Protocol(error) => Self::Protocol(*error),
            ConnectionEnd::GivenUp { .. } => {
                Self::Io(io::Error::new(io::ErrorKind::NotConnected, end.to_string()))
            }
            ConnectionEnd::Refused { .. } => Self::Io(io::Error::new(
                io::ErrorKind::ConnectionRefused,
                end.to_string(),
            )),
            ConnectionEnd::ClosedHere | ConnectionEnd::ClosedByPeer => Self::ConnectionEnded(end),
        }
    }
}

impl From<TransportError> for RuntimeError {
    fn from(error: TransportError) -> Self {
        Self::Io(io::Error::new(error.io_error().kind(), error.to_string()))
    }
}
