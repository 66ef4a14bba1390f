//! The checks of a resume request and of its ack (spec 12 §12.1).

use nnrp_core::code::{SessionErrorCode, SessionStatus};
use nnrp_core::flags::{SessionFlags, SessionFlagsAck};
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::resume::ResumeOutcome;

use super::super::subject::Subject;
use super::super::verdict::Verdict;
use super::rule::judged;

/// The server's table.
pub(super) fn requests(subject: &dyn Subject) -> Verdict {
    let resume = request();
    for (what, open, wanted) in [
        ("a resume", resume, Ok(())),
        (
            "without the flag",
            SessionOpen {
                session_flags: SessionFlags::NONE,
                ..resume
            },
            Err("flag_missing"),
        ),
        (
            "of session 0",
            SessionOpen {
                requested_session_id: 0,
                ..resume
            },
            Err("unbound_token"),
        ),
        (
            "no resume, of session 0 and without the flag",
            SessionOpen::default(),
            Ok(()),
        ),
    ] {
        let found = subject.check_resume_request(&open);
        judged(what, "resume", found, wanted)?;
    }
    Ok(())
}

/// The client's table.
pub(super) fn acks(subject: &dyn Subject) -> Verdict {
    incomplete(subject)?;
    let (window_ms, fresh) = (9, SessionOpen::default());
    let plain = SessionOpenAck {
        session_id: 42,
        ..SessionOpenAck::default()
    };
    let resumed = with(SessionStatus::Resumed, enabled());
    let erroneous = SessionOpenAck {
        session_error_code: SessionErrorCode::AUTH_FAILED,
        ..resumed
    };
    let disabled = SessionOpenAck {
        session_flags_ack: SessionFlagsAck::NONE,
        ..resumed
    };
    let refusal = rejected(SessionErrorCode::RESUME_REJECTED);
    let limit = rejected(SessionErrorCode::SESSION_LIMIT_REACHED);
    let later = with(SessionStatus::RetryLater, plain);
    for (open, ack, wanted) in [
        (fresh, enabled(), Ok(ResumeOutcome::Enabled { window_ms })),
        (fresh, plain, Ok(ResumeOutcome::Fresh)),
        (fresh, resumed, Err("no_token_requested")),
        (request(), erroneous, Err("error_present")),
        (request(), disabled, Err("enabled_missing")),
        (request(), resumed, Ok(ResumeOutcome::Resumed { window_ms })),
        (request(), refusal, Ok(ResumeOutcome::Rejected)),
        (request(), limit, Ok(ResumeOutcome::Fresh)),
        (request(), later, Ok(ResumeOutcome::Fresh)),
    ] {
        outcome(subject, open, ack, wanted)?;
    }
    Ok(())
}

/// Whatever its status, an ack that enables resuming has a window and a token.
fn incomplete(subject: &dyn Subject) -> Verdict {
    let no_window = SessionOpenAck {
        resume_window_ms: 0,
        ..enabled()
    };
    let no_token = SessionOpenAck {
        resume_token_bytes: 0,
        ..enabled()
    };
    for status in SessionStatus::ALL {
        for ack in [no_window, no_token] {
            let ack = with(*status, ack);
            outcome(subject, request(), ack, Err("enabled_incomplete"))?;
        }
    }
    Ok(())
}

fn outcome(
    subject: &dyn Subject,
    open: SessionOpen,
    ack: SessionOpenAck,
    wanted: Result<ResumeOutcome, &str>,
) -> Verdict {
    let found = subject.check_resume_ack(&open, &ack);
    let what = format!("{} ack {ack:?}", ack.session_status.name());
    judged(&what, "resume_ack", found, wanted)
}

fn request() -> SessionOpen {
    SessionOpen {
        requested_session_id: 42,
        session_flags: SessionFlags::ALLOW_RESUME,
        resume_token_bytes: 24,
        ..SessionOpen::default()
    }
}

fn enabled() -> SessionOpenAck {
    SessionOpenAck {
        session_id: 42,
        session_flags_ack: SessionFlagsAck::RESUME_ENABLED,
        resume_window_ms: 9,
        resume_token_bytes: 24,
        ..SessionOpenAck::default()
    }
}

fn rejected(session_error_code: SessionErrorCode) -> SessionOpenAck {
    SessionOpenAck {
        session_status: SessionStatus::Rejected,
        session_error_code,
        ..SessionOpenAck::default()
    }
}

fn with(session_status: SessionStatus, ack: SessionOpenAck) -> SessionOpenAck {
    SessionOpenAck {
        session_status,
        ..ack
    }
}
