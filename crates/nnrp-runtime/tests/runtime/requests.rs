//! What a client session asks for and gets as an answer of its own: patch, migration and close, over real sockets.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::code::{
    InFlightPolicy, SessionCloseReason, SessionCloseStatus, SessionErrorCode,
    SessionPatchAckStatus, TransportId,
};
use nnrp_core::flags::PatchMask;
use nnrp_core::lifecycle::SessionState;
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::{SessionClose, SessionCloseAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{MessageType, Packet};
use nnrp_runtime::{
    CommandError, ConnectionOptions, Event, Exchange, NnrpClient, NnrpClientConfig,
    NnrpClientEvent, NnrpClientSession, NnrpServer, NnrpServerConfig, NnrpServerSession,
    RuntimeError, SessionEnd, SessionOptions, Submission, connect,
};
use nnrp_transport_provider::{MemoryTransport, Transport};
use nnrp_transport_tcp::TcpTransport;
use tokio::runtime::Handle;

use crate::support::raw_peer::{RawPeer, packet_of};
use crate::support::recorder::Recorder;
use crate::support::{memory_endpoint, tcp_endpoint, within};

async fn pair() -> (NnrpClientSession, NnrpServerSession) {
    let server = NnrpServer::bind(tcp_endpoint(), NnrpServerConfig::default())
        .await
        .expect("bind");
    let config = NnrpClientConfig::default();
    let connected = within(NnrpClient::connect(server.endpoint().clone(), config)).await;
    let client = connected.expect("connect");
    let both = within(async { tokio::join!(client.open_session(), server.accept()) }).await;
    (both.0.expect("open"), both.1.expect("accept"))
}

/// A session of ours at a peer that speaks raw packets, both of the id 7.
async fn session_at_raw_server() -> (NnrpClientSession, RawPeer) {
    let mut listener = TcpTransport.listen(&tcp_endpoint()).await.expect("listen");
    let options = ConnectionOptions {
        exchange: Exchange::OpenFirst,
        // A wait for answers would last longer than any test.
        drain_timeout: Duration::from_hours(1),
        close_timeout: Duration::from_hours(1),
        ..ConnectionOptions::default()
    };
    let config = NnrpClientConfig::default().with_connection(options);
    let endpoint = listener.endpoint().clone();
    let both = async {
        tokio::join!(
            NnrpClient::connect(endpoint, config),
            RawPeer::accept(listener.as_mut())
        )
    };
    let (client, mut peer) = within(both).await;
    let client = client.expect("connect");
    let (session, ()) =
        within(async { tokio::join!(client.open_session(), peer.admit(7, 4)) }).await;
    (session.expect("open"), peer)
}

async fn submit(session: &NnrpClientSession) -> u32 {
    within(session.submit(FrameSubmit::default(), "body"))
        .await
        .expect("submit")
}

fn cadence(target_cadence_x100: u32) -> SessionPatch {
    SessionPatch {
        patch_mask: PatchMask::TARGET_CADENCE,
        target_cadence_x100,
        ..SessionPatch::default()
    }
}

fn close_of(in_flight_policy: InFlightPolicy) -> SessionClose {
    SessionClose {
        close_reason: SessionCloseReason::AuthRevoked,
        in_flight_policy,
        last_operation_id: 41,
        session_error_code: SessionErrorCode(0x0001_0005),
        session_close_tag: 9,
        ..SessionClose::default()
    }
}

fn answer_to_close(close_status: SessionCloseStatus) -> Packet {
    let ack = SessionCloseAck {
        close_status,
        last_operation_id: 40,
        session_error_code: SessionErrorCode(3),
    };
    packet_of(7, 0, &ack, Bytes::new())
}

#[tokio::test]
async fn the_answer_to_a_patch_comes_to_who_asked_and_results_to_who_awaits_them() {
    let (client, server) = pair().await;
    let frame = submit(&client).await;
    let patch = cadence(2_400);
    let serving = async {
        let submit = server.receive_submit().await.expect("a submit");
        let sent = server.send_result(submit.frame_id, ResultPush::default(), "done");
        sent.await.expect("send");
    };
    let all = async { tokio::join!(client.patch_session(patch), client.await_result(), serving) };
    let (ack, result, ()) = within(all).await;
    let ack = ack.expect("an answer");
    assert_eq!(ack, SessionPatchAck::accept_all(&patch));
    assert_eq!(ack.ack_status, SessionPatchAckStatus::default());
    assert_eq!(result.expect("a result").frame_id, frame);
    assert_eq!(client.lifecycle(), SessionState::Open);
}

#[tokio::test]
async fn of_two_patches_at_once_one_is_answered_and_the_other_one_refused() {
    let (client, mut peer) = session_at_raw_server().await;
    let patch = cadence(100);
    let serving = async {
        peer.expect(MessageType::SessionPatch).await;
        // The second one is refused before it could have left.
        let refused = client.patch_session(patch).await;
        let ack = SessionPatchAck::accept_all(&patch);
        peer.send(&packet_of(7, 0, &ack, Bytes::new())).await;
        refused
    };
    let (answered, refused) =
        within(async { tokio::join!(client.patch_session(patch), serving) }).await;
    assert_eq!(
        answered.expect("an answer").applied_patch_mask,
        patch.patch_mask
    );
    assert!(
        matches!(
            &refused,
            Err(RuntimeError::Command(CommandError::WrongState(_)))
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_answer_that_nobody_waits_for_any_more_is_an_event() {
    let (client, mut peer) = session_at_raw_server().await;
    let patch = cadence(100);
    tokio::select! {
        biased;
        answer = client.patch_session(patch) => panic!("{answer:?}"),
        _ = peer.expect(MessageType::SessionPatch) => {}
    }
    let ack = SessionPatchAck::accept_all(&patch);
    peer.send(&packet_of(7, 0, &ack, Bytes::new())).await;
    let event = within(client.await_event()).await.expect("an event");
    assert_eq!(event, NnrpClientEvent::Patched(ack));
}

#[tokio::test]
async fn who_waits_for_an_answer_hears_of_the_end_that_comes_instead() {
    let (client, mut peer) = session_at_raw_server().await;
    let leaving = async {
        peer.expect(MessageType::SessionPatch).await;
        drop(peer);
    };
    let asked = async { tokio::join!(client.patch_session(cadence(1)), leaving) };
    let (answer, ()) = within(asked).await;
    assert!(matches!(answer, Err(RuntimeError::Io(_))), "{answer:?}");
    assert_eq!(client.lifecycle(), SessionState::Closed);
    let after = within(client.patch_session(cadence(1))).await;
    assert!(matches!(after, Err(RuntimeError::Io(_))), "{after:?}");
}

#[tokio::test]
async fn a_migration_is_announced_in_the_words_of_the_application() {
    let (client, server) = pair().await;
    let request = client
        .build_migration_request(TransportId::Quic, 0, 77)
        .expect("a request");
    assert_eq!(request.old_transport_id, TransportId::Tcp);
    assert_eq!(
        (request.new_transport_id, request.client_migrate_ts_us),
        (TransportId::Quic, 77)
    );
    let ack = within(client.migrate_transport(request)).await;
    let ack = ack.expect("an answer");
    assert_eq!(ack.accept_code, 0);
    assert!(ack.resume_from_frame_id >= request.last_result_frame_id);
    // It goes on here.
    let frame = submit(&client).await;
    let received = within(server.receive_submit()).await.expect("a submit");
    assert_eq!(received.frame_id, frame);
    let nowhere = client
        .build_migration_request(TransportId::Tcp, 0, 77)
        .expect("a request");
    let refused = within(client.migrate_transport(nowhere)).await;
    assert!(
        matches!(
            &refused,
            Err(RuntimeError::Command(CommandError::Invalid(_)))
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_close_says_what_the_application_wants_and_returns_the_answer() {
    let (client, server) = pair().await;
    let close = close_of(InFlightPolicy::Drain);
    let both = async { tokio::join!(client.close_with(close), server.receive_close()) };
    let (ack, received) = within(both).await;
    assert_eq!(ack.expect("an answer"), SessionCloseAck::closed(&close));
    let Ok(SessionEnd::ClosedByPeer { reason, code }) = received else {
        panic!("{received:?}");
    };
    assert_eq!(
        (reason, code),
        (close.close_reason, close.session_error_code)
    );
    assert_eq!(client.lifecycle(), SessionState::Closed);
    let after = within(client.await_event()).await;
    assert!(
        matches!(
            after,
            Err(RuntimeError::SessionEnded(SessionEnd::ClosedHere))
        ),
        "{after:?}"
    );
    let again = within(client.close_with(close)).await;
    assert!(
        matches!(again, Err(RuntimeError::SessionEnded(_))),
        "{again:?}"
    );
}

#[tokio::test]
async fn an_abort_does_not_wait_for_answers() {
    let (client, mut peer) = session_at_raw_server().await;
    submit(&client).await;
    let close = close_of(InFlightPolicy::Abort);
    let serving = async {
        peer.expect(MessageType::FrameSubmit).await;
        let sent = peer.expect(MessageType::SessionClose).await;
        peer.send(&answer_to_close(SessionCloseStatus::Closed))
            .await;
        SessionClose::decode(sent.metadata()).expect("a close")
    };
    let (ack, sent) = within(async { tokio::join!(client.close_with(close), serving) }).await;
    assert_eq!(sent, close);
    let ack = ack.expect("an answer");
    assert_eq!((ack.last_operation_id, ack.session_error_code.0), (40, 3));
}

#[tokio::test]
async fn a_session_whose_close_is_rejected_goes_on() {
    let (client, mut peer) = session_at_raw_server().await;
    for _ in 0..2 {
        let rejecting = async {
            peer.expect(MessageType::SessionClose).await;
            peer.send(&answer_to_close(SessionCloseStatus::Rejected))
                .await;
        };
        let closing = client.close_with(close_of(InFlightPolicy::Drain));
        let (ack, ()) = within(async { tokio::join!(closing, rejecting) }).await;
        assert_eq!(
            ack.expect("an answer").close_status,
            SessionCloseStatus::Rejected
        );
        assert_eq!(client.lifecycle(), SessionState::Open);
        // What is unanswered would hold the next close up.
        let frame = submit(&client).await;
        peer.expect(MessageType::FrameSubmit).await;
        peer.send(&packet_of(7, frame, &ResultPush::default(), Bytes::new()))
            .await;
        let result = within(client.await_result()).await;
        assert_eq!(result.expect("a result").frame_id, frame);
    }
    let rejecting = async {
        peer.expect(MessageType::SessionClose).await;
        peer.send(&answer_to_close(SessionCloseStatus::Rejected))
            .await;
    };
    let (closed, ()) = within(async { tokio::join!(client.close(), rejecting) }).await;
    assert!(
        matches!(&closed, Err(RuntimeError::UnexpectedMessage(_))),
        "{closed:?}"
    );
}

#[tokio::test]
async fn a_session_that_drains_still_gets_its_results() {
    let (client, mut peer) = session_at_raw_server().await;
    let frame = submit(&client).await;
    let draining = async {
        peer.expect(MessageType::FrameSubmit).await;
        peer.expect(MessageType::SessionClose).await;
        peer.send(&answer_to_close(SessionCloseStatus::Draining))
            .await;
    };
    let closing = client.close_with(close_of(InFlightPolicy::Abort));
    let (ack, ()) = within(async { tokio::join!(closing, draining) }).await;
    assert_eq!(
        ack.expect("an answer").close_status,
        SessionCloseStatus::Draining
    );
    assert_eq!(client.lifecycle(), SessionState::Draining);
    let late = client.submit_nowait(FrameSubmit::default(), "late");
    assert!(
        matches!(
            &late,
            Err(RuntimeError::Command(CommandError::WrongState(_)))
        ),
        "{late:?}"
    );
    peer.send(&packet_of(7, frame, &ResultPush::default(), Bytes::new()))
        .await;
    peer.send(&answer_to_close(SessionCloseStatus::Closed))
        .await;
    let result = within(client.await_result()).await;
    assert_eq!(result.expect("a result").frame_id, frame);
    let event = within(client.await_event()).await.expect("the last answer");
    assert!(
        matches!(event, NnrpClientEvent::CloseAnswered(ack) if ack.close_status == SessionCloseStatus::Closed),
        "{event:?}"
    );
    let after = within(client.await_event()).await;
    assert!(
        matches!(after, Err(RuntimeError::SessionEnded(_))),
        "{after:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_session_reaches_a_sink_that_has_no_room_for_traffic() {
    let endpoint = memory_endpoint();
    let mut listener = MemoryTransport.listen(&endpoint).await.expect("listen");
    let events = Recorder::new(1);
    let options = ConnectionOptions {
        exchange: Exchange::OpenFirst,
        ..ConnectionOptions::default()
    };
    let connection = connect(endpoint, options, events.clone(), &Handle::current());
    let mut peer = within(RawPeer::accept(listener.as_mut())).await;
    let wishes = SessionOptions::default();
    let session = connection.open_session(&wishes).expect("open");
    peer.admit(7, 4).await;
    let opened = events.find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()));
    opened.await;
    let submitted = connection.submit(session, [Submission::default()]);
    submitted.expect("submit");
    connection
        .close_session_with(session, &close_of(InFlightPolicy::Abort))
        .expect("close");
    peer.expect(MessageType::FrameSubmit).await;
    peer.expect(MessageType::SessionClose).await;
    let mut bytes = BytesMut::new();
    packet_of(7, 1, &ResultPush::default(), Bytes::new()).encode_into(&mut bytes);
    answer_to_close(SessionCloseStatus::Closed).encode_into(&mut bytes);
    peer.send_bytes(&bytes).await;
    // Nothing is taken out meanwhile: the result, the answer and the end all have their place.
    within(async {
        while events.len() < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    assert!(matches!(events.next().await, Event::Result { .. }));
    assert!(matches!(events.next().await, Event::CloseAnswered { .. }));
    assert!(matches!(events.next().await, Event::SessionClosed { .. }));
}
