//! What the bodies of `SESSION_OPEN` and its ack carry for a resume: the token, and how far each
//! side has come, in an extension of our own that other implementations skip.

use bytes::{Bytes, BytesMut};

use crate::extension::{self, Extension, ExtensionError};
use crate::message::session::{SessionOpen, SessionOpenAck};

/// In `SESSION_OPEN`: results and drops of the session that have arrived, u64. In the ack: the
/// highest frame id that has arrived, u64. From the vendor range of spec 02 §2.16.
const RESUME_POSITION: u16 = 0x8001;

/// Bytes of a block that holds a position and nothing else.
pub(super) const POSITION_BYTES: u32 = 16;

/// The blocks of a body, if it holds exactly the declared bytes: published peers declare lengths
/// and send nothing (spec 12 §12.1).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Blocks {
    pub(super) token: Bytes,
    pub(super) extension: Bytes,
}

impl Blocks {
    pub(super) fn of_open(open: &SessionOpen, body: &Bytes) -> Self {
        let blocks = open.blocks(body).ok().flatten();
        blocks.map_or_else(Self::default, |blocks| Self {
            token: blocks.resume_token,
            extension: blocks.session_extension,
        })
    }

    pub(super) fn of_ack(ack: &SessionOpenAck, body: &Bytes) -> Self {
        let blocks = ack.blocks(body).ok().flatten();
        blocks.map_or_else(Self::default, |blocks| Self {
            token: blocks.resume_token,
            extension: blocks.session_extension,
        })
    }

    /// Whether the extension block can be accepted: whole, and without critical entries that are
    /// not known.
    pub(super) fn check_extension(&self) -> Result<(), ExtensionError> {
        for entry in extension::entries(&self.extension) {
            let (offset, entry) = entry?;
            let extension_type = entry.extension_type;
            if entry.critical && extension_type != RESUME_POSITION {
                return Err(ExtensionError::Unsupported {
                    offset,
                    extension_type,
                });
            }
        }
        Ok(())
    }

    /// How far the peer says it has come.
    pub(super) fn position(&self) -> Option<u64> {
        extension::entries(&self.extension)
            .map_while(Result::ok)
            .find(|(_, entry)| entry.extension_type == RESUME_POSITION)
            .and_then(|(_, entry)| entry.payload.try_into().ok())
            .map(u64::from_le_bytes)
    }
}

/// A body of a token and a position.
pub(super) fn body_with(token: &[u8], position: u64) -> Bytes {
    let mut body = BytesMut::with_capacity(token.len() + POSITION_BYTES as usize);
    body.extend_from_slice(token);
    let entry = Extension {
        extension_type: RESUME_POSITION,
        critical: false,
        payload: &position.to_le_bytes(),
    };
    entry.append_to(&mut body);
    body.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_and_position_come_back_out_of_the_body() {
        let body = body_with(&[7; 24], 41);
        let open = SessionOpen {
            resume_token_bytes: 24,
            session_extension_bytes: POSITION_BYTES,
            ..SessionOpen::default()
        };
        let blocks = Blocks::of_open(&open, &body);
        assert_eq!(blocks.token[..], [7; 24]);
        assert_eq!(blocks.position(), Some(41));
    }

    #[test]
    fn a_body_of_another_length_than_declared_holds_nothing() {
        let open = SessionOpen {
            resume_token_bytes: 24,
            ..SessionOpen::default()
        };
        assert_eq!(Blocks::of_open(&open, &Bytes::new()), Blocks::default());
        let open = SessionOpen {
            resume_token_bytes: u32::MAX,
            auth_bytes: u32::MAX,
            ..open
        };
        assert_eq!(
            Blocks::of_open(&open, &Bytes::from_static(&[0; 8])),
            Blocks::default()
        );
    }
}
