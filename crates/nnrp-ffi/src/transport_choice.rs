//! The choice among providers by policy, by what a server supports, and by samples. Declared in `nnrp_transport.h`.

use crate::call::run_bare;
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::pointer::{Output, memory};
use crate::probe_score::NnrpProbeScore;
use crate::provider_record::{NNRP_TRANSPORT_QUIC, NNRP_TRANSPORT_TCP, number, transport_number};
use crate::providers::{Content, find};
use crate::status::{NNRP_STATUS_NO_TRANSPORT, NnrpStatus};
use crate::transport_policy::policy_of;
use nnrp_core::code::TransportId;
use nnrp_runtime::selection::{
    ProbeScore, RejectedTransportCandidate, RemoteTransportSupport, TransportPolicy,
    TransportProviderDescriptor, TransportRejectionReason, is_selectable,
};

/// It is a candidate.
pub const NNRP_REJECTED_NOT: u32 = 0;
/// The policy does not allow its transport.
pub const NNRP_REJECTED_BY_POLICY: u32 = 1;
/// It cannot be used in this process.
pub const NNRP_REJECTED_UNAVAILABLE: u32 = 2;
/// The server does not support its transport.
pub const NNRP_REJECTED_BY_REMOTE: u32 = 3;
/// It has no sample.
pub const NNRP_REJECTED_NOT_PROBED: u32 = 4;
/// All its samples failed.
pub const NNRP_REJECTED_PROBE_FAILED: u32 = 5;

/// A provider and what was made of it. 48 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NnrpCandidate {
    /// Its place in the list.
    pub provider: u32,
    /// `NNRP_REJECTED_*`.
    pub rejected: u32,
    /// `NNRP_TRANSPORT_*`.
    pub transport_id: u32,
    /// Of its transport under the policy.
    pub rank: u32,
    /// Probed selection: samples.
    pub sample_count: u32,
    /// Those that failed.
    pub failure_count: u32,
    /// Upper median.
    pub median_rtt_us: u64,
    /// Bytes of both directions over time.
    pub throughput_bytes_per_sec: u64,
    /// What is compared.
    pub score_ns: i64,
}

const _: () = assert!(size_of::<NnrpCandidate>() == 48);

/// Ranks the providers of a list by policy and what the server supports.
///
/// # Safety
/// `candidates` is NULL or valid for `capacity` writes, `out_count` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_select(
    providers: NnrpHandle,
    policy: u32,
    remote_transports: u32,
    candidates: *mut NnrpCandidate,
    capacity: u32,
    out_count: *mut u32,
) -> NnrpStatus {
    let choice = || Choice::of(providers, policy, remote_transports);
    // SAFETY: the pointers are as this function's caller promised.
    unsafe { select(choice, Choice::ranked, candidates, capacity, out_count) }
}

/// As `nnrp_providers_select`, but by the scores of the samples.
///
/// # Safety
/// `candidates` is NULL or valid for `capacity` writes, `out_count` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_providers_select_probed(
    providers: NnrpHandle,
    policy: u32,
    remote_transports: u32,
    candidates: *mut NnrpCandidate,
    capacity: u32,
    out_count: *mut u32,
) -> NnrpStatus {
    let choice = || Choice::of(providers, policy, remote_transports);
    // SAFETY: the pointers are as this function's caller promised.
    unsafe { select(choice, Choice::scored, candidates, capacity, out_count) }
}

/// # Safety
/// `candidates` is NULL or valid for `capacity` writes, `out_count` NULL or valid for one write.
unsafe fn select(
    choice: impl FnOnce() -> Result<Choice, Failure>,
    verdict: impl FnOnce(&Choice, &Content) -> Vec<NnrpCandidate>,
    candidates: *mut NnrpCandidate,
    capacity: u32,
    out_count: *mut u32,
) -> NnrpStatus {
    run_bare(|| {
        // SAFETY: the pointers are as this function's caller promised.
        let (target, out) = unsafe {
            let target = memory(candidates, capacity as usize, 4)?;
            (target, Output::new(out_count, 6)?)
        };
        let choice = choice()?;
        let list = find(choice.providers)?;
        let verdict = verdict(&choice, &list.lock());
        out.set(number(verdict.len()));
        let target = target
            .get_mut(..verdict.len())
            .ok_or_else(|| Failure::too_small(verdict.len() * size_of::<NnrpCandidate>()))?;
        target.write_copy_of_slice(&verdict);
        match verdict.first() {
            Some(best) if best.rejected == NNRP_REJECTED_NOT => Ok(()),
            _ => Err(Failure::new(NNRP_STATUS_NO_TRANSPORT)),
        }
    })
}

/// What a selection is made by.
struct Choice {
    providers: NnrpHandle,
    policy: TransportPolicy,
    remote: RemoteTransportSupport,
}

impl Choice {
    fn of(providers: NnrpHandle, policy: u32, remote: u32) -> Result<Self, Failure> {
        let policy = policy_of(policy).ok_or_else(|| Failure::argument(2))?;
        let known = [
            (NNRP_TRANSPORT_QUIC, TransportId::Quic),
            (NNRP_TRANSPORT_TCP, TransportId::Tcp),
        ];
        if remote & !(NNRP_TRANSPORT_QUIC | NNRP_TRANSPORT_TCP) != 0 {
            return Err(Failure::argument(3));
        }
        let supported = known.into_iter().filter(|(bit, _)| remote & bit != 0);
        Ok(Self {
            providers,
            policy,
            remote: supported.map(|(_, transport)| transport).collect(),
        })
    }

    /// Those that may be used by rank and name, then the others.
    fn ranked(&self, content: &Content) -> Vec<NnrpCandidate> {
        let selection = content.registry.select(&self.remote, self.policy);
        let rejected = match &selection {
            Ok(selection) => selection.rejected.as_slice(),
            Err(error) => error.rejected(),
        };
        let mut places = Places::of(content);
        let rejected = self.rejected(rejected, &mut places);
        let mut viable = places.selectable_rest();
        viable.sort_by_key(|(_, at)| (self.policy.rank(at.transport_id), &at.name));
        let candidates = viable.into_iter();
        candidates
            .map(|(place, at)| self.candidate(place, at.transport_id, None))
            .chain(rejected)
            .collect()
    }

    /// Those that may be used by score, then the others.
    fn scored(&self, content: &Content) -> Vec<NnrpCandidate> {
        let samples = &content.samples;
        let registry = &content.registry;
        let selection = registry.select_with_probes(&self.remote, self.policy, samples);
        let (candidates, rejected) = match &selection {
            Ok(selection) => (selection.candidates.as_slice(), &*selection.rejected),
            Err(error) => (&[][..], error.rejected()),
        };
        let mut places = Places::of(content);
        let rejected = self.rejected(rejected, &mut places);
        let candidates = candidates.iter().map(|one| {
            let place = places.take(|at| *at == one.provider);
            self.candidate(place, one.provider.transport_id, Some(one.probe_score))
        });
        candidates.chain(rejected).collect()
    }

    fn rejected(
        &self,
        rejected: &[RejectedTransportCandidate],
        places: &mut Places<'_>,
    ) -> Vec<NnrpCandidate> {
        let entries = rejected.iter().map(|one| {
            let place = places.take(|at| is_meant(one, at));
            NnrpCandidate {
                rejected: reason(one.reason),
                ..self.candidate(place, one.transport_id, None)
            }
        });
        entries.collect()
    }

    fn candidate(
        &self,
        provider: u32,
        transport: TransportId,
        score: Option<ProbeScore>,
    ) -> NnrpCandidate {
        let score = score.map_or_else(NnrpProbeScore::default, Into::into);
        NnrpCandidate {
            provider,
            rejected: NNRP_REJECTED_NOT,
            transport_id: transport_number(transport),
            rank: self.policy.rank(transport).into(),
            sample_count: score.sample_count,
            failure_count: score.failure_count,
            median_rtt_us: score.median_rtt_us,
            throughput_bytes_per_sec: score.throughput_bytes_per_sec,
            score_ns: score.score_ns,
        }
    }
}

/// Which places of a list are spoken for: providers need not differ in anything.
struct Places<'a> {
    providers: &'a [TransportProviderDescriptor],
    taken: Vec<bool>,
}

impl<'a> Places<'a> {
    fn of(content: &'a Content) -> Self {
        let providers = content.registry.providers();
        Self {
            providers,
            taken: vec![false; providers.len()],
        }
    }

    /// The first free place whose provider is meant.
    fn take(&mut self, is_meant: impl Fn(&TransportProviderDescriptor) -> bool) -> u32 {
        let mut places = self.providers.iter().zip(&mut self.taken).enumerate();
        let found = places.find(|(_, (provider, taken))| !**taken && is_meant(provider));
        // Every verdict is about a provider of the list.
        found.map_or(u32::MAX, |(place, (_, taken))| {
            *taken = true;
            number(place)
        })
    }

    /// The free places whose provider can be selected.
    fn selectable_rest(&self) -> Vec<(u32, &'a TransportProviderDescriptor)> {
        let places = self.providers.iter().zip(&self.taken).enumerate();
        places
            .filter(|(_, (provider, taken))| !**taken && is_selectable(provider.transport_id))
            .map(|(place, (provider, _))| (number(place), provider))
            .collect()
    }
}

/// Whether a rejection is about this provider, or about one that is the same in all that it tells.
fn is_meant(rejected: &RejectedTransportCandidate, at: &TransportProviderDescriptor) -> bool {
    let fits = match rejected.reason {
        TransportRejectionReason::PolicyDisallowed => true,
        TransportRejectionReason::LocalProviderUnavailable => !at.available,
        TransportRejectionReason::RemoteUnsupported
        | TransportRejectionReason::ProbeMissing
        | TransportRejectionReason::ProbeFailed => at.available,
    };
    fits && at.transport_id == rejected.transport_id && at.name == rejected.provider_name
}

fn reason(reason: TransportRejectionReason) -> u32 {
    match reason {
        TransportRejectionReason::PolicyDisallowed => NNRP_REJECTED_BY_POLICY,
        TransportRejectionReason::LocalProviderUnavailable => NNRP_REJECTED_UNAVAILABLE,
        TransportRejectionReason::RemoteUnsupported => NNRP_REJECTED_BY_REMOTE,
        TransportRejectionReason::ProbeMissing => NNRP_REJECTED_NOT_PROBED,
        TransportRejectionReason::ProbeFailed => NNRP_REJECTED_PROBE_FAILED,
    }
}
