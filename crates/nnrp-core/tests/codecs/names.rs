//! Every name and number of spec 05: the vectors say them, and nothing that they do not list exists.

use std::collections::BTreeMap;

use nnrp_core::code::{
    BackpressureLevel, CacheAckStatus, CacheInvalidateScope, CacheObjectKind, CancelScope,
    DataType, ErrorCode, ErrorScope, FlowScopeKind, FlowUpdateReason, InFlightPolicy, InputProfile,
    LossTolerance, OperationState, PayloadFamily, ResultClass, ResultHintBudgetPolicy,
    ResultHintCongestionState, ResultHintReason, SessionCloseReason, SessionCloseStatus,
    SessionErrorCode, SessionPatchAckStatus, SessionPatchRejectReason, SessionPriorityClass,
    SessionStatus, StreamSemantics, SubmitMode, TileIndexMode, TransportId, TransportPolicy,
};
use nnrp_core::{CodecError, MessageType};

use crate::structures::STRUCTURES;

const NAMES: &str = include_str!("../../../../spec/vectors/names.txt");

/// Beyond every number of a closed enumeration.
const PAST_THE_LAST: u64 = 300;

fn lines() -> impl Iterator<Item = &'static str> {
    NAMES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The numbers and names of a kind of lines, by what they are of.
fn listed(kind: &str) -> BTreeMap<&'static str, BTreeMap<u64, &'static str>> {
    let mut all: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for line in lines() {
        let mut words = line.split(' ');
        let [found, of, number, name] = std::array::from_fn(|_| words.next().expect("4 words"));
        if found == kind {
            let number = number.parse().expect("a number");
            assert!(all.entry(of).or_default().insert(number, name).is_none());
        }
    }
    all
}

/// What a closed enumeration makes of a number.
fn closed(of: &str, number: u64) -> Result<&'static str, CodecError> {
    macro_rules! named {
        ($($text:literal $enumeration:ident,)*) => {
            match of {
                $($text => {
                    let value = $enumeration::from_wire(number)?;
                    assert_eq!(u64::from(value.to_wire()), number);
                    Ok(value.name())
                })*
                _ => panic!("no enumeration is named {of}"),
            }
        };
    }
    named! {
        "session_priority_class" SessionPriorityClass,
        "session_status" SessionStatus,
        "close_reason" SessionCloseReason,
        "in_flight_policy" InFlightPolicy,
        "close_status" SessionCloseStatus,
        "operation_state" OperationState,
        "cancel_scope" CancelScope,
        "scope_kind" FlowScopeKind,
        "update_reason" FlowUpdateReason,
        "backpressure_level" BackpressureLevel,
        "result_hint_budget_policy" ResultHintBudgetPolicy,
        "result_hint_congestion_state" ResultHintCongestionState,
        "result_hint_reason" ResultHintReason,
        "session_patch_ack_status" SessionPatchAckStatus,
        "session_patch_reject_reason" SessionPatchRejectReason,
        "transport_id" TransportId,
        "error_scope" ErrorScope,
        "input_profile" InputProfile,
        "tile_index_mode" TileIndexMode,
        "submit_mode" SubmitMode,
        "result_class" ResultClass,
        "cache_object_kind" CacheObjectKind,
        "cache_ack_status" CacheAckStatus,
        "cache_invalidate_scope" CacheInvalidateScope,
        "payload_family_bit" PayloadFamily,
    }
}

#[test]
fn a_closed_enumeration_has_its_listed_values_and_refuses_every_other() {
    let listed = listed("closed");
    assert_eq!(listed.len(), 25);
    for (of, names) in listed {
        for number in (0..PAST_THE_LAST).chain([u64::from(u32::MAX)]) {
            let expected = names
                .get(&number)
                .copied()
                .ok_or(CodecError::UnknownEnumValue {
                    enum_name: of,
                    value: number,
                });
            assert_eq!(closed(of, number), expected, "{of} {number}");
        }
    }
}

/// The name of a number of an open enumeration.
fn open(of: &str, number: u16) -> Option<&'static str> {
    let byte = u8::try_from(number).expect("one byte");
    match of {
        "stream_semantics" => StreamSemantics(number).name(),
        "loss_tolerance_policy" => LossTolerance(byte).name(),
        "transport_policy" => TransportPolicy(byte).name(),
        "dtype" => DataType(byte).name(),
        _ => panic!("no open enumeration is named {of}"),
    }
}

#[test]
fn an_open_enumeration_names_its_listed_values_and_no_other() {
    let listed = listed("open");
    assert_eq!(listed.len(), 4);
    for (of, names) in listed {
        for number in 0..=255 {
            let expected = names.get(&number.into()).copied();
            assert_eq!(open(of, number), expected, "{of} {number}");
        }
    }
}

#[test]
fn error_codes_have_the_names_of_their_families() {
    let listed = listed("code");
    let families: Vec<_> = listed.keys().copied().collect();
    assert_eq!(families, ["cache", "general", "schema", "session"]);
    for (family, names) in listed {
        let name_of = |number| match family {
            "session" => SessionErrorCode(number).name(),
            _ => ErrorCode(number).name(),
        };
        for (&number, &name) in &names {
            let number = u32::try_from(number).expect("32 bits");
            assert_eq!(name_of(number), Some(name), "{number:#x}");
        }
        let last = names.keys().last().expect("codes");
        assert_eq!(name_of(u32::try_from(last + 1).expect("32 bits")), None);
    }
    assert_eq!(ErrorCode(0).name(), None);
}

#[test]
fn message_types_are_the_listed_ones() {
    let listed = &listed("message")["type"];
    for number in 0..=u8::MAX {
        let expected = listed.get(&number.into()).copied();
        let found = MessageType::from_wire(number);
        assert_eq!(found.map(MessageType::name).ok(), expected, "{number:#x}");
    }
    assert_eq!(listed.len(), MessageType::ALL.len());
}

#[test]
fn metadata_has_the_listed_sizes() {
    for line in lines() {
        let Some(size) = line.strip_prefix("size metadata ") else {
            continue;
        };
        let (size, name) = size.split_once(' ').expect("size and name");
        let known = STRUCTURES.iter().find(|(known, _)| *known == name);
        let (_, known) = known.expect(name);
        assert_eq!(known.to_string(), size, "{name}");
    }
}
