//! Bytes that nobody meant: mutated vectors go into every export, and each answer is a number or a named failure.

use super::host_client::{HostClient, hello, state};
use super::link::Link;
use super::module::{
    nnrp_wasm_check_packet, nnrp_wasm_check_stream, nnrp_wasm_client_new, nnrp_wasm_decode_lines,
    nnrp_wasm_score_provider_probe, nnrp_wasm_select_transport_with_probe, outcome, output,
    output_text, refused, set_inputs,
};
use super::record::Kind;
use super::recorded::{accepted, rejected, transcript};

const ROUNDS: usize = 3_000;

/// Numbers of xorshift64*, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// Below a bound that is not 0.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("64 bits");
        usize::try_from(self.next() % bound).expect("below a usize")
    }

    /// One of the seeds with some bytes set, cut off or put behind.
    fn mutation(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..self.below(4) {
            let byte = self.next().to_le_bytes()[0];
            match self.below(4) {
                0 => bytes.truncate(self.below(bytes.len() + 1)),
                1 => bytes.push(byte),
                _ if bytes.is_empty() => bytes.push(byte),
                _ => {
                    let at = self.below(bytes.len());
                    bytes[at] = byte;
                }
            }
        }
        bytes
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let vectors = accepted().into_iter().chain(rejected());
    let recorded = transcript().into_iter().map(|(_, packet)| packet);
    vectors.map(|vector| vector.bytes).chain(recorded).collect()
}

/// A failure has its family, its name and words.
fn assert_named(result: u32) {
    if result == 0 {
        refused(outcome(0));
    }
}

#[test]
fn codecs_answer_every_packet_and_corpus() {
    let (seeds, mut numbers) = (seeds(), Numbers(1));
    for _ in 0..ROUNDS {
        let bytes = numbers.mutation(&seeds);
        set_inputs(&[&bytes]);
        assert_named(nnrp_wasm_check_packet());
        set_inputs(&[&bytes]);
        let valid = nnrp_wasm_check_stream() as usize;
        assert!(valid * 40 <= bytes.len(), "{valid} packets in {bytes:?}");
        set_inputs(&[&bytes]);
        assert_named(nnrp_wasm_decode_lines());
    }
}

#[test]
fn a_client_takes_any_stream_and_tells_of_its_end_once() {
    let (seeds, mut numbers) = (seeds(), Numbers(2));
    for round in 0..ROUNDS / 10 {
        let link = if round % 2 == 0 {
            Link::greeted()
        } else {
            Link::new("{}", None)
        };
        link.client.open(1).expect("an open");
        link.client.transmit();
        let mut kinds = Vec::new();
        for _ in 0..20 {
            let bytes = numbers.mutation(&seeds);
            link.client.receive(&bytes).expect("there is room");
            kinds.extend(link.client.events().iter().map(|event| event.kind));
            link.client.transmit();
        }
        link.client.end_transport(numbers.below(2) == 0);
        kinds.extend(link.client.events().iter().map(|event| event.kind));
        let ends = kinds.iter().filter(|kind| **kind == Kind::ConnectionEnded);
        assert_eq!(ends.count(), 1, "{kinds:?}");
        assert_eq!(kinds.last(), Some(&Kind::ConnectionEnded));
        assert_eq!(link.client.events(), []);
    }
}

#[test]
fn a_client_takes_any_command() {
    let (seeds, mut numbers) = (seeds(), Numbers(3));
    let mut link = Link::greeted();
    for _ in 0..ROUNDS {
        let (head, body) = (numbers.mutation(&seeds), numbers.mutation(&seeds));
        if let Err(failure) = link.client.give(&head, &body) {
            refused(Err(failure));
        }
        link.client.transmit();
        link.client.events();
        if !link.client.has(state::WANTS_BYTES) {
            link = Link::greeted();
        }
    }
}

#[test]
fn options_and_selections_of_any_bytes_are_answered() {
    let (seeds, mut numbers) = (seeds(), Numbers(4));
    let texts: Vec<Vec<u8>> = [
        r#"{"limits":{"sessions":1},"timeouts":{"idle":null}}"#,
        r#"[{"name":"a","version":"1","transport_id":1}]"#,
        "[1,2]",
        "auto",
        "[]",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    for _ in 0..ROUNDS {
        let text = |numbers: &mut Numbers| numbers.mutation(&texts);
        let options = text(&mut numbers);
        let [hello, schemas, block] = [0; 3].map(|_| numbers.mutation(&seeds));
        set_inputs(&[&options, &hello, &schemas, &block]);
        match nnrp_wasm_client_new(1) {
            0 => assert_named(0),
            // Freed when it is dropped.
            number => drop(HostClient { number, now: 1 }),
        }
        for call in [
            nnrp_wasm_select_transport_with_probe,
            nnrp_wasm_score_provider_probe,
        ] {
            let arguments = [0; 4].map(|_| text(&mut numbers));
            set_inputs(&arguments.each_ref().map(Vec::as_slice));
            let selected = call();
            assert!(!output().is_empty(), "{selected}");
            output_text();
        }
    }
    // The module still works.
    assert!(HostClient::with_hello("{}", Some(&hello())).deadline() > 0);
}
