//! What a codec can find wrong with bytes or with values to encode, with stable numeric codes.

use core::fmt;

use crate::rule::Rule;

/// What a codec can find wrong with bytes or with values to encode (spec 01 §1.11, first half).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodecError {
    /// Header byte 5 (or a version object) is not 0.
    UnsupportedWireFormat(u8),
    /// The input is shorter than the fixed size.
    SourceTooShort {
        /// Bytes the structure needs.
        expected: usize,
        /// Bytes that were given.
        actual: usize,
    },
    /// The destination is shorter than the fixed size.
    DestinationTooShort {
        /// Bytes the structure needs.
        expected: usize,
        /// Bytes that were given.
        actual: usize,
    },
    /// The first four bytes are not `NNRP`.
    InvalidMagic,
    /// The header length byte is not 40.
    InvalidHeaderLength(u8),
    /// Header byte 4 is not 1.
    UnsupportedVersionMajor(u8),
    /// The message type is not assigned.
    UnknownMessageType(u8),
    /// A closed enumeration holds an unassigned number.
    UnknownEnumValue {
        /// Name of the enumeration as listed in spec 05 §5.1.
        enum_name: &'static str,
        /// The number that was found.
        value: u64,
    },
    /// A bit field has bits outside its known mask.
    ReservedBitsSet {
        /// The whole word, not only the offending bits.
        value: u64,
        /// The known mask.
        allowed: u64,
    },
    /// A reserved field that must be zero is not.
    NonZeroReservedField(&'static str),
    /// Fields are valid one by one but contradict each other or the context.
    InvalidProtocolCombination(Rule),
    /// A whole packet has another length than its header declares.
    PacketLengthMismatch {
        /// Total length by the header, header included.
        declared: usize,
        /// Total length of the buffer.
        actual: usize,
    },
    /// A length computation leaves the 32-bit range.
    MessageLengthOverflow,
}

impl CodecError {
    /// The kind's name in spec 01 §1.11.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnsupportedWireFormat(_) => "UnsupportedWireFormat",
            Self::SourceTooShort { .. } => "SourceTooShort",
            Self::DestinationTooShort { .. } => "DestinationTooShort",
            Self::InvalidMagic => "InvalidMagic",
            Self::InvalidHeaderLength(_) => "InvalidHeaderLength",
            Self::UnsupportedVersionMajor(_) => "UnsupportedVersionMajor",
            Self::UnknownMessageType(_) => "UnknownMessageType",
            Self::UnknownEnumValue { .. } => "UnknownEnumValue",
            Self::ReservedBitsSet { .. } => "ReservedBitsSet",
            Self::NonZeroReservedField(_) => "NonZeroReservedField",
            Self::InvalidProtocolCombination(_) => "InvalidProtocolCombination",
            Self::PacketLengthMismatch { .. } => "PacketLengthMismatch",
            Self::MessageLengthOverflow => "MessageLengthOverflow",
        }
    }

    /// The kind's stable number, 1–13 in the order of spec 01 §1.11.
    #[must_use]
    pub const fn code(&self) -> u32 {
        match self {
            Self::UnsupportedWireFormat(_) => 1,
            Self::SourceTooShort { .. } => 2,
            Self::DestinationTooShort { .. } => 3,
            Self::InvalidMagic => 4,
            Self::InvalidHeaderLength(_) => 5,
            Self::UnsupportedVersionMajor(_) => 6,
            Self::UnknownMessageType(_) => 7,
            Self::UnknownEnumValue { .. } => 8,
            Self::ReservedBitsSet { .. } => 9,
            Self::NonZeroReservedField(_) => 10,
            Self::InvalidProtocolCombination(_) => 11,
            Self::PacketLengthMismatch { .. } => 12,
            Self::MessageLengthOverflow => 13,
        }
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedWireFormat(value) => {
                write!(f, "wire format {value} is not supported; only 0 exists")
            }
            Self::SourceTooShort { expected, actual } => {
                write!(f, "{actual} bytes are too few; the structure has {expected}")
            }
            Self::DestinationTooShort { expected, actual } => {
                write!(f, "a buffer of {actual} bytes is too small; {expected} are written")
            }
            Self::InvalidMagic => {
                f.write_str("the packet does not start with \"NNRP\"; the peer speaks another protocol or the stream lost step")
            }
            Self::InvalidHeaderLength(value) => {
                write!(f, "header length {value} is not supported; it must be 40")
            }
            Self::UnsupportedVersionMajor(value) => {
                write!(f, "protocol version {value} is not supported; this is version 1")
            }
            Self::UnknownMessageType(value) => {
                write!(f, "message type {value:#04x} is not assigned")
            }
            Self::UnknownEnumValue { enum_name, value } => {
                write!(f, "{value} is not a value of {enum_name}")
            }
            Self::ReservedBitsSet { value, allowed } => {
                write!(f, "bits {value:#x} contain reserved ones; allowed are {allowed:#x}")
            }
            Self::NonZeroReservedField(field) => {
                write!(f, "reserved field {field} is not zero")
            }
            Self::InvalidProtocolCombination(rule) => {
                write!(f, "the message breaks rule {}", rule.as_str())
            }
            Self::PacketLengthMismatch { declared, actual } => {
                write!(f, "the header declares {declared} bytes, the packet has {actual}")
            }
            Self::MessageLengthOverflow => {
                f.write_str("the lengths of the message leave the 32-bit range")
            }
        }
    }
}

impl core::error::Error for CodecError {}

impl From<Rule> for CodecError {
    fn from(rule: Rule) -> Self {
        Self::InvalidProtocolCombination(rule)
    }
}
