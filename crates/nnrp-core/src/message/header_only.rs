//! The messages that are a header and nothing else: `CLOSE`, `PING`, `PONG`, `RESULT_DROP`,
//! `FRAME_CANCEL`. What remains to check is the shape of that header.

use crate::codec_error::CodecError;
use crate::header::Header;
use crate::message_type::MessageType;
use crate::rule::Rule;

/// `CLOSE` (spec 02 §2.14): no metadata; the body is not constrained.
pub fn check_close(header: &Header) -> Result<(), CodecError> {
    let shaped = header.message_type == MessageType::Close && header.meta_len == 0;
    shape(shaped, Rule::CloseHeaderShape)
}

/// `PING` or `PONG`, whichever is expected (spec 02 §2.15): no metadata, no body.
pub fn check_empty_control(header: &Header, expected: MessageType) -> Result<(), CodecError> {
    let shaped = header.message_type == expected && is_empty(header);
    shape(shaped, Rule::EmptyControlHeaderShape)
}

/// `RESULT_DROP` (spec 03 §3.4): no metadata, no body.
pub fn check_result_drop(header: &Header) -> Result<(), CodecError> {
    let shaped = header.message_type == MessageType::ResultDrop && is_empty(header);
    shape(shaped, Rule::ResultDropHeaderShape)
}

/// The check of whichever of these types the header has; `FRAME_CANCEL` has none.
pub(super) fn check(header: &Header) -> Result<(), CodecError> {
    match header.message_type {
        MessageType::Close => check_close(header),
        MessageType::Ping | MessageType::Pong => check_empty_control(header, header.message_type),
        MessageType::ResultDrop => check_result_drop(header),
        _ => Ok(()),
    }
}

/// Whether the header announces neither metadata nor body, as `FRAME_CANCEL` must (spec 13 §13.8).
#[must_use]
pub fn is_empty(header: &Header) -> bool {
    header.meta_len == 0 && header.body_len == 0
}

fn shape(shaped: bool, rule: Rule) -> Result<(), CodecError> {
    if shaped { Ok(()) } else { Err(rule.into()) }
}
