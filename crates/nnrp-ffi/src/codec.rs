//! What nnrp-core finds wrong with bytes, schemas and payloads, as statuses of the ABI.

use crate::end::DETAIL_ERROR_KIND;
use crate::failure::Failure;
use crate::status::{NNRP_STATUS_PROTOCOL_ERROR, NNRP_STATUS_SCHEMA_REJECTED};
use nnrp_core::CodecError;
use nnrp_core::schema::SchemaFailure;

/// Bytes, or fields, that break the protocol.
pub(crate) fn codec_failure(error: CodecError) -> Failure {
    let detail = match error {
        CodecError::InvalidProtocolCombination(rule) => rule.code().into(),
        other => DETAIL_ERROR_KIND + other.code(),
    };
    Failure {
        detail,
        ..Failure::new(NNRP_STATUS_PROTOCOL_ERROR)
    }
}

/// A schema that cannot be installed, found or bound.
pub(crate) fn schema_failure(failure: SchemaFailure) -> Failure {
    Failure {
        protocol_code: failure.code().0,
        ..Failure::new(NNRP_STATUS_SCHEMA_REJECTED)
    }
}
