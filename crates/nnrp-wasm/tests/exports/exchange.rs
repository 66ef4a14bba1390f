//! A whole connection: sessions, frames and everything that a server may say about them.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::code::{
    ErrorCode, ErrorScope, FlowScopeKind, ResultClass, SessionCloseStatus, SessionErrorCode,
};
use nnrp_core::connection::FrameContext;
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::flags::{FlowFlags, HeaderFlags};
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::probe::TransportProbe;
use nnrp_core::message::result::{ResultHint, ResultPush};
use nnrp_core::message::session::{SessionCloseAck, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, MessageType, Packet};
use serde_json::json;

use super::host_client::{encoded, hello, open_of};
use super::link::Link;
use super::record::Kind;

#[test]
fn frames_keep_their_context_and_get_partial_and_complete_answers() {
    let mut link = Link::greeted();
    link.cut = 7;
    let session = link.open(0);
    let header = Header {
        session_id: session,
        view_id: 3,
        route_id: 5,
        trace_id: 1 << 40,
        ..Header::new(MessageType::FrameSubmit)
    };
    let submit = FrameSubmit::default();
    let frame = link.client.command_with(header, &submit, b"prompt");
    let frame = frame.expect("a frame");
    assert_eq!(link.client.in_flight(session), 1);
    let (asking, frame_id, context, body) = link.submitted();
    assert_eq!(
        (asking, frame_id, &body[..]),
        (session, frame, &b"prompt"[..])
    );
    assert_eq!(
        (context.view_id, context.route_id, context.trace_id),
        (3, 5, 1 << 40)
    );

    for result_class in [ResultClass::Partial, ResultClass::Complete] {
        let result = ResultPush {
            result_class,
            ..ResultPush::default()
        };
        let now = link.now();
        link.server
            .push_result(
                now,
                session,
                frame,
                context,
                &result,
                Bytes::from_static(b"answer"),
            )
            .expect("an unanswered frame");
        let answer = link.expect_one(Kind::Result);
        assert_eq!((answer.session_id, answer.frame_id), (session, frame));
        assert_eq!(
            (answer.view_id, answer.route_id, answer.wide),
            (3, 5, 1 << 40)
        );
        assert_eq!(answer.flags, HeaderFlags::default().bits());
        assert_eq!(answer.metadata, encoded(&result));
        assert_eq!(answer.body, b"answer");
    }
    assert_eq!(link.client.in_flight(session), 0);
}

#[test]
fn a_server_may_drop_hint_and_update_credit() {
    let mut link = Link::greeted();
    let session = link.open(9);
    assert_eq!(session, 9);
    let frame = link.client.submit(session, b"x").expect("a frame");
    link.submitted();

    let hint = ResultHint {
        retry_after_ms: 20,
        ..ResultHint::default()
    };
    link.server
        .send_hint(session, frame, &hint)
        .expect("a hint");
    let heard = link.expect_one(Kind::Hint);
    assert_eq!((heard.session_id, heard.frame_id), (session, frame));
    assert_eq!(heard.metadata, encoded(&hint));

    let update = FlowUpdate {
        scope_kind: FlowScopeKind::Session,
        session_credit: 2,
        credit_epoch: 7,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    };
    for applied in [1, 0] {
        link.server
            .send_flow_update(session, &update)
            .expect("an update");
        let heard = link.expect_one(Kind::FlowUpdated);
        assert_eq!((heard.session_id, heard.number), (session, applied));
        assert_eq!(heard.metadata, encoded(&update));
    }

    let now = link.now();
    link.server.push_drop(now, session, frame).expect("a drop");
    let dropped = link.expect_one(Kind::ResultDropped);
    assert_eq!((dropped.session_id, dropped.frame_id), (session, frame));
}

#[test]
fn a_submit_beyond_the_credit_waits_until_it_is_writable() {
    let mut link = Link::new(r#"{"limits":{"operationsInFlight":4}}"#, Some(&hello()));
    link.expect_one(Kind::HelloAcknowledged);
    let session = link.open(0);
    let frames: Vec<u32> = (0..4)
        .map(|_| link.client.submit(session, b"x").expect("room"))
        .collect();
    let failure = link.client.submit(session, b"x").expect_err("no room");
    assert_eq!(
        (&failure["family"], &failure["name"]),
        (&json!("command"), &json!("WouldBlock"))
    );
    assert_eq!(failure["detail"]["blocked"], "InFlight");
    link.submitted();
    link.answer(session, frames[0], &ResultPush::default());
    let events = link.events();
    let kinds: Vec<Kind> = events.iter().map(|event| event.kind).collect();
    assert!(
        kinds.contains(&Kind::Writable) && kinds.contains(&Kind::Result),
        "{kinds:?}"
    );
    link.client.submit(session, b"x").expect("room again");
}

#[test]
fn pings_and_probes_are_answered() {
    let mut link = Link::greeted();
    link.client
        .plain_command(MessageType::Ping, 0, 0)
        .expect("a ping");
    link.client.now += 1500;
    let pong = link.expect_one(Kind::Pong);
    assert_eq!(pong.wide, 1500);

    let probe = TransportProbe {
        probe_id: 77,
        ..TransportProbe::default()
    };
    link.client.command(0, &probe, &[1; 100]).expect("a probe");
    let answered = link.expect_one(Kind::ProbeAcknowledged);
    assert_eq!((answered.frame_id, answered.wide), (77, link.client.now));
}

#[test]
fn an_open_that_the_server_does_not_allow_is_refused_with_its_code() {
    let mut link = Link::greeted();
    let mut open = open_of(0);
    open.schema_version = 99;
    let ticket = link.client.command(0, &open, &[]).expect("an open");
    let refused = link.expect_one(Kind::OpenRefused);
    assert_eq!((refused.frame_id, &*refused.text), (ticket, "[]"));
    let ack = SessionOpenAck::decode(&refused.metadata).expect("an ack");
    assert_eq!(ack.session_error_code, SessionErrorCode::SCHEMA_UNSUPPORTED);
}

#[test]
fn errors_are_reported_both_ways() {
    let mut link = Link::greeted();
    let session = link.open(0);
    let report = ErrorReport {
        error_scope: ErrorScope::Session,
        error_code: ErrorCode(0x0001_0001),
        related_session_id: session,
        diagnostic_bytes: 5,
        ..ErrorReport::default()
    };
    link.client.command(0, &report, b"words").expect("a report");
    link.drive();
    match link.asked.pop_front() {
        Some(ServerEvent::PeerError { report, diagnostic }) => {
            assert_eq!(
                (report.related_session_id, &diagnostic[..]),
                (session, &b"words"[..])
            );
        }
        other => panic!("{other:?}"),
    }
    let (now, text) = (link.now(), Bytes::from_static(b"no"));
    let report = ErrorReport {
        diagnostic_bytes: 2,
        ..report
    };
    link.server
        .report_error(now, &report, text)
        .expect("a report");
    let heard = link.expect_one(Kind::PeerError);
    assert_eq!((heard.session_id, &heard.body[..]), (session, &b"no"[..]));
    assert_eq!(heard.metadata, encoded(&report));
}

#[test]
fn a_session_that_its_server_ends_leaves_the_others() {
    let mut link = Link::greeted();
    let (first, second) = (link.open(0), link.open(0));
    link.server
        .end_session_with(first, SessionErrorCode::SESSION_LIMIT_REACHED)
        .expect("an open session");
    let ended = link.expect_one(Kind::SessionEnded);
    assert_eq!((ended.session_id, ended.resumable), (first, 0));
    assert_eq!(ended.json()["reason"], "closed");
    link.client.submit(second, b"x").expect("the other goes on");
}

#[test]
fn a_close_may_drain_before_it_is_done() {
    let mut link = Link::greeted();
    let session = link.open(0);
    link.client
        .plain_command(MessageType::SessionClose, session, 0)
        .expect("a close");
    link.drive();
    assert!(
        matches!(
            link.asked.pop_front(),
            Some(ServerEvent::CloseRequested { .. })
        ),
        "a close is asked for"
    );
    // The server's application takes its time; its client hears so.
    let draining = SessionCloseAck {
        close_status: SessionCloseStatus::Draining,
        ..SessionCloseAck::default()
    };
    let header = Header {
        session_id: session,
        ..Header::new(MessageType::SessionCloseAck)
    };
    let packet = Packet::with_message(header, &draining, Bytes::new()).expect("valid");
    let mut bytes = BytesMut::new();
    packet.encode_into(&mut bytes);
    link.client.receive(&bytes).expect("room");
    let answered = link.expect_one(Kind::CloseAnswered);
    assert_eq!(answered.session_id, session);

    let now = link.now();
    link.server.answer_close(now, session).expect("asked for");
    let ended = link.expect_one(Kind::SessionEnded);
    assert_eq!(
        ended.json(),
        json!({ "reason": "closed", "closeStatus": 2 })
    );
}

#[test]
fn keep_alive_pings_leave_unasked_and_their_answers_stay_inside() {
    let mut link = Link::greeted();
    link.open(0);
    let asked_at = link.client.deadline();
    assert!(asked_at > link.client.now && asked_at < u64::MAX);
    link.advance(Duration::from_micros(asked_at - link.client.now));
    assert_eq!(link.events(), [], "no event of it");
    assert!(link.client.deadline() > asked_at, "the answer has come");
}

#[test]
fn what_a_server_carries_in_a_record_is_cut_into_batches() {
    let mut link = Link::greeted();
    let session = link.open(0);
    for _ in 0..4 {
        link.client.submit(session, b"x").expect("room");
    }
    link.drive();
    let body = Bytes::from(vec![9; 200 << 10]);
    for _ in 0..4 {
        let (_, frame, _, _) = link.submitted();
        let (now, context) = (link.now(), FrameContext::default());
        link.server
            .push_result(
                now,
                session,
                frame,
                context,
                &ResultPush::default(),
                body.clone(),
            )
            .expect("unanswered");
    }
    let events = link.events();
    assert_eq!(events.len(), 4);
    assert!(events.iter().all(|event| event.body == body));
}
