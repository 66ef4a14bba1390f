//! Probes of the way to a server: over real sockets, in process, to nobody.

use crate::events::{Events, wait};
use crate::pair::{listen, listen_at, options_of};
use crate::schemas::diagnosed;
use crate::transports::{add_samples, quic_and_tcp, select_probed};
use nnrp::*;
use std::ptr;

/// Starts a probe, waits for its end and gives the samples.
fn probe(events: &mut Events, uri: &str, options: NnrpHandle) -> Vec<NnrpProbeSample> {
    let mut number = 0;
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        let text = uri.as_ptr().cast();
        nnrp_probe_start(
            events.queue,
            text,
            uri.len(),
            options,
            &raw mut number,
            error,
        )
    });
    assert_eq!(status, NNRP_STATUS_OK, "{error:?}");
    let (event, body) = events.next();
    assert_eq!(
        (event.kind, event.operation_id),
        (NNRP_EVENT_PROBED, number)
    );
    let (forms, rest) = body.as_chunks::<40>();
    assert!(rest.is_empty());
    // SAFETY: a sample consists of integers, so that all bytes are a value.
    let read =
        |form: &[u8; 40]| unsafe { form.as_ptr().cast::<NnrpProbeSample>().read_unaligned() };
    forms.iter().map(read).collect()
}

#[test]
fn probes_measure_a_server_over_tcp_and_in_process_and_decide_the_choice() {
    let (mut events, server) = (Events::new(64, 1 << 16), Events::new(64, 1 << 16));
    let options = options_of(&[
        (NNRP_OPTION_PROBE_SAMPLES, 5),
        (NNRP_OPTION_PROBE_PAYLOAD_BYTES, 1000),
    ]);
    let (_, tcp) = listen_at(server.queue, "nnrp+tcp://127.0.0.1:0", 0);
    let (_, memory) = listen(server.queue);
    for uri in [&tcp, &memory] {
        let samples = probe(&mut events, uri, options);
        assert_eq!(samples.len(), 5);
        for sample in &samples {
            assert_eq!(
                (sample.struct_size, sample.flags),
                (40, NNRP_SAMPLE_HAS_RTT),
                "{uri}"
            );
        }
        let list = quic_and_tcp();
        assert_eq!(add_samples(list, 1, &samples), (NNRP_STATUS_OK, 0));
        let verdict = vec![(1, NNRP_REJECTED_NOT), (0, NNRP_REJECTED_NOT_PROBED)];
        assert_eq!(
            select_probed(list, NNRP_POLICY_AUTO),
            (NNRP_STATUS_OK, verdict)
        );
    }
}

#[test]
fn a_probe_of_nobody_fails_in_its_samples_and_not_in_its_call() {
    let mut events = Events::new(64, 1 << 16);
    for sample in probe(&mut events, "nnrp+mem://nobody-is-probed", 0) {
        assert_eq!(sample.flags, NNRP_SAMPLE_FAILED);
    }
}

#[test]
fn a_probe_that_cannot_be_started_says_why() {
    let events = Events::new(16, 64);
    let start = |queue, uri: &str, options| {
        let mut number = 0;
        // SAFETY: all pointers are to live memory of the stated size.
        let status = unsafe {
            let text = uri.as_ptr().cast();
            nnrp_probe_start(
                queue,
                text,
                uri.len(),
                options,
                &raw mut number,
                ptr::null_mut(),
            )
        };
        assert_eq!(number, 0);
        status
    };
    assert_eq!(start(events.queue, "tcp://x:1", 0), NNRP_STATUS_INVALID_URI);
    assert_eq!(
        start(events.queue, "nnrp+mem://x", 77),
        NNRP_STATUS_INVALID_HANDLE
    );
    assert_eq!(start(77, "nnrp+mem://x", 0), NNRP_STATUS_INVALID_HANDLE);
    // SAFETY: the pointers are NULL.
    unsafe {
        let none: *mut NnrpError = ptr::null_mut();
        let mut number = 0;
        let status = nnrp_probe_start(events.queue, ptr::null(), 3, 0, &raw mut number, none);
        assert_eq!(status, NNRP_STATUS_NULL_POINTER);
        let status = nnrp_probe_start(events.queue, c"x".as_ptr(), 1, 0, ptr::null_mut(), none);
        assert_eq!(status, NNRP_STATUS_NULL_POINTER);
    }
    assert_eq!(wait(events.queue, 0), NNRP_STATUS_TIMEOUT);
}
