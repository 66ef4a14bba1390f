//! Bit fields: types that cannot hold a reserved bit.

/// Declares a bit field type over the wire integer `$raw`.
macro_rules! bit_flags {
    ($(#[$meta:meta])* $name:ident: $raw:ty {
        $($(#[$flag_meta:meta])* $flag:ident = $bit:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $name($raw);

        impl $name {
            $($(#[$flag_meta])* pub const $flag: Self = Self(1 << $bit);)*

            /// No bit.
            pub const NONE: Self = Self(0);
            /// Every known bit.
            pub const ALL: Self = Self(0 $(| 1 << $bit)*);

            /// The field with exactly these bits; `ReservedBitsSet` if one is not known.
            #[inline]
            pub fn from_bits(bits: $raw) -> Result<Self, $crate::codec_error::CodecError> {
                if bits & !Self::ALL.0 == 0 {
                    return Ok(Self(bits));
                }
                Err($crate::codec_error::CodecError::ReservedBitsSet {
                    value: u64::from(bits),
                    allowed: u64::from(Self::ALL.0),
                })
            }

            /// The number on the wire.
            #[must_use]
            pub const fn bits(self) -> $raw {
                self.0
            }

            /// Whether all bits of `other` are set.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether no bit is set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }
        }

        impl core::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl core::ops::BitAnd for $name {
            type Output = Self;

            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({:#x})"), self.0)
            }
        }

        impl $crate::wire::Field<$raw> for $name {
            const PHASE: $crate::wire::Phase = $crate::wire::Phase::Bits;

            #[inline]
            fn parse(raw: $raw) -> Result<Self, $crate::codec_error::CodecError> {
                Self::from_bits(raw)
            }

            #[inline]
            fn raw(self) -> $raw {
                self.0
            }
        }
    };
}

pub(crate) use bit_flags;
