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

/// Bytes of a [`ResumeToken`]; 192 random bits cannot be guessed.
pub const RESUME_TOKEN_BYTES: usize = 24;

/// The secret that proves the right to resume a session. Takes its bytes from the operating
/// system's random source, which is the caller's to ask.
#[derive(Clone, Copy)]
pub struct ResumeToken([u8; RESUME_TOKEN_BYTES]);

impl ResumeToken {
    /// The token of these random bytes.
    #[must_use]
    pub const fn from_random(bytes: [u8; RESUME_TOKEN_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the peer that owns the session.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; RESUME_TOKEN_BYTES] {
        &self.0
    }

    /// Whether `presented` is this token, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, presented: &[u8]) -> bool {
        let Ok(presented) = <&[u8; RESUME_TOKEN_BYTES]>::try_from(presented) else {
            return false;
        };
        let differences = self.0.iter().zip(presented);
        // The barrier keeps the compiler from leaving the loop at the first difference.
        let sum = differences.fold(0, |sum, (a, b)| core::hint::black_box(sum | (a ^ b)));
        core::hint::black_box(sum) == 0
    }
}

impl PartialEq for ResumeToken {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for ResumeToken {}

impl core::fmt::Debug for ResumeToken {
    /// Hides the bytes: whoever reads a log must not be able to resume its sessions.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ResumeToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn only_the_whole_token_matches() {
        let token = ResumeToken::from_random([9; RESUME_TOKEN_BYTES]);
        assert!(token.matches(&[9; RESUME_TOKEN_BYTES]));
        assert!(!token.matches(&[9; RESUME_TOKEN_BYTES - 1]));
        assert!(!token.matches(&[]));
        let mut other = [9; RESUME_TOKEN_BYTES];
        other[RESUME_TOKEN_BYTES - 1] = 8;
        assert!(!token.matches(&other));
    }

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let token = ResumeToken::from_random([0xab; RESUME_TOKEN_BYTES]);
        assert!(!format!("{token:?}").contains("171"));
    }
}
