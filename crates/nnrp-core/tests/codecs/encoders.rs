//! Encoders refuse what decoders refuse: the rows that the tables of spec 02 and 03 mark "both".
//!
//! Reserved bits and unassigned numbers have no test here: no value of a field's type holds one.

use nnrp_core::body::prelude::BodyPrelude;
use nnrp_core::code::{InputProfile, TransportId};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::FixedFields;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::migrate::SessionMigrate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{CodecError, Rule};

/// The encoder names this rule and writes nothing; too short a destination is named before.
fn refuses<M: FixedFields>(rule: Rule, broken: &M) {
    let mut destination = vec![0xee; M::SIZE];
    let expected = Err(CodecError::InvalidProtocolCombination(rule));
    assert_eq!(broken.encode(&mut destination), expected);
    assert_eq!(broken.encode_onto_zeros(&mut destination), expected);
    assert!(destination.iter().all(|byte| *byte == 0xee), "{rule:?}");
    let short = CodecError::DestinationTooShort {
        expected: M::SIZE,
        actual: M::SIZE - 1,
    };
    assert_eq!(broken.encode(&mut destination[1..]), Err(short));
}

#[test]
fn a_hello_that_no_server_accepts_is_not_written() {
    let valid = hello();
    for (rule, broken) in [
        (
            Rule::ClientHelloVersionWindowOrder,
            ClientHello {
                min_version_major: 2,
                ..valid
            },
        ),
        (
            Rule::ClientHelloVersionWindowExcludesCurrent,
            ClientHello {
                max_version_major: 0,
                min_version_major: 0,
                ..valid
            },
        ),
        (
            Rule::ClientHelloWireFormatMissing,
            ClientHello {
                supported_wire_format_bitmap: 0xfffe,
                ..valid
            },
        ),
        (
            Rule::ClientHelloProfileBitmapEmpty,
            ClientHello {
                supported_profile_bitmap: 0,
                ..valid
            },
        ),
        (
            Rule::ClientHelloPayloadKindBitmapEmpty,
            ClientHello {
                supported_payload_kind_bitmap: 0,
                ..valid
            },
        ),
    ] {
        refuses(rule, &broken);
    }
}

fn hello() -> ClientHello {
    ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 2,
        supported_payload_kind_bitmap: 2,
        ..ClientHello::default()
    }
}

#[test]
fn a_move_from_or_to_nowhere_is_not_written() {
    let (quic, nowhere) = (TransportId::Quic, TransportId::Unspecified);
    for (rule, old_transport_id, new_transport_id) in [
        (Rule::SessionMigrateOldTransportUnspecified, nowhere, quic),
        (Rule::SessionMigrateNewTransportUnspecified, quic, nowhere),
        (
            Rule::SessionMigrateOldTransportUnspecified,
            nowhere,
            nowhere,
        ),
    ] {
        let broken = SessionMigrate {
            old_transport_id,
            new_transport_id,
            ..SessionMigrate::default()
        };
        refuses(rule, &broken);
    }
}

#[test]
fn tensor_fields_of_a_submit_are_not_written_without_their_kind() {
    let token = FrameSubmit {
        payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
        ..FrameSubmit::default()
    };
    let set: [fn(&mut FrameSubmit); 9] = [
        |submit| submit.src_width = 1,
        |submit| submit.src_height = 1,
        |submit| submit.tile_width = 1,
        |submit| submit.tile_height = 1,
        |submit| submit.tile_count = 1,
        |submit| submit.section_count = 1,
        |submit| submit.tile_base_id = 1,
        |submit| submit.camera_bytes = 1,
        |submit| submit.input_profile = InputProfile::DenseLumaFrame,
    ];
    for set in set {
        let mut submit = token;
        set(&mut submit);
        refuses(Rule::FrameSubmitTensorFieldsWithoutTensor, &submit);
        submit.payload_kind_bitmap = PayloadKinds::TOKEN_CHUNK | PayloadKinds::TENSOR;
        assert_eq!(submit.encode(&mut [0; FrameSubmit::SIZE]), Ok(()));
    }
}

#[test]
fn tensor_fields_of_a_result_are_not_written_without_their_kind() {
    let set: [fn(&mut ResultPush); 6] = [
        |result| result.section_count = 1,
        |result| result.tile_count = 1,
        |result| result.tile_base_id = 1,
        |result| result.tile_index_bytes = 1,
        |result| result.covered_tile_count = 1,
        |result| result.dropped_tile_count = 1,
    ];
    for set in set {
        let mut result = ResultPush::default();
        set(&mut result);
        refuses(Rule::ResultPushTensorFieldsWithoutTensor, &result);
        result.payload_kind_bitmap = PayloadKinds::TENSOR;
        assert_eq!(result.encode(&mut [0; ResultPush::SIZE]), Ok(()));
    }
}

#[test]
fn a_region_of_part_of_an_object_reference_is_not_written() {
    let broken = BodyPrelude {
        object_reference_bytes: 17,
        ..BodyPrelude::default()
    };
    refuses(Rule::BodyPreludeObjectReferenceAlignment, &broken);
}
