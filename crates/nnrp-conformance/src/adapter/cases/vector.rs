//! Byte strings: what has to be accepted, gives these fields and these bytes again; what has to be refused, how.

use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, same, wrong};
use crate::vectors::{Accepted, Decoded, accepted, codec_error};

/// Where a field stands and how many bytes it takes.
pub(super) type Place = (usize, usize);

/// The bytes of a vector of `spec/vectors`.
pub(super) fn bytes_of(id: &str) -> Result<Vec<u8>, Failure> {
    Ok(vector_of(id)?.bytes.clone())
}

/// The vector of this id, byte for byte, both ways.
pub(super) fn golden(subject: &dyn Subject, id: &str) -> Verdict {
    let vector = vector_of(id)?;
    let fields: Vec<(&str, u64)> = vector
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    round_trip(subject, id, &vector.structure, &vector.bytes, &fields)
}

fn vector_of(id: &str) -> Result<&'static Accepted, Failure> {
    accepted(id).ok_or_else(|| Failure::Obstacle(format!("there is no vector {id}")))
}

/// Bytes that decode to exactly these fields, which encode to exactly these bytes.
pub(super) fn round_trip(
    subject: &dyn Subject,
    what: &str,
    structure: &str,
    bytes: &[u8],
    fields: &[(&str, u64)],
) -> Verdict {
    let decoded = accepts(subject, what, structure, bytes)?;
    for (name, wanted) in fields {
        match decoded.fields.iter().find(|(field, _)| field == name) {
            Some((_, found)) => same(&format!("{what}: {name}"), *found, *wanted)?,
            None => return wrong(format!("{what}: there is no field {name}")),
        }
    }
    let count = decoded.fields.len();
    same(&format!("{what}: number of fields"), count, fields.len())?;
    same(
        &format!("{what}: encoded again"),
        hex(&decoded.encoded),
        hex(bytes),
    )
}

/// Bytes that decode.
pub(super) fn accepts(
    subject: &dyn Subject,
    what: &str,
    structure: &str,
    bytes: &[u8],
) -> Result<Decoded, Failure> {
    let decoded = subject
        .decode(structure, bytes)
        .map_err(Failure::Obstacle)?;
    decoded.map_err(|error| {
        Failure::Assertion(format!("{what}: refused with {}", codec_error(&error)))
    })
}

/// Bytes that are refused with this error.
pub(super) fn refuses(
    subject: &dyn Subject,
    what: &str,
    structure: &str,
    bytes: &[u8],
    error: &str,
) -> Verdict {
    match subject
        .decode(structure, bytes)
        .map_err(Failure::Obstacle)?
    {
        Ok(_) => wrong(format!("{what}: accepted, not refused with {error}")),
        Err(found) => same(what, codec_error(&found).as_str(), error),
    }
}

/// The bytes with one of them replaced.
pub(super) fn with_byte(bytes: &[u8], offset: usize, value: u8) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[offset] = value;
    changed
}

/// The bytes with this number at this place, little-endian.
pub(super) fn with_number(bytes: &[u8], (offset, width): Place, value: u64) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[offset..offset + width].copy_from_slice(&value.to_le_bytes()[..width]);
    changed
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
