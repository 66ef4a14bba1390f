//! Providers, samples, scores and the choice among them, with the check values of spec 14.

use crate::schemas::diagnosed;
use nnrp::*;
use std::ptr;

pub(crate) const BOTH: u32 = NNRP_TRANSPORT_QUIC | NNRP_TRANSPORT_TCP;

pub(crate) fn providers(compiled: u32) -> NnrpHandle {
    let mut list = 0;
    // SAFETY: `list` is a live local.
    let status = unsafe { nnrp_providers_create(compiled, &raw mut list, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    list
}

pub(crate) fn record(transport_id: u32, name: &str, available: u32) -> NnrpProvider {
    NnrpProvider {
        struct_size: 48,
        transport_id,
        kind: NNRP_PROVIDER_DYNAMIC,
        available,
        name_size: u32::try_from(name.len()).expect("small"),
        ..NnrpProvider::default()
    }
}

pub(crate) fn add_raw(
    list: NnrpHandle,
    provider: &NnrpProvider,
    texts: &[u8],
) -> (NnrpStatus, u32, u32) {
    let mut index = u32::MAX;
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_providers_add(
            list,
            provider,
            texts.as_ptr().cast(),
            texts.len(),
            &raw mut index,
            error,
        )
    });
    (status, error.detail, index)
}

pub(crate) fn add(list: NnrpHandle, transport_id: u32, name: &str, available: u32) -> u32 {
    let (status, _, index) = add_raw(
        list,
        &record(transport_id, name, available),
        name.as_bytes(),
    );
    assert_eq!(status, NNRP_STATUS_OK);
    index
}

/// QUIC at 0 and TCP at 1.
pub(crate) fn quic_and_tcp() -> NnrpHandle {
    let list = providers(0);
    assert_eq!(add(list, NNRP_TRANSPORT_QUIC, "quic", 1), 0);
    assert_eq!(add(list, NNRP_TRANSPORT_TCP, "tcp", 1), 1);
    list
}

fn sample(elapsed_us: u64, rtt_us: Option<u64>, sent: u64, received: u64) -> NnrpProbeSample {
    let flags = match rtt_us {
        Some(_) => NNRP_SAMPLE_HAS_RTT,
        None => NNRP_SAMPLE_FAILED | NNRP_SAMPLE_TIMED_OUT,
    };
    NnrpProbeSample {
        struct_size: 40,
        flags,
        elapsed_us,
        rtt_us: rtt_us.unwrap_or(0),
        bytes_sent: sent,
        bytes_received: received,
    }
}

pub(crate) fn add_samples(
    list: NnrpHandle,
    index: u32,
    samples: &[NnrpProbeSample],
) -> (NnrpStatus, u32) {
    let count = u32::try_from(samples.len()).expect("small");
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_providers_add_samples(list, index, samples.as_ptr(), count, error)
    });
    (status, error.detail)
}

fn score(list: NnrpHandle, index: u32, policy: u32) -> (NnrpStatus, NnrpProbeScore) {
    let mut score = NnrpProbeScore::default();
    // SAFETY: `score` is a live local.
    let status =
        unsafe { nnrp_providers_score(list, index, policy, &raw mut score, ptr::null_mut()) };
    (status, score)
}

type Select = unsafe extern "C" fn(u64, u32, u32, *mut NnrpCandidate, u32, *mut u32) -> u32;

fn select_by(
    how: Select,
    list: NnrpHandle,
    policy: u32,
    remote: u32,
) -> (NnrpStatus, Vec<(u32, u32)>) {
    let (mut candidates, mut count) = (vec![NnrpCandidate::default(); 16], 0);
    // SAFETY: all pointers are to live memory of the stated size.
    let status = unsafe {
        how(
            list,
            policy,
            remote,
            candidates.as_mut_ptr(),
            16,
            &raw mut count,
        )
    };
    candidates.truncate(count as usize);
    let verdict = candidates.iter().map(|one| (one.provider, one.rejected));
    (status, verdict.collect())
}

pub(crate) fn select(list: NnrpHandle, policy: u32, remote: u32) -> (NnrpStatus, Vec<(u32, u32)>) {
    select_by(nnrp_providers_select, list, policy, remote)
}

pub(crate) fn select_probed(list: NnrpHandle, policy: u32) -> (NnrpStatus, Vec<(u32, u32)>) {
    select_by(nnrp_providers_select_probed, list, policy, BOTH)
}

#[test]
fn the_scores_are_the_check_values_of_the_specification() {
    let check = |index: u32, policy, samples: &[NnrpProbeSample], median, throughput, score_ns| {
        let list = quic_and_tcp();
        assert_eq!(add_samples(list, index, samples), (NNRP_STATUS_OK, 0));
        let (status, score) = score(list, index, policy);
        assert_eq!(status, NNRP_STATUS_OK);
        assert_eq!(score.sample_count as usize, samples.len());
        assert_eq!(
            (score.median_rtt_us, score.throughput_bytes_per_sec),
            (median, throughput)
        );
        assert_eq!(score.score_ns, score_ns);
        score.failure_count
    };
    let (quic, tcp) = (0, 1);
    let clean = [
        sample(20_000, Some(5000), 1024, 1024),
        sample(20_000, Some(5100), 1024, 1024),
    ];
    let half = [
        sample(20_000, Some(800), 1024, 1024),
        sample(20_000, None, 0, 0),
    ];
    assert_eq!(
        check(
            tcp,
            NNRP_POLICY_PREFER_QUIC,
            &clean,
            5100,
            102_400,
            5_998_000
        ),
        0
    );
    assert_eq!(
        check(
            quic,
            NNRP_POLICY_PREFER_QUIC,
            &half,
            800,
            51_200,
            5_000_749_000
        ),
        1
    );
    assert_eq!(
        check(
            quic,
            NNRP_POLICY_FORCE_TCP,
            &half,
            800,
            51_200,
            5_255_749_000
        ),
        1
    );
    let instant = [sample(0, Some(7), 10, 0)];
    assert_eq!(check(tcp, NNRP_POLICY_AUTO, &instant, 7, 0, 1_007_000), 0);
    let failed = [sample(5, None, 10, 0)];
    assert_eq!(
        check(
            tcp,
            NNRP_POLICY_AUTO,
            &failed,
            10_000_000,
            2_000_000,
            20_000_500_000
        ),
        1
    );
    // The bonus may exceed everything else.
    let fast = [sample(1, Some(1), 1_000_000, 0)];
    assert_eq!(
        check(
            quic,
            NNRP_POLICY_AUTO,
            &fast,
            1,
            1_000_000_000_000,
            -499_000
        ),
        0
    );
}

#[test]
fn the_choice_follows_policy_rank_and_name() {
    let list = quic_and_tcp();
    let another = add(list, NNRP_TRANSPORT_QUIC, "a-foreign-quic", 1);
    let viable = NNRP_REJECTED_NOT;
    let all = |order: [u32; 3]| (NNRP_STATUS_OK, order.map(|index| (index, viable)).to_vec());
    assert_eq!(select(list, NNRP_POLICY_AUTO, BOTH), all([another, 0, 1]));
    assert_eq!(
        select(list, NNRP_POLICY_PREFER_QUIC, BOTH),
        all([another, 0, 1])
    );
    assert_eq!(
        select(list, NNRP_POLICY_PREFER_TCP, BOTH),
        all([1, another, 0])
    );
    let forbidden = NNRP_REJECTED_BY_POLICY;
    let forced = vec![(1, viable), (0, forbidden), (another, forbidden)];
    assert_eq!(
        select(list, NNRP_POLICY_FORCE_TCP, BOTH),
        (NNRP_STATUS_OK, forced)
    );
}

#[test]
fn whoever_is_rejected_is_told_why_and_the_unselectable_are_not_mentioned() {
    let list = quic_and_tcp();
    let absent = add(list, NNRP_TRANSPORT_TCP, "tcp", 0);
    add(list, NNRP_TRANSPORT_UNSPECIFIED, "none", 1);
    let verdict = vec![
        (1, NNRP_REJECTED_NOT),
        (0, NNRP_REJECTED_BY_REMOTE),
        (absent, NNRP_REJECTED_UNAVAILABLE),
    ];
    assert_eq!(
        select(list, NNRP_POLICY_AUTO, NNRP_TRANSPORT_TCP),
        (NNRP_STATUS_OK, verdict)
    );
    let nothing = vec![
        (0, NNRP_REJECTED_BY_REMOTE),
        (1, NNRP_REJECTED_BY_REMOTE),
        (absent, NNRP_REJECTED_UNAVAILABLE),
    ];
    assert_eq!(
        select(list, NNRP_POLICY_AUTO, 0),
        (NNRP_STATUS_NO_TRANSPORT, nothing)
    );
    let forced = vec![
        (0, NNRP_REJECTED_BY_REMOTE),
        (1, NNRP_REJECTED_BY_POLICY),
        (absent, NNRP_REJECTED_BY_POLICY),
    ];
    let (status, verdict) = select(list, NNRP_POLICY_FORCE_QUIC, NNRP_TRANSPORT_TCP);
    assert_eq!((status, verdict), (NNRP_STATUS_NO_TRANSPORT, forced));
    assert_eq!(
        select(providers(0), NNRP_POLICY_AUTO, BOTH),
        (NNRP_STATUS_NO_TRANSPORT, vec![])
    );
}

#[test]
fn samples_decide_among_those_that_may_be_used() {
    // The worked examples of spec 14.6.
    let list = quic_and_tcp();
    add_samples(
        list,
        1,
        &[sample(0, Some(900), 0, 0), sample(0, Some(1100), 0, 0)],
    );
    add_samples(
        list,
        0,
        &[sample(0, Some(4000), 0, 0), sample(0, Some(5000), 0, 0)],
    );
    let viable = NNRP_REJECTED_NOT;
    assert_eq!(
        select_probed(list, NNRP_POLICY_AUTO),
        (NNRP_STATUS_OK, vec![(1, viable), (0, viable)])
    );
    // SAFETY: the diagnosis may be NULL.
    let clear = || unsafe { nnrp_providers_clear_samples(list, ptr::null_mut()) };
    assert_eq!(clear(), NNRP_STATUS_OK);
    add_samples(
        list,
        0,
        &[sample(0, Some(100), 0, 0), sample(0, None, 0, 0)],
    );
    add_samples(list, 1, &[sample(0, Some(5000), 0, 0)]);
    let flawed = vec![(1, viable), (0, viable)];
    assert_eq!(
        select_probed(list, NNRP_POLICY_PREFER_QUIC),
        (NNRP_STATUS_OK, flawed)
    );
    clear();
    add_samples(list, 0, &[sample(0, None, 0, 0)]);
    let (status, verdict) = select_probed(list, NNRP_POLICY_AUTO);
    let nothing = vec![
        (1, NNRP_REJECTED_NOT_PROBED),
        (0, NNRP_REJECTED_PROBE_FAILED),
    ];
    assert_eq!(status, NNRP_STATUS_NO_TRANSPORT);
    assert!(
        verdict == nothing || verdict.iter().rev().eq(nothing.iter()),
        "{verdict:?}"
    );
    // A forced transport whose probe failed is not replaced by a healthy one.
    add_samples(list, 1, &[sample(0, Some(100), 0, 0)]);
    assert_eq!(
        select_probed(list, NNRP_POLICY_FORCE_QUIC).0,
        NNRP_STATUS_NO_TRANSPORT
    );
    assert_eq!(select_probed(list, NNRP_POLICY_AUTO).0, NNRP_STATUS_OK);
}

#[test]
fn bad_samples_policies_and_places_are_refused() {
    let list = quic_and_tcp();
    let good = sample(1, Some(1), 1, 1);
    assert_eq!(
        add_samples(list, 2, &[good]),
        (NNRP_STATUS_INVALID_ARGUMENT, 2)
    );
    assert_eq!(add_samples(list, 0, &[]), (NNRP_STATUS_INVALID_ARGUMENT, 4));
    let unknown = NnrpProbeSample { flags: 8, ..good };
    assert_eq!(
        add_samples(list, 0, &[good, unknown]),
        (NNRP_STATUS_INVALID_ARGUMENT, 3)
    );
    // Nothing of a refused batch stays.
    assert_eq!(score(list, 0, NNRP_POLICY_AUTO).0, NNRP_STATUS_WRONG_STATE);
    let many = vec![good; 65_536];
    assert_eq!(add_samples(list, 0, &many), (NNRP_STATUS_OK, 0));
    assert_eq!(
        add_samples(list, 0, &[good]),
        (NNRP_STATUS_LIMIT_EXCEEDED, 65_536)
    );
    assert_eq!(score(list, 0, 5).0, NNRP_STATUS_INVALID_ARGUMENT);
    assert_eq!(score(list, 9, 0).0, NNRP_STATUS_INVALID_ARGUMENT);
    assert_eq!(select(list, 5, BOTH).0, NNRP_STATUS_INVALID_ARGUMENT);
    assert_eq!(select(list, 0, 4).0, NNRP_STATUS_INVALID_ARGUMENT);
    let (mut one, mut count, mut unused) = ([NnrpCandidate::default()], 0, 0);
    // SAFETY: all pointers are NULL or to live memory of the stated size.
    unsafe {
        let select = nnrp_providers_select;
        let status = select(list, 0, BOTH, one.as_mut_ptr(), 1, &raw mut count);
        assert_eq!((status, count), (NNRP_STATUS_BUFFER_TOO_SMALL, 2));
        assert_eq!(one[0], NnrpCandidate::default());
        let status = select(list, 0, BOTH, ptr::null_mut(), 1, &raw mut count);
        assert_eq!(status, NNRP_STATUS_NULL_POINTER);
        let status = select(list, 0, BOTH, one.as_mut_ptr(), 1, ptr::null_mut());
        assert_eq!(status, NNRP_STATUS_NULL_POINTER);
        let none = ptr::null_mut();
        assert_eq!(
            nnrp_providers_create(2, &raw mut unused, none),
            NNRP_STATUS_INVALID_ARGUMENT
        );
        assert_eq!(
            nnrp_providers_create(1, none.cast(), none),
            NNRP_STATUS_NULL_POINTER
        );
        assert_eq!(nnrp_release(list, none), NNRP_STATUS_OK);
        assert_eq!(
            nnrp_providers_clear_samples(list, none),
            NNRP_STATUS_INVALID_HANDLE
        );
    }
    assert_eq!(select(list, 0, BOTH).0, NNRP_STATUS_INVALID_HANDLE);
    assert_eq!(add_samples(list, 0, &[good]).0, NNRP_STATUS_INVALID_HANDLE);
    assert_eq!(score(list, 0, 0).0, NNRP_STATUS_INVALID_HANDLE);
}
