//! Ids taken, kept, resumed and given up.

use super::*;
use crate::message::session::SessionOpen;
use crate::resume::{RESUME_TOKEN_BYTES, ResumeToken};

const T0: Timestamp = Timestamp::from_micros(0);
const LIMIT: Result<Decision, SessionErrorCode> = Err(SessionErrorCode::SESSION_LIMIT_REACHED);
const REJECTED: Result<Decision, SessionErrorCode> = Err(SessionErrorCode::RESUME_REJECTED);
const TOKEN: [u8; RESUME_TOKEN_BYTES] = [3; RESUME_TOKEN_BYTES];

fn open(id: u32) -> SessionOpen {
    SessionOpen {
        requested_session_id: id,
        ..SessionOpen::default()
    }
}

fn resumable(id: u32, token: u32) -> SessionOpen {
    SessionOpen {
        session_flags: SessionFlags::ALLOW_RESUME,
        resume_token_bytes: token,
        ..open(id)
    }
}

/// A request of a client that says hello.
fn full<'a>(open: &'a SessionOpen, presented_token: &'a [u8]) -> OpenRequest<'a> {
    OpenRequest {
        open,
        presented_token,
        fresh_token: Some(ResumeToken::from_random(TOKEN)),
    }
}

fn admitted(decision: Result<Decision, SessionErrorCode>) -> Admission {
    match decision {
        Ok(Decision::Admit(admission) | Decision::Resume(admission, _)) => admission,
        other => panic!("not admitted: {other:?}"),
    }
}

/// A directory in which session 5, opened with [`TOKEN`], waits for its client.
fn with_waiting_session(config: DirectoryConfig) -> SessionDirectory {
    let mut directory = SessionDirectory::new(config);
    let admission = admitted(directory.admit(&full(&resumable(5, 0), &[]), T0));
    directory.detach(&admission, Some(Box::default()), T0);
    directory
}

#[test]
fn an_id_in_use_is_refused_and_free_again_after_release() {
    let mut directory = SessionDirectory::new(DirectoryConfig::default());
    let admission = admitted(directory.admit(&OpenRequest::plain(&open(7)), T0));
    assert_eq!(directory.admit(&OpenRequest::plain(&open(7)), T0), LIMIT);
    directory.release(&admission);
    admitted(directory.admit(&OpenRequest::plain(&open(7)), T0));
}

#[test]
fn id_zero_gets_a_free_id() {
    let mut directory = SessionDirectory::new(DirectoryConfig::default());
    admitted(directory.admit(&OpenRequest::plain(&open(1)), T0));
    let second = admitted(directory.admit(&OpenRequest::plain(&open(0)), T0));
    assert_eq!(second.session_id, 2);
}

#[test]
fn a_full_directory_gives_up_who_waits_before_it_refuses_who_comes() {
    let config = DirectoryConfig {
        capacity: 1,
        ..DirectoryConfig::default()
    };
    let mut directory = with_waiting_session(config);
    admitted(directory.admit(&OpenRequest::plain(&open(2)), T0));
    assert_eq!(directory.admit(&OpenRequest::plain(&open(3)), T0), LIMIT);
    let resume = resumable(5, 24);
    assert_eq!(directory.admit(&full(&resume, &TOKEN), T0), REJECTED);
}

#[test]
fn a_session_resumes_with_its_token_and_keeps_it() {
    let mut directory = with_waiting_session(DirectoryConfig::default());
    let resume = resumable(5, 24);
    let decision = directory.admit(&full(&resume, &TOKEN), T0);
    assert!(
        matches!(&decision, Ok(Decision::Resume(..))),
        "{decision:?}"
    );
    let admission = admitted(decision);
    assert!(admission.resumed);
    assert_eq!(admission.token, Some(ResumeToken::from_random(TOKEN)));
}

#[test]
fn a_wrong_token_or_none_or_another_schema_does_not_resume() {
    let mut directory = with_waiting_session(DirectoryConfig::default());
    let resume = resumable(5, 24);
    assert_eq!(directory.admit(&full(&resume, &[4; 24]), T0), REJECTED);
    assert_eq!(directory.admit(&full(&resume, &[]), T0), REJECTED);
    let other_schema = SessionOpen {
        schema_version: 9,
        ..resume
    };
    assert_eq!(directory.admit(&full(&other_schema, &TOKEN), T0), REJECTED);
    let other_profile = SessionOpen {
        profile_id: 1,
        ..resume
    };
    assert_eq!(directory.admit(&full(&other_profile, &TOKEN), T0), REJECTED);
    admitted(directory.admit(&full(&resume, &TOKEN), T0));
}

#[test]
fn the_window_is_enforced_and_its_end_frees_id_and_memory() {
    let mut directory = with_waiting_session(DirectoryConfig::default());
    assert_eq!(directory.waiting(), 1);
    let over = T0.after(DirectoryConfig::default().resume_window);
    let resume = resumable(5, 24);
    assert_eq!(directory.admit(&full(&resume, &TOKEN), over), REJECTED);
    assert!(directory.is_empty() && directory.waiting() == 0);
    assert_eq!(directory.retained_bytes, 0);
}

#[test]
fn a_session_that_is_still_connected_has_to_be_surrendered_first() {
    let mut directory = SessionDirectory::new(DirectoryConfig::default());
    let first = admitted(directory.admit(&full(&resumable(5, 0), &[]), T0));
    let resume = resumable(5, 24);
    let held = directory.admit(&full(&resume, &TOKEN), T0);
    assert_eq!(held, Ok(Decision::HeldElsewhere));
    assert_eq!(directory.admit(&full(&resume, &[4; 24]), T0), REJECTED);
    directory.detach(&first, Some(Box::default()), T0);
    admitted(directory.admit(&full(&resume, &TOKEN), T0));
}

#[test]
fn beyond_the_bytes_that_may_be_kept_the_oldest_is_given_up() {
    let config = DirectoryConfig {
        retained_bytes: 2 * size_of::<SessionContinuity>(),
        ..DirectoryConfig::default()
    };
    let mut directory = SessionDirectory::new(config);
    for id in 1..=3 {
        let admission = admitted(directory.admit(&full(&resumable(id, 0), &[]), T0));
        let later = T0.after(Duration::from_secs(id.into()));
        directory.detach(&admission, Some(Box::default()), later);
    }
    assert_eq!(directory.waiting(), 2);
    assert_eq!(
        directory.admit(&full(&resumable(1, 24), &TOKEN), T0),
        REJECTED
    );
}

#[test]
fn an_id_that_nobody_could_resume_is_not_held() {
    let mut directory = SessionDirectory::new(DirectoryConfig::default());
    let admission = admitted(directory.admit(&OpenRequest::plain(&resumable(5, 0)), T0));
    directory.detach(&admission, None, T0);
    assert!(directory.is_empty());
}

#[test]
fn by_id_alone_a_session_resumes_only_where_that_is_allowed() {
    let mut strict = SessionDirectory::new(DirectoryConfig::default());
    admitted(strict.admit(&OpenRequest::plain(&resumable(5, 0)), T0));
    assert_eq!(
        strict.admit(&OpenRequest::plain(&resumable(5, 24)), T0),
        REJECTED
    );

    let config = DirectoryConfig {
        resume_by_id: true,
        ..DirectoryConfig::default()
    };
    let mut lenient = SessionDirectory::new(config);
    assert_eq!(
        lenient.admit(&OpenRequest::plain(&resumable(5, 24)), T0),
        REJECTED
    );
    let first = admitted(lenient.admit(&OpenRequest::plain(&resumable(5, 0)), T0));
    let second = admitted(lenient.admit(&OpenRequest::plain(&resumable(5, 24)), T0));
    assert!(second.resumed);
    lenient.release(&first);
    let taken = lenient.len();
    assert_eq!(
        taken, 1,
        "the late end of the first holder must not free the id"
    );
}
