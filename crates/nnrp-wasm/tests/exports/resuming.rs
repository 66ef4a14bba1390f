//! Sessions that leave their connection and go on over another one.

use nnrp_core::MessageType;
use nnrp_core::directory::{DirectoryConfig, SessionDirectory};
use nnrp_core::message::result::ResultPush;
use serde_json::json;

use super::host_client::{HostClient, hello};
use super::link::Link;
use super::module::{
    nnrp_wasm_resumable_cancel, nnrp_wasm_resumable_describe, nnrp_wasm_resumable_free, outcome,
    output, output_json, refused,
};
use super::record::Kind;

/// A link whose connection was lost with two frames without an answer behind one that has it; and its session.
fn lost() -> (Link, u32, u32) {
    let mut link = Link::greeted();
    let ticket = link.client.open(0).expect("an open");
    let opened = link.expect_one(Kind::SessionOpened);
    assert_eq!(
        (opened.frame_id, opened.number),
        (ticket, 1),
        "resume is enabled"
    );
    assert!(opened.wide > 0, "a window in milliseconds");
    let session = opened.session_id;
    let first = link.client.submit(session, b"first").expect("room");
    link.submitted();
    link.answer(session, first, &ResultPush::default());
    link.expect_one(Kind::Result);
    for body in [b"second", b"third."] {
        link.client.submit(session, body).expect("room");
    }
    link.drive();
    link.lose();
    let events = link.client.events();
    let kinds: Vec<Kind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::SessionEnded, Kind::ConnectionEnded]);
    assert_eq!(events[0].json()["reason"], "transportLost");
    assert_eq!(events[0].session_id, session);
    link.asked.clear();
    (link, session, events[0].resumable)
}

#[test]
fn a_lost_session_goes_on_and_its_frames_are_answered_there() {
    let (mut link, session, resumable) = lost();
    assert_eq!(nnrp_wasm_resumable_describe(resumable), 1);
    let described = output_json();
    assert_eq!(described["sessionId"], session);
    assert_eq!(described["unansweredFrameIds"], json!([2, 3]));
    assert_eq!(described["nextFrameId"], 4);
    assert_eq!(described["lastResultFrameId"], 1);
    assert!(described["windowMs"].as_u64() > Some(0));
    assert_eq!(nnrp_wasm_resumable_cancel(resumable, 3), 1);
    assert_eq!(nnrp_wasm_resumable_cancel(resumable, 1), 0);
    assert_eq!(output(), b"", "it has its answer, which is no failure");

    link.again();
    let ticket = link.client.resume(resumable).expect("a resume");
    let opened = link.expect_one(Kind::SessionOpened);
    assert_eq!(
        (opened.session_id, opened.frame_id, opened.number),
        (session, ticket, 2)
    );
    assert_eq!(opened.json(), json!([]), "no frame is lost");
    assert_eq!(link.client.in_flight(session), 2);
    let spent = link.client.resume(resumable);
    assert_eq!(refused(spent), ("usage".into(), "UnknownResumable".into()));

    for frame in [2, 3] {
        link.answer(session, frame, &ResultPush::default());
        let answered = link.expect_one(Kind::Result);
        assert_eq!((answered.session_id, answered.frame_id), (session, frame));
    }
    assert_eq!(link.client.submit(session, b"more"), Ok(4));
}

#[test]
fn a_resume_that_cannot_begin_leaves_the_session_to_another_attempt() {
    let (mut link, session, resumable) = lost();
    let closed = HostClient::with_hello("{}", Some(&hello()));
    closed.end_transport(false);
    let outcome = closed.resume(resumable);
    assert_eq!(
        refused(outcome),
        ("command".into(), "ConnectionNotOpen".into())
    );
    link.again();
    link.client.resume(resumable).expect("it was put back");
    assert_eq!(link.expect_one(Kind::SessionOpened).session_id, session);
}

#[test]
fn a_resume_whose_connection_is_lost_too_can_be_tried_again() {
    let (mut link, session, resumable) = lost();
    link.again();
    let ticket = link.client.resume(resumable).expect("a resume");
    link.client.end_transport(false);
    let events = link.client.events();
    assert_eq!(
        (events[0].kind, events[0].frame_id),
        (Kind::OpenFailed, ticket)
    );
    assert_eq!(events[0].json()["reason"], "transportLost");
    let again = events[0].resumable;
    assert_ne!(again, 0);
    link.again();
    link.client.resume(again).expect("a resume");
    assert_eq!(link.expect_one(Kind::SessionOpened).session_id, session);
}

#[test]
fn a_session_that_its_server_does_not_know_is_refused_and_its_frames_are_named() {
    let (mut link, _, resumable) = lost();
    link.directory = SessionDirectory::new(DirectoryConfig::default());
    link.again();
    let ticket = link.client.resume(resumable).expect("a resume");
    let refused = link.expect_one(Kind::OpenRefused);
    assert_eq!(refused.frame_id, ticket);
    assert_eq!(refused.json(), json!([2, 3]), "frames without an answer");
}

#[test]
fn a_session_is_detached_from_a_connection_that_goes_on() {
    let mut link = Link::greeted();
    let session = link.open(0);
    let other = link.open(0);
    let frame = link.client.submit(session, b"x").expect("room");
    let resumable = link.client.detach(session).expect("resumable");
    assert_eq!(
        refused(link.client.submit(session, b"x")).1,
        "SessionNotOpen"
    );
    link.client.submit(other, b"x").expect("the other goes on");
    assert_eq!(nnrp_wasm_resumable_describe(resumable), 1);
    assert_eq!(output_json()["unansweredFrameIds"], json!([frame]));
    assert_eq!(nnrp_wasm_resumable_free(resumable), 1);
    assert_eq!(nnrp_wasm_resumable_free(resumable), 0);
    for call in [
        nnrp_wasm_resumable_describe(resumable),
        nnrp_wasm_resumable_cancel(resumable, 1),
    ] {
        assert_eq!(
            refused(outcome(call)),
            ("usage".into(), "UnknownResumable".into())
        );
    }
}

#[test]
fn a_session_without_a_token_cannot_be_detached() {
    let mut link = Link::new("{}", None);
    let session = link.open(1);
    assert_eq!(refused(link.client.detach(session)).1, "NotResumable");
    link.client
        .plain_command(MessageType::SessionClose, session, 0)
        .expect("it is still there");
}

#[test]
fn sessions_that_nobody_resumes_are_forgotten_beyond_their_limit() {
    let mut link = Link::greeted();
    let session = link.open(0);
    let first = link.client.detach(session).expect("resumable");
    // More than the module keeps.
    for _ in 0..4096 {
        let session = link.open(0);
        link.client.detach(session).expect("resumable");
        link.server
            .surrender_session(session)
            .expect("an open session");
        link.drive();
    }
    assert_eq!(
        refused(outcome(nnrp_wasm_resumable_describe(first))).1,
        "UnknownResumable"
    );
}
