//! `l1.frame_submit.*`, `l1.result_push.*`, `l1.token_profile.*`, `l1.flow_update` over a connection: submits and their results.

use bytes::Bytes;
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::body::typed_payload::{TypedPayloadDescriptor, TypedRegion, TypedRegionBuilder};
use nnrp_core::code::{FlowScopeKind, InputProfile, ResultClass, TransportId};
use nnrp_core::flags::{DescriptorFlags, PayloadKinds, ResultFlags};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::schema::SchemaFailure;
use nnrp_runtime::{
    Exchange, ListenOptions, NnrpClientSession, NnrpServerSession, Security, SessionOptions,
};

use super::super::dialogue::{FLOW, PARTIAL};
use super::super::server::{Server, client, sessions_of};
use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, good, holds, needed, same};
use super::super::wire::{on_sockets, within};
use super::flow;
use super::schema::token_payload;
use super::typed_payload::region;

/// `l1.frame_submit.tensor.inline`
pub(in super::super) fn tensor_inline(subject: &dyn Subject) -> Verdict {
    on_sockets(async {
        let mut options = ListenOptions::default();
        options.sessions.profiles = vec![1, 2];
        options.sessions.schemas.push((0, 0));
        let (server, endpoint) = sessions_of(subject, options).await?;
        let client = client(&endpoint, &Security::default(), Exchange::OpenFirst).await?;
        let wish = SessionOptions {
            profile_id: 1,
            schema_id: 0,
            schema_version: 0,
            ..SessionOptions::default()
        };
        let opening = within("opening", client.open_session_with(&wish)).await?;
        let theirs = good("opening", opening)?;
        let ours = good("accepting", within("a session", server.accept()).await?)?;
        for frame_id in 1..=3 {
            tensor_frame(&theirs, &ours, frame_id).await?;
        }
        Ok(())
    })
}

async fn tensor_frame(
    theirs: &NnrpClientSession,
    ours: &NnrpServerSession,
    frame_id: u32,
) -> Verdict {
    let body = tensor_body()?;
    let submit = tensor_submit(frame_id);
    let submitted = within("a submit", theirs.submit(submit, body.clone())).await?;
    same("its frame", good("submitting", submitted)?, frame_id)?;
    let received = good("a submit", within("a submit", ours.receive_submit()).await?)?;
    same("tensor metadata of the submit", received.metadata, submit)?;
    same("the body of the submit", &received.body, &body)?;
    let found = (received.header.session_id, received.header.frame_id);
    same("where it belongs", found, (theirs.session_id(), frame_id))?;
    let result = tensor_result(frame_id);
    let sent = within("a result", ours.send_result(frame_id, result, body.clone())).await?;
    good("sending a result", sent)?;
    let answer = good("a result", within("a result", theirs.await_result()).await?)?;
    same("the frame answered", answer.frame_id, frame_id)?;
    same("tensor metadata of the result", answer.metadata, result)?;
    same("the body of the result", &answer.body, &body)
}

/// `l1.frame_submit.tensor.inline.routing.validation`
pub(in super::super) fn routing(subject: &dyn Subject) -> Verdict {
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = server.connect().await?;
        wire.greet().await?;
        wire.open(42).await?;
        wire.open(43).await?;
        // Equal frame ids in two sessions, and frames of one session out of order with another's.
        for (session_id, frame_id) in [(42, 1), (43, 1), (43, 2), (42, 2), (42, 3), (43, 3)] {
            let body = Bytes::from(format!("frame {frame_id} of session {session_id}"));
            wire.submit(session_id, frame_id, 0, &body).await?;
            wire.expect_result(session_id, frame_id, &body).await?;
        }
        Ok(())
    })
}

/// `l1.result_push.basic.terminal.validation`
pub(in super::super) fn terminal(subject: &dyn Subject) -> Verdict {
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = server.connect().await?;
        wire.open(42).await?;
        let body = Bytes::from_static(b"a result");
        for frame_id in 1..=4 {
            let verb = if frame_id % 2 == 0 { PARTIAL } else { 0 };
            wire.submit(42, frame_id, verb, &body).await?;
            if verb == PARTIAL {
                let part = wire.expect_result(42, frame_id, &body).await?;
                let found = (part.result_class, part.result_flags);
                same(
                    "a part",
                    found,
                    (ResultClass::Partial, ResultFlags::PARTIAL),
                )?;
                holds("a part is not the end", !part.is_terminal())?;
            }
            let result = wire.expect_result(42, frame_id, &body).await?;
            let found = (result.status_code, result.result_class, result.result_flags);
            let wanted = (200, ResultClass::Complete, ResultFlags::NONE);
            same("the whole", found, wanted)?;
            let found = (result.active_profile_id, result.payload_frame_count);
            same("profile and frames of the result", found, (2, 1))?;
        }
        // The next packet of the server is the ack of the close, so no frame has had a second result.
        wire.close_session(42).await.map(drop)
    })
}

/// `l1.token_profile.partial.validation`
pub(in super::super) fn token_partial(subject: &dyn Subject) -> Verdict {
    let other_profile = TypedPayloadDescriptor {
        profile_id: 0,
        ..TypedPayloadDescriptor::default()
    };
    let what = "a token payload of another profile";
    let kinds = PayloadKinds::TOKEN_CHUNK;
    let rule = "token_profile_required";
    region(subject, what, kinds, &[other_profile], 0, Err(rule))?;
    binding(subject)?;
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let client = server.client(Exchange::OpenFirst).await?;
        let session = good("opening", within("opening", client.open_session()).await?)?;
        let metadata = FrameSubmit {
            latency_budget_ms: PARTIAL,
            payload_kind_bitmap: kinds,
            payload_frame_count: 2,
            ..FrameSubmit::default()
        };
        let submitted = session.submit(metadata, token_body()?).await;
        good("submitting", submitted)?;
        for class in [ResultClass::Partial, ResultClass::Complete] {
            let result = within("a result", session.await_result()).await?;
            let result = good("a result", result)?;
            same(
                "partial, then terminal",
                result.metadata.result_class,
                class,
            )?;
            token_frames(subject, &result.metadata, &result.body)?;
        }
        Ok(())
    })
}

/// A token payload is bound to a schema of its profile.
fn binding(subject: &dyn Subject) -> Verdict {
    use SchemaFailure::{Incompatible, Unknown, UpdateRejected, VersionUnknown};
    let registry = subject.schemas();
    same(
        "the token-delta schema",
        registry.check_binding(&token_payload()),
        Ok(()),
    )?;
    for (what, profile_id, schema_id, schema_version, wanted) in [
        ("the tensor profile", 1, 0x1001, 3, Incompatible),
        ("no profile", 0, 0x1001, 3, Incompatible),
        ("an unassigned profile", 3, 0x1001, 3, UpdateRejected),
        ("another version", 2, 0x1001, 4, VersionUnknown),
        ("another schema", 2, 0x1002, 3, Unknown),
    ] {
        let payload = TypedPayloadDescriptor {
            profile_id,
            schema_id,
            schema_version,
            ..token_payload()
        };
        same(what, registry.check_binding(&payload), Err(wanted))?;
    }
    Ok(())
}

/// `l1.flow_update.preview3`
pub(in super::super) fn flow_updates(subject: &dyn Subject) -> Verdict {
    flow::every_scope(subject)?;
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let mut wire = server.connect().await?;
        wire.open(42).await?;
        let body = Bytes::from_static(b"after three updates");
        wire.submit(42, 1, FLOW, &body).await?;
        for (scope, session_id, credit, operation_id) in [
            (FlowScopeKind::Connection, 0, 5, 0),
            (FlowScopeKind::Session, 42, 7, 0),
            (FlowScopeKind::Operation, 42, 3, 1),
        ] {
            let (header, update) = wire.expect_message::<FlowUpdate>().await?;
            let name = scope.name();
            same("its scope", update.scope_kind, scope)?;
            same(&format!("{name}: session"), header.session_id, session_id)?;
            same(&format!("{name}: credit"), update.credit(), Some(credit))?;
            same(
                &format!("{name}: operation"),
                update.operation_id,
                operation_id,
            )?;
            same(&format!("{name}: epoch"), update.credit_epoch, 1)?;
            let routed = subject.check_flow_routing(&header, &update);
            good(&format!("{name}: routing"), routed)?;
        }
        wire.expect_result(42, 1, &body).await.map(drop)
    })
}

/// What a token result carries, checked region by region.
pub(super) fn token_frames(subject: &dyn Subject, metadata: &ResultPush, body: &Bytes) -> Verdict {
    let regions = good("the body", BodyRegions::decode(body))?;
    let (kinds, count) = (metadata.payload_kind_bitmap, metadata.payload_frame_count);
    let (descriptors, frames) = (
        &regions.typed_payload_descriptors,
        &regions.typed_payload_frames,
    );
    let checked = subject.check_typed_region(kinds, count, descriptors, frames);
    good("the typed payload", checked)?;
    let decoded = TypedRegion::decode(kinds, count, descriptors, frames);
    let found: Vec<(u16, Vec<u8>)> = good("the typed payload", decoded)?
        .frames()
        .map(|(descriptor, frame)| (descriptor.descriptor_flags.bits(), frame.to_vec()))
        .collect();
    let wanted = vec![(2, b"he".to_vec()), (1, b"llo".to_vec())];
    same("a part, then the end", found, wanted)
}

/// A structured body of two token frames: `he`, a part, and `llo`, the end.
pub(super) fn token_body() -> Result<Bytes, Failure> {
    let mut region = TypedRegionBuilder::new(PayloadKinds::TOKEN_CHUNK);
    for (flags, frame) in [
        (DescriptorFlags::PARTIAL, &b"he"[..]),
        (DescriptorFlags::TERMINAL, b"llo"),
    ] {
        let descriptor = TypedPayloadDescriptor {
            descriptor_flags: flags,
            ..token_payload()
        };
        needed("a token frame", region.push(descriptor, frame))?;
    }
    let regions = BodyRegions {
        typed_payload_descriptors: Bytes::copy_from_slice(region.descriptors()),
        typed_payload_frames: Bytes::copy_from_slice(region.frames()),
        ..BodyRegions::default()
    };
    needed("a body", regions.encode())
}

/// A structured body with one inline object.
fn tensor_body() -> Result<Bytes, Failure> {
    let regions = BodyRegions {
        inline_objects: Bytes::from_static(&[0x5a; 48]),
        ..BodyRegions::default()
    };
    needed("a body", regions.encode())
}

fn tensor_submit(frame_id: u32) -> FrameSubmit {
    FrameSubmit {
        src_width: 1280,
        src_height: 720,
        tile_width: 64,
        tile_height: 64,
        tile_count: 240,
        section_count: 3,
        frame_class: 1,
        input_profile: InputProfile::ChangedTilesLuma,
        latency_budget_ms: 33,
        target_fps_x100: 3000,
        tile_base_id: 9,
        camera_bytes: 32,
        dependency_frame_id: frame_id - 1,
        payload_kind_bitmap: PayloadKinds::TENSOR,
        ..FrameSubmit::default()
    }
}

fn tensor_result(frame_id: u32) -> ResultPush {
    ResultPush {
        status_code: 200,
        section_count: 1,
        tile_count: 84,
        active_profile_id: 1,
        inference_ms: 8,
        queue_ms: 2,
        server_total_ms: 10,
        tile_base_id: 9,
        tile_index_bytes: 16,
        reused_frame_id: frame_id - 1,
        covered_tile_count: 53,
        dropped_tile_count: 31,
        payload_kind_bitmap: PayloadKinds::TENSOR,
        ..ResultPush::default()
    }
}
