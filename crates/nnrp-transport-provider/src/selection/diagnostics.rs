//! Why candidates were not taken, as data (spec 14.8): a reason, a transport and a provider, never folded into a connection failure.

use std::fmt;

use super::TransportPolicy;
use crate::TransportId;

/// Why a provider was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransportRejectionReason {
    /// The policy does not allow its transport.
    #[error("the policy does not allow it")]
    PolicyDisallowed,
    /// It cannot be used in this process.
    #[error("it is not available here")]
    LocalProviderUnavailable,
    /// The peer does not serve its transport.
    #[error("the peer does not support it")]
    RemoteUnsupported,
    /// Probing was asked for, and it has no sample.
    #[error("it was not probed")]
    ProbeMissing,
    /// Every sample of it failed.
    #[error("its probes failed")]
    ProbeFailed,
}

/// A provider that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedTransportCandidate {
    /// Its transport.
    pub transport_id: TransportId,
    /// Its name.
    pub provider_name: String,
    /// Why.
    pub reason: TransportRejectionReason,
}

impl fmt::Display for RejectedTransportCandidate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transport_id,
            provider_name,
            reason,
        } = self;
        write!(
            formatter,
            "{provider_name} ({}): {reason}",
            transport_id.name()
        )
    }
}

/// Nothing could be selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportSelectionError {
    /// The only transport that the policy allows cannot be had.
    ForcedTransportUnavailable {
        /// The forced transport.
        transport_id: TransportId,
        /// Every candidate and why it was not taken.
        rejected: Vec<RejectedTransportCandidate>,
    },
    /// No allowed transport can be had.
    NoViableTransport {
        /// Every candidate and why it was not taken.
        rejected: Vec<RejectedTransportCandidate>,
    },
}

impl TransportSelectionError {
    pub(super) fn of(policy: TransportPolicy, rejected: Vec<RejectedTransportCandidate>) -> Self {
        match policy.forced() {
            Some(transport_id) => Self::ForcedTransportUnavailable {
                transport_id,
                rejected,
            },
            None => Self::NoViableTransport { rejected },
        }
    }

    /// Every candidate and why it was not taken.
    #[must_use]
    pub fn rejected(&self) -> &[RejectedTransportCandidate] {
        match self {
            Self::ForcedTransportUnavailable { rejected, .. }
            | Self::NoViableTransport { rejected } => rejected,
        }
    }
}

impl std::error::Error for TransportSelectionError {}

impl fmt::Display for TransportSelectionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForcedTransportUnavailable { transport_id, .. } => {
                write!(
                    formatter,
                    "{}, which the policy forces, cannot be had",
                    transport_id.name()
                )?;
            }
            Self::NoViableTransport { .. } => formatter.write_str("no transport can be had")?,
        }
        for (index, candidate) in self.rejected().iter().enumerate() {
            write!(
                formatter,
                "{} {candidate}",
                if index == 0 { ":" } else { ";" }
            )?;
        }
        Ok(())
    }
}
