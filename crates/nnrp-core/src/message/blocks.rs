//! Bodies of the control messages: blocks whose lengths stand in the metadata (spec 02, 12 §12.1).
//!
//! Published peers declare blocks and send an empty body. So an empty body is never an error
//! here: it is [`None`], and the receiver decides what it may do without the blocks.

use core::fmt;

use bytes::Bytes;

use crate::message::hello::{ClientHello, ServerHelloAck};
use crate::message::session::{SessionOpen, SessionOpenAck};

/// A body that is neither empty nor filled exactly by its declared blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockMismatch {
    /// Bytes of all declared blocks.
    pub declared: u64,
    /// Bytes of the body.
    pub actual: usize,
}

impl fmt::Display for BlockMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the metadata declares blocks of {} bytes, the body has {}",
            self.declared, self.actual
        )
    }
}

impl core::error::Error for BlockMismatch {}

/// Blocks of `SESSION_OPEN`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionOpenBlocks {
    /// The token of the session to resume.
    pub resume_token: Bytes,
    /// Credentials.
    pub auth: Bytes,
    /// Session extensions: entries as in [`crate::extension`].
    pub session_extension: Bytes,
}

impl SessionOpen {
    /// The blocks of the body, none if it is empty.
    pub fn blocks(&self, body: &Bytes) -> Result<Option<SessionOpenBlocks>, BlockMismatch> {
        let lengths = [
            self.resume_token_bytes,
            self.auth_bytes,
            self.session_extension_bytes,
        ];
        let blocks = split(body, lengths)?;
        Ok(blocks.map(
            |[resume_token, auth, session_extension]| SessionOpenBlocks {
                resume_token,
                auth,
                session_extension,
            },
        ))
    }
}

/// Blocks of `SESSION_OPEN_ACK`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionOpenAckBlocks {
    /// The token that resumes this session.
    pub resume_token: Bytes,
    /// Session extensions: entries as in [`crate::extension`].
    pub session_extension: Bytes,
}

impl SessionOpenAck {
    /// The blocks of the body, none if it is empty.
    pub fn blocks(&self, body: &Bytes) -> Result<Option<SessionOpenAckBlocks>, BlockMismatch> {
        let lengths = [self.resume_token_bytes, self.session_extension_bytes];
        let blocks = split(body, lengths)?;
        Ok(
            blocks.map(|[resume_token, session_extension]| SessionOpenAckBlocks {
                resume_token,
                session_extension,
            }),
        )
    }
}

/// Blocks of `CLIENT_HELLO`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHelloBlocks {
    /// Credentials.
    pub auth: Bytes,
    /// Control extensions: entries as in [`crate::extension`].
    pub control_extension: Bytes,
}

impl ClientHello {
    /// The blocks of the body, none if it is empty.
    pub fn blocks(&self, body: &Bytes) -> Result<Option<ClientHelloBlocks>, BlockMismatch> {
        let blocks = split(body, [self.auth_bytes, self.control_extension_bytes])?;
        Ok(blocks.map(|[auth, control_extension]| ClientHelloBlocks {
            auth,
            control_extension,
        }))
    }
}

impl ServerHelloAck {
    /// The control extension block of the body, none if it is empty.
    pub fn control_extension(&self, body: &Bytes) -> Result<Option<Bytes>, BlockMismatch> {
        let blocks = split(body, [self.control_extension_bytes])?;
        Ok(blocks.map(|[control_extension]| control_extension))
    }
}

/// Cuts `body` into slices of these lengths, which must fill it.
fn split<const N: usize>(
    body: &Bytes,
    lengths: [u32; N],
) -> Result<Option<[Bytes; N]>, BlockMismatch> {
    if body.is_empty() {
        return Ok(None);
    }
    let declared = lengths.iter().map(|length| u64::from(*length)).sum();
    if declared != body.len() as u64 {
        return Err(BlockMismatch {
            declared,
            actual: body.len(),
        });
    }
    let mut rest = body.clone();
    Ok(Some(lengths.map(|length| rest.split_to(length as usize))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(token: u32, auth: u32, extension: u32) -> SessionOpen {
        SessionOpen {
            resume_token_bytes: token,
            auth_bytes: auth,
            session_extension_bytes: extension,
            ..SessionOpen::default()
        }
    }

    #[test]
    fn blocks_are_cut_in_the_order_of_their_lengths() {
        let body = Bytes::from_static(b"tokenauthext");
        let blocks = open(5, 4, 3).blocks(&body).expect("they fill the body");
        let expected = SessionOpenBlocks {
            resume_token: Bytes::from_static(b"token"),
            auth: Bytes::from_static(b"auth"),
            session_extension: Bytes::from_static(b"ext"),
        };
        assert_eq!(blocks, Some(expected));
    }

    #[test]
    fn an_empty_body_is_no_error_whatever_was_declared() {
        assert_eq!(open(24, 0, 0).blocks(&Bytes::new()), Ok(None));
    }

    #[test]
    fn lengths_that_do_not_fill_the_body_are_refused_without_overflow() {
        let body = Bytes::from_static(b"abc");
        let mismatch = open(u32::MAX, u32::MAX, 2).blocks(&body);
        let declared = 2 * u64::from(u32::MAX) + 2;
        assert_eq!(
            mismatch,
            Err(BlockMismatch {
                declared,
                actual: 3
            })
        );
    }
}
