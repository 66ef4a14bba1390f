//! How integers, bit fields, enumerations and fixed structures lie in bytes.
//!
//! Every structure of the wire has a fixed size and fixed offsets, so there is no cursor: one
//! length check turns a slice into an array, and constant offsets into an array need no more.

mod bits;
mod enumeration;
mod field;
mod fixed;

pub(crate) use bits::bit_flags;
pub(crate) use enumeration::{closed_enum, open_code};
pub(crate) use field::{Field, Phase, WireInteger};
pub use fixed::{FieldValue, FixedFields};
pub(crate) use fixed::{cover, fixed_structure};
