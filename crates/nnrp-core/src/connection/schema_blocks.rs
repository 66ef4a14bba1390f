//! Schemas in the control extension blocks of a hello and its ack, in extensions of our own that
//! other implementations skip: the client offers descriptors, the server answers each.

use alloc::vec::Vec;
use bytes::{BufMut, BytesMut};

use crate::code::ErrorCode;
use crate::extension::{self, Extension};
use crate::schema::SchemaDescriptor;

/// In `CLIENT_HELLO`: descriptors of spec 04 §4.6, one after another. From the vendor range of
/// spec 02 §2.16.
const SCHEMA_OFFER: u16 = 0x8002;

/// In `SERVER_HELLO_ACK`: a u32 for each descriptor offered, in their order. 0 = a session may use
/// it, else the code of spec 05 §5.3 that says why not.
const SCHEMA_ANSWER: u16 = 0x8003;

/// Schemas that one hello may offer.
pub const MAX_OFFERED_SCHEMAS: usize = 64;

/// What the server makes of a schema that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaAnswer {
    /// The schema.
    pub descriptor: SchemaDescriptor,
    /// Why sessions may not use it, if they may not.
    pub refusal: Option<ErrorCode>,
}

pub(super) fn append_offer(block: &mut BytesMut, offered: &[SchemaDescriptor]) {
    let mut payload = BytesMut::new();
    for descriptor in offered {
        let mut bytes = [0; SchemaDescriptor::SIZE];
        // Flags are typed, so no rule is left to break.
        if descriptor.encode(&mut bytes).is_ok() {
            payload.put_slice(&bytes);
        }
    }
    append(block, SCHEMA_OFFER, &payload);
}

/// The schemas a hello offers; `None` if there are too many, or one cannot be read.
pub(super) fn offered_in(block: &[u8]) -> Option<Vec<SchemaDescriptor>> {
    let payload = payload_of(block, SCHEMA_OFFER);
    let (descriptors, rest) = payload.as_chunks::<{ SchemaDescriptor::SIZE }>();
    if !rest.is_empty() || descriptors.len() > MAX_OFFERED_SCHEMAS {
        return None;
    }
    let decoded = descriptors
        .iter()
        .map(|bytes| SchemaDescriptor::decode(bytes));
    decoded.collect::<Result<_, _>>().ok()
}

pub(super) fn append_answers(block: &mut BytesMut, answers: &[Option<ErrorCode>]) {
    let mut payload = BytesMut::new();
    for answer in answers {
        payload.put_u32_le(answer.map_or(0, |code| code.0));
    }
    append(block, SCHEMA_ANSWER, &payload);
}

/// The answers to what was offered; schemas that a server does not answer are unknown to it.
pub(super) fn answers_in(block: &[u8], offered: &[SchemaDescriptor]) -> Vec<SchemaAnswer> {
    let (codes, _) = payload_of(block, SCHEMA_ANSWER).as_chunks::<4>();
    let codes = codes.iter().map(|bytes| u32::from_le_bytes(*bytes));
    let refusals = codes.map(|code| (code != 0).then_some(ErrorCode(code)));
    let unanswered = core::iter::repeat(Some(ErrorCode::SCHEMA_UNKNOWN));
    let answers = offered.iter().zip(refusals.chain(unanswered));
    answers
        .map(|(descriptor, refusal)| SchemaAnswer {
            descriptor: *descriptor,
            refusal,
        })
        .collect()
}

fn append(block: &mut BytesMut, extension_type: u16, payload: &[u8]) {
    if payload.is_empty() {
        return;
    }
    let entry = Extension {
        extension_type,
        critical: false,
        payload,
    };
    entry.append_to(block);
}

fn payload_of(block: &[u8], extension_type: u16) -> &[u8] {
    extension::entries(block)
        .map_while(Result::ok)
        .find(|(_, entry)| entry.extension_type == extension_type)
        .map_or(&[], |(_, entry)| entry.payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_and_answers_come_back_out_of_their_blocks() {
        let other = SchemaDescriptor {
            schema_version: 4,
            ..SchemaDescriptor::token_delta()
        };
        let offered = [SchemaDescriptor::token_delta(), other];
        let mut block = BytesMut::new();
        append_offer(&mut block, &offered);
        assert_eq!(offered_in(&block), Some(offered.to_vec()));

        let mut block = BytesMut::new();
        append_answers(&mut block, &[None]);
        let answers = answers_in(&block, &offered);
        assert_eq!(answers[0].refusal, None);
        assert_eq!(answers[1].refusal, Some(ErrorCode::SCHEMA_UNKNOWN));
    }

    #[test]
    fn a_torn_descriptor_and_too_many_are_refused() {
        let mut block = BytesMut::new();
        append(&mut block, SCHEMA_OFFER, &[0; 33]);
        assert_eq!(offered_in(&block), None);
        let mut block = BytesMut::new();
        append_offer(
            &mut block,
            &[SchemaDescriptor::token_delta(); MAX_OFFERED_SCHEMAS + 1],
        );
        assert_eq!(offered_in(&block), None);
        assert_eq!(offered_in(&[]), Some(Vec::new()));
    }
}
