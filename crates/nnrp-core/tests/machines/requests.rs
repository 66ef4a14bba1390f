//! Patch and migration between a client machine and a server machine, and what may be said meanwhile.

use bytes::Bytes;
use nnrp_core::code::{SessionPatchAckStatus, TransportId};
use nnrp_core::connection::CommandError;
use nnrp_core::connection::client::ClientEvent;
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::flags::PatchMask;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};

use crate::link::Link;

#[test]
fn flow_updates_go_with_the_answers_in_front_of_a_request_and_not_behind_them() {
    let mut link = Link::plain();
    let session = link.open(7);
    let frame = link.submit(session, b"before the patch");
    let patch = SessionPatch::default();
    link.client
        .patch_session(link.now, session, &patch, Bytes::new())
        .expect("open");
    link.drive();
    let update = |credit_epoch| FlowUpdate {
        credit_epoch,
        ..FlowUpdate::default()
    };
    link.server
        .send_flow_update(0, &update(1))
        .expect("an answer is owed");
    link.answer(session, frame, Bytes::new());
    let late = link.server.send_flow_update(0, &update(2));
    assert_eq!(late, Err(CommandError::RequestPending(0)));
    let ack = SessionPatchAck::accept_all(&patch);
    link.server
        .answer_patch(link.now, session, &ack)
        .expect("asked");
    link.drive();
    let events = link.client_events();
    assert!(
        matches!(
            events[..],
            [
                ClientEvent::FlowUpdated { .. },
                ClientEvent::Result { .. },
                ClientEvent::SessionPatched { .. }
            ]
        ),
        "{events:?}"
    );
}

#[test]
fn patch_and_migrate_are_answered_before_anything_else_is_read() {
    let mut link = Link::plain();
    let session = link.open(7);
    let patch = SessionPatch {
        patch_mask: PatchMask::TARGET_CADENCE,
        target_cadence_x100: 6000,
        profile_patch_bytes: 9,
        ..SessionPatch::default()
    };
    link.client
        .patch_session(link.now, session, &patch, Bytes::new())
        .expect("open");
    let waits = link
        .client
        .patch_session(link.now, session, &patch, Bytes::new());
    assert_eq!(waits, Err(CommandError::RequestPending(session)));
    link.submit(session, b"after the patch");
    link.drive();
    let events = link.server_events();
    assert!(
        matches!(events[..], [ServerEvent::PatchRequested { .. }]),
        "{events:?}"
    );
    let flow = FlowUpdate {
        credit_epoch: 1,
        ..FlowUpdate::default()
    };
    let between = link.server.send_flow_update(0, &flow);
    assert_eq!(between, Err(CommandError::RequestPending(0)));
    let ack = SessionPatchAck::accept_all(&patch);
    link.server
        .answer_patch(link.now, session, &ack)
        .expect("asked");
    link.drive();
    let events = link.client_events();
    let [ClientEvent::SessionPatched { ack, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(ack.ack_status, SessionPatchAckStatus::Accepted);
    assert_eq!(ack.effective_target_cadence_x100, 6000);
    assert!(matches!(
        link.server_events()[..],
        [ServerEvent::Submitted { .. }]
    ));

    let migrate = SessionMigrate {
        old_transport_id: TransportId::Tcp,
        new_transport_id: TransportId::Quic,
        last_result_frame_id: 10,
        client_migrate_ts_us: 1,
    };
    link.client
        .migrate_session(link.now, session, &migrate)
        .expect("open");
    link.drive();
    let regressed = SessionMigrateAck {
        resume_from_frame_id: 9,
        ..SessionMigrateAck::default()
    };
    let refused = link.server.answer_migrate(link.now, session, &regressed);
    assert!(
        matches!(refused, Err(CommandError::Codec(_))),
        "{refused:?}"
    );
    let ack = SessionMigrateAck {
        resume_from_frame_id: 11,
        ..SessionMigrateAck::default()
    };
    link.server
        .answer_migrate(link.now, session, &ack)
        .expect("asked");
    link.drive();
    assert_eq!(
        link.client_events(),
        [ClientEvent::SessionMigrated { session_id: 7, ack }]
    );
}
