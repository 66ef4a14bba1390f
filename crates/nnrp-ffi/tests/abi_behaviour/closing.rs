//! Closing anything at any time while other threads are inside calls on it.

use crate::events::{Events, wait};
use crate::pair::{Pair, connect, listen, open_session};
use nnrp::*;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

#[test]
fn a_queue_may_be_closed_while_others_drain_wait_and_submit() {
    for round in 0..20 {
        let pair = Pair::open();
        let (client, server) = (pair.client.queue, pair.server.queue);
        let stop = AtomicBool::new(false);
        let until_closed = |queue| {
            let mut events = [NnrpEvent::default(); 8];
            let mut count = 0;
            loop {
                // SAFETY: all pointers are to live locals of the stated sizes.
                let drained = unsafe {
                    nnrp_queue_drain(
                        queue,
                        events.as_mut_ptr(),
                        8,
                        ptr::null_mut(),
                        0,
                        &raw mut count,
                    )
                };
                if drained != NNRP_STATUS_OK {
                    return drained;
                }
                let waited = wait(queue, u32::MAX);
                if waited != NNRP_STATUS_OK {
                    return waited;
                }
            }
        };
        thread::scope(|scope| {
            let threads =
                [client, client, server].map(|queue| scope.spawn(move || until_closed(queue)));
            let submitter = scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let (status, _) = pair.submit(&[b"body"]);
                    let allowed = [
                        NNRP_STATUS_OK,
                        NNRP_STATUS_WOULD_BLOCK,
                        NNRP_STATUS_WRONG_STATE,
                        NNRP_STATUS_INVALID_HANDLE,
                    ];
                    assert!(allowed.contains(&status), "{status}");
                }
            });
            thread::sleep(Duration::from_millis(round % 4));
            for queue in [client, server, client] {
                // SAFETY: the diagnosis may be NULL.
                let status = unsafe { nnrp_queue_close(queue, ptr::null_mut()) };
                assert_eq!(status, NNRP_STATUS_OK);
            }
            stop.store(true, Ordering::Relaxed);
            for thread in threads {
                let status = thread.join().expect("no panic");
                assert!([NNRP_STATUS_CLOSED, NNRP_STATUS_INVALID_HANDLE].contains(&status));
            }
            submitter.join().expect("no panic");
        });
        assert_eq!(pair.submit(&[b"x"]).0, NNRP_STATUS_INVALID_HANDLE);
    }
}

#[test]
fn closing_a_queue_frees_its_listeners_name_and_ends_its_peers() {
    let mut client = Events::new(64, 0);
    let server = Events::new(64, 0);
    let (_, uri) = listen(server.queue);
    let connection = connect(client.queue, &uri, 0);
    open_session(connection, 0);
    client.expect(NNRP_EVENT_CONNECTED);
    client.expect(NNRP_EVENT_GREETED);
    client.expect(NNRP_EVENT_SESSION_OPENED);
    drop(server);
    assert_eq!(
        client.expect(NNRP_EVENT_SESSION_CLOSED).status,
        NNRP_STATUS_TRANSPORT_LOST
    );
    assert_eq!(
        client.expect(NNRP_EVENT_CONNECTION_CLOSED).status,
        NNRP_STATUS_TRANSPORT_LOST
    );
    let again = connect(client.queue, &uri, 0);
    let refused = client.expect(NNRP_EVENT_CONNECTION_CLOSED);
    assert_eq!(
        (refused.connection, refused.status),
        (again, NNRP_STATUS_CONNECT_FAILED),
        "nobody listens from the return of the close on"
    );
}

#[test]
fn closing_twice_from_two_threads_is_no_error() {
    for _ in 0..50 {
        let mut pair = Pair::open();
        let (session, connection) = (pair.session, pair.connection);
        let close = || {
            // SAFETY: the diagnosis may be NULL.
            unsafe {
                [
                    nnrp_session_shutdown(session, ptr::null_mut()),
                    nnrp_connection_shutdown(connection, ptr::null_mut()),
                ]
            }
        };
        thread::scope(|scope| {
            let threads = [scope.spawn(close), scope.spawn(close)];
            for thread in threads {
                assert_eq!(thread.join().expect("no panic"), [NNRP_STATUS_OK; 2]);
            }
        });
        pair.client.expect(NNRP_EVENT_SESSION_CLOSED);
        pair.client.expect(NNRP_EVENT_CONNECTION_CLOSED);
        assert_eq!(close(), [NNRP_STATUS_OK; 2]);
    }
}

#[test]
fn a_session_whose_last_event_was_never_drained_ends_with_its_queue() {
    let Pair {
        client,
        mut server,
        session,
        served,
        ..
    } = Pair::open();
    // SAFETY: the diagnosis may be NULL.
    let status = unsafe { nnrp_session_shutdown(session, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    assert_eq!(wait(client.queue, 60_000), NNRP_STATUS_OK);
    drop(client);
    server.expect(NNRP_EVENT_SESSION_CLOSED);
    for ended in [session, served] {
        // SAFETY: the diagnosis may be NULL.
        let status = unsafe { nnrp_session_cancel(ended, 1, ptr::null_mut()) };
        assert_eq!(status, NNRP_STATUS_INVALID_HANDLE);
    }
}
