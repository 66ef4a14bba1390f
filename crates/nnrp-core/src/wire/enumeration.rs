//! Closed enumerations, which refuse unassigned numbers, and open codes, which carry them.

/// Declares a closed enumeration with the `enum_name` of spec 05 §5.1 and its wire widths.
macro_rules! closed_enum {
    ($(#[$meta:meta])* $name:ident in ($($raw:ty),+), $enum_name:literal, default $default:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $value:literal $text:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant = $value,)*
        }

        impl $name {
            /// Every assigned value in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The value of an assigned number, `UnknownEnumValue` for any other.
            pub const fn from_wire(value: u64) -> Result<Self, $crate::codec_error::CodecError> {
                match value {
                    $($value => Ok(Self::$variant),)*
                    _ => Err($crate::codec_error::CodecError::UnknownEnumValue {
                        enum_name: $enum_name,
                        value,
                    }),
                }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn to_wire(self) -> u8 {
                self as u8
            }

            /// The name of the value in the wire vocabulary.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        $(impl $crate::wire::Field<$raw> for $name {
            const PHASE: $crate::wire::Phase = $crate::wire::Phase::Enumeration;

            #[inline]
            fn parse(raw: $raw) -> Result<Self, $crate::codec_error::CodecError> {
                Self::from_wire(u64::from(raw))
            }

            #[inline]
            fn raw(self) -> $raw {
                <$raw>::from(self.to_wire())
            }
        })+
    };
}

/// Declares an open code: a number with named values, where unnamed ones survive.
macro_rules! open_code {
    ($(#[$meta:meta])* $name:ident: $raw:ty {
        $($(#[$value_meta:meta])* $constant:ident = $value:literal $text:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $raw);

        impl $name {
            $($(#[$value_meta])* pub const $constant: Self = Self($value);)*

            /// The name of an assigned number.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({:#x})"), self.0)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => write!(f, "{name} ({:#010x})", self.0),
                    None => write!(f, "{:#010x}", self.0),
                }
            }
        }

        impl $crate::wire::Field<$raw> for $name {
            const PHASE: $crate::wire::Phase = $crate::wire::Phase::Unchecked;

            #[inline]
            fn parse(raw: $raw) -> Result<Self, $crate::codec_error::CodecError> {
                Ok(Self(raw))
            }

            #[inline]
            fn raw(self) -> $raw {
                self.0
            }
        }
    };
}

pub(crate) use closed_enum;
pub(crate) use open_code;
