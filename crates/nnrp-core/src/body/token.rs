//! Token payloads: chunks of text or bytes under the token-delta schema (spec 04 §4.7, §4.9).

use crate::body::typed_payload::{TypedPayloadDescriptor, TypedRegion};
use crate::code::{PROFILE_TOKEN, SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION, StreamSemantics};
use crate::flags::DescriptorFlags;

/// What a chunk is to its stream of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenChunk {
    /// Usable now; the stream goes on.
    Partial,
    /// The last one.
    Terminal,
}

impl TokenChunk {
    /// The descriptor of a chunk; its place is set by
    /// [`crate::body::typed_payload::TypedRegionBuilder::push`].
    #[must_use]
    pub fn descriptor(self) -> TypedPayloadDescriptor {
        TypedPayloadDescriptor {
            profile_id: PROFILE_TOKEN,
            descriptor_flags: match self {
                Self::Partial => DescriptorFlags::PARTIAL,
                Self::Terminal => DescriptorFlags::TERMINAL,
            },
            schema_id: SCHEMA_TOKEN_DELTA,
            schema_version: SCHEMA_TOKEN_DELTA_VERSION,
            stream_semantics: StreamSemantics::APPEND,
            ..TypedPayloadDescriptor::default()
        }
    }
}

/// The bytes of a region's token chunks, in order, up to and with the terminal one.
///
/// Frames of other profiles are passed over. Whether the bytes are text is the sender's choice:
/// a chunk may end inside a character, so text is decoded after chunks are joined.
pub fn token_chunks<'a>(region: &TypedRegion<'a>) -> impl Iterator<Item = (TokenChunk, &'a [u8])> {
    let tokens = region
        .frames()
        .filter(|(descriptor, _)| descriptor.profile_id == PROFILE_TOKEN);
    let mut over = false;
    tokens.map_while(move |(descriptor, frame)| {
        if over {
            return None;
        }
        over = descriptor
            .descriptor_flags
            .contains(DescriptorFlags::TERMINAL);
        let chunk = if over {
            TokenChunk::Terminal
        } else {
            TokenChunk::Partial
        };
        Some((chunk, frame))
    })
}
