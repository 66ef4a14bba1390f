//! The `ERROR` that tells a peer of the hello exchange what it did wrong (spec 02 §2.13).

use alloc::string::ToString;
use bytes::Bytes;

use crate::code::{ErrorCode, ErrorScope};
use crate::codec_error::CodecError;
use crate::error::{ErrorKind, ProtocolError, TimeoutKind};
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::rule::Rule;

/// The packet of a report; the header names the session and the frame that it ends or is about,
/// which a report about the connection does not.
pub(super) fn report_packet(report: &ErrorReport, text: Bytes) -> Result<Packet, CodecError> {
    let report = ErrorReport {
        diagnostic_bytes: u32::try_from(text.len()).unwrap_or(u32::MAX),
        ..*report
    };
    let mut header = Header::new(MessageType::Error);
    if report.error_scope != ErrorScope::Connection {
        header.session_id = report.related_session_id;
        header.frame_id = report.related_frame_id;
    }
    Packet::with_message(header, &report, text)
}

/// The report of a violation that ends the connection.
pub(super) fn violation(error: &ProtocolError) -> Result<Packet, CodecError> {
    fatal(error, code_of(&error.kind))
}

/// The report of a stream that cannot be decoded any further: what is wrong is in a header.
pub(super) fn undecodable(error: &ProtocolError) -> Result<Packet, CodecError> {
    let error_code = match error.kind {
        ErrorKind::Codec(
            CodecError::UnsupportedVersionMajor(_) | CodecError::UnsupportedWireFormat(_),
        ) => ErrorCode::UNSUPPORTED_VERSION,
        ErrorKind::Codec(_) => ErrorCode::MALFORMED_HEADER,
        _ => code_of(&error.kind),
    };
    fatal(error, error_code)
}

fn fatal(error: &ProtocolError, error_code: ErrorCode) -> Result<Packet, CodecError> {
    let report = ErrorReport {
        error_code,
        error_scope: ErrorScope::Connection,
        is_fatal: true,
        related_session_id: error.at.session_id,
        related_frame_id: error.at.frame_id,
        ..ErrorReport::default()
    };
    report_packet(&report, Bytes::from(error.to_string()))
}

/// A request that ran out of time is one that the application here has not answered.
fn code_of(kind: &ErrorKind) -> ErrorCode {
    match kind {
        ErrorKind::Codec(CodecError::InvalidProtocolCombination(
            Rule::ClientHelloVersionWindowExcludesCurrent | Rule::ClientHelloWireFormatMissing,
        )) => ErrorCode::UNSUPPORTED_VERSION,
        ErrorKind::Codec(_)
        | ErrorKind::UnexpectedMetadataLength { .. }
        | ErrorKind::TruncatedPacket { .. } => ErrorCode::MALFORMED_BODY,
        ErrorKind::TimedOut(TimeoutKind::Request) => ErrorCode::INTERNAL_ERROR,
        ErrorKind::LimitExceeded { .. } | ErrorKind::TimedOut(_) => ErrorCode::LIMIT_EXCEEDED,
        ErrorKind::NoCommonProfile { .. } => ErrorCode::UNSUPPORTED_CAPABILITY,
        ErrorKind::ControlExtension(error) => error.code(),
        _ => ErrorCode::INVALID_STATE,
    }
}
