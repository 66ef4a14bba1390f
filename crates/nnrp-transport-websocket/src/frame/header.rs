//! Frame headers (RFC 6455 §5.2): 2 to 14 bytes before each payload.

use super::mask::Mask;
use super::role::Role;
use crate::violation::Violation;

/// Length of the longest header.
pub(crate) const MOST_HEADER_BYTES: usize = 14;
/// Longest payload of a control frame.
pub(super) const MOST_CONTROL_BYTES: usize = 125;

const FIN: u8 = 0x80;
const RESERVED_BITS: u8 = 0x70;
const MASKED: u8 = 0x80;
/// Instead of a length: two bytes with it follow.
const LENGTH_16: u8 = 126;
/// Instead of a length: eight bytes with it follow.
const LENGTH_64: u8 = 127;

/// What a frame is; text has no place here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn parse(number: u8) -> Result<Self, Violation> {
        match number {
            0 => Ok(Self::Continuation),
            1 => Err(Violation::Text),
            2 => Ok(Self::Binary),
            8 => Ok(Self::Close),
            9 => Ok(Self::Ping),
            10 => Ok(Self::Pong),
            other => Err(Violation::ReservedOpcode(other)),
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// Whether the message ends with this frame.
    pub(crate) is_last: bool,
    pub(crate) opcode: Opcode,
    /// Bytes of the payload.
    pub(crate) length: u64,
    /// The key of the mask; only clients have one.
    pub(crate) key: Option<[u8; 4]>,
}

impl FrameHeader {
    /// Bytes that the header has, as far as its beginning tells.
    pub(crate) fn needed(beginning: &[u8]) -> usize {
        let Some(second) = beginning.get(1) else {
            return 2;
        };
        let length = match second & !MASKED {
            LENGTH_16 => 2,
            LENGTH_64 => 8,
            _ => 0,
        };
        2 + length + if second & MASKED == 0 { 0 } else { 4 }
    }

    /// Reads a whole header that `sender` has written.
    pub(crate) fn parse(bytes: &[u8], sender: Role) -> Result<Self, Violation> {
        let (&[first, second], rest) = bytes.split_first_chunk().ok_or(Violation::Length)?;
        if first & RESERVED_BITS != 0 {
            return Err(Violation::ReservedBit);
        }
        let opcode = Opcode::parse(first & 0x0f)?;
        let is_last = first & FIN != 0;
        let (length, key) = parse_length(second & !MASKED, rest)?;
        if opcode.is_control() && !is_last {
            return Err(Violation::FragmentedControl);
        }
        if opcode.is_control() && length > MOST_CONTROL_BYTES as u64 {
            return Err(Violation::LongControl);
        }
        let key = match (second & MASKED != 0, sender) {
            (true, Role::Client) => Some(*key.first_chunk().ok_or(Violation::Length)?),
            (false, Role::Server) => None,
            (false, Role::Client) => return Err(Violation::NotMasked),
            (true, Role::Server) => return Err(Violation::Masked),
        };
        Ok(Self {
            is_last,
            opcode,
            length,
            key,
        })
    }

    /// The bytes on the wire and their number.
    pub(crate) fn encode(&self) -> ([u8; MOST_HEADER_BYTES], usize) {
        let mut bytes = [0; MOST_HEADER_BYTES];
        bytes[0] = self.opcode.number() | if self.is_last { FIN } else { 0 };
        let mut end = match (u8::try_from(self.length), u16::try_from(self.length)) {
            (Ok(length @ ..LENGTH_16), _) => {
                bytes[1] = length;
                2
            }
            (_, Ok(length)) => {
                bytes[1] = LENGTH_16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                4
            }
            _ => {
                bytes[1] = LENGTH_64;
                bytes[2..10].copy_from_slice(&self.length.to_be_bytes());
                10
            }
        };
        if let Some(key) = self.key {
            bytes[1] |= MASKED;
            bytes[end..end + 4].copy_from_slice(&key);
            end += 4;
        }
        (bytes, end)
    }

    /// The mask over the payload.
    pub(crate) fn mask(&self) -> Mask {
        self.key.map(Mask::new).unwrap_or_default()
    }
}

/// The length, and what stands behind it.
fn parse_length(short: u8, rest: &[u8]) -> Result<(u64, &[u8]), Violation> {
    let (length, least, rest) = match short {
        LENGTH_16 => {
            let (long, rest) = rest.split_first_chunk().ok_or(Violation::Length)?;
            (
                u64::from(u16::from_be_bytes(*long)),
                u64::from(LENGTH_16),
                rest,
            )
        }
        LENGTH_64 => {
            let (long, rest) = rest.split_first_chunk().ok_or(Violation::Length)?;
            (u64::from_be_bytes(*long), 1 << 16, rest)
        }
        short => (u64::from(short), 0, rest),
    };
    if length > i64::MAX as u64 {
        return Err(Violation::Length);
    }
    if length < least {
        return Err(Violation::LongLength);
    }
    Ok((length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(bytes: &[u8]) -> Result<FrameHeader, Violation> {
        assert_eq!(FrameHeader::needed(bytes), bytes.len());
        FrameHeader::parse(bytes, Role::Server)
    }

    #[test]
    fn each_rule_of_a_header_is_kept() {
        for (bytes, violation) in [
            (&[0xc2, 0][..], Violation::ReservedBit),
            (&[0x92, 0], Violation::ReservedBit),
            (&[0x81, 0], Violation::Text),
            (&[0x83, 0], Violation::ReservedOpcode(3)),
            (&[0x8f, 0], Violation::ReservedOpcode(15)),
            (&[0x09, 0], Violation::FragmentedControl),
            (&[0x89, 126, 0, 126], Violation::LongControl),
            (&[0x82, 126, 0, 125], Violation::LongLength),
            (
                &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
                Violation::LongLength,
            ),
            (&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], Violation::Length),
            (&[0x82, 0x80, 1, 2, 3, 4], Violation::Masked),
        ] {
            assert_eq!(parsed(bytes), Err(violation), "{bytes:x?}");
        }
        let unmasked = FrameHeader::parse(&[0x82, 0], Role::Client);
        assert_eq!(unmasked, Err(Violation::NotMasked));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_in_the_fewest_bytes(
            is_last: bool,
            length in prop_oneof![0u64..300, 65_000u64..66_000, 0..=i64::MAX as u64],
            key: Option<[u8; 4]>,
        ) {
            let header = FrameHeader { is_last, opcode: Opcode::Binary, length, key };
            let (bytes, count) = header.encode();
            let sender = if key.is_some() { Role::Client } else { Role::Server };
            prop_assert_eq!(FrameHeader::needed(&bytes[..2]), count);
            prop_assert_eq!(FrameHeader::parse(&bytes[..count], sender), Ok(header));
        }
    }
}
