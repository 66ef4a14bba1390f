//! Packets by themselves: every vector goes through the exports that check and decode.

use nnrp_core::{Header, MessageType};
use serde_json::Value;

use super::module::{
    nnrp_wasm_check_packet, nnrp_wasm_check_stream, nnrp_wasm_decode_lines,
    nnrp_wasm_protocol_major, nnrp_wasm_wire_format, outcome, output, output_json, output_text,
    refused, set_inputs,
};
use super::recorded::{Vector, accepted, decoded, rejected, transcript};

/// The vector as a whole packet, if it is one or the metadata of a message.
fn packet_of(vector: &Vector) -> Option<Vec<u8>> {
    if vector.structure == "packet" {
        return Some(vector.bytes.clone());
    }
    let mut types = MessageType::ALL.iter();
    let message_type = *types.find(|known| known.name() == vector.structure)?;
    let header = Header {
        meta_len: u32::try_from(vector.bytes.len()).expect("short"),
        ..Header::new(message_type)
    };
    Some([&header.to_bytes()[..], &vector.bytes].concat())
}

/// The payload of the failure in the output, in the order of the vectors.
fn payload() -> Vec<String> {
    let failure = output_json();
    let order = [
        "name", "field", "rule", "expected", "declared", "value", "actual", "allowed",
    ];
    let members = order.iter().filter_map(|key| failure["detail"].get(key));
    let text = |member: &Value| {
        member
            .as_str()
            .map_or_else(|| member.to_string(), str::to_owned)
    };
    members.map(text).collect()
}

fn check(packet: &[u8]) -> u32 {
    set_inputs(&[packet]);
    nnrp_wasm_check_packet()
}

#[test]
fn the_module_names_its_protocol() {
    assert_eq!(
        (nnrp_wasm_protocol_major(), nnrp_wasm_wire_format()),
        (1, 0)
    );
}

#[test]
fn every_accepted_vector_is_a_valid_packet() {
    let packets: Vec<Vec<u8>> = accepted().iter().filter_map(packet_of).collect();
    assert!(packets.len() > 30, "{} vectors", packets.len());
    for packet in packets {
        assert_eq!(check(&packet), 1, "{}", output_text());
        assert_eq!(output(), b"");
    }
}

#[test]
fn every_rejected_vector_is_refused_with_its_error_and_payload() {
    let mut checked = 0;
    for vector in rejected() {
        let Some(packet) = packet_of(&vector) else {
            continue;
        };
        let (family, name) = refused(outcome(check(&packet)));
        assert_eq!(
            (&*family, &*name),
            ("codec", &*vector.error[0]),
            "{}",
            vector.id
        );
        assert_eq!(payload(), vector.error[1..], "{}", vector.id);
        checked += 1;
    }
    assert!(checked > 20, "{checked} vectors");
}

#[test]
fn the_recorded_session_is_a_stream_of_packets_however_much_of_it_has_arrived() {
    let packets = transcript();
    let stream: Vec<u8> = packets
        .iter()
        .flat_map(|(_, packet)| packet.clone())
        .collect();
    let mut ends: Vec<usize> = vec![0];
    for (_, packet) in &packets {
        ends.push(ends[ends.len() - 1] + packet.len());
    }
    for arrived in 0..=stream.len() {
        set_inputs(&[&stream[..arrived]]);
        let whole = ends.iter().filter(|end| **end <= arrived).count() - 1;
        assert_eq!(nnrp_wasm_check_stream() as usize, whole, "{arrived} bytes");
        assert_eq!(output(), b"", "{arrived} bytes");
    }
}

#[test]
fn a_stream_is_valid_up_to_what_is_wrong_in_it() {
    let first = &transcript()[0].1;
    set_inputs(&[&[&first[..], &[0; 40]].concat()]);
    assert_eq!(nnrp_wasm_check_stream(), 1);
    assert_eq!(output_json()["name"], "InvalidMagic");
}

#[test]
fn the_lines_are_those_of_an_independent_decoder() {
    let (corpus, expected) = decoded();
    assert!(expected.lines().count() > 50);
    set_inputs(&[&corpus]);
    assert_eq!(nnrp_wasm_decode_lines(), 1);
    assert_eq!(output_text(), expected);
}

#[test]
fn a_corpus_that_is_none_is_the_callers_mistake() {
    set_inputs(&[&[1, 2]]);
    let (family, name) = refused(outcome(nnrp_wasm_decode_lines()));
    assert_eq!((&*family, &*name), ("usage", "MalformedCorpus"));
}
