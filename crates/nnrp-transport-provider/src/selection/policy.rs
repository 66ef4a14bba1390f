//! Which transports a policy allows, and which it prefers (spec 14.2).

use crate::TransportId;

/// What the application wants of the selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TransportPolicy {
    /// QUIC before TCP, in this version.
    #[default]
    Auto,
    /// QUIC before TCP.
    PreferQuic,
    /// TCP before QUIC.
    PreferTcp,
    /// QUIC or nothing.
    ForceQuic,
    /// TCP or nothing.
    ForceTcp,
}

impl TransportPolicy {
    /// Rank of a transport that is not allowed.
    pub const WORST_RANK: u8 = 255;

    /// Whether the policy allows a transport.
    #[must_use]
    pub fn allows(self, transport: TransportId) -> bool {
        self.rank(transport) < Self::WORST_RANK
    }

    /// Preference; lower is better.
    #[must_use]
    pub fn rank(self, transport: TransportId) -> u8 {
        match (self, transport) {
            (Self::Auto | Self::PreferQuic | Self::ForceQuic, TransportId::Quic)
            | (Self::PreferTcp | Self::ForceTcp, TransportId::Tcp) => 0,
            (Self::Auto | Self::PreferQuic, TransportId::Tcp)
            | (Self::PreferTcp, TransportId::Quic) => 1,
            _ => Self::WORST_RANK,
        }
    }

    /// The transport without which nothing is selected.
    #[must_use]
    pub fn forced(self) -> Option<TransportId> {
        match self {
            Self::ForceQuic => Some(TransportId::Quic),
            Self::ForceTcp => Some(TransportId::Tcp),
            Self::Auto | Self::PreferQuic | Self::PreferTcp => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_spec_14_2() {
        use TransportPolicy as Policy;
        for (policy, quic, tcp) in [
            (Policy::Auto, 0, 1),
            (Policy::PreferQuic, 0, 1),
            (Policy::PreferTcp, 1, 0),
            (Policy::ForceQuic, 0, 255),
            (Policy::ForceTcp, 255, 0),
        ] {
            let ranks = [
                TransportId::Quic,
                TransportId::Tcp,
                TransportId::Unspecified,
            ]
            .map(|transport| policy.rank(transport));
            assert_eq!(ranks, [quic, tcp, 255], "{policy:?}");
            assert_eq!(policy.allows(TransportId::Quic), quic < 255);
            assert_eq!(policy.allows(TransportId::Tcp), tcp < 255);
            assert!(!policy.allows(TransportId::Unspecified));
        }
    }
}
