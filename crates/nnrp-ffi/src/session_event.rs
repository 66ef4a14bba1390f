//! Events of greetings, recovery, migration and session control, flattened; what their fields cannot hold becomes a record.

use crate::control_layout::*;
use crate::data_event::{self, schema_answers};
use crate::end::{Ended, connection_end};
use crate::event_builder::{ended, of_kind, with_record};
use crate::layout::NnrpEvent;
use crate::status::NNRP_STATUS_SESSION_REJECTED;
use bytes::Bytes;
use nnrp_core::code::SessionStatus;
use nnrp_core::extension::HelloAckExtensions;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::hello::ServerHelloAck;
use nnrp_core::message::migrate::SessionMigrateAck;
use nnrp_core::message::patch::SessionPatchAck;
use nnrp_core::message::result::ResultHint;
use nnrp_core::message::session::SessionOpenAck;
use nnrp_runtime::{Event, MigrationFailure};
use std::time::Duration;

/// Client: the server answered the hello.
pub const NNRP_EVENT_GREETED: u32 = 13;
/// Client: the transport is lost, another one is tried.
pub const NNRP_EVENT_CONNECTION_LOST: u32 = 14;
/// Client: an attempt to connect again begins.
pub const NNRP_EVENT_RECONNECTING: u32 = 15;
/// Client: the session goes on over another transport.
pub const NNRP_EVENT_SESSION_RESUMED: u32 = 16;
/// Client: all sessions go on over another transport, as asked for.
pub const NNRP_EVENT_MIGRATED: u32 = 17;
/// Client: nothing comes of a migration.
pub const NNRP_EVENT_MIGRATION_FAILED: u32 = 18;
/// Client: the answer to the migration of one session.
pub const NNRP_EVENT_SESSION_MIGRATED: u32 = 19;
/// Client: frames will get no answer.
pub const NNRP_EVENT_FRAMES_LOST: u32 = 20;
/// Server: a frame was dropped, because its deadline passed.
pub const NNRP_EVENT_DEADLINE_PASSED: u32 = 21;
/// Client: the answer to a patch.
pub const NNRP_EVENT_SESSION_PATCHED: u32 = 22;
/// Client: advice of the server.
pub const NNRP_EVENT_HINT: u32 = 23;
/// The peer reports an error.
pub const NNRP_EVENT_PEER_ERROR: u32 = 24;
/// Client: the answer to a ping.
pub const NNRP_EVENT_PONG: u32 = 25;
/// Client: the answer to a probe.
pub const NNRP_EVENT_PROBE_ANSWERED: u32 = 26;

/// The event without its handles, and its payload; nothing for kinds this version does not deliver.
pub(crate) fn flatten(event: Event) -> Option<(NnrpEvent, Bytes)> {
    Some(match event {
        Event::Greeted {
            ack,
            extensions,
            schemas,
        } => greeted(&ack, &extensions, &schema_answers(&schemas)),
        Event::ConnectionLost { reason } => {
            plain(ended(NNRP_EVENT_CONNECTION_LOST, &connection_end(&reason)))
        }
        Event::Reconnecting { attempt, pause } => plain(NnrpEvent {
            detail: attempt,
            retry_after_ms: u32::try_from(pause.as_millis()).unwrap_or(u32::MAX),
            ..of_kind(NNRP_EVENT_RECONNECTING)
        }),
        Event::SessionResumed { ack, .. } => granted(NNRP_EVENT_SESSION_RESUMED, &ack),
        Event::Migrated { endpoint } => (
            of_kind(NNRP_EVENT_MIGRATED),
            Bytes::from(endpoint.into_bytes()),
        ),
        Event::MigrationFailed { reason } => plain(ended(
            NNRP_EVENT_MIGRATION_FAILED,
            &migration_failure(&reason),
        )),
        Event::SessionMigrated { ack, .. } => migrated(&ack),
        Event::FramesLost { frame_ids, .. } => frames_lost(&frame_ids),
        Event::DeadlinePassed { frame_id, .. } => plain(NnrpEvent {
            frame_id,
            operation_id: frame_id.into(),
            ..of_kind(NNRP_EVENT_DEADLINE_PASSED)
        }),
        Event::SessionPatched { ack, body, .. } => patched(&ack, &body),
        Event::Hint {
            frame_id, metadata, ..
        } => hint(frame_id, metadata),
        Event::PeerError {
            report, diagnostic, ..
        } => peer_error(&report, &diagnostic),
        Event::Pong { round_trip } => pong(round_trip),
        Event::ProbeAnswered {
            probe_id,
            server_recv_ts_us,
        } => probe_answered(probe_id, server_recv_ts_us),
        other => return data_event::flatten(other),
    })
}

/// What was granted to a session that is open or goes on.
pub(crate) fn granted(kind: u32, ack: &SessionOpenAck) -> (NnrpEvent, Bytes) {
    let event = NnrpEvent {
        session_id: ack.session_id,
        profile_id: ack.accepted_profile_id.into(),
        max_in_flight: ack.max_in_flight_operations.into(),
        ..of_kind(kind)
    };
    let grant = NnrpGrant {
        server_session_tag: ack.server_session_tag,
        is_resumed: (ack.session_status == SessionStatus::Resumed).into(),
        priority_class: ack.accepted_priority_class.to_wire().into(),
        schema_id: ack.schema_id,
        schema_version: ack.schema_version,
        operation_credit: ack.granted_operation_credit.into(),
        lease_ttl_ms: ack.lease_ttl_ms,
        resume_window_ms: ack.resume_window_ms,
        route_scope_id: ack.route_scope_id,
        session_flags: ack.session_flags_ack.bits(),
        ..NnrpGrant::default()
    };
    with_record(event, &[], &grant)
}

fn plain(event: NnrpEvent) -> (NnrpEvent, Bytes) {
    (event, Bytes::new())
}

fn greeted(
    ack: &ServerHelloAck,
    extensions: &HelloAckExtensions,
    schemas: &[u8],
) -> (NnrpEvent, Bytes) {
    let policy = extensions.transport_policy;
    let greeting = NnrpGreeting {
        version_major: ack.selected_version_major.into(),
        wire_format: ack.selected_wire_format.into(),
        auth_status: ack.auth_status.into(),
        server_flags: ack.server_flags.bits(),
        profile_bitmap: ack.accepted_profile_bitmap,
        payload_kind_bitmap: ack.accepted_payload_kind_bitmap,
        codec_bitmap: ack.accepted_codec_bitmap,
        compression_bitmap: ack.accepted_compression_bitmap,
        dtype_bitmap: ack.accepted_dtype_bitmap,
        layout_bitmap: ack.accepted_layout_bitmap,
        cache_digest_bitmap: ack.cache_digest_bitmap,
        cache_object_bitmap: ack.cache_object_bitmap,
        max_cache_entries: ack.max_cache_entries,
        max_cache_bytes: ack.max_cache_bytes,
        max_lane_count: ack.max_lane_count.into(),
        max_concurrent_frames: ack.max_concurrent_frames.into(),
        target_cadence_x100: ack.target_cadence_x100.into(),
        latency_budget_ms: ack.latency_budget_ms.into(),
        quality_tier: ack.quality_tier.into(),
        degrade_policy: ack.degrade_policy.into(),
        max_body_bytes: ack.max_body_bytes,
        token_ttl_ms: ack.token_ttl_ms,
        retry_after_ms: ack.retry_after_ms,
        transport_policy: policy.map_or(0, |policy| {
            u32::from(policy.accepted_transport_policy.0) + 1
        }),
        active_transport: policy.map_or(0, |policy| policy.active_transport_id.to_wire().into()),
        loss_tolerance: extensions
            .loss_tolerance
            .map_or(0, |loss| u32::from(loss.session_loss_tolerance.0) + 1),
        readable_payload_kinds: extensions
            .payload_capabilities
            .map_or(0, |readable| readable.payload_kind_bitmap),
        ..NnrpGreeting::default()
    };
    with_record(of_kind(NNRP_EVENT_GREETED), schemas, &greeting)
}

fn migration_failure(reason: &MigrationFailure) -> Ended {
    let rejected = Ended {
        status: NNRP_STATUS_SESSION_REJECTED,
        ..Ended::default()
    };
    match reason {
        MigrationFailure::NotAccepted { code } => Ended {
            detail: *code,
            ..rejected
        },
        MigrationFailure::Refused(code) => Ended {
            protocol_code: code.0,
            ..rejected
        },
        MigrationFailure::NoTransport(end) | MigrationFailure::Lost(end) => connection_end(end),
        _ => rejected,
    }
}

fn migrated(ack: &SessionMigrateAck) -> (NnrpEvent, Bytes) {
    let answer = NnrpMigrationAnswer {
        resume_from_frame_id: ack.resume_from_frame_id,
        server_time_us: ack.server_migrate_ts_us,
        accept_code: ack.accept_code,
        grace_window_ms: ack.grace_window_ms,
    };
    with_record(of_kind(NNRP_EVENT_SESSION_MIGRATED), &[], &answer)
}

fn frames_lost(frame_ids: &[u32]) -> (NnrpEvent, Bytes) {
    let ids = frame_ids.iter().flat_map(|id| id.to_ne_bytes());
    (of_kind(NNRP_EVENT_FRAMES_LOST), ids.collect())
}

fn patched(ack: &SessionPatchAck, block: &[u8]) -> (NnrpEvent, Bytes) {
    let answer = NnrpPatchAnswer {
        lane_mask: ack.effective_lane_mask,
        target_cadence_x100: ack.effective_target_cadence_x100,
        quality_tier: ack.effective_quality_tier.into(),
        degrade_policy: ack.effective_degrade_policy.into(),
        codec_bitmap: ack.effective_codec_bitmap,
        compression_bitmap: ack.effective_compression_bitmap,
        profile_id: ack.effective_profile_id.into(),
        ack_status: ack.ack_status.to_wire().into(),
        reject_reason: ack.reject_reason.to_wire().into(),
        applied_mask: ack.applied_patch_mask.bits(),
        rejected_mask: ack.rejected_patch_mask.bits(),
    };
    let event = NnrpEvent {
        retry_after_ms: ack.retry_after_ms,
        ..of_kind(NNRP_EVENT_SESSION_PATCHED)
    };
    with_record(event, block, &answer)
}

fn hint(frame_id: u32, hint: ResultHint) -> (NnrpEvent, Bytes) {
    let event = NnrpEvent {
        frame_id,
        operation_id: frame_id.into(),
        retry_after_ms: hint.retry_after_ms,
        ..of_kind(NNRP_EVENT_HINT)
    };
    let record = NnrpHint {
        struct_size: size_of_record::<NnrpHint>(),
        frame_id,
        budget_policy: hint.applied_budget_policy.to_wire().into(),
        congestion: hint.congestion_state.to_wire().into(),
        reason: hint.reason.to_wire().into(),
        retry_after_ms: hint.retry_after_ms,
    };
    with_record(event, &[], &record)
}

fn peer_error(report: &ErrorReport, text: &[u8]) -> (NnrpEvent, Bytes) {
    let event = NnrpEvent {
        protocol_code: report.error_code.0,
        session_id: report.related_session_id,
        frame_id: report.related_frame_id,
        retry_after_ms: report.retry_after_ms,
        ..of_kind(NNRP_EVENT_PEER_ERROR)
    };
    let record = NnrpErrorReport {
        struct_size: size_of_record::<NnrpErrorReport>(),
        error_code: report.error_code.0,
        scope: report.error_scope.to_wire().into(),
        is_fatal: report.is_fatal.into(),
        retry_after_ms: report.retry_after_ms,
        session_id: report.related_session_id,
        frame_id: report.related_frame_id,
        view_id: report.related_view_id,
    };
    with_record(event, text, &record)
}

fn pong(round_trip: Duration) -> (NnrpEvent, Bytes) {
    let round_trip_ns = u64::try_from(round_trip.as_nanos()).unwrap_or(u64::MAX);
    with_record(of_kind(NNRP_EVENT_PONG), &[], &NnrpPong { round_trip_ns })
}

fn probe_answered(probe_id: u32, server_time_us: u64) -> (NnrpEvent, Bytes) {
    let event = NnrpEvent {
        detail: probe_id,
        ..of_kind(NNRP_EVENT_PROBE_ANSWERED)
    };
    let answer = NnrpProbeAnswer {
        server_time_us,
        probe_id,
        reserved0: 0,
    };
    with_record(event, &[], &answer)
}

/// For structs that state their size in both directions.
#[allow(clippy::cast_possible_truncation)] // Some dozens of bytes.
const fn size_of_record<T>() -> u32 {
    size_of::<T>() as u32
}
