//! The checks of resume requests, answers and migrations over metadata of the caller.

use crate::schemas::diagnosed;
use nnrp::*;
use nnrp_core::Rule;
use nnrp_core::code::{SessionErrorCode, SessionStatus, TransportId};
use nnrp_core::flags::{SessionFlags, SessionFlagsAck};
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use std::ptr;

fn open_bytes(open: &SessionOpen) -> Vec<u8> {
    let mut bytes = vec![0; SessionOpen::SIZE];
    open.encode(&mut bytes).expect("a session open");
    bytes
}

/// A request to resume session 7.
fn resuming() -> SessionOpen {
    SessionOpen {
        requested_session_id: 7,
        profile_id: 2,
        session_flags: SessionFlags::ALLOW_RESUME,
        resume_token_bytes: 24,
        ..SessionOpen::default()
    }
}

fn request(bytes: &[u8]) -> (NnrpStatus, u32) {
    // SAFETY: the pointer is to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_recovery_check_request(bytes.as_ptr(), bytes.len(), error)
    });
    (status, error.detail)
}

fn answer(open: &SessionOpen, ack: &SessionOpenAck) -> (NnrpStatus, u32, NnrpRecoveryOutcome) {
    let open = open_bytes(open);
    let mut bytes = vec![0; SessionOpenAck::SIZE];
    ack.encode(&mut bytes).expect("an ack");
    let mut outcome = NnrpRecoveryOutcome {
        outcome: 99,
        resume_window_ms: 99,
    };
    // SAFETY: all pointers are to live memory of the stated size.
    let (status, error) = diagnosed(|error| unsafe {
        nnrp_recovery_check_answer(
            open.as_ptr(),
            open.len(),
            bytes.as_ptr(),
            bytes.len(),
            &raw mut outcome,
            error,
        )
    });
    (status, error.detail, outcome)
}

#[test]
fn a_request_to_resume_allows_it_and_names_its_session() {
    assert_eq!(request(&open_bytes(&resuming())), (NNRP_STATUS_OK, 0));
    let fresh = SessionOpen {
        resume_token_bytes: 0,
        requested_session_id: 0,
        ..resuming()
    };
    assert_eq!(request(&open_bytes(&fresh)), (NNRP_STATUS_OK, 0));
    let forbidden = SessionOpen {
        session_flags: SessionFlags::NONE,
        ..resuming()
    };
    let broken = |rule: Rule| (NNRP_STATUS_PROTOCOL_ERROR, u32::from(rule.code()));
    assert_eq!(
        request(&open_bytes(&forbidden)),
        broken(Rule::ResumeFlagMissing)
    );
    let unbound = SessionOpen {
        requested_session_id: 0,
        ..resuming()
    };
    assert_eq!(
        request(&open_bytes(&unbound)),
        broken(Rule::ResumeUnboundToken)
    );
    assert_eq!(request(&[]), (NNRP_STATUS_PROTOCOL_ERROR, 65_536 + 2));
}

#[test]
fn the_outcome_of_an_answer_is_told_and_a_refusal_is_no_error() {
    let ack = SessionOpenAck {
        session_id: 7,
        session_status: SessionStatus::Opened,
        ..SessionOpenAck::default()
    };
    let outcome_of = |ack| answer(&resuming(), &ack);
    let is = |outcome, resume_window_ms| {
        (
            NNRP_STATUS_OK,
            0,
            NnrpRecoveryOutcome {
                outcome,
                resume_window_ms,
            },
        )
    };
    assert_eq!(outcome_of(ack), is(NNRP_RECOVERY_FRESH, 0));
    let enabled = SessionOpenAck {
        session_flags_ack: SessionFlagsAck::RESUME_ENABLED,
        resume_window_ms: 5000,
        resume_token_bytes: 24,
        ..ack
    };
    assert_eq!(outcome_of(enabled), is(NNRP_RECOVERY_ENABLED, 5000));
    let resumed = SessionOpenAck {
        session_status: SessionStatus::Resumed,
        ..enabled
    };
    assert_eq!(outcome_of(resumed), is(NNRP_RECOVERY_RESUMED, 5000));
    let rejected = SessionOpenAck {
        session_id: 0,
        session_status: SessionStatus::Rejected,
        session_error_code: SessionErrorCode::RESUME_REJECTED,
        ..SessionOpenAck::default()
    };
    assert_eq!(outcome_of(rejected), is(NNRP_RECOVERY_REJECTED, 0));
    let windowless = SessionOpenAck {
        resume_window_ms: 0,
        ..enabled
    };
    let (status, detail, untouched) = outcome_of(windowless);
    let rule = u32::from(Rule::ResumeAckEnabledIncomplete.code());
    assert_eq!(
        (status, detail, untouched.outcome),
        (NNRP_STATUS_PROTOCOL_ERROR, rule, 99)
    );
}

#[test]
fn a_migration_changes_the_transport_and_its_cursor_tells_what_to_replay() {
    let migrate = SessionMigrate {
        old_transport_id: TransportId::Tcp,
        new_transport_id: TransportId::Quic,
        last_result_frame_id: 10,
        ..SessionMigrate::default()
    };
    let ack = SessionMigrateAck {
        resume_from_frame_id: 11,
        ..SessionMigrateAck::default()
    };
    let mut forms = ([0_u8; 24], [0_u8; 24]);
    migrate.encode(&mut forms.0).expect("a migration");
    ack.encode(&mut forms.1).expect("its answer");
    let checked = |(migrate, answer): &([u8; 24], [u8; 24])| {
        // SAFETY: all pointers are to live memory of the stated size.
        let (status, error) = diagnosed(|error| unsafe {
            nnrp_recovery_check_migration(migrate.as_ptr(), 24, answer.as_ptr(), 24, error)
        });
        (status, error.detail)
    };
    assert_eq!(checked(&forms), (NNRP_STATUS_OK, 0));
    let mut regressed = forms;
    regressed.1[4] = 9;
    let rule = |rule: Rule| (NNRP_STATUS_PROTOCOL_ERROR, u32::from(rule.code()));
    assert_eq!(checked(&regressed), rule(Rule::MigrateCursorRegressed));
    let mut nowhere = forms;
    nowhere.0[4] = 0;
    assert_eq!(
        checked(&nowhere),
        rule(Rule::SessionMigrateNewTransportUnspecified)
    );
    let mut same = forms;
    same.0[4] = 2;
    assert_eq!(checked(&same), rule(Rule::MigrateSameTransport));
    for (frame, expected) in [(10, 0), (11, 1), (12, 1), (u64::MAX, 1)] {
        let mut replay = 99;
        // SAFETY: all pointers are to live memory of the stated size.
        let status = unsafe {
            nnrp_recovery_must_replay(
                forms.1.as_ptr(),
                24,
                frame,
                &raw mut replay,
                ptr::null_mut(),
            )
        };
        assert_eq!((status, replay), (NNRP_STATUS_OK, expected), "{frame}");
    }
}

#[test]
fn null_pointers_are_told_by_parameter() {
    let (bytes, mut outcome, mut replay) = ([0_u8; 96], NnrpRecoveryOutcome::default(), 0);
    let null_of = |call: &mut dyn FnMut(*mut NnrpError) -> NnrpStatus| {
        let (status, error) = diagnosed(call);
        assert_eq!(status, NNRP_STATUS_NULL_POINTER);
        error.detail
    };
    let (some, none) = (bytes.as_ptr(), ptr::null());
    // SAFETY: every pointer is NULL or to live memory of the stated size.
    unsafe {
        assert_eq!(null_of(&mut |e| nnrp_recovery_check_request(none, 1, e)), 1);
        let out = &raw mut outcome;
        assert_eq!(
            null_of(&mut |e| nnrp_recovery_check_answer(none, 1, some, 96, out, e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_recovery_check_answer(some, 96, none, 1, out, e)),
            3
        );
        let missing = ptr::null_mut();
        assert_eq!(
            null_of(&mut |e| nnrp_recovery_check_answer(some, 96, some, 96, missing, e)),
            5
        );
        assert_eq!(
            null_of(&mut |e| nnrp_recovery_check_migration(none, 1, some, 24, e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_recovery_check_migration(some, 24, none, 1, e)),
            3
        );
        assert_eq!(
            null_of(&mut |e| nnrp_recovery_must_replay(none, 1, 1, &raw mut replay, e)),
            1
        );
        assert_eq!(
            null_of(&mut |e| nnrp_recovery_must_replay(some, 24, 1, ptr::null_mut(), e)),
            4
        );
    }
}
