//! What both ends have to agree on in their headers.

/// The subprotocol (RFC 6455 §1.9) of NNRP. It is offered and selected; peers that speak of none are served as well.
pub(super) const SUBPROTOCOL: &str = "nnrp.1";
/// The one version of RFC 6455.
pub(super) const VERSION: &str = "13";
