//! The vectors of `spec/vectors`: what must decode, to which fields, and what must be refused.

use std::collections::BTreeSet;

use nnrp_core::CodecError;
use nnrp_core::code::ErrorCode;

use crate::damage::BITS_APART;
use crate::recorded::{lines, unhex};
use crate::structures::{STRUCTURES, decode};

struct Vector {
    id: String,
    structure: String,
    bytes: Vec<u8>,
    fields: Vec<(String, u64)>,
}

#[test]
fn every_accepted_vector_decodes_to_its_fields_and_encodes_to_itself() {
    let vectors = accepted();
    assert_eq!(vectors.len(), 39, "the file of vectors is incomplete");
    for vector in vectors {
        let decoded = decode(&vector.structure, &vector.bytes)
            .unwrap_or_else(|error| panic!("{}: {error}", vector.id));
        assert_eq!(
            decoded.encoded, vector.bytes,
            "{} encodes differently",
            vector.id
        );
        for (name, value) in &vector.fields {
            let actual = decoded.fields.iter().find(|(field, _)| field == name);
            assert_eq!(
                actual.map(|(_, actual)| actual),
                Some(value),
                "{} {name}",
                vector.id
            );
        }
        let named: BTreeSet<&String> = vector.fields.iter().map(|(name, _)| name).collect();
        let unnamed = decoded
            .fields
            .iter()
            .find(|(name, _)| !named.contains(name));
        assert_eq!(unnamed, None, "{} leaves a field unnamed", vector.id);
    }
}

#[test]
fn every_rejected_vector_is_refused_with_its_error() {
    let mut count = 0;
    for line in lines("reject.txt") {
        let [_, id, structure, hex, error] = split(&line);
        let refused = decode(structure, &unhex(hex)).expect_err(id);
        assert_eq!(notation(&refused), error, "{id}");
        count += 1;
    }
    assert_eq!(count, 37, "the file of vectors is incomplete");
}

#[test]
fn every_truncation_of_a_vector_is_too_short_and_says_by_how_much() {
    for vector in accepted() {
        for len in 0..vector.bytes.len() {
            let refused = decode(&vector.structure, &vector.bytes[..len])
                .expect_err("a truncated vector must not decode");
            let declared = vector.bytes.len();
            let expected = match vector.structure.as_str() {
                "packet" if len < 40 => CodecError::SourceTooShort {
                    expected: 40,
                    actual: len,
                },
                "packet" => CodecError::PacketLengthMismatch {
                    declared,
                    actual: len,
                },
                _ => CodecError::SourceTooShort {
                    expected: declared,
                    actual: len,
                },
            };
            assert_eq!(refused, expected, "{} cut to {len}", vector.id);
        }
    }
}

#[test]
fn one_flipped_bit_of_a_vector_is_refused_or_encodes_to_itself() {
    for vector in accepted() {
        for bit in (0..vector.bytes.len() * 8).step_by(BITS_APART) {
            let mut flipped = vector.bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(decoded) = decode(&vector.structure, &flipped) {
                assert_eq!(decoded.encoded, flipped, "{} bit {bit}", vector.id);
            }
        }
    }
}

#[test]
fn a_structure_decodes_from_longer_input_as_if_it_ended_where_it_ends() {
    for vector in accepted()
        .into_iter()
        .filter(|vector| vector.structure != "packet")
    {
        let mut longer = vector.bytes.clone();
        longer.extend_from_slice(&[0xa5; 7]);
        let decoded = decode(&vector.structure, &longer).expect(&vector.id);
        assert_eq!(decoded.encoded, vector.bytes, "{}", vector.id);
    }
}

#[test]
fn every_structure_has_an_accepted_vector() {
    let covered: BTreeSet<String> = accepted()
        .into_iter()
        .map(|vector| vector.structure)
        .collect();
    let packets = ["SESSION_OPEN", "SESSION_OPEN_ACK"];
    for (name, _) in STRUCTURES {
        assert!(
            covered.contains(*name) || packets.contains(name),
            "{name} has no vector"
        );
    }
}

#[test]
fn error_codes_travel_under_their_numbers() {
    for line in lines("codes.txt") {
        let parts: Vec<&str> = line.split(' ').collect();
        let bytes = unhex(parts[1]).try_into().expect("four bytes");
        let code = ErrorCode(u32::from_le_bytes(bytes));
        assert!(code.name().is_some_and(|name| name == parts[3]), "{line}");
    }
}

fn accepted() -> Vec<Vector> {
    let mut vectors: Vec<Vector> = Vec::new();
    for line in lines("accept.txt") {
        let (key, value) = line.split_once(' ').expect("a key and a value");
        if key == "vector" {
            vectors.push(Vector {
                id: value.to_owned(),
                structure: String::new(),
                bytes: Vec::new(),
                fields: Vec::new(),
            });
            continue;
        }
        let vector = vectors.last_mut().expect("a vector line first");
        match key {
            "structure" => value.clone_into(&mut vector.structure),
            "hex" => vector.bytes = unhex(value),
            "field" => {
                let (name, number) = value.split_once(' ').expect("a name and a number");
                vector
                    .fields
                    .push((name.to_owned(), number.parse().expect("a number")));
            }
            "source" => {}
            other => panic!("unknown key {other}"),
        }
    }
    vectors
}

/// The error as `reject.txt` writes it: kind, then payload.
fn notation(error: &CodecError) -> String {
    let payload = match error {
        CodecError::UnsupportedWireFormat(value)
        | CodecError::InvalidHeaderLength(value)
        | CodecError::UnsupportedVersionMajor(value)
        | CodecError::UnknownMessageType(value) => value.to_string(),
        CodecError::SourceTooShort { expected, actual }
        | CodecError::DestinationTooShort { expected, actual } => format!("{expected} {actual}"),
        CodecError::UnknownEnumValue { enum_name, value } => format!("{enum_name} {value}"),
        CodecError::ReservedBitsSet { value, allowed } => format!("{value} {allowed}"),
        CodecError::NonZeroReservedField(field) => (*field).to_owned(),
        CodecError::InvalidProtocolCombination(rule) => rule.as_str().to_owned(),
        CodecError::PacketLengthMismatch { declared, actual } => format!("{declared} {actual}"),
        CodecError::InvalidMagic | CodecError::MessageLengthOverflow => String::new(),
    };
    format!("{} {payload}", error.name()).trim_end().to_owned()
}

fn split(line: &str) -> [&str; 5] {
    let mut parts = line.splitn(5, ' ');
    std::array::from_fn(|_| parts.next().expect("five parts"))
}
