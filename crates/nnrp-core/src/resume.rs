//! The checks of a resume request and of its ack (spec 07 §7.3, 12 §12.1).

use crate::code::{SessionErrorCode, SessionStatus};
use crate::codec_error::CodecError;
use crate::flags::{SessionFlags, SessionFlagsAck};
use crate::message::session::{SessionOpen, SessionOpenAck};
use crate::rule::Rule;

/// The server's check of a `SESSION_OPEN`; only a request that names a token can fail.
pub fn check_request(open: &SessionOpen) -> Result<(), CodecError> {
    if open.resume_token_bytes == 0 {
        return Ok(());
    }
    if !open.session_flags.contains(SessionFlags::ALLOW_RESUME) {
        return Err(Rule::ResumeFlagMissing.into());
    }
    if open.requested_session_id == 0 {
        return Err(Rule::ResumeUnboundToken.into());
    }
    Ok(())
}

/// What an ack says about resuming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumeOutcome {
    /// Nothing was recovered and nothing can be; says nothing about whether a session exists.
    Fresh,
    /// A new session that can be resumed within the window.
    Enabled {
        /// Milliseconds after a loss of the transport.
        window_ms: u32,
    },
    /// The earlier session continues.
    Resumed {
        /// Milliseconds after a further loss of the transport.
        window_ms: u32,
    },
    /// The server has nothing to resume.
    Rejected,
}

/// The client's check of an ack against the request it answers.
pub fn check_ack(open: &SessionOpen, ack: &SessionOpenAck) -> Result<ResumeOutcome, CodecError> {
    let enabled = ack
        .session_flags_ack
        .contains(SessionFlagsAck::RESUME_ENABLED);
    let window_ms = ack.resume_window_ms;
    if enabled && (window_ms == 0 || ack.resume_token_bytes == 0) {
        return Err(Rule::ResumeAckEnabledIncomplete.into());
    }
    match ack.session_status {
        SessionStatus::Rejected if ack.session_error_code == SessionErrorCode::RESUME_REJECTED => {
            Ok(ResumeOutcome::Rejected)
        }
        SessionStatus::Opened if enabled => Ok(ResumeOutcome::Enabled { window_ms }),
        SessionStatus::Opened | SessionStatus::RetryLater | SessionStatus::Rejected => {
            Ok(ResumeOutcome::Fresh)
        }
        SessionStatus::Resumed if open.resume_token_bytes == 0 => {
            Err(Rule::ResumeAckNoTokenRequested.into())
        }
        SessionStatus::Resumed if ack.session_error_code != SessionErrorCode::NONE => {
            Err(Rule::ResumeAckErrorPresent.into())
        }
        SessionStatus::Resumed if !enabled => Err(Rule::ResumeAckEnabledMissing.into()),
        SessionStatus::Resumed => Ok(ResumeOutcome::Resumed { window_ms }),
    }
}
