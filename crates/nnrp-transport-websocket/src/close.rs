//! The status codes of Close frames (RFC 6455 §7.4) and what they say about NNRP.

use nnrp_transport_provider::CloseCode;

use crate::violation::Violation;

/// Why a direction ended: the status code of its Close frame, if there was one in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CloseStatus(Option<u16>);

/// First of the codes that applications choose; NNRP's own follow it in the order of [`CloseCode`].
const PRIVATE_CODES: u16 = 4000;

impl CloseStatus {
    /// The purpose is fulfilled.
    pub(crate) const NORMAL: Self = Self(Some(1000));
    const GOING_AWAY: Self = Self(Some(1001));

    pub(crate) fn of_violation(violation: Violation) -> Self {
        Self(Some(violation.close_code()))
    }

    pub(crate) fn of_code(code: CloseCode) -> Self {
        Self(Some(match code {
            CloseCode::Ordinary => return Self::NORMAL,
            CloseCode::Shutdown => return Self::GOING_AWAY,
            CloseCode::Protocol => PRIVATE_CODES + 1,
            CloseCode::Timeout => PRIVATE_CODES + 2,
            _ => PRIVATE_CODES + 3,
        }))
    }

    /// Reads the payload of a Close frame. Its reason is for people, and nobody is looking.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Violation> {
        match payload {
            [] => Ok(Self(None)),
            [_] => Err(Violation::CloseStatus),
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                if !may_be_sent(code) {
                    return Err(Violation::CloseStatus);
                }
                std::str::from_utf8(reason).map_err(|_| Violation::CloseReason)?;
                Ok(Self(Some(code)))
            }
        }
    }

    /// The payload that says so.
    pub(crate) fn payload(self) -> Vec<u8> {
        self.0
            .map(|code| code.to_be_bytes().to_vec())
            .unwrap_or_default()
    }

    /// Whether the peer ended its direction because of a failure, its own or one that it saw here.
    pub(crate) fn is_failure(self) -> bool {
        self.0
            .is_some_and(|code| (1002..3000).contains(&code) || code > PRIVATE_CODES)
    }

    /// The number in the words of [`CloseCode`]; other codes as they are.
    pub(crate) fn peer_code(self) -> u64 {
        match self.0 {
            None => 0,
            Some(_) if self == Self::NORMAL => 0,
            Some(_) if self == Self::GOING_AWAY => CloseCode::Shutdown.wire_value().into(),
            Some(code @ PRIVATE_CODES..) => (code - PRIVATE_CODES).into(),
            Some(code) => code.into(),
        }
    }
}

impl std::fmt::Display for CloseStatus {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            None => formatter.write_str("without a status code"),
            Some(code) => write!(formatter, "with status code {code}"),
        }
    }
}

/// 1004 has no meaning; 1005, 1006 and 1015 say that there was no Close frame; from 1016 on nothing is defined below 3000.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_no_frame_may_carry_is_a_violation() {
        for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            let parsed = CloseStatus::parse(&code.to_be_bytes());
            assert_eq!(parsed, Err(Violation::CloseStatus), "{code}");
        }
        assert_eq!(CloseStatus::parse(&[3]), Err(Violation::CloseStatus));
        let bad_reason = [0x03, 0xe8, 0xff];
        assert_eq!(CloseStatus::parse(&bad_reason), Err(Violation::CloseReason));
    }

    #[test]
    fn what_is_sent_is_read_back() {
        for code in [
            CloseCode::Ordinary,
            CloseCode::Protocol,
            CloseCode::Timeout,
            CloseCode::Limit,
            CloseCode::Shutdown,
        ] {
            let sent = CloseStatus::of_code(code);
            let heard = CloseStatus::parse(&sent.payload()).expect("a status");
            assert_eq!(heard.peer_code(), u64::from(code.wire_value()));
        }
    }

    #[test]
    fn a_page_that_leaves_has_not_failed() {
        let status = |code: u16| CloseStatus::parse(&code.to_be_bytes()).expect("a status");
        for code in [1000, 1001, 3000, 3999, 4000] {
            assert!(!status(code).is_failure(), "{code}");
        }
        for code in [1002, 1003, 1009, 1011, 4001, 4999] {
            assert!(status(code).is_failure(), "{code}");
        }
        let empty = CloseStatus::parse(&[]).expect("a status");
        assert!(!empty.is_failure() && empty.peer_code() == 0);
    }
}
