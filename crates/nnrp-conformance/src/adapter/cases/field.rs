//! Fields of a structure, one by one: each is read back from its place, and what means nothing in them is refused.

use super::super::subject::Subject;
use super::super::verdict::{Verdict, holds};
use super::vector::{Place, accepts, refuses, round_trip, with_number};

/// A field by its name, with a value that no other place of these bytes would show.
pub(super) type Field = (&'static str, Place, u64);

/// Sets each field alone in bytes where all of them are 0: it is read back, and so are the zeros of the others.
/// `constant` are the fields that every variant has.
pub(super) fn each_alone(
    subject: &dyn Subject,
    structure: &str,
    zero: &[u8],
    fields: &[Field],
    constant: &[(&str, u64)],
) -> Verdict {
    for (name, place, value) in fields {
        let bytes = with_number(zero, *place, *value);
        let others = fields.iter().map(|(other, ..)| {
            let is_set = other == name;
            (*other, if is_set { *value } else { 0 })
        });
        let wanted: Vec<_> = constant.iter().copied().chain(others).collect();
        round_trip(subject, name, structure, &bytes, &wanted)?;
    }
    Ok(())
}

/// Sets every combination of the lowest `known` bits of a field of flags: all are read back.
pub(super) fn known_flags(
    subject: &dyn Subject,
    structure: &str,
    bytes: &[u8],
    (name, place): (&str, Place),
    known: u32,
) -> Verdict {
    for bits in 0..1 << known {
        let what = format!("{name} {bits:#x}");
        let changed = with_number(bytes, place, bits);
        let decoded = accepts(subject, &what, structure, &changed)?;
        holds(&what, decoded.fields.contains(&(name.to_owned(), bits)))?;
    }
    Ok(())
}

/// Adds each bit above the lowest `known` ones to a field of flags: every one is refused, and the bytes as they are accepted.
pub(super) fn unknown_flags(
    subject: &dyn Subject,
    structure: &str,
    bytes: &[u8],
    place: Place,
    known: u32,
) -> Verdict {
    let (present, mask) = (number_at(bytes, place), (1_u64 << known) - 1);
    each_bit(subject, structure, bytes, place, known, |bit| {
        format!("ReservedBitsSet {} {mask}", present | 1 << bit)
    })
}

/// Sets each bit of the reserved field of this name: every one is refused, and the bytes as they are accepted.
pub(super) fn reserved(
    subject: &dyn Subject,
    structure: &str,
    bytes: &[u8],
    place: Place,
    name: &str,
) -> Verdict {
    each_bit(subject, structure, bytes, place, 0, |_| {
        format!("NonZeroReservedField {name}")
    })
}

fn each_bit(
    subject: &dyn Subject,
    structure: &str,
    bytes: &[u8],
    place: Place,
    first: u32,
    error: impl Fn(u32) -> String,
) -> Verdict {
    accepts(subject, structure, structure, bytes)?;
    let (offset, width) = place;
    for bit in (0..).take(8 * width).skip(first as usize) {
        let changed = with_number(bytes, place, number_at(bytes, place) | 1 << bit);
        let what = format!("{structure} byte {offset}, bit {bit}");
        refuses(subject, &what, structure, &changed, &error(bit))?;
    }
    Ok(())
}

/// Sets every number in a byte: those below `first` are assigned, the others are refused under the name of the enumeration.
pub(super) fn enumeration(
    subject: &dyn Subject,
    structure: &str,
    bytes: &[u8],
    (name, offset): (&str, usize),
    first: u64,
) -> Verdict {
    for value in 0..=255 {
        let changed = with_number(bytes, (offset, 1), value);
        let what = format!("{structure} with {name} {value}");
        if value < first {
            accepts(subject, &what, structure, &changed)?;
        } else {
            let error = format!("UnknownEnumValue {name} {value}");
            refuses(subject, &what, structure, &changed, &error)?;
        }
    }
    Ok(())
}

/// Every length below that of these bytes is refused.
pub(super) fn shorter(subject: &dyn Subject, structure: &str, bytes: &[u8]) -> Verdict {
    let size = bytes.len();
    for length in 0..size {
        let what = format!("{structure} of {length} bytes");
        let error = format!("SourceTooShort {size} {length}");
        refuses(subject, &what, structure, &bytes[..length], &error)?;
    }
    Ok(())
}

fn number_at(bytes: &[u8], (offset, width): Place) -> u64 {
    let bytes = bytes[offset..offset + width].iter().rev();
    bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
}
