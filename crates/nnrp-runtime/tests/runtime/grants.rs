//! A client keeps to what it was granted, be it less than it asked for: it has to wait, and its server has nothing to drop.

use std::sync::Arc;

use bytes::Bytes;
use nnrp_core::MessageType;
use nnrp_core::code::FlowScopeKind;
use nnrp_core::flags::FlowFlags;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_runtime::{
    AdmissionPolicy, Answer, CommandError, ConnectionHandle, ConnectionOptions, Event, Exchange,
    ListenOptions, ListenerHandle, SessionKey, SessionLimits, SessionOptions, Submission, connect,
};
use nnrp_transport_provider::Transport;
use nnrp_transport_tcp::TcpTransport;
use tokio::runtime::Handle;

use crate::support::raw_peer::{RawPeer, packet_of};
use crate::support::recorder::{Recorder, Server};
use crate::support::{tcp_endpoint, within};

const ASKED: u16 = 8;

fn wishes() -> SessionOptions {
    SessionOptions {
        max_in_flight: ASKED,
        ..SessionOptions::default()
    }
}

/// Submits until the client has to wait; returns how many it took.
fn submit_all(connection: &ConnectionHandle, session: SessionKey) -> usize {
    let mut taken = 0;
    loop {
        match connection.submit(session, [Submission::default()]) {
            Ok(_) => taken += 1,
            Err(CommandError::WouldBlock) => return taken,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A server of ours whose application grants two operations to everybody.
async fn sparing_server() -> (Arc<Server>, ListenerHandle) {
    let two = AdmissionPolicy::granting(|_| {
        Ok(SessionLimits {
            max_in_flight_operations: 2,
            ..SessionLimits::NONE
        })
    });
    let options = ListenOptions {
        admission: Some(two),
        ..ListenOptions::default()
    };
    Server::start_at(tcp_endpoint(), options, 100).await
}

#[tokio::test]
async fn what_a_server_grants_less_than_asked_for_waits_at_the_client_in_both_exchanges() {
    for exchange in [Exchange::Hello, Exchange::OpenFirst] {
        let (server, listener) = sparing_server().await;
        let events = Recorder::new(1000);
        let options = ConnectionOptions {
            exchange,
            ..ConnectionOptions::default()
        };
        let endpoint = listener.endpoint().clone();
        let connection = connect(endpoint, options, events.clone(), &Handle::current());
        let session = connection.open_session(&wishes()).expect("open");
        // What is submitted before the answer is bounded by the wish, and sent by the grant.
        assert_eq!(submit_all(&connection, session), usize::from(ASKED));
        for round in 0..4 {
            let mut frames = Vec::new();
            for _ in 0..2 {
                let frame = server.events.find(|event| match event {
                    Event::Submit {
                        session, header, ..
                    } => Some((session, header.frame_id)),
                    _ => None,
                });
                frames.push(frame.await);
            }
            assert_eq!(
                frames.iter().map(|frame| frame.1).collect::<Vec<_>>(),
                [2 * round + 1, 2 * round + 2]
            );
            if round == 3 {
                assert_eq!(submit_all(&connection, session), 0, "two are unanswered");
            }
            for (key, frame_id) in frames {
                let answer = Answer {
                    frame_id,
                    ..Answer::default()
                };
                server
                    .connection()
                    .send_results(key, [answer])
                    .expect("an answer");
                let answered = events.find(|event| match event {
                    Event::Result { header, .. } => Some(header.frame_id),
                    Event::ResultDrop { header, .. } => panic!("{header:?} is dropped"),
                    _ => None,
                });
                assert_eq!(answered.await, frame_id);
            }
        }
        assert_eq!(submit_all(&connection, session), 2);
        assert_eq!(listener.metrics().drops, 0);
    }
}

/// A client of ours at a peer that speaks raw packets and has taken its hello.
struct Greeted {
    connection: ConnectionHandle,
    events: Arc<Recorder>,
    peer: RawPeer,
}

impl Greeted {
    async fn with(max_concurrent_frames: u16) -> Self {
        let mut listener = TcpTransport.listen(&tcp_endpoint()).await.expect("listen");
        let events = Recorder::new(1000);
        let options = ConnectionOptions {
            exchange: Exchange::Hello,
            ..ConnectionOptions::default()
        };
        let endpoint = listener.endpoint().clone();
        let connection = connect(endpoint, options, events.clone(), &Handle::current());
        let mut peer = within(RawPeer::accept(listener.as_mut())).await;
        let hello = peer.expect(MessageType::ClientHello).await;
        let hello = ClientHello::decode(hello.metadata()).expect("a hello");
        let ack = ServerHelloAck {
            selected_version_major: hello.max_version_major,
            accepted_profile_bitmap: hello.supported_profile_bitmap,
            accepted_payload_kind_bitmap: hello.supported_payload_kind_bitmap,
            max_lane_count: 1,
            max_concurrent_frames,
            ..ServerHelloAck::default()
        };
        peer.send(&packet_of(0, 0, &ack, Bytes::new())).await;
        Self {
            connection,
            events,
            peer,
        }
    }

    /// Opens a session that gets this, and no bound by credit.
    async fn open(&mut self, max_in_flight_operations: u16) -> (SessionKey, u32) {
        let key = self.connection.open_session(&wishes()).expect("open");
        let open = self.peer.expect(MessageType::SessionOpen).await;
        let open = SessionOpen::decode(open.metadata()).expect("an open");
        let ack = SessionOpenAck {
            session_id: open.requested_session_id,
            accepted_profile_id: open.profile_id,
            max_in_flight_operations,
            ..SessionOpenAck::default()
        };
        self.peer
            .send(&packet_of(ack.session_id, 0, &ack, Bytes::new()))
            .await;
        let opened = self
            .events
            .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()));
        opened.await;
        (key, ack.session_id)
    }

    async fn update(&mut self, session_id: u32, update: FlowUpdate) {
        self.peer
            .send(&packet_of(session_id, 0, &update, Bytes::new()))
            .await;
        let told = self
            .events
            .find(|event| matches!(event, Event::FlowUpdate { .. }).then_some(()));
        told.await;
    }

    /// Answers a frame that was submitted.
    async fn answer(&mut self, session_id: u32, frame_id: u32) {
        let result = packet_of(session_id, frame_id, &ResultPush::default(), Bytes::new());
        self.peer.send(&result).await;
        let answered = self
            .events
            .find(|event| matches!(event, Event::Result { .. }).then_some(()));
        answered.await;
    }
}

#[tokio::test]
async fn frames_granted_to_a_connection_are_shared_by_its_sessions() {
    let mut greeted = Greeted::with(3).await;
    let (first, first_id) = greeted.open(ASKED).await;
    let (second, _) = greeted.open(ASKED).await;
    assert_eq!(submit_all(&greeted.connection, first), 3);
    assert_eq!(submit_all(&greeted.connection, second), 0);
    greeted.answer(first_id, 1).await;
    assert_eq!(submit_all(&greeted.connection, second), 1);
    assert_eq!(submit_all(&greeted.connection, first), 0);
}

#[tokio::test]
async fn credit_that_a_server_takes_back_is_kept_to_at_once() {
    let mut greeted = Greeted::with(0).await;
    let (session, id) = greeted.open(6).await;
    let of_session = |session_credit, credit_epoch| FlowUpdate {
        scope_kind: FlowScopeKind::Session,
        session_credit,
        credit_epoch,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    };
    let of_connection = |connection_credit, credit_epoch| FlowUpdate {
        scope_kind: FlowScopeKind::Connection,
        connection_credit,
        credit_epoch,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    };
    greeted.update(id, of_session(2, 1)).await;
    assert_eq!(submit_all(&greeted.connection, session), 2);
    greeted.update(0, of_connection(3, 1)).await;
    greeted.update(id, of_session(100, 2)).await;
    assert_eq!(
        submit_all(&greeted.connection, session),
        1,
        "the connection has three"
    );
    greeted.update(0, of_connection(100, 2)).await;
    assert_eq!(
        submit_all(&greeted.connection, session),
        3,
        "the session was granted six, whatever its credit"
    );
    greeted.update(id, of_session(1, 3)).await;
    greeted.answer(id, 1).await;
    assert_eq!(
        submit_all(&greeted.connection, session),
        0,
        "five are left, and one may be"
    );
}
