//! Numbers of connections, listeners and the process, handles that are alive, and the log as events.

use crate::events::{Events, wait};
use crate::pair::{Pair, connect, listen, listen_at, options_of};
use crate::schemas::diagnosed;
use nnrp::*;
use std::ptr;
use std::time::{Duration, Instant};

fn connection_metrics(connection: NnrpHandle) -> (NnrpStatus, NnrpMetrics) {
    let mut metrics = NnrpMetrics::default();
    // SAFETY: `metrics` is a live local of the stated size.
    let status = unsafe {
        nnrp_connection_metrics(
            connection,
            &raw mut metrics,
            size_of::<NnrpMetrics>(),
            ptr::null_mut(),
        )
    };
    (status, metrics)
}

fn process_metrics() -> NnrpMetrics {
    let mut metrics = NnrpMetrics::default();
    // SAFETY: `metrics` is a live local of the stated size.
    let status = unsafe {
        nnrp_process_metrics(&raw mut metrics, size_of::<NnrpMetrics>(), ptr::null_mut())
    };
    assert_eq!(status, NNRP_STATUS_OK);
    metrics
}

fn listener_metrics(listener: NnrpHandle) -> (NnrpStatus, NnrpMetrics) {
    let mut metrics = NnrpMetrics::default();
    // SAFETY: `metrics` is a live local of the stated size.
    let status = unsafe {
        nnrp_listener_metrics(
            listener,
            &raw mut metrics,
            size_of::<NnrpMetrics>(),
            ptr::null_mut(),
        )
    };
    (status, metrics)
}

fn set_log(queue: NnrpHandle, level: u32) -> (NnrpStatus, u32) {
    // SAFETY: the diagnosis is a live local.
    let (status, error) = diagnosed(|error| unsafe { nnrp_queue_set_log(queue, level, error) });
    (status, error.detail)
}

#[test]
fn what_a_connection_has_done_is_counted_on_both_sides() {
    let before = process_metrics();
    let mut pair = Pair::open();
    for frame in 1..=3 {
        pair.submit(&[b"0123456789"]);
        pair.server.expect(NNRP_EVENT_SUBMIT);
        pair.answer(&[frame]);
        pair.client.expect(NNRP_EVENT_RESULT);
    }
    let (status, client) = connection_metrics(pair.connection);
    assert_eq!(status, NNRP_STATUS_OK);
    assert_eq!((client.connections, client.connections_total), (1, 1));
    assert_eq!((client.sessions, client.sessions_total), (1, 1));
    // Hello, session open, three submits; their answers.
    assert_eq!((client.frames_in, client.frames_out), (5, 5));
    let (_, server) = connection_metrics(pair.accepted);
    assert_eq!((server.frames_in, server.frames_out), (5, 5));
    assert_eq!((server.sessions, server.operations), (1, 0));
    assert_eq!(server.bytes_in, client.bytes_out);
    let (status, listener) = listener_metrics(pair.listener);
    assert_eq!((status, listener.connections), (NNRP_STATUS_OK, 1));
    assert_eq!(listener.bytes_in, server.bytes_in);
    // Other tests go on meanwhile: at least this pair is in the sum.
    let sum = process_metrics();
    assert!(sum.connections_total >= before.connections_total + 2);
    assert!(sum.frames_in >= before.frames_in + 10);
    let connection = pair.connection;
    drop(pair);
    assert_eq!(connection_metrics(connection).0, NNRP_STATUS_INVALID_HANDLE);
    // What was done is still done.
    assert!(process_metrics().frames_in >= before.frames_in + 10);
}

#[test]
fn a_caller_gets_as_many_numbers_as_it_knows() {
    let pair = Pair::open();
    let mut metrics = NnrpMetrics {
        refused: 77,
        ..NnrpMetrics::default()
    };
    let mut read = |size| {
        // SAFETY: `metrics` is a live local of at least the stated size.
        let (status, error) = diagnosed(|error| unsafe {
            nnrp_connection_metrics(pair.connection, &raw mut metrics, size, error)
        });
        (status, error.detail, metrics)
    };
    let (status, _, older) = read(16);
    assert_eq!(status, NNRP_STATUS_OK);
    assert_eq!(
        (older.connections, older.connections_total, older.refused),
        (1, 1, 77)
    );
    for size in [0, 4, 12] {
        assert_eq!(read(size).0, NNRP_STATUS_INVALID_ARGUMENT);
        assert_eq!(read(size).1, 3);
    }
    // A newer caller, whose struct is longer: nothing is written behind what this library knows.
    let mut longer = [u64::MAX; 16];
    // SAFETY: `longer` has the stated size.
    let status = unsafe { nnrp_process_metrics(longer.as_mut_ptr().cast(), 128, ptr::null_mut()) };
    assert_eq!(
        (status, longer[14], longer[15]),
        (NNRP_STATUS_OK, u64::MAX, u64::MAX)
    );
    let none = ptr::null_mut();
    // SAFETY: the pointers are NULL.
    unsafe {
        let metrics = nnrp_connection_metrics(pair.connection, ptr::null_mut(), 112, none);
        assert_eq!(metrics, NNRP_STATUS_NULL_POINTER);
        assert_eq!(
            nnrp_listener_metrics(pair.listener, ptr::null_mut(), 112, none),
            NNRP_STATUS_NULL_POINTER
        );
        assert_eq!(
            nnrp_process_metrics(ptr::null_mut(), 112, none),
            NNRP_STATUS_NULL_POINTER
        );
        assert_eq!(
            nnrp_handle_counts(ptr::null_mut(), 72, none),
            NNRP_STATUS_NULL_POINTER
        );
    }
    assert_eq!(
        connection_metrics(pair.session).0,
        NNRP_STATUS_INVALID_HANDLE
    );
    assert_eq!(
        listener_metrics(pair.connection).0,
        NNRP_STATUS_INVALID_HANDLE
    );
}

#[test]
fn handles_that_are_alive_are_counted() {
    let count = || {
        let mut counts = NnrpHandleCounts::default();
        // SAFETY: `counts` is a live local of the stated size.
        let status = unsafe { nnrp_handle_counts(&raw mut counts, 72, ptr::null_mut()) };
        assert_eq!(status, NNRP_STATUS_OK);
        counts
    };
    // Other tests make and release handles meanwhile; what is held here is in every count.
    let held: Vec<_> = (0..100).map(|_| options_of(&[])).collect();
    let pair = Pair::open();
    let counts = count();
    assert!(counts.options >= 100, "{counts:?}");
    assert!(counts.queues >= 2 && counts.connections >= 2 && counts.sessions >= 2);
    assert!(counts.listeners >= 1);
    drop(pair);
    for options in held {
        // SAFETY: the diagnosis may be NULL.
        assert_eq!(
            unsafe { nnrp_release(options, ptr::null_mut()) },
            NNRP_STATUS_OK
        );
    }
}

/// The next line of the log that speaks of `word`, with its record.
fn line_of(log: &mut Events, word: &str) -> (String, NnrpLogRecord) {
    loop {
        let (_, body) = log.expect_body(NNRP_EVENT_LOG);
        let text = String::from_utf8(body).expect("lines are UTF-8");
        if text.contains(word) {
            return (text, log.record());
        }
    }
}

#[test]
fn the_end_of_a_connection_is_a_line_of_the_log() {
    let mut log = Events::new(4096, 1 << 16);
    assert_eq!(set_log(log.queue, NNRP_LOG_INFO), (NNRP_STATUS_OK, 0));
    let pair = Pair::open();
    let mut client = pair.client;
    // SAFETY: the diagnosis may be NULL.
    let status = unsafe { nnrp_connection_shutdown(pair.connection, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    client.find_closed();
    let (text, record) = line_of(&mut log, "closed by this side");
    assert!(
        text.contains("reason=") && text.contains("bytes_out="),
        "{text}"
    );
    assert!(!text.contains('\n'));
    assert_eq!(record.level, NNRP_LOG_INFO);
    // Later than the day this was written.
    assert!(record.time_us > 1_700_000_000_000_000, "{record:?}");
}

#[test]
fn a_level_keeps_what_is_less_important_away_and_off_ends_it() {
    let mut log = Events::new(4096, 1 << 16);
    let mut silent = Events::new(4096, 1 << 16);
    set_log(log.queue, NNRP_LOG_INFO);
    set_log(silent.queue, NNRP_LOG_INFO);
    assert_eq!(set_log(silent.queue, NNRP_LOG_OFF), (NNRP_STATUS_OK, 0));
    // Lines are delivered in their order: behind this one there are none that were on their way before.
    end_a_connection(&mut log, "first-of-the-log");
    while !silent.drain(16).is_empty() {}
    end_a_connection(&mut log, "second-of-the-log");
    assert!(silent.drain(16).is_empty());
    assert_eq!(set_log(log.queue, 6), (NNRP_STATUS_INVALID_ARGUMENT, 2));
    assert_eq!(set_log(77, NNRP_LOG_INFO).0, NNRP_STATUS_INVALID_HANDLE);
}

/// Connects to a server of this name, ends the connection, and sees the line about it.
fn end_a_connection(log: &mut Events, name: &str) {
    let mut client = Events::new(64, 64);
    let (_, uri) = listen_at(client.queue, &format!("nnrp+mem://{name}"), 0);
    let connection = connect(client.queue, &uri, 0);
    client.find(NNRP_EVENT_GREETED);
    // SAFETY: the diagnosis may be NULL.
    unsafe { nnrp_connection_shutdown(connection, ptr::null_mut()) };
    line_of(log, name);
}

#[test]
fn a_full_queue_drops_lines_counts_them_and_holds_nobody_up() {
    let mut log = Events::new(16, 1 << 16);
    set_log(log.queue, NNRP_LOG_INFO);
    let (mut client, server) = (Events::new(1024, 1 << 16), Events::new(1024, 1 << 16));
    let (_, uri) = listen(server.queue);
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        // Two lines each, of which 16 find a place until somebody drains.
        for _ in 0..32 {
            let connection = connect(client.queue, &uri, 0);
            client.find(NNRP_EVENT_GREETED);
            // SAFETY: the diagnosis may be NULL.
            unsafe { nnrp_connection_shutdown(connection, ptr::null_mut()) };
            client.find_closed();
        }
        assert_eq!(wait(log.queue, 60_000), NNRP_STATUS_OK);
        log.expect_body(NNRP_EVENT_LOG);
        if log.record::<NnrpLogRecord>().dropped > 0 {
            return;
        }
        assert!(Instant::now() < deadline, "nothing was dropped");
    }
}

impl Events {
    /// The end of a connection.
    fn find_closed(&mut self) {
        while self.next().0.kind != NNRP_EVENT_CONNECTION_CLOSED {}
    }
}
