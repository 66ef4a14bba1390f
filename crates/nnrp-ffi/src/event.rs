//! From the runtime's events to the flat struct of the ABI.

use crate::details::{with_result_details, with_submit_details};
use crate::end::{connection_end, session_end};
use crate::event_builder::{ended, of_kind};
use crate::layout::NnrpEvent;
use crate::session_event::{self, granted};
use bytes::Bytes;
use nnrp_core::Header;
use nnrp_core::code::FlowScopeKind;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::Event;

/// Client: the transport is up.
pub const NNRP_EVENT_CONNECTED: u32 = 1;
/// Server: a peer connected.
pub const NNRP_EVENT_ACCEPTED: u32 = 2;
/// Last event of a connection.
pub const NNRP_EVENT_CONNECTION_CLOSED: u32 = 3;
/// A session was opened.
pub const NNRP_EVENT_SESSION_OPENED: u32 = 4;
/// Last event of a session.
pub const NNRP_EVENT_SESSION_CLOSED: u32 = 5;
/// Server: a submit with its body.
pub const NNRP_EVENT_SUBMIT: u32 = 6;
/// Client: a result with its body.
pub const NNRP_EVENT_RESULT: u32 = 7;
/// Client: no result will come for the frame.
pub const NNRP_EVENT_RESULT_DROP: u32 = 8;
/// Client: a change of credit.
pub const NNRP_EVENT_FLOW_UPDATE: u32 = 9;
/// Server: a frame should not be answered.
pub const NNRP_EVENT_CANCEL: u32 = 10;
/// There is room again.
pub const NNRP_EVENT_WRITABLE: u32 = 11;
/// Last event of a listener.
pub const NNRP_EVENT_LISTENER_CLOSED: u32 = 12;

/// Whether the peer decides how many events of this kind there are, so that each needs a place in the queue.
///
/// Besides the runtime's own traffic these are new connections and sessions: a peer may come and go in a loop while nobody
/// drains.
pub(crate) fn takes_place(event: &Event) -> bool {
    event.is_traffic() || matches!(event, Event::Accepted { .. } | Event::SessionOpened { .. })
}

/// The event without its handles, and its body; nothing for kinds this version does not deliver.
pub(crate) fn flatten(event: Event) -> Option<(NnrpEvent, Bytes)> {
    let no_body = |event| (event, Bytes::new());
    Some(match event {
        Event::Connected { .. } => no_body(of_kind(NNRP_EVENT_CONNECTED)),
        Event::Accepted { .. } => no_body(of_kind(NNRP_EVENT_ACCEPTED)),
        Event::ConnectionClosed { reason } => no_body(ended(
            NNRP_EVENT_CONNECTION_CLOSED,
            &connection_end(&reason),
        )),
        Event::SessionOpened { ack, .. } => granted(NNRP_EVENT_SESSION_OPENED, &ack),
        Event::SessionClosed {
            session_id, reason, ..
        } => {
            let ended = ended(NNRP_EVENT_SESSION_CLOSED, &session_end(&reason));
            no_body(NnrpEvent {
                session_id,
                ..ended
            })
        }
        Event::Submit {
            header,
            metadata,
            body,
            objects,
            ..
        } => with_submit_details(submit(&header, &metadata), &metadata, body, &objects),
        Event::Result {
            header,
            metadata,
            body,
            ..
        } => with_result_details(result(&header, &metadata), &metadata, body),
        Event::ResultDrop { header, .. } => no_body(frame(NNRP_EVENT_RESULT_DROP, &header)),
        Event::FlowUpdate {
            header, metadata, ..
        } => no_body(flow_update(&header, &metadata)),
        Event::Cancel { header, .. } => no_body(frame(NNRP_EVENT_CANCEL, &header)),
        Event::Writable { .. } => no_body(of_kind(NNRP_EVENT_WRITABLE)),
        other => return session_event::flatten(other),
    })
}

/// What every event that came as a packet carries of its header.
fn from_packet(kind: u32, header: &Header) -> NnrpEvent {
    NnrpEvent {
        session_id: header.session_id,
        frame_id: header.frame_id,
        header_flags: header.flags.bits(),
        view_id: header.view_id,
        route_id: header.route_id,
        trace_id: header.trace_id,
        ..of_kind(kind)
    }
}

/// An event about one frame, which is its operation.
fn frame(kind: u32, header: &Header) -> NnrpEvent {
    NnrpEvent {
        operation_id: header.frame_id.into(),
        ..from_packet(kind, header)
    }
}

fn submit(header: &Header, metadata: &FrameSubmit) -> NnrpEvent {
    NnrpEvent {
        latency_budget_ms: metadata.latency_budget_ms.into(),
        payload_kind_bitmap: metadata.payload_kind_bitmap.bits(),
        payload_frame_count: metadata.payload_frame_count.into(),
        ..frame(NNRP_EVENT_SUBMIT, header)
    }
}

fn result(header: &Header, metadata: &ResultPush) -> NnrpEvent {
    NnrpEvent {
        profile_id: metadata.active_profile_id.into(),
        status_code: metadata.status_code.into(),
        result_class: metadata.result_class.to_wire().into(),
        result_flags: metadata.result_flags.bits().into(),
        payload_kind_bitmap: metadata.payload_kind_bitmap.bits(),
        payload_frame_count: metadata.payload_frame_count.into(),
        inference_ms: metadata.inference_ms.into(),
        queue_ms: metadata.queue_ms.into(),
        server_total_ms: metadata.server_total_ms.into(),
        ..frame(NNRP_EVENT_RESULT, header)
    }
}

fn flow_update(header: &Header, metadata: &FlowUpdate) -> NnrpEvent {
    let credit = match metadata.scope_kind {
        FlowScopeKind::Connection => metadata.connection_credit,
        FlowScopeKind::Session => metadata.session_credit,
        FlowScopeKind::Operation => metadata.operation_credit,
    };
    NnrpEvent {
        operation_id: metadata.operation_id,
        flow_scope: metadata.scope_kind.to_wire().into(),
        flow_reason: metadata.update_reason.to_wire().into(),
        flow_backpressure: metadata.backpressure_level.to_wire().into(),
        flow_flags: metadata.flow_flags.bits(),
        flow_credit: credit.into(),
        flow_epoch: metadata.credit_epoch,
        retry_after_ms: metadata.retry_after_ms,
        ..from_packet(NNRP_EVENT_FLOW_UPDATE, header)
    }
}
