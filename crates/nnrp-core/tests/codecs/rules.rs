//! Rules between messages: hello and ack, flow routing, lifecycle (spec 06 §6.5, 10, 11).

use nnrp_core::code::{SessionCloseStatus, SessionStatus};
use nnrp_core::flags::FlowFlags;
use nnrp_core::lifecycle::{ConnectionLifecycle, ConnectionState, SessionState};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::session::{SessionClose, SessionCloseAck, SessionOpen, SessionOpenAck};
use nnrp_core::resume::{self, ResumeOutcome};
use nnrp_core::{CodecError, ErrorKind, Header, MessageType, Rule};

use crate::recorded::{lines, unhex};

fn vector(id: &str) -> Vec<u8> {
    let lines = lines("accept.txt");
    let start = lines
        .iter()
        .position(|line| *line == format!("vector {id}"))
        .expect(id);
    let hex = lines[start..]
        .iter()
        .find_map(|line| line.strip_prefix("hex "))
        .expect(id);
    unhex(hex)
}

fn header(message_type: MessageType, session_id: u32) -> Header {
    Header {
        session_id,
        ..Header::new(message_type)
    }
}

fn broken(rule: Rule) -> CodecError {
    CodecError::InvalidProtocolCombination(rule)
}

#[test]
fn a_hello_ack_may_accept_only_what_the_hello_offered() {
    let hello = ClientHello::decode(&vector("l0.control.client_hello.golden")).expect("hello");
    let ack = ServerHelloAck::decode(&vector("x.metadata.server_hello_ack")).expect("ack");
    assert_eq!(ack.check_against(&hello), Ok(()));
    let cases = [
        (
            ServerHelloAck {
                selected_version_major: 2,
                ..ack
            },
            Rule::HelloAckVersionOutsideWindow,
        ),
        (
            ServerHelloAck {
                selected_wire_format: 1,
                ..ack
            },
            Rule::HelloAckWireFormatNotOffered,
        ),
        (
            ServerHelloAck {
                selected_wire_format: 16,
                ..ack
            },
            Rule::HelloAckWireFormatNotOffered,
        ),
        (
            ServerHelloAck {
                accepted_profile_bitmap: 2,
                ..ack
            },
            Rule::HelloAckProfileNotSubset,
        ),
        (
            ServerHelloAck {
                cache_digest_bitmap: 1 << 16,
                ..ack
            },
            Rule::HelloAckCacheDigestNotSubset,
        ),
        (
            ServerHelloAck {
                cache_object_bitmap: 8,
                ..ack
            },
            Rule::HelloAckCacheObjectNotSubset,
        ),
    ];
    for (ack, rule) in cases {
        assert_eq!(ack.check_against(&hello), Err(broken(rule)));
    }
}

#[test]
fn flow_updates_are_checked_against_their_header() {
    let operation =
        FlowUpdate::decode(&vector("x.metadata.flow_update.operation")).expect("update");
    let check = |update: FlowUpdate, id| update.check_routing(&header(MessageType::FlowUpdate, id));
    assert_eq!(check(operation, 42), Ok(()));
    assert_eq!(
        check(operation, 0),
        Err(broken(Rule::FlowUpdateOperationScopeFields))
    );
    let other = operation.check_routing(&header(MessageType::Ping, 42));
    assert_eq!(other, Err(broken(Rule::FlowUpdateNotFlowUpdateHeader)));

    let session = FlowUpdate {
        scope_kind: nnrp_core::code::FlowScopeKind::Session,
        retry_after_ms: 100,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    };
    assert_eq!(
        check(session, 1),
        Err(broken(Rule::FlowUpdateRetryAfterFlagMissing))
    );
    assert_eq!(
        check(session, 0),
        Err(broken(Rule::FlowUpdateSessionScopeFields))
    );
    let flow_flags = FlowFlags::CREDIT_VALID | FlowFlags::RETRY_AFTER_VALID;
    assert_eq!(
        check(
            FlowUpdate {
                flow_flags,
                ..session
            },
            1
        ),
        Ok(())
    );
}

fn ack(session_id: u32, session_status: SessionStatus) -> SessionOpenAck {
    SessionOpenAck {
        session_id,
        session_status,
        ..SessionOpenAck::default()
    }
}

fn close_ack(close_status: SessionCloseStatus) -> SessionCloseAck {
    SessionCloseAck {
        close_status,
        ..SessionCloseAck::default()
    }
}

#[test]
fn closing_one_session_leaves_its_sibling_and_closing_the_connection_closes_both() {
    let mut lifecycle = ConnectionLifecycle::new();
    lifecycle
        .apply_open_ack(&ack(42, SessionStatus::Opened))
        .expect("opens");
    lifecycle
        .apply_open_ack(&ack(43, SessionStatus::Resumed))
        .expect("opens");
    let close = SessionClose {
        last_operation_id: 9,
        ..SessionClose::default()
    };
    let closing = header(MessageType::SessionClose, 42);
    lifecycle.begin_close(&closing, &close).expect("open");
    assert_eq!(lifecycle.state_of(42), Some(SessionState::Closing));
    assert_eq!(
        lifecycle
            .session(42)
            .map(|session| session.last_operation_id),
        Some(9)
    );
    assert_eq!(
        lifecycle.begin_close(&closing, &close),
        Err(ErrorKind::SessionNotOpen(42))
    );

    let acked = header(MessageType::SessionCloseAck, 42);
    lifecycle
        .apply_close_ack(&acked, &close_ack(SessionCloseStatus::Draining))
        .expect("closing");
    assert_eq!(lifecycle.state_of(42), Some(SessionState::Draining));
    lifecycle
        .apply_close_ack(&acked, &close_ack(SessionCloseStatus::Closed))
        .expect("draining");
    let again = lifecycle.apply_close_ack(&acked, &close_ack(SessionCloseStatus::Closed));
    assert_eq!(again, Err(ErrorKind::SessionNotOpen(42)));

    let update = FlowUpdate {
        scope_kind: nnrp_core::code::FlowScopeKind::Session,
        ..FlowUpdate::default()
    };
    let flow = |id| lifecycle.check_flow_update(&header(MessageType::FlowUpdate, id), &update);
    assert_eq!(flow(43), Ok(()));
    assert_eq!(flow(42), Err(ErrorKind::UnknownSession(42)));

    let reuse = lifecycle.apply_open_ack(&ack(42, SessionStatus::Opened));
    assert_eq!(reuse, Err(ErrorKind::SessionAlreadyExists(42)));
    lifecycle.close().expect("open");
    assert_eq!(lifecycle.state(), ConnectionState::Closed);
    assert_eq!(lifecycle.state_of(43), Some(SessionState::Closed));
    assert_eq!(lifecycle.close(), Err(ErrorKind::ConnectionAlreadyClosed));
    let after = lifecycle.apply_open_ack(&ack(44, SessionStatus::Opened));
    assert_eq!(after, Err(ErrorKind::ConnectionNotOpen));
}

#[test]
fn a_refused_close_opens_the_session_again() {
    let mut lifecycle = ConnectionLifecycle::new();
    lifecycle
        .apply_open_ack(&ack(1, SessionStatus::Resumed))
        .expect("opens");
    let closing = header(MessageType::SessionClose, 1);
    lifecycle
        .begin_close(&closing, &SessionClose::default())
        .expect("open");
    let acked = header(MessageType::SessionCloseAck, 1);
    lifecycle
        .apply_close_ack(&acked, &close_ack(SessionCloseStatus::Rejected))
        .expect("closing");
    assert_eq!(lifecycle.state_of(1), Some(SessionState::Open));
}

#[test]
fn the_lifecycle_names_the_rule_a_header_breaks() {
    let mut lifecycle = ConnectionLifecycle::new();
    let close = SessionClose::default();
    let done = close_ack(SessionCloseStatus::Closed);
    let cases = [
        (
            lifecycle.apply_open_ack(&ack(0, SessionStatus::Opened)),
            Rule::OpenAckSuccessZeroSession,
        ),
        (
            lifecycle.apply_open_ack(&ack(5, SessionStatus::Rejected)),
            Rule::OpenAckRejectNonzeroSession,
        ),
        (
            lifecycle.begin_close(&header(MessageType::Close, 1), &close),
            Rule::SessionCloseWrongHeader,
        ),
        (
            lifecycle.begin_close(&header(MessageType::SessionClose, 0), &close),
            Rule::SessionCloseZeroSession,
        ),
        (
            lifecycle.apply_close_ack(&header(MessageType::SessionClose, 1), &done),
            Rule::SessionCloseAckWrongHeader,
        ),
        (
            lifecycle.apply_close_ack(&header(MessageType::SessionCloseAck, 0), &done),
            Rule::SessionCloseAckZeroSession,
        ),
    ];
    for (outcome, rule) in cases {
        assert_eq!(outcome, Err(ErrorKind::Codec(broken(rule))));
    }
    let unknown = lifecycle.begin_close(&header(MessageType::SessionClose, 3), &close);
    assert_eq!(unknown, Err(ErrorKind::UnknownSession(3)));
    assert_eq!(
        lifecycle.apply_open_ack(&ack(0, SessionStatus::RetryLater)),
        Ok(())
    );
    assert_eq!(lifecycle.session_count(), 0);
}

#[test]
fn a_resume_ack_is_checked_row_by_row() {
    let fresh = SessionOpen::default();
    let asking = SessionOpen {
        resume_token_bytes: 24,
        ..SessionOpen::default()
    };
    let enabled = SessionOpenAck {
        session_flags_ack: nnrp_core::flags::SessionFlagsAck::RESUME_ENABLED,
        resume_window_ms: 5,
        resume_token_bytes: 24,
        ..ack(1, SessionStatus::Resumed)
    };
    let opened = SessionOpenAck {
        session_status: SessionStatus::Opened,
        ..enabled
    };
    let check = resume::check_ack;
    assert_eq!(
        check(&asking, &enabled),
        Ok(ResumeOutcome::Resumed { window_ms: 5 })
    );
    assert_eq!(
        check(&fresh, &opened),
        Ok(ResumeOutcome::Enabled { window_ms: 5 })
    );
    assert_eq!(
        check(&fresh, &ack(1, SessionStatus::Opened)),
        Ok(ResumeOutcome::Fresh)
    );
    assert_eq!(
        check(&fresh, &ack(0, SessionStatus::Rejected)),
        Ok(ResumeOutcome::Fresh)
    );
    let code = nnrp_core::code::SessionErrorCode::RESUME_REJECTED;
    let rejected = SessionOpenAck {
        session_error_code: code,
        ..ack(0, SessionStatus::Rejected)
    };
    assert_eq!(check(&asking, &rejected), Ok(ResumeOutcome::Rejected));
    let no_window = SessionOpenAck {
        resume_window_ms: 0,
        ..enabled
    };
    assert_eq!(
        check(&asking, &no_window),
        Err(broken(Rule::ResumeAckEnabledIncomplete))
    );
    assert_eq!(
        check(&fresh, &enabled),
        Err(broken(Rule::ResumeAckNoTokenRequested))
    );
    let with_error = SessionOpenAck {
        session_error_code: code,
        ..enabled
    };
    assert_eq!(
        check(&asking, &with_error),
        Err(broken(Rule::ResumeAckErrorPresent))
    );
    let plain = ack(1, SessionStatus::Resumed);
    assert_eq!(
        check(&asking, &plain),
        Err(broken(Rule::ResumeAckEnabledMissing))
    );
}

#[test]
fn every_rule_has_its_own_number_and_name() {
    let mut rules: Vec<u16> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    let mut names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    assert_eq!(rules.len(), 65);
    rules.dedup();
    names.sort_unstable();
    names.dedup();
    assert_eq!((rules.len(), names.len()), (65, 65));
}
