//! Fixed structures: a table of offsets becomes a struct with a decoder and an encoder.

use crate::codec_error::CodecError;

/// What every fixed structure of the wire can do.
///
/// `decode` accepts longer input and ignores the rest; `encode` writes exactly `SIZE` bytes or
/// nothing. The order of checks is that of the specification's tables.
pub trait FixedFields: Sized {
    /// Bytes of the structure.
    const SIZE: usize;

    /// Reads the structure from the first `SIZE` bytes.
    fn decode(source: &[u8]) -> Result<Self, CodecError>;

    /// Writes the structure to the first `SIZE` bytes, reserved ones as zero.
    fn encode(&self, destination: &mut [u8]) -> Result<(), CodecError>;

    /// As `encode`, for a destination that is zero already.
    fn encode_onto_zeros(&self, destination: &mut [u8]) -> Result<(), CodecError>;

    /// Calls `visit` with each field in table order, reserved ones left out.
    fn for_each_field(&self, visit: &mut dyn FnMut(FieldValue));
}

/// A field as the layout table names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// Name in the table.
    pub name: &'static str,
    /// Its number on the wire.
    pub value: u64,
    /// Where it starts in the structure.
    pub offset: usize,
    /// Bytes it takes there.
    pub width: usize,
}

/// Marks the bytes of one field in a map of the structure, at compile time.
pub(crate) const fn cover(covered: u128, offset: usize, width: usize) -> u128 {
    let bytes = ((1 << width) - 1) << offset;
    assert!(covered & bytes == 0, "two fields of the table overlap");
    covered | bytes
}

/// Declares a structure from its layout table: `field: Type as wire_integer @ offset`.
///
/// The table must cover every byte once; that is checked at compile time. `checks` names the
/// function with the rules that combine several fields.
macro_rules! fixed_structure {
    (
        $(#[$meta:meta])*
        $name:ident $prefix:literal $size:literal {
            $($(#[$field_meta:meta])* $field:ident: $kind:ty as $raw:ident @ $offset:literal,)*
        }
        $(reserved { $($reserved:ident: $reserved_raw:ident @ $reserved_offset:literal,)* })?
        $(checks $checks:path;)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $kind,)*
        }

        const _: () = {
            let covered = 0;
            $(let covered = $crate::wire::cover(covered, $offset, size_of::<$raw>());)*
            $($(
                let covered =
                    $crate::wire::cover(covered, $reserved_offset, size_of::<$reserved_raw>());
            )*)?
            assert!(covered == (1 << $size) - 1, "the table leaves bytes out");
        };

        impl $name {
            /// Bytes of the structure.
            pub const SIZE: usize = $size;

            /// Reads the structure from the first [`Self::SIZE`] bytes.
            #[inline]
            pub fn decode(source: &[u8]) -> Result<Self, $crate::codec_error::CodecError> {
                let Some(bytes) = source.first_chunk::<$size>() else {
                    return Err($crate::codec_error::CodecError::SourceTooShort {
                        expected: $size,
                        actual: source.len(),
                    });
                };
                match Self::accept(bytes) {
                    Some(decoded) => Ok(decoded),
                    None => Self::judge(bytes),
                }
            }

            /// Takes what breaks no rule; that is nearly everything, so no error is prepared here.
            #[inline]
            fn accept(bytes: &[u8; $size]) -> Option<Self> {
                use $crate::wire::{Field, WireInteger};
                let reserved: u64 = 0 $($(| <$reserved_raw>::read(bytes, $reserved_offset).to_u64())*)?;
                if reserved != 0 {
                    return None;
                }
                let decoded = Self {
                    $($field: <$kind as Field<$raw>>::parse(<$raw>::read(bytes, $offset)).ok()?,)*
                };
                $($checks(&decoded).ok()?;)?
                Some(decoded)
            }

            /// Makes the checks one by one in the order of the specification: the first that fails names the error.
            #[cold]
            fn judge(bytes: &[u8; $size]) -> Result<Self, $crate::codec_error::CodecError> {
                use $crate::wire::{Field, Phase, WireInteger};
                $($(
                    if <$reserved_raw>::read(bytes, $reserved_offset) != 0 {
                        return Err($crate::codec_error::CodecError::NonZeroReservedField(
                            concat!($prefix, ".", stringify!($reserved)),
                        ));
                    }
                )*)?
                $(
                    if matches!(<$kind as Field<$raw>>::PHASE, Phase::Bits) {
                        <$kind as Field<$raw>>::parse(<$raw>::read(bytes, $offset))?;
                    }
                )*
                let decoded = Self {
                    $($field: <$kind as Field<$raw>>::parse(<$raw>::read(bytes, $offset))?,)*
                };
                $($checks(&decoded)?;)?
                Ok(decoded)
            }

            /// Writes the structure to the first [`Self::SIZE`] bytes of `destination`.
            #[inline]
            pub fn encode(&self, destination: &mut [u8]) -> Result<(), $crate::codec_error::CodecError> {
                use $crate::wire::{Field, WireInteger};
                let bytes = Self::place(destination)?;
                $($checks(self)?;)?
                *bytes = [0; $size];
                $(<$kind as Field<$raw>>::raw(self.$field).write(bytes, $offset);)*
                Ok(())
            }

            #[inline]
            fn place(
                destination: &mut [u8],
            ) -> Result<&mut [u8; $size], $crate::codec_error::CodecError> {
                let actual = destination.len();
                destination.first_chunk_mut::<$size>().ok_or(
                    $crate::codec_error::CodecError::DestinationTooShort {
                        expected: $size,
                        actual,
                    },
                )
            }
        }

        impl $crate::wire::FixedFields for $name {
            const SIZE: usize = $size;

            #[inline]
            fn decode(source: &[u8]) -> Result<Self, $crate::codec_error::CodecError> {
                Self::decode(source)
            }

            #[inline]
            fn encode(&self, destination: &mut [u8]) -> Result<(), $crate::codec_error::CodecError> {
                self.encode(destination)
            }

            #[inline]
            fn encode_onto_zeros(
                &self,
                destination: &mut [u8],
            ) -> Result<(), $crate::codec_error::CodecError> {
                use $crate::wire::{Field, WireInteger};
                let bytes = Self::place(destination)?;
                $($checks(self)?;)?
                $(<$kind as Field<$raw>>::raw(self.$field).write(bytes, $offset);)*
                Ok(())
            }

            fn for_each_field(&self, visit: &mut dyn FnMut($crate::wire::FieldValue)) {
                use $crate::wire::{Field, FieldValue, WireInteger};
                $(visit(FieldValue {
                    name: stringify!($field),
                    value: <$kind as Field<$raw>>::raw(self.$field).to_u64(),
                    offset: $offset,
                    width: <$raw as WireInteger>::WIDTH,
                });)*
            }
        }
    };
}

pub(crate) use fixed_structure;
