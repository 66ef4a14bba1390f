//! Sessions that outlive their connection: tickets, reconnecting, migration, listeners that share sessions and drain.

use crate::events::Events;
use crate::pair::{Pair, connect, listen_at, memory_uri, open_session, options_of, text_of};
use crate::proxy::Proxy;
use crate::secure::{Certificate, SOCKETS};
use nnrp::*;
use std::ptr;

const RESUMABLE: (u32, u64) = (NNRP_OPTION_ALLOW_RESUME, 1);

fn resumable_pair() -> (Pair, String) {
    let events = Events::new(1024, 1 << 16);
    let (listener, uri) = listen_at(events.queue, &memory_uri(), 0);
    let pair = Pair::open_at(events, listener, &uri, options_of(&[RESUMABLE]));
    (pair, uri)
}

#[test]
fn a_detached_session_is_answered_on_another_connection_with_the_same_frames() {
    let (mut pair, uri) = resumable_pair();
    assert_eq!(pair.submit(&[b"first", b"second"]).0, NNRP_STATUS_OK);
    let first = pair.server.expect(NNRP_EVENT_SUBMIT);
    let second = pair.server.expect(NNRP_EVENT_SUBMIT);
    let ticket = detach(pair.session).expect("an open session");
    let closed = pair.client.expect(NNRP_EVENT_SESSION_CLOSED);
    assert_eq!(
        (closed.session, closed.status, closed.detail),
        (pair.session, NNRP_STATUS_CLOSED, 2)
    );
    let info = info_of(ticket);
    assert_eq!(
        (info.session_id, info.unanswered_frames),
        (first.session_id, 2)
    );
    assert_eq!((info.next_frame_id, info.resume_window_ms), (3, 120_000));
    let other = connect(pair.client.queue, &uri, 0);
    let session = resume(other, ticket).expect("a ticket");
    assert_eq!(
        resume(other, ticket),
        Err(NNRP_STATUS_INVALID_HANDLE),
        "used once"
    );
    let (opened, _) = pair.client.find(NNRP_EVENT_SESSION_OPENED);
    assert_eq!((opened.connection, opened.session), (other, session));
    assert_eq!(opened.session_id, first.session_id);
    assert_eq!(pair.client.record::<NnrpGrant>().is_resumed, 1);
    let (served, _) = pair.server.find(NNRP_EVENT_SESSION_OPENED);
    let frames = [first.frame_id, second.frame_id];
    pair.served = served.session;
    assert_eq!(pair.answer(&frames).0, NNRP_STATUS_OK);
    for frame in frames {
        let (result, _) = pair.client.find(NNRP_EVENT_RESULT);
        assert_eq!((result.session, result.frame_id), (session, frame));
    }
}

#[test]
fn a_lost_session_leaves_a_ticket_that_survives_as_bytes() {
    let events = Events::new(1024, 1 << 16);
    let (listener, uri) = listen_at(events.queue, SOCKETS[0], 0);
    let proxy = Proxy::before(&uri);
    let mut pair = Pair::open_at(events, listener, &proxy.uri, options_of(&[RESUMABLE]));
    assert_eq!(pair.submit(&[b"unanswered"]).0, NNRP_STATUS_OK);
    let submit = pair.server.expect(NNRP_EVENT_SUBMIT);
    assert_eq!(
        take(pair.session),
        Err(NNRP_STATUS_WRONG_STATE),
        "it is alive"
    );
    proxy.cut();
    let closed = pair.client.expect(NNRP_EVENT_SESSION_CLOSED);
    assert_eq!(closed.status, NNRP_STATUS_TRANSPORT_LOST);
    pair.client.expect(NNRP_EVENT_CONNECTION_CLOSED);
    let ticket = take(pair.session).expect("it was lost, not closed");
    assert_eq!(take(pair.session), Err(NNRP_STATUS_INVALID_HANDLE), "once");
    let saved = save(ticket);
    release(ticket);
    assert_eq!(restore(&saved[1..]), Err(NNRP_STATUS_INVALID_ARGUMENT));
    let ticket = restore(&saved).expect("it was saved");
    assert_eq!(info_of(ticket).unanswered_frames, 1);
    let other = connect(pair.client.queue, &uri, 0);
    let session = resume(other, ticket).expect("a ticket");
    let (opened, _) = pair.client.find(NNRP_EVENT_SESSION_OPENED);
    assert_eq!(opened.session_id, submit.session_id);
    // The end of the cut connection may come before or after: no order holds between connections.
    let served = std::iter::repeat_with(|| pair.server.next().0)
        .find(|event| event.kind == NNRP_EVENT_SESSION_OPENED)
        .expect("an event, or next panics");
    pair.served = served.session;
    assert_eq!(pair.answer(&[submit.frame_id]).0, NNRP_STATUS_OK);
    assert_eq!(pair.client.find(NNRP_EVENT_RESULT).0.session, session);
}

#[test]
fn a_session_that_is_restored_twice_belongs_to_whoever_resumes_it_last() {
    let (mut pair, uri) = resumable_pair();
    assert_eq!(pair.submit(&[b"unanswered"]).0, NNRP_STATUS_OK);
    pair.server.expect(NNRP_EVENT_SUBMIT);
    let ticket = detach(pair.session).expect("an open session");
    let saved = save(ticket);
    release(ticket);
    pair.client.expect(NNRP_EVENT_SESSION_CLOSED);
    let mut last = 0;
    for _ in 0..2 {
        let ticket = restore(&saved).expect("it was saved");
        let connection = connect(pair.client.queue, &uri, 0);
        last = resume(connection, ticket).expect("a ticket");
        let (opened, _) = pair.client.find(NNRP_EVENT_SESSION_OPENED);
        assert_eq!(opened.session, last);
        // The end of the session that it takes over may come before or after: no order holds between connections.
        pair.served = pair.server.find(NNRP_EVENT_SESSION_OPENED).0.session;
        let (again, _) = pair.server.find(NNRP_EVENT_SUBMIT);
        assert_eq!((again.session, again.frame_id), (pair.served, 1));
    }
    assert_eq!(pair.answer(&[1]).0, NNRP_STATUS_OK);
    assert_eq!(pair.client.find(NNRP_EVENT_RESULT).0.session, last);
}

#[test]
fn a_session_that_was_closed_or_is_not_resumable_leaves_no_ticket() {
    let (mut pair, _) = resumable_pair();
    let plain = open_session(pair.connection, 0);
    pair.client.expect(NNRP_EVENT_SESSION_OPENED);
    assert_eq!(detach(plain), Err(NNRP_STATUS_WRONG_STATE));
    assert_eq!((is_resumable(plain), is_resumable(pair.session)), (0, 1));
    // SAFETY: the diagnosis may be NULL.
    unsafe { nnrp_session_shutdown(pair.session, ptr::null_mut()) };
    pair.client.find(NNRP_EVENT_SESSION_CLOSED);
    assert_eq!(take(pair.session), Err(NNRP_STATUS_INVALID_HANDLE));
}

#[test]
fn a_ticket_of_another_server_is_rejected() {
    let (mut pair, _) = resumable_pair();
    let ticket = detach(pair.session).expect("an open session");
    pair.client.expect(NNRP_EVENT_SESSION_CLOSED);
    let stranger = Events::new(64, 1024);
    let (_, uri) = listen_at(stranger.queue, &memory_uri(), 0);
    let connection = connect(pair.client.queue, &uri, 0);
    let session = resume(connection, ticket).expect("it is not known yet");
    let (closed, _) = pair.client.find(NNRP_EVENT_SESSION_CLOSED);
    assert_eq!(
        (closed.session, closed.status),
        (session, NNRP_STATUS_SESSION_REJECTED)
    );
    assert_eq!(closed.protocol_code, NNRP_SESSION_ERROR_RESUME_REJECTED);
}

#[test]
fn a_client_with_a_reconnect_policy_comes_back_and_loses_nothing() {
    let events = Events::new(1024, 1 << 16);
    let (listener, uri) = listen_at(events.queue, SOCKETS[0], 0);
    let proxy = Proxy::before(&uri);
    let options = options_of(&[
        RESUMABLE,
        (NNRP_OPTION_RECONNECT_ATTEMPTS, 100),
        (NNRP_OPTION_RECONNECT_FIRST_DELAY_MS, 1),
    ]);
    let mut pair = Pair::open_at(events, listener, &proxy.uri, options);
    assert_eq!(pair.submit(&[b"before"]).0, NNRP_STATUS_OK);
    let submit = pair.server.expect(NNRP_EVENT_SUBMIT);
    proxy.cut();
    let lost = pair.client.expect(NNRP_EVENT_CONNECTION_LOST);
    assert_eq!(
        (lost.connection, lost.status),
        (pair.connection, NNRP_STATUS_TRANSPORT_LOST)
    );
    assert!(pair.client.expect(NNRP_EVENT_RECONNECTING).detail >= 1);
    let (resumed, _) = pair.client.find(NNRP_EVENT_SESSION_RESUMED);
    assert_eq!(resumed.session, pair.session, "the handle stays");
    assert_eq!(pair.client.record::<NnrpGrant>().is_resumed, 1);
    let (served, _) = pair.server.find(NNRP_EVENT_SESSION_OPENED);
    pair.served = served.session;
    assert_eq!(pair.answer(&[submit.frame_id]).0, NNRP_STATUS_OK);
    assert_eq!(
        pair.client.find(NNRP_EVENT_RESULT).0.frame_id,
        submit.frame_id
    );
}

#[test]
fn sessions_move_between_tcp_and_quic_of_one_server() {
    let certificate = Certificate::new();
    let events = Events::new(1024, 1 << 16);
    let (listener, tcp) = listen_at(events.queue, SOCKETS[0], 0);
    let beside = certificate.server_options(&[(NNRP_OPTION_BESIDE_LISTENER, listener)]);
    let (_, quic) = listen_at(events.queue, SOCKETS[2], beside);
    let options = certificate.client_options(&[RESUMABLE]);
    let mut pair = Pair::open_at(events, listener, &tcp, options);
    assert_eq!(pair.submit(&[b"on the way"]).0, NNRP_STATUS_OK);
    let submit = pair.server.expect(NNRP_EVENT_SUBMIT);
    assert_eq!(
        migrate(pair.connection, &tcp),
        NNRP_STATUS_WRONG_STATE,
        "it is there"
    );
    assert_eq!(migrate(pair.connection, &quic), NNRP_STATUS_OK);
    let (migrated, endpoint) = pair.client.find(NNRP_EVENT_MIGRATED);
    assert_eq!(migrated.connection, pair.connection);
    assert_eq!(endpoint, quic.as_bytes());
    let uri = text_of(|text, capacity, size| {
        // SAFETY: `text` has `capacity` bytes; `size` is a live local.
        unsafe { nnrp_connection_uri(pair.connection, text, capacity, size, ptr::null_mut()) }
    });
    assert_eq!(uri, quic);
    let (served, _) = pair.server.find(NNRP_EVENT_SESSION_OPENED);
    pair.served = served.session;
    assert_eq!(pair.answer(&[submit.frame_id]).0, NNRP_STATUS_OK);
    let (result, _) = pair.client.find(NNRP_EVENT_RESULT);
    assert_eq!(
        (result.session, result.frame_id),
        (pair.session, submit.frame_id)
    );
}

#[test]
fn a_migration_that_finds_nobody_leaves_the_sessions_where_they_are() {
    let events = Events::new(1024, 1 << 16);
    let (listener, tcp) = listen_at(events.queue, SOCKETS[0], 0);
    let options =
        Certificate::new().client_options(&[RESUMABLE, (NNRP_OPTION_CONNECT_TIMEOUT_MS, 300)]);
    let mut pair = Pair::open_at(events, listener, &tcp, options);
    // Nothing answers at a reserved address (RFC 5737).
    let status = migrate(pair.connection, "nnrp+quic://192.0.2.1:9");
    assert_eq!(status, NNRP_STATUS_OK);
    let (failed, _) = pair.client.find(NNRP_EVENT_MIGRATION_FAILED);
    assert_eq!(failed.status, NNRP_STATUS_CONNECT_FAILED);
    assert_eq!(pair.submit(&[b"still here"]).0, NNRP_STATUS_OK);
    pair.server.find(NNRP_EVENT_SUBMIT);
}

#[test]
fn the_announcement_of_a_move_is_answered() {
    let events = Events::new(1024, 1 << 16);
    let (listener, tcp) = listen_at(events.queue, SOCKETS[0], 0);
    let mut pair = Pair::open_at(events, listener, &tcp, options_of(&[RESUMABLE]));
    let announce = |from, to| {
        // SAFETY: the diagnosis may be NULL.
        unsafe { nnrp_session_migrate(pair.session, from, to, ptr::null_mut()) }
    };
    assert_eq!(announce(2, 99), NNRP_STATUS_INVALID_ARGUMENT);
    assert_eq!(announce(2, 1), NNRP_STATUS_OK);
    pair.client.expect(NNRP_EVENT_SESSION_MIGRATED);
    let answer: NnrpMigrationAnswer = pair.client.record();
    assert_eq!((answer.accept_code, answer.resume_from_frame_id), (0, 1));
    assert!(answer.grace_window_ms > 0);
}

#[test]
fn a_draining_listener_answers_what_it_has_and_ends_its_connections() {
    let events = Events::new(1024, 1 << 16);
    let (listener, tcp) = listen_at(events.queue, SOCKETS[0], 0);
    let mut pair = Pair::open_at(events, listener, &tcp, 0);
    assert_eq!(pair.submit(&[b"the last"]).0, NNRP_STATUS_OK);
    let submit = pair.server.expect(NNRP_EVENT_SUBMIT);
    // SAFETY: the diagnosis may be NULL.
    let status = unsafe { nnrp_listener_drain(listener, 60_000, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    pair.server.expect(NNRP_EVENT_LISTENER_CLOSED);
    assert_eq!(pair.answer(&[submit.frame_id]).0, NNRP_STATUS_OK);
    pair.client.find(NNRP_EVENT_RESULT);
    let (closed, _) = pair.client.find(NNRP_EVENT_SESSION_CLOSED);
    assert_eq!(closed.status, NNRP_STATUS_CLOSED);
    let refused = connect(pair.client.queue, &tcp, 0);
    loop {
        let (event, _) = pair.client.next();
        if event.connection == refused && event.kind == NNRP_EVENT_CONNECTION_CLOSED {
            assert_eq!(event.status, NNRP_STATUS_CONNECT_FAILED);
            return;
        }
    }
}

#[test]
fn a_listener_beside_one_that_is_gone_names_the_option() {
    let events = Events::new(16, 0);
    let (mut out, mut error) = (0, NnrpError::default());
    let options = options_of(&[(NNRP_OPTION_BESIDE_LISTENER, events.queue)]);
    let uri = memory_uri();
    // SAFETY: all pointers are to live memory of the stated sizes.
    let status = unsafe {
        nnrp_server_listen(
            events.queue,
            uri.as_ptr().cast(),
            uri.len(),
            options,
            &raw mut out,
            &raw mut error,
        )
    };
    assert_eq!(
        (status, error.detail),
        (NNRP_STATUS_INVALID_OPTION, NNRP_OPTION_BESIDE_LISTENER)
    );
}

fn detach(session: NnrpHandle) -> Result<NnrpHandle, NnrpStatus> {
    let mut ticket = 0;
    // SAFETY: `ticket` is a live local.
    match unsafe { nnrp_session_detach(session, &raw mut ticket, ptr::null_mut()) } {
        NNRP_STATUS_OK => Ok(ticket),
        status => Err(status),
    }
}

fn take(session: NnrpHandle) -> Result<NnrpHandle, NnrpStatus> {
    let mut ticket = 0;
    // SAFETY: `ticket` is a live local.
    match unsafe { nnrp_session_take_ticket(session, &raw mut ticket, ptr::null_mut()) } {
        NNRP_STATUS_OK => Ok(ticket),
        status => Err(status),
    }
}

fn resume(connection: NnrpHandle, ticket: NnrpHandle) -> Result<NnrpHandle, NnrpStatus> {
    let mut session = 0;
    // SAFETY: `session` is a live local.
    let status = unsafe {
        nnrp_connection_resume_session(connection, ticket, &raw mut session, ptr::null_mut())
    };
    match status {
        NNRP_STATUS_OK => Ok(session),
        status => Err(status),
    }
}

fn is_resumable(session: NnrpHandle) -> u32 {
    let mut resumable = 9;
    // SAFETY: `resumable` is a live local.
    let status = unsafe { nnrp_session_is_resumable(session, &raw mut resumable, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    resumable
}

fn info_of(ticket: NnrpHandle) -> NnrpTicketInfo {
    let mut info = NnrpTicketInfo::default();
    // SAFETY: `info` is a live local.
    let status = unsafe { nnrp_ticket_info(ticket, &raw mut info, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    info
}

fn save(ticket: NnrpHandle) -> Vec<u8> {
    let mut size = 0;
    // SAFETY: `size` is a live local, and `saved` has the stated size.
    unsafe {
        let asked = nnrp_ticket_save(ticket, ptr::null_mut(), 0, &raw mut size, ptr::null_mut());
        assert_eq!(asked, NNRP_STATUS_BUFFER_TOO_SMALL);
        let mut saved = vec![0; size];
        let written = nnrp_ticket_save(
            ticket,
            saved.as_mut_ptr(),
            size,
            &raw mut size,
            ptr::null_mut(),
        );
        assert_eq!(written, NNRP_STATUS_OK);
        saved
    }
}

fn restore(saved: &[u8]) -> Result<NnrpHandle, NnrpStatus> {
    let mut ticket = 0;
    // SAFETY: `saved` has its own length; `ticket` is a live local.
    let status = unsafe {
        nnrp_ticket_restore(
            saved.as_ptr(),
            saved.len(),
            &raw mut ticket,
            ptr::null_mut(),
        )
    };
    match status {
        NNRP_STATUS_OK => Ok(ticket),
        status => Err(status),
    }
}

fn release(handle: NnrpHandle) {
    // SAFETY: the diagnosis may be NULL.
    let status = unsafe { nnrp_release(handle, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
}

fn migrate(connection: NnrpHandle, uri: &str) -> NnrpStatus {
    // SAFETY: `uri` has its own length; the diagnosis may be NULL.
    unsafe { nnrp_connection_migrate(connection, uri.as_ptr().cast(), uri.len(), ptr::null_mut()) }
}
