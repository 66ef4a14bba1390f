//! Policies of the choice among transports, by number. Declared in `nnrp_transport.h`.

use nnrp_runtime::selection::TransportPolicy;

/// QUIC before TCP.
pub const NNRP_POLICY_AUTO: u32 = 0;
/// QUIC before TCP.
pub const NNRP_POLICY_PREFER_QUIC: u32 = 1;
/// TCP before QUIC.
pub const NNRP_POLICY_PREFER_TCP: u32 = 2;
/// QUIC or nothing.
pub const NNRP_POLICY_FORCE_QUIC: u32 = 3;
/// TCP or nothing.
pub const NNRP_POLICY_FORCE_TCP: u32 = 4;

/// The policy of a number.
pub(crate) fn policy_of(number: u32) -> Option<TransportPolicy> {
    Some(match number {
        NNRP_POLICY_AUTO => TransportPolicy::Auto,
        NNRP_POLICY_PREFER_QUIC => TransportPolicy::PreferQuic,
        NNRP_POLICY_PREFER_TCP => TransportPolicy::PreferTcp,
        NNRP_POLICY_FORCE_QUIC => TransportPolicy::ForceQuic,
        NNRP_POLICY_FORCE_TCP => TransportPolicy::ForceTcp,
        _ => return None,
    })
}
