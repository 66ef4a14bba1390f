//! Control extension blocks: entries, padding, what is unknown (spec 02 §2.16).

use bytes::BytesMut;
use nnrp_core::code::{ErrorCode, LossTolerance, TransportId, TransportPolicy};
use nnrp_core::extension::{
    Extension, ExtensionError, HelloAckExtensions, HelloExtensions, LossToleranceOffer,
    PayloadCapabilities, TransportPolicyAck, TransportPolicyOffer, entries, extension_type,
};
use proptest::prelude::*;

fn block(extensions: &[Extension<'_>]) -> BytesMut {
    let mut block = BytesMut::new();
    for extension in extensions {
        let before = block.len();
        extension.append_to(&mut block);
        assert_eq!(block.len() - before, extension.encoded_len());
    }
    block
}

fn vendor(critical: bool, payload: &[u8]) -> Extension<'_> {
    Extension {
        extension_type: 0x8001,
        critical,
        payload,
    }
}

const MALFORMED: fn(usize) -> ExtensionError = |offset| ExtensionError::Malformed { offset };

#[test]
fn the_hello_extensions_come_back_from_their_block() {
    let hello = HelloExtensions {
        transport_policy: Some(TransportPolicyOffer {
            transport_policy: TransportPolicy::PREFER_QUIC,
            preferred_transport_id: TransportId::Quic,
        }),
        loss_tolerance: Some(LossToleranceOffer {
            session_loss_tolerance: LossTolerance(77),
        }),
        payload_capabilities: Some(PayloadCapabilities {
            payload_kind_bitmap: 0x8000_0002,
        }),
    };
    let block = hello.encode();
    let expected = [
        &[1, 1, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0][..],
        &[3, 1, 0, 0, 8, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0],
        &[5, 1, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0x80, 0, 0, 0, 0],
    ];
    assert_eq!(block, expected.concat());
    assert_eq!(HelloExtensions::decode(&block), Ok(hello));
    assert_eq!(
        HelloAckExtensions::decode(&block),
        Ok(HelloAckExtensions::default())
    );

    let ack = HelloAckExtensions {
        transport_policy: Some(TransportPolicyAck {
            transport_policy: TransportPolicy::PREFER_QUIC,
            accepted_transport_policy: TransportPolicy::FORCE_TCP,
            active_transport_id: TransportId::Tcp,
        }),
        ..HelloAckExtensions::default()
    };
    assert_eq!(HelloAckExtensions::decode(&ack.encode()), Ok(ack));
    assert_eq!(HelloExtensions::default().encode(), "");
}

#[test]
fn an_unknown_entry_is_skipped_unless_it_is_critical() {
    let skipped = block(&[vendor(false, b"abc")]);
    assert_eq!(
        HelloExtensions::decode(&skipped),
        Ok(HelloExtensions::default())
    );
    let refused = HelloExtensions::decode(&block(&[vendor(false, b"abc"), vendor(true, b"")]));
    let unsupported = ExtensionError::Unsupported {
        offset: 16,
        extension_type: 0x8001,
    };
    assert_eq!(refused, Err(unsupported));
    assert_eq!(unsupported.code(), ErrorCode::UNSUPPORTED_CAPABILITY);
    assert!(unsupported.to_string().contains("0x8001"));
}

#[test]
fn a_damaged_entry_is_malformed_and_ends_the_block() {
    let whole = block(&[vendor(false, b"abc"), vendor(false, b"12345678")]);
    let damaged = |at: usize, value: u8| {
        let mut bytes = whole.clone();
        bytes[at] = value;
        let last = entries(&bytes).last().expect("an entry");
        last.expect_err("a damaged entry")
    };
    assert_eq!(damaged(2, 2), MALFORMED(0), "an unknown flag");
    assert_eq!(damaged(11, 1), MALFORMED(0), "padding that is not zero");
    assert_eq!(damaged(20, 9), MALFORMED(16), "more than the block has");
    assert_eq!(
        damaged(23, 0xff),
        MALFORMED(16),
        "a length that cannot be padded"
    );
    assert_eq!(MALFORMED(0).code(), ErrorCode::MALFORMED_BODY);
    assert!(MALFORMED(16).to_string().contains("offset 16"));
    for cut in 1..whole.len() {
        let complete = cut == 16;
        assert_eq!(
            entries(&whole[..cut]).all(|entry| entry.is_ok()),
            complete,
            "cut to {cut}"
        );
    }
}

#[test]
fn a_known_entry_of_another_length_or_with_reserved_bytes_is_malformed() {
    for payload in [
        &[0; 7][..],
        &[0; 9],
        &[1, 1, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0, 0, 3, 0, 0, 0],
    ] {
        let entry = Extension {
            extension_type: extension_type::TRANSPORT_POLICY,
            critical: false,
            payload,
        };
        let refused = HelloExtensions::decode(&block(&[entry]));
        assert_eq!(refused, Err(MALFORMED(0)), "{payload:?}");
    }
}

proptest! {
    #[test]
    fn entries_come_back_from_their_block(
        extensions in proptest::collection::vec(
            (any::<u16>(), any::<bool>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..6)
    ) {
        let extensions: Vec<Extension<'_>> = extensions
            .iter()
            .map(|(extension_type, critical, payload)| Extension {
                extension_type: *extension_type,
                critical: *critical,
                payload,
            })
            .collect();
        let block = block(&extensions);
        let read: Result<Vec<_>, _> = entries(&block)
            .map(|entry| entry.map(|(_, extension)| extension))
            .collect();
        prop_assert_eq!(read, Ok(extensions));
    }

    #[test]
    fn no_block_makes_the_reader_panic_or_loop(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(entries(&bytes).count() <= bytes.len() / 8 + 1);
        let _ = HelloExtensions::decode(&bytes);
        let _ = HelloAckExtensions::decode(&bytes);
    }
}
