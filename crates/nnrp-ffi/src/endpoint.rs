//! The endpoint of a call, from the text that the caller wrote.

use crate::end::endpoint_failure;
use crate::failure::Failure;
use crate::status::NNRP_STATUS_INVALID_URI;
use nnrp_transport_provider::Endpoint;

/// The endpoint the caller wrote.
pub(crate) fn endpoint(uri: &[u8]) -> Result<Endpoint, Failure> {
    let text = std::str::from_utf8(uri).map_err(|error| Failure {
        detail: u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX),
        ..Failure::new(NNRP_STATUS_INVALID_URI)
    })?;
    text.parse().map_err(|error| endpoint_failure(&error))
}
