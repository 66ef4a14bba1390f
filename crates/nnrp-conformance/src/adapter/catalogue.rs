//! Every case of the suite: its id, the rules it holds the implementation to, and what executes it.

use super::case::Case;
use super::cases::{
    cache, connection, epochs, exchange, flow, foreign, handshake, header, metadata, operation,
    previous, resume, schema, session, transport, typed_payload,
};
use super::subject::Subject;
use super::verdict::Verdict;

/// The protocol of the cases.
const PROTOCOL: &str = "nnrp-1-preview3";
/// The baseline before it.
const PREVIOUS_PROTOCOL: &str = "nnrp-1-preview2";

/// The case of this id in a plan for this protocol, or why there is none.
pub fn find(protocol_version: &str, id: &str) -> Result<Case, String> {
    let cases = match protocol_version {
        PROTOCOL => CASES,
        PREVIOUS_PROTOCOL => PREVIOUS_CASES,
        other => {
            return Err(format!(
                "the protocol {other} is not implemented; {PROTOCOL} is"
            ));
        }
    };
    let found = cases.iter().find(|case| case.id == id);
    let not_known = || format!("there is no case {id} of {protocol_version} here");
    found.copied().ok_or_else(not_known)
}

const fn case(
    id: &'static str,
    run: fn(&dyn Subject) -> Verdict,
    rules: &'static [&'static str],
) -> Case {
    Case { id, rules, run }
}

/// Cases of the preceding baseline whose vectors are known.
pub const PREVIOUS_CASES: &[Case] = &[case(
    "l0.typed_payload.descriptor.golden",
    previous::typed_payload_descriptor,
    &["typed_payload_descriptor.size"],
)];

/// The public cases, in the order of their ids.
pub const CASES: &[Case] = &[
    case(
        "l0.cache.error_code.family.golden",
        cache::error_codes,
        &[
            "cache.code.cache_miss",
            "cache.code.lease_expired",
            "cache.code.version_mismatch",
            "cache.code.dependency_invalid",
            "cache.code.schema_mismatch",
        ],
    ),
    case(
        "l0.flow_update.connection.packet.golden",
        metadata::flow_connection,
        &["flow_update.layout"],
    ),
    case(
        "l0.flow_update.operation.packet.golden",
        metadata::flow_operation,
        &["flow_update.layout"],
    ),
    case(
        "l0.flow_update.packet.golden",
        metadata::flow_session,
        &["flow_update.layout"],
    ),
    case(
        "l0.flow_update.reserved_flags.reject",
        metadata::flow_reserved,
        &[
            "flow_update.flags",
            "flow_update.reserved0",
            "flow_update.reserved1",
        ],
    ),
    case(
        "l0.header.invalid_length.reject",
        header::invalid_length,
        &["header.header_len"],
    ),
    case(
        "l0.header.length_mismatch.reject",
        header::length_mismatch,
        &["packet.length"],
    ),
    case(
        "l0.header.roundtrip.basic",
        header::round_trip_basic,
        &["header.layout"],
    ),
    case(
        "l0.schema.descriptor.header.golden",
        schema::descriptor_golden,
        &["schema_descriptor_header.layout"],
    ),
    case(
        "l0.schema.error_code.family.golden",
        schema::error_codes,
        &[
            "schema.code.unknown",
            "schema.code.version_unknown",
            "schema.code.hash_conflict",
            "schema.code.incompatible",
            "schema.code.update_rejected",
        ],
    ),
    case(
        "l0.session_close.metadata.golden",
        metadata::session_close,
        &["session_close.layout"],
    ),
    case(
        "l0.session_close_ack.metadata.golden",
        metadata::session_close_ack,
        &["session_close_ack.layout"],
    ),
    case(
        "l0.session_open.metadata.golden",
        metadata::session_open,
        &["session_open.layout"],
    ),
    case(
        "l0.session_open.reserved_fields.reject",
        metadata::session_open_reserved,
        &["session_open.flags", "session_open.reserved0"],
    ),
    case(
        "l0.session_open_ack.metadata.golden",
        metadata::session_open_ack,
        &["session_open_ack.layout"],
    ),
    case(
        "l0.session_open_ack.reserved_fields.reject",
        metadata::session_open_ack_reserved,
        &["session_open_ack.flags"],
    ),
    case(
        "l0.session_resume.metadata.golden",
        metadata::session_resume,
        &["session_open.layout", "resume.flag_missing"],
    ),
    case(
        "l0.session_resume_ack.rejected.golden",
        metadata::rejected,
        &["session_open_ack.layout", "resume.outcome.rejected"],
    ),
    case(
        "l0.session_resume_ack.resumed.golden",
        metadata::resumed,
        &["session_open_ack.layout", "resume.outcome.resumed"],
    ),
    case(
        "l0.typed_payload.descriptor.golden",
        typed_payload::descriptor_golden,
        &["typed_payload_descriptor.layout"],
    ),
    case(
        "l1.cache.dependency_invalidation.validation",
        cache::dependency_invalidation,
        &["cache.dependency.invalidated"],
    ),
    case(
        "l1.cache.error_code.cache_miss.validation",
        cache::cache_miss,
        &["cache.code.cache_miss", "cache.miss", "cache.miss.reported"],
    ),
    case(
        "l1.cache.error_code.dependency_invalid.validation",
        cache::dependency_invalid,
        &["cache.code.dependency_invalid", "cache.dependency.version"],
    ),
    case(
        "l1.cache.error_code.lease_expired.validation",
        cache::lease_expired,
        &[
            "cache.code.lease_expired",
            "cache.lease.boundary",
            "cache.lease.reported",
        ],
    ),
    case(
        "l1.cache.error_code.schema_mismatch.validation",
        cache::schema_mismatch,
        &["cache.code.schema_mismatch"],
    ),
    case(
        "l1.cache.error_code.version_mismatch.validation",
        cache::version_mismatch,
        &["cache.code.version_mismatch", "cache.version"],
    ),
    case(
        "l1.cache.lease_owner_scope.validation",
        cache::owner_scope,
        &["cache.miss", "cache.owner_scope"],
    ),
    case(
        "l1.cache.object_version.monotonicity.validation",
        cache::monotonicity,
        &["cache.object_version"],
    ),
    case(
        "l1.connection.close.session_cascade.validation",
        connection::session_cascade,
        &["connection.parallel_sessions", "connection.close.cascade"],
    ),
    case(
        "l1.connection.session_container.parallel_open.validation",
        connection::parallel_open,
        &["connection.parallel_sessions"],
    ),
    case(
        "l1.flow_update.connection.scope.validation",
        flow::connection_scope,
        &["flow_update.connection_scope_fields"],
    ),
    case(
        "l1.flow_update.credit_epoch.monotonicity.validation",
        epochs::monotonicity,
        &["flow_update.credit_epoch", "flow_update.stale_window"],
    ),
    case(
        "l1.flow_update.operation.scope.validation",
        flow::operation_scope,
        &["flow_update.operation_scope_fields"],
    ),
    case(
        "l1.flow_update.preview3",
        exchange::flow_updates,
        &[
            "flow_update.not_flow_update_header",
            "flow_update.retry_after_flag_missing",
            "flow_update.emitted_scope",
        ],
    ),
    case(
        "l1.flow_update.session.scope.validation",
        flow::session_scope,
        &["flow_update.session_scope_fields"],
    ),
    case(
        "l1.frame_submit.tensor.inline",
        exchange::tensor_inline,
        &[
            "frame_submit.tensor_metadata",
            "result_push.tensor_metadata",
            "result.single_terminal",
        ],
    ),
    case(
        "l1.frame_submit.tensor.inline.routing.validation",
        exchange::routing,
        &["result.routing", "result.single_terminal"],
    ),
    case(
        "l1.handshake.basic",
        handshake::basic,
        &[
            "client_hello.layout",
            "server_hello_ack.layout",
            "server_hello_ack.connection_scope",
        ],
    ),
    case(
        "l1.handshake.capability_window.validation",
        handshake::capability_window,
        &[
            "client_hello.version_window_order",
            "client_hello.version_window_excludes_current",
            "client_hello.wire_format_missing",
            "client_hello.profile_bitmap_empty",
            "client_hello.payload_kind_bitmap_empty",
            "hello_ack.version_outside_window",
            "hello_ack.wire_format_not_offered",
            "hello_ack.profile_not_subset",
            "hello_ack.payload_kind_not_subset",
            "hello_ack.codec_not_subset",
            "hello_ack.compression_not_subset",
            "hello_ack.dtype_not_subset",
            "hello_ack.layout_not_subset",
            "hello_ack.cache_digest_not_subset",
            "hello_ack.cache_object_not_subset",
            "handshake.server_refuses",
            "handshake.client_refuses",
        ],
    ),
    case(
        "l1.operation.cancel_scope.validation",
        operation::cancel_scope,
        &[
            "operation.cancel.operation",
            "operation.cancel.subtree",
            "operation.cancel.group",
            "operation.cancel.session",
            "cancel.session_mismatch",
            "cancel.group_missing",
            "frame_cancel.scope",
        ],
    ),
    case(
        "l1.operation.lifecycle.progression.validation",
        operation::progression,
        &[
            "operation.transition.accepted",
            "operation.transition.running",
            "operation.zero_session",
            "operation.zero_id",
            "operation.self_parent",
            "operation.zero_group",
            "operation.parent_other_session",
        ],
    ),
    case(
        "l1.operation.lifecycle.terminal_resolution.validation",
        operation::terminal_resolution,
        &["operation.transition.terminal"],
    ),
    case(
        "l1.operation.lifecycle.waiting_tool.validation",
        operation::waiting_tool,
        &["operation.transition.waiting_tool"],
    ),
    case(
        "l1.result_push.basic.terminal.validation",
        exchange::terminal,
        &["result.single_terminal", "result.partial_first"],
    ),
    case(
        "l1.schema.descriptor.default_stream.validation",
        schema::default_stream,
        &["schema.default_stream"],
    ),
    case(
        "l1.schema.descriptor.flags.validation",
        schema::flags,
        &["schema_descriptor_header.flags"],
    ),
    case(
        "l1.schema.descriptor.layout.validation",
        schema::layout,
        &[
            "schema_descriptor_header.layout",
            "schema_descriptor.reserved0",
            "schema_descriptor_header.size",
        ],
    ),
    case(
        "l1.schema.registry.install_update.validation",
        schema::install_update,
        &["schema.install.updated", "schema.install.profile"],
    ),
    case(
        "l1.schema.registry.invalidate_conflict.validation",
        schema::invalidate_conflict,
        &["schema.install.hash_conflict", "schema.invalidate.unknown"],
    ),
    case(
        "l1.session.close.sibling_survival.validation",
        connection::sibling_survival,
        &["connection.parallel_sessions", "session.close.siblings"],
    ),
    case(
        "l1.session.close.state_machine.validation",
        session::close_state_machine,
        &[
            "session_close.wrong_header",
            "session_close.zero_session",
            "session_close_ack.wrong_header",
            "session_close_ack.zero_session",
            "session.close.twice",
            "session.close.rejected_reopens",
            "session.close.draining",
        ],
    ),
    case(
        "l1.session.open.fixed_metadata.validation",
        session::open_fixed_metadata,
        &["session_open.size", "session_open.session_priority_class"],
    ),
    case(
        "l1.session.open_ack.fixed_metadata.validation",
        session::open_ack_fixed_metadata,
        &[
            "session_open_ack.size",
            "session_open_ack.session_priority_class",
            "session_open_ack.session_status",
            "open_ack.success_zero_session",
            "open_ack.reject_nonzero_session",
            "open_ack.header_session",
        ],
    ),
    case(
        "l1.session.open_close",
        session::open_close,
        &["session_close_ack.watermark", "transport.tcp.last_packet"],
    ),
    case(
        "l1.session.resume.from_operation.validation",
        resume::from_operation,
        &[
            "resume.outcome.resumed",
            "resume.no_redelivery",
            "result.single_terminal",
        ],
    ),
    case(
        "l1.session.resume.rejected.validation",
        resume::rejected,
        &[
            "resume.flag_missing",
            "resume.unbound_token",
            "resume_ack.enabled_incomplete",
            "resume_ack.no_token_requested",
            "resume_ack.error_present",
            "resume_ack.enabled_missing",
            "resume.outcome.rejected",
            "resume.outcome.resumed",
            "resume.rejection_code",
        ],
    ),
    case(
        "l1.token_profile.partial.validation",
        exchange::token_partial,
        &[
            "typed_region.token_profile_required",
            "schema.binding.incompatible",
            "result.partial_first",
            "typed_payload.relative_offset",
        ],
    ),
    case(
        "l1.typed_payload.descriptor.validation",
        typed_payload::descriptor,
        &[
            "typed_payload_descriptor.flags",
            "typed_payload_descriptor.reserved0",
            "typed_region.descriptor_length",
            "typed_region.zero_count_not_empty",
            "typed_region.tensor_profile_in_non_tensor",
            "typed_region.not_contiguous",
            "typed_region.out_of_range",
            "typed_region.not_covered",
        ],
    ),
    case(
        "l2.payload.typed.buffer_ownership.relative_region.validation",
        foreign::relative_region,
        &["typed_payload.relative_offset"],
    ),
    case(
        "l2.payload.typed.callback_polling.descriptor_consistency.validation",
        foreign::descriptor_consistency,
        &["abi.consumption", "typed_payload.relative_offset"],
    ),
    case(
        "l2.profile.token.partial.callback_polling.validation",
        foreign::token_partial,
        &["result.partial_first", "typed_payload.relative_offset"],
    ),
    case(
        "l2.result_push.basic.event_pump.single_terminal.validation",
        foreign::single_terminal,
        &["result.single_terminal"],
    ),
    case(
        "l2.schema.registry.conflict_error_mapping.validation",
        foreign::conflict_mapping,
        &["abi.schema.hash_conflict"],
    ),
    case(
        "l2.schema.registry.error_mapping.critical_unknown.validation",
        foreign::critical_unknown,
        &["abi.schema.unknown"],
    ),
    case(
        "l3.transport.quic.minimum",
        transport::quic,
        &["transport.quic.last_packet", "result.single_terminal"],
    ),
    case(
        "l3.transport.tcp.minimum",
        transport::tcp,
        &["transport.tcp.last_packet", "result.single_terminal"],
    ),
];
