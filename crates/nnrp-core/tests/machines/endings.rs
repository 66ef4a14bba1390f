//! How opens, sessions and connections end: refusals, closes, lost and half-closed transports.

use std::time::Duration;

use bytes::Bytes;
use nnrp_core::code::{SessionCloseStatus, SessionErrorCode};
use nnrp_core::connection::client::ClientEvent;
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::connection::{CommandError, EndCause};
use nnrp_core::lifecycle::SessionState;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::{Header, MessageType, Packet};

use crate::link::{Link, default_open};

#[test]
fn a_close_answers_what_is_owed_before_the_ack_and_nothing_after_it() {
    let mut link = Link::plain();
    let session = link.open(7);
    let frame = link.submit(session, b"x");
    link.client.close_session(link.now, session).expect("open");
    link.drive();
    assert!(
        !link.server.wants_packet(),
        "nothing is read between a request and its ack"
    );
    link.answer(session, frame, Bytes::new());
    link.server.answer_close(link.now, session).expect("asked");
    let late = link.server.push_drop(link.now, session, frame);
    assert_eq!(late, Err(CommandError::ConnectionNotOpen));
    link.drive();
    let events = link.client_events();
    let closed = EndCause::Closed(SessionCloseStatus::Closed);
    assert!(matches!(events[0], ClientEvent::Result { frame_id, .. } if frame_id == frame));
    assert_eq!(
        events[1..],
        [ClientEvent::SessionEnded {
            session_id: 7,
            cause: closed,
            resumable: None,
        }]
    );
    let ended = link.server_events().pop();
    let Some(ServerEvent::SessionEnded {
        session_id: 7,
        cause,
        ..
    }) = ended
    else {
        panic!("{ended:?}");
    };
    assert_eq!(cause, closed);
    assert!(link.server.is_finished() && link.client.is_finished());
}

#[test]
fn frames_still_withheld_at_a_close_end_without_an_answer() {
    let mut link = Link::plain();
    let session = link.open(7);
    link.submit(session, b"held");
    link.client.close_session(link.now, session).expect("open");
    link.drive();
    link.server.answer_close(link.now, session).expect("asked");
    link.drive();
    let closed = EndCause::Closed(SessionCloseStatus::Closed);
    let ended = ClientEvent::SessionEnded {
        session_id: 7,
        cause: closed,
        resumable: None,
    };
    assert_eq!(link.client_events(), [ended]);
}

#[test]
fn an_application_that_does_not_answer_a_close_is_answered_for() {
    let mut link = Link::plain();
    let session = link.open(7);
    link.client.close_session(link.now, session).expect("open");
    link.drive();
    let deadline = link.server.next_timeout().expect("a request waits");
    assert!(link.client_events().is_empty());
    link.server.handle_timeout(deadline).expect("not an error");
    link.drive();
    let events = link.client_events();
    assert!(
        matches!(events[..], [ClientEvent::SessionEnded { .. }]),
        "{events:?}"
    );
}

#[test]
fn a_lost_transport_ends_sessions_and_opens_with_an_event() {
    let mut link = Link::plain();
    let session = link.open(7);
    link.submit(session, b"x");
    link.drive();
    link.server_events();
    link.client.handle_transport_lost();
    let ended = ClientEvent::SessionEnded {
        session_id: 7,
        cause: EndCause::TransportLost,
        resumable: None,
    };
    assert_eq!(link.client_events(), [ended]);
    assert_eq!(
        link.client.lifecycle().state_of(7),
        Some(SessionState::Closed)
    );
    link.server.handle_transport_lost();
    assert!(matches!(
        link.server_events()[..],
        [ServerEvent::SessionEnded {
            session_id: 7,
            cause: EndCause::TransportLost,
            ..
        }]
    ));
    assert!(link.server.is_finished() && link.client.is_finished());

    let mut link = Link::plain();
    let ticket = link
        .client
        .open_session(link.now, &default_open(7), Bytes::new())
        .expect("open");
    link.client.handle_end_of_stream();
    let failed = ClientEvent::OpenFailed {
        ticket,
        cause: EndCause::TransportLost,
        resumable: None,
    };
    assert_eq!(link.client_events(), [failed]);
}

#[test]
fn a_half_closed_client_still_gets_what_it_is_owed_for_a_short_while() {
    let mut link = Link::plain();
    let session = link.open(7);
    let frame = link.submit(session, b"x");
    link.drive();
    link.server.handle_end_of_stream(link.now);
    assert!(!link.server.should_end_write());
    link.answer(session, frame, Bytes::from_static(b"y"));
    link.drive();
    assert!(matches!(
        link.client_events()[0],
        ClientEvent::Result { .. }
    ));
    assert!(link.server.is_finished());

    let mut link = Link::plain();
    let session = link.open(7);
    link.submit(session, b"never answered");
    link.drive();
    link.server.handle_end_of_stream(link.now);
    link.advance(Duration::from_secs(1));
    assert!(link.server.is_finished());
}

#[test]
fn what_a_server_sent_to_a_session_just_closed_is_late_and_dropped() {
    let mut link = Link::with_hello();
    let session = link.open(42);
    link.client.close_session(link.now, session).expect("open");
    link.drive();
    link.server.answer_close(link.now, session).expect("asked");
    link.drive();
    link.client_events();
    let header = Header {
        session_id: 42,
        frame_id: 1,
        ..Header::new(MessageType::ResultDrop)
    };
    link.inject_to_client(&Packet::empty(header));
    assert_eq!(link.client_error, None);
    assert!(link.client_events().is_empty());
}

#[test]
fn a_refused_open_is_delivered_and_then_the_write_side_ends() {
    let mut link = Link::plain();
    let open = SessionOpen {
        profile_id: 0xffff,
        ..default_open(7)
    };
    let ticket = link
        .client
        .open_session(link.now, &open, Bytes::new())
        .expect("open");
    link.drive();
    let events = link.client_events();
    let [
        ClientEvent::OpenRefused {
            ticket: refused,
            ack,
            abandoned: None,
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!((*refused, ack.session_id), (ticket, 0));
    assert_eq!(
        ack.session_error_code,
        SessionErrorCode::PROFILE_UNSUPPORTED
    );
    assert!(link.server.should_end_write() && link.server.is_finished());
    assert!(
        link.server_events().is_empty(),
        "the policy needs no application to refuse"
    );
}
