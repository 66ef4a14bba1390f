//! Which transport to use: providers, policies, selection with and without probing (spec 14). Decides only; nothing here opens a connection.

mod diagnostics;
mod native_library;
mod policy;
mod probe_score;
mod probe_selection;
mod provider;
mod registry;

pub use diagnostics::{
    RejectedTransportCandidate, TransportRejectionReason, TransportSelectionError,
};
pub use native_library::{
    candidate_library_paths, conventional_native_library_name, detect_native_library,
};
pub use policy::TransportPolicy;
pub use probe_score::{ProbeSample, ProbeScore, score_probe_samples};
pub use probe_selection::{ProbeCandidateScore, ProbeSelection};
pub use provider::{
    ProviderFeatureSet, TransportProviderDescriptor, TransportProviderKind, is_selectable,
};
pub use registry::{RemoteTransportSupport, TransportProviderRegistry, TransportSelection};
