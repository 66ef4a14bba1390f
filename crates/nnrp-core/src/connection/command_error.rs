//! Why a command to a connection was not carried out.

use crate::codec_error::CodecError;
use crate::credit::Blocked;

/// Why a command was not carried out. The connection goes on as if it had not been given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// Wait for the writable event and repeat.
    WouldBlock(Blocked),
    /// The connection is over, or on its way there.
    ConnectionNotOpen,
    /// The hello exchange did not agree on what the command needs.
    NotNegotiated(&'static str),
    /// The session has no resume token.
    NotResumable(u32),
    /// The peer was not seen to speak the hello exchange, so one session is all it serves.
    OneSessionPerConnection,
    /// As many sessions are open as the local limits allow.
    TooManySessions,
    /// There is no such session.
    UnknownSession(u32),
    /// The session is closing or closed.
    SessionNotOpen(u32),
    /// The id is 0, or was used on this connection before.
    SessionIdUsed(u32),
    /// There is no such unanswered frame: never submitted, or answered already.
    UnknownFrame(u32),
    /// The ticket was answered already, or belongs to another connection.
    UnknownTicket,
    /// A patch, migration or close of the session waits for its ack.
    RequestPending(u32),
    /// There is no request of this kind to answer.
    NoRequest(u32),
    /// All 2^32 − 2 frame ids of the session are used.
    FrameIdsExhausted,
    /// The body is longer than the limits allow.
    BodyTooLarge {
        /// Bytes of the body.
        actual: usize,
        /// Bytes allowed.
        allowed: usize,
    },
    /// The values cannot be encoded.
    Codec(CodecError),
}

impl From<CodecError> for CommandError {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
    }
}

impl core::fmt::Display for CommandError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::WouldBlock(Blocked::InFlight) => {
                f.write_str("as many operations are unfinished as the session may have; wait")
            }
            Self::WouldBlock(Blocked::Credit) => {
                f.write_str("the peer has granted no further credit; wait for a result")
            }
            Self::WouldBlock(Blocked::Paused) => {
                f.write_str("the peer has paused submits; wait for its next flow update")
            }
            Self::WouldBlock(Blocked::Outgoing) => {
                f.write_str("packets wait for the transport; wait until some were written")
            }
            Self::WouldBlock(Blocked::Retained) => f.write_str(
                "the session keeps as much for a resume as it may; wait until the peer has some",
            ),
            Self::ConnectionNotOpen => f.write_str("the connection is not open"),
            Self::NotNegotiated(what) => {
                write!(f, "the hello exchange did not agree on this {what}")
            }
            Self::NotResumable(id) => write!(f, "session {id} was not opened as resumable"),
            Self::OneSessionPerConnection => f.write_str(
                "a peer without the hello exchange serves one session a connection; connect again",
            ),
            Self::TooManySessions => f.write_str("the limit of sessions is reached; close one"),
            Self::UnknownSession(id) => write!(f, "session {id} does not exist"),
            Self::SessionNotOpen(id) => write!(f, "session {id} is closing or closed"),
            Self::SessionIdUsed(id) => {
                write!(
                    f,
                    "session id {id} cannot be used on this connection (again)"
                )
            }
            Self::UnknownFrame(id) => write!(f, "frame {id} is not waiting for an answer"),
            Self::UnknownTicket => f.write_str("this open request is not waiting for an answer"),
            Self::RequestPending(id) => {
                write!(
                    f,
                    "session {id} still waits for the ack of its last request"
                )
            }
            Self::NoRequest(id) => write!(f, "session {id} has no such request to answer"),
            Self::FrameIdsExhausted => {
                f.write_str("the session has used all its frame ids; open another session")
            }
            Self::BodyTooLarge { actual, allowed } => {
                write!(f, "a body of {actual} bytes exceeds the limit of {allowed}")
            }
            Self::Codec(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CommandError {}
