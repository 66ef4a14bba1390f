//! The known providers, and selection among them without probing (spec 14.3, 14.4).

use super::diagnostics::{
    RejectedTransportCandidate, TransportRejectionReason, TransportSelectionError,
};
use super::{TransportPolicy, TransportProviderDescriptor, is_selectable};
use crate::TransportId;

/// The transports that a peer serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteTransportSupport(Vec<TransportId>);

impl RemoteTransportSupport {
    /// Whether the peer serves a transport.
    #[must_use]
    pub fn supports(&self, transport: TransportId) -> bool {
        self.0.contains(&transport)
    }
}

impl FromIterator<TransportId> for RemoteTransportSupport {
    /// Drops what cannot be selected, and duplicates.
    fn from_iter<I: IntoIterator<Item = TransportId>>(transports: I) -> Self {
        let mut known = Vec::new();
        for transport in transports {
            if is_selectable(transport) && !known.contains(&transport) {
                known.push(transport);
            }
        }
        Self(known)
    }
}

/// The providers of a process, in the order of their registration.
///
/// Registering is an append: several providers for one transport are normal, and nothing is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransportProviderRegistry {
    providers: Vec<TransportProviderDescriptor>,
}

/// What was selected, and what was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportSelection {
    /// The best viable provider.
    pub selected: TransportProviderDescriptor,
    /// The others that were not viable, in the order of registration.
    pub rejected: Vec<RejectedTransportCandidate>,
}

/// The outcome of the filter: what is left, and what is not.
pub(super) struct Filtered<'a> {
    pub(super) viable: Vec<&'a TransportProviderDescriptor>,
    pub(super) rejected: Vec<RejectedTransportCandidate>,
}

impl TransportProviderRegistry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same registry with one provider more.
    #[must_use]
    pub fn with_provider(mut self, provider: TransportProviderDescriptor) -> Self {
        self.register(provider);
        self
    }

    /// Adds a provider.
    pub fn register(&mut self, provider: TransportProviderDescriptor) {
        self.providers.push(provider);
    }

    /// All of them.
    #[must_use]
    pub fn providers(&self) -> &[TransportProviderDescriptor] {
        &self.providers
    }

    /// Those of a transport that can be used.
    pub fn available_for(
        &self,
        transport: TransportId,
    ) -> impl Iterator<Item = &TransportProviderDescriptor> {
        let fits = move |provider: &&TransportProviderDescriptor| {
            provider.available && provider.transport_id == transport
        };
        self.providers.iter().filter(fits)
    }

    /// The viable provider with the best rank of the policy, then the first name in byte order.
    pub fn select(
        &self,
        remote: &RemoteTransportSupport,
        policy: TransportPolicy,
    ) -> Result<TransportSelection, TransportSelectionError> {
        let Filtered { viable, rejected } = self.filter(remote, policy);
        let order = |provider: &&TransportProviderDescriptor| {
            (policy.rank(provider.transport_id), provider.name.clone())
        };
        match viable.into_iter().min_by_key(order) {
            Some(selected) => Ok(TransportSelection {
                selected: selected.clone(),
                rejected,
            }),
            None => Err(TransportSelectionError::of(policy, rejected)),
        }
    }

    /// Every provider once: viable, or rejected for the first reason that applies. What cannot be selected is not mentioned.
    pub(super) fn filter(
        &self,
        remote: &RemoteTransportSupport,
        policy: TransportPolicy,
    ) -> Filtered<'_> {
        let mut filtered = Filtered {
            viable: Vec::new(),
            rejected: Vec::new(),
        };
        let selectable =
            |provider: &&TransportProviderDescriptor| is_selectable(provider.transport_id);
        for provider in self.providers.iter().filter(selectable) {
            let reason = if !policy.allows(provider.transport_id) {
                TransportRejectionReason::PolicyDisallowed
            } else if !provider.available {
                TransportRejectionReason::LocalProviderUnavailable
            } else if !remote.supports(provider.transport_id) {
                TransportRejectionReason::RemoteUnsupported
            } else {
                filtered.viable.push(provider);
                continue;
            };
            filtered.rejected.push(rejection(provider, reason));
        }
        filtered
    }
}

pub(super) fn rejection(
    provider: &TransportProviderDescriptor,
    reason: TransportRejectionReason,
) -> RejectedTransportCandidate {
    RejectedTransportCandidate {
        transport_id: provider.transport_id,
        provider_name: provider.name.clone(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selection::TransportProviderKind;

    fn both() -> RemoteTransportSupport {
        [TransportId::Tcp, TransportId::Quic].into_iter().collect()
    }

    fn standard() -> TransportProviderRegistry {
        TransportProviderRegistry::new()
            .with_provider(TransportProviderDescriptor::standard_tcp())
            .with_provider(TransportProviderDescriptor::standard_quic())
    }

    fn reasons(
        rejected: &[RejectedTransportCandidate],
    ) -> Vec<(TransportId, TransportRejectionReason)> {
        rejected
            .iter()
            .map(|one| (one.transport_id, one.reason))
            .collect()
    }

    #[test]
    fn the_best_rank_is_selected_and_then_the_first_name() {
        let registry = standard().with_provider(TransportProviderDescriptor::available(
            "a-foreign-quic",
            "9",
            TransportId::Quic,
            TransportProviderKind::NativeDynamic,
        ));
        for (policy, name) in [
            (TransportPolicy::Auto, "a-foreign-quic"),
            (TransportPolicy::PreferTcp, "nnrp-transport-tcp"),
            (TransportPolicy::ForceTcp, "nnrp-transport-tcp"),
        ] {
            let selection = registry.select(&both(), policy).expect("viable");
            assert_eq!(selection.selected.name, name, "{policy:?}");
        }
        assert_eq!(registry.available_for(TransportId::Quic).count(), 2);
    }

    #[test]
    fn only_the_first_reason_is_given_and_unselectable_providers_are_not_mentioned() {
        let missing = |transport| {
            let kind = TransportProviderKind::NativeDynamic;
            TransportProviderDescriptor::missing("native", "1", transport, kind, "no file")
        };
        let registry = standard()
            .with_provider(missing(TransportId::Quic))
            .with_provider(missing(TransportId::Tcp))
            .with_provider(missing(TransportId::Unspecified));
        let tcp_only = [TransportId::Tcp].into_iter().collect();
        let selection = registry
            .select(&tcp_only, TransportPolicy::Auto)
            .expect("TCP");
        assert_eq!(
            reasons(&selection.rejected),
            [
                (
                    TransportId::Quic,
                    TransportRejectionReason::RemoteUnsupported
                ),
                (
                    TransportId::Quic,
                    TransportRejectionReason::LocalProviderUnavailable
                ),
                (
                    TransportId::Tcp,
                    TransportRejectionReason::LocalProviderUnavailable
                ),
            ]
        );
        let selection = registry
            .select(&both(), TransportPolicy::ForceTcp)
            .expect("TCP");
        assert_eq!(
            reasons(&selection.rejected)[0].1,
            TransportRejectionReason::PolicyDisallowed
        );
    }

    #[test]
    fn a_forced_transport_that_cannot_be_had_is_named_with_every_reason() {
        let tcp_only = [TransportId::Tcp].into_iter().collect();
        let error = standard()
            .select(&tcp_only, TransportPolicy::ForceQuic)
            .expect_err("no QUIC");
        assert!(matches!(
            error,
            TransportSelectionError::ForcedTransportUnavailable {
                transport_id: TransportId::Quic,
                ..
            }
        ));
        assert_eq!(
            error.to_string(),
            "quic, which the policy forces, cannot be had: nnrp-transport-tcp (tcp): the policy does not allow it; \
             nnrp-transport-quic (quic): the peer does not support it"
        );
        let nobody = RemoteTransportSupport::default();
        let error = standard()
            .select(&nobody, TransportPolicy::Auto)
            .expect_err("nothing");
        assert!(matches!(
            error,
            TransportSelectionError::NoViableTransport { .. }
        ));
        assert_eq!(error.rejected().len(), 2);
    }

    #[test]
    fn remote_support_drops_the_unselectable_and_duplicates() {
        let given = [TransportId::Tcp, TransportId::Unspecified, TransportId::Tcp];
        let support: RemoteTransportSupport = given.into_iter().collect();
        assert_eq!(support, [TransportId::Tcp].into_iter().collect());
        assert!(
            !support.supports(TransportId::Unspecified) && !support.supports(TransportId::Quic)
        );
    }
}
