//! One field of a fixed structure: how it is read, checked and written.

use crate::codec_error::CodecError;
use crate::rule::Rule;

/// When a field's check runs. Every check table of the specification tests reserved fields
/// first, then bit fields and booleans, then enumerations, then combinations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Any value is valid.
    Unchecked,
    /// Bit fields and booleans.
    Bits,
    /// Closed enumerations.
    Enumeration,
}

/// An unsigned little-endian integer.
pub(crate) trait WireInteger: Copy + Default + PartialEq {
    const WIDTH: usize;
    /// Reads the integer at `offset`; the caller guarantees `offset + WIDTH <= bytes.len()`.
    fn read(bytes: &[u8], offset: usize) -> Self;
    /// Writes the integer at `offset` under the same guarantee.
    fn write(self, bytes: &mut [u8], offset: usize);
    fn to_u64(self) -> u64;
}

macro_rules! wire_integers {
    ($($integer:ty),*) => {$(
        impl WireInteger for $integer {
            const WIDTH: usize = size_of::<Self>();

            #[inline]
            fn read(bytes: &[u8], offset: usize) -> Self {
                let mut raw = [0; size_of::<Self>()];
                raw.copy_from_slice(&bytes[offset..offset + Self::WIDTH]);
                Self::from_le_bytes(raw)
            }

            #[inline]
            fn write(self, bytes: &mut [u8], offset: usize) {
                bytes[offset..offset + Self::WIDTH].copy_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn to_u64(self) -> u64 {
                u64::from(self)
            }
        }

        impl Field<$integer> for $integer {
            const PHASE: Phase = Phase::Unchecked;

            #[inline]
            fn parse(raw: $integer) -> Result<Self, CodecError> {
                Ok(raw)
            }

            #[inline]
            fn raw(self) -> $integer {
                self
            }
        }
    )*};
}

/// A typed value that lies in the wire integer `Raw`.
pub(crate) trait Field<Raw: WireInteger>: Copy {
    const PHASE: Phase;
    fn parse(raw: Raw) -> Result<Self, CodecError>;
    fn raw(self) -> Raw;
}

wire_integers!(u8, u16, u32, u64);

/// The one boolean of the protocol is `is_fatal` of ERROR, hence the rule.
impl Field<u32> for bool {
    const PHASE: Phase = Phase::Bits;

    fn parse(raw: u32) -> Result<Self, CodecError> {
        match raw {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Rule::ErrorFatalNotBoolean.into()),
        }
    }

    fn raw(self) -> u32 {
        u32::from(self)
    }
}
