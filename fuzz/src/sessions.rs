//! Orders of commands, packets, damage and time between a client and a server machine.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::code::{
    CacheObjectKind, PROFILE_TOKEN, ResultClass, SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION,
    SessionErrorCode, TransportId,
};
use nnrp_core::connection::client::{ClientConfig, ClientConnection, ClientEvent};
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent};
use nnrp_core::connection::{FrameContext, OpenTicket};
use nnrp_core::directory::Admission;
use nnrp_core::flags::CachePutFlags;
use nnrp_core::message::cache::{CacheInvalidate, CachePut};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::patch::{SessionPatch, SessionPatchAck};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{FrameDecoder, Limits, Packet, ProtocolError, Timestamp};

/// Events that one packet or one end may add beyond the bound at which reading stops.
const BURST: usize = 32;

/// The first byte chooses whether there is a hello; each two that follow are a step and its argument.
pub fn run(data: &[u8]) {
    let Some((first, steps)) = data.split_first() else {
        return;
    };
    let mut pair = Pair::new(first & 1 != 0);
    for [step, argument] in steps.as_chunks::<2>().0 {
        pair.step(*step, *argument);
    }
    pair.end();
}

/// Both machines, and what an observer has seen of them.
struct Pair {
    client: ClientConnection,
    server: ServerConnection,
    now: Timestamp,
    limits: Limits,
    asked: Option<OpenTicket>,
    opens: HashSet<OpenTicket>,
    /// Frames of each open session of the client that wait for their answer.
    waiting: BTreeMap<u32, BTreeSet<u32>>,
    /// Sessions that the server admitted and has not ended.
    admitted: BTreeSet<u32>,
    /// The wire has flipped a bit, so a peer may speak of a frame that the other did not mean.
    damaged: bool,
}

impl Pair {
    fn new(hello: bool) -> Self {
        let limits = Limits {
            body_bytes: 4096,
            sessions: 3,
            operations_in_flight: 4,
            finished_operations: 8,
            queued_events: 6,
            queued_event_bytes: 4096,
            outgoing_packets: 6,
            outgoing_bytes: 4096,
            cached_objects: 3,
            cached_bytes: 2048,
            ..Limits::default()
        };
        let client = ClientConfig {
            limits,
            hello: hello.then_some(any_version_hello()),
            ..ClientConfig::default()
        };
        let server = ServerConfig {
            limits,
            ..ServerConfig::default()
        };
        let now = Timestamp::from_micros(1_000_000);
        Self {
            client: ClientConnection::new(client, now).expect("a valid hello"),
            server: ServerConnection::new(Arc::new(server), now),
            now,
            limits,
            asked: None,
            opens: HashSet::new(),
            waiting: BTreeMap::new(),
            admitted: BTreeSet::new(),
            damaged: false,
        }
    }

    fn step(&mut self, step: u8, argument: u8) {
        let session = u32::from(argument & 3);
        let frame = u32::from(argument >> 2);
        match step % 16 {
            0 => self.open(session),
            1 => self.submit(
                session,
                Bytes::from(vec![0; usize::from(argument >> 2) * 70]),
            ),
            2 => self.submit(session, naming(frame)),
            3 => self.request(session, frame),
            4..=6 => self.carry_to_server(argument),
            7..=9 => self.carry_to_client(argument),
            10 => {
                self.take_server_event();
            }
            11 => {
                self.take_client_event();
            }
            12 => self.decide(session, frame),
            13 => self.answer(session, frame),
            14 => self.answer_request(session),
            _ => self.pass_time(argument),
        }
    }

    fn open(&mut self, requested_session_id: u32) {
        let open = SessionOpen {
            requested_session_id,
            profile_id: PROFILE_TOKEN,
            schema_id: SCHEMA_TOKEN_DELTA,
            schema_version: SCHEMA_TOKEN_DELTA_VERSION,
            ..SessionOpen::default()
        };
        if let Ok(ticket) = self.client.open_session(self.now, &open, Bytes::new()) {
            assert!(self.opens.insert(ticket), "tickets are unique");
        }
    }

    /// Submits in a session of which the application has been told.
    fn submit(&mut self, session: u32, body: Bytes) {
        let Some(waiting) = self.waiting.get_mut(&session) else {
            return;
        };
        let context = FrameContext::default();
        let submitted = self
            .client
            .submit(session, &FrameSubmit::default(), context, body);
        if let Ok(frame) = submitted {
            assert!(waiting.insert(frame), "frame ids are unique");
        }
    }

    fn request(&mut self, session: u32, choice: u32) {
        let _ = match choice % 8 {
            0 => self.client.close_session(self.now, session),
            1 => {
                let patch = SessionPatch::default();
                self.client
                    .patch_session(self.now, session, &patch, Bytes::new())
            }
            2 => {
                let migrate = SessionMigrate {
                    old_transport_id: TransportId::Tcp,
                    new_transport_id: TransportId::Quic,
                    ..SessionMigrate::default()
                };
                self.client.migrate_session(self.now, session, &migrate)
            }
            3 => self.client.ping(self.now),
            4 => self
                .client
                .probe(self.now, choice, Bytes::from_static(b"padding")),
            5 => {
                let object = Bytes::from(vec![0; choice as usize * 40]);
                self.client
                    .put_object(self.now, session, &put(choice), object)
            }
            6 => {
                let everything = CacheInvalidate::default();
                self.client.invalidate_objects(session, &everything)
            }
            _ => self.client.cancel(session, choice),
        };
    }

    fn carry_to_server(&mut self, damage: u8) {
        if !self.server.wants_packet() {
            return;
        }
        let Some(packet) = self.client.poll_transmit() else {
            return;
        };
        match self.carried(&packet, damage) {
            Ok(Some(packet)) => {
                let _ = self.server.handle_packet(self.now, packet);
            }
            Ok(None) => self.server.handle_end_of_stream(self.now),
            Err(error) => self.server.handle_stream_error(self.now, error),
        }
    }

    fn carry_to_client(&mut self, damage: u8) {
        if !self.client.wants_packet() {
            return;
        }
        let Some(packet) = self.server.poll_transmit() else {
            return;
        };
        match self.carried(&packet, damage) {
            Ok(Some(packet)) => {
                let _ = self.client.handle_packet(self.now, packet);
            }
            Ok(None) => self.client.handle_end_of_stream(),
            Err(error) => self.client.handle_stream_error(error),
        }
    }

    /// The packet behind a wire that flips a bit of it, or cuts it, where `damage` is above 200.
    fn carried(&mut self, packet: &Packet, damage: u8) -> Result<Option<Packet>, ProtocolError> {
        let mut bytes = BytesMut::new();
        packet.encode_into(&mut bytes);
        if damage > 200 {
            let bit = usize::from(damage - 200) * 11;
            let length = bytes.len();
            bytes[bit / 8 % length] ^= 1 << (bit % 8);
            self.damaged = true;
        }
        FrameDecoder::new().decode(&mut bytes, &self.limits)
    }

    fn take_server_event(&mut self) -> bool {
        let event = self.server.poll_event();
        match &event {
            Some(ServerEvent::OpenRequested { ticket, .. }) => self.asked = Some(*ticket),
            Some(ServerEvent::SessionEnded { session_id, .. }) => {
                assert!(self.admitted.remove(session_id), "a session ends once");
            }
            _ => {}
        }
        event.is_some()
    }

    fn take_client_event(&mut self) -> bool {
        let event = self.client.poll_event();
        if let Some(event) = &event {
            self.see(event);
        }
        event.is_some()
    }

    fn see(&mut self, event: &ClientEvent) {
        match event {
            ClientEvent::SessionOpened {
                ticket, session_id, ..
            } => {
                assert!(self.opens.remove(ticket), "an open is answered once");
                let fresh = self.waiting.insert(*session_id, BTreeSet::new());
                assert!(fresh.is_none(), "a session is opened once");
            }
            ClientEvent::OpenRefused { ticket, .. } | ClientEvent::OpenFailed { ticket, .. } => {
                assert!(self.opens.remove(ticket), "an open is answered once");
            }
            ClientEvent::Result {
                session_id,
                frame_id,
                metadata,
                ..
            } => {
                self.answered(*session_id, *frame_id, metadata.is_terminal());
            }
            ClientEvent::ResultDropped {
                session_id,
                frame_id,
                ..
            } => {
                self.answered(*session_id, *frame_id, true);
            }
            ClientEvent::SessionEnded { session_id, .. } => {
                assert!(
                    self.waiting.remove(session_id).is_some(),
                    "a session ends once"
                );
            }
            _ => {}
        }
    }

    fn answered(&mut self, session: u32, frame: u32, terminal: bool) {
        let waiting = self.waiting.get_mut(&session).expect("the session is open");
        // An answer to a frame that was never submitted is delivered as well: the application is
        // the one to say that the server errs.
        assert!(
            waiting.contains(&frame) || self.damaged,
            "only a waiting frame is answered"
        );
        if terminal {
            waiting.remove(&frame);
        }
    }

    fn decide(&mut self, session: u32, choice: u32) {
        let Some(ticket) = self.asked else { return };
        if choice.is_multiple_of(8) {
            let code = SessionErrorCode::AUTH_FAILED;
            let _ = self.server.refuse(self.now, ticket, code);
        } else {
            let admission = Admission::unshared(session);
            if self.server.admit(self.now, ticket, admission).is_ok() {
                self.admitted.insert(session);
            }
        }
    }

    fn answer(&mut self, session: u32, choice: u32) {
        let frame = choice >> 2;
        if choice & 3 == 3 {
            let _ = self.server.push_drop(self.now, session, frame);
            return;
        }
        let result = ResultPush {
            result_class: [ResultClass::Complete, ResultClass::Partial][(choice & 1) as usize],
            ..ResultPush::default()
        };
        let context = FrameContext::default();
        let body = Bytes::from_static(&[0; 700]);
        let _ = self
            .server
            .push_result(self.now, session, frame, context, &result, body);
    }

    fn answer_request(&mut self, session: u32) {
        let now = self.now;
        let _ = self
            .server
            .answer_patch(now, session, &SessionPatchAck::default());
        let _ = self
            .server
            .answer_migrate(now, session, &SessionMigrateAck::default());
        let _ = self.server.answer_close(now, session);
        let _ = self
            .server
            .invalidate_objects(session, &CacheInvalidate::default());
        let _ = self
            .server
            .send_flow_update(session, &FlowUpdate::default());
    }

    fn pass_time(&mut self, argument: u8) {
        match argument {
            0 => self.client.handle_end_of_stream(),
            1 => self.server.handle_end_of_stream(self.now),
            2 => self.client.close(),
            3 => self.server.close(self.now),
            seconds => {
                let quarter = Duration::from_millis(u64::from(seconds) * 250);
                self.now = self.now.after(quarter);
                let _ = self.client.handle_timeout(self.now);
                let _ = self.server.handle_timeout(self.now);
            }
        }
    }

    /// Loses the transport and reads what is left: everything that was begun has its end.
    fn end(mut self) {
        self.client.handle_transport_lost();
        self.server.handle_transport_lost();
        let mut events = 0;
        while self.take_client_event() {
            events += 1;
        }
        assert!(
            events <= self.limits.queued_events + BURST,
            "client events are bounded"
        );
        events = 0;
        while self.take_server_event() {
            events += 1;
        }
        assert!(
            events <= self.limits.queued_events + BURST,
            "server events are bounded"
        );
        assert!(self.opens.is_empty(), "each open has its answer");
        assert!(self.waiting.is_empty(), "each session of the client ends");
        assert!(self.admitted.is_empty(), "each session of the server ends");
        assert!(self.client.is_finished() && self.server.is_finished());
        assert_eq!(self.client.next_timeout(), None);
        assert_eq!(self.server.next_timeout(), None);
    }
}

fn any_version_hello() -> ClientHello {
    ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 0b10,
        supported_payload_kind_bitmap: 0x7f,
        cache_object_bitmap: CacheObjectKind::ALL_BITS,
        max_lane_count: 1,
        ..ClientHello::default()
    }
}

/// One of four objects, pinned or not, for one frame or for more.
fn put(choice: u32) -> CachePut {
    let flags = [
        CachePutFlags::NONE,
        CachePutFlags::PINNED,
        CachePutFlags::REUSABLE,
    ];
    CachePut {
        cache_key_lo: choice & 3,
        object_kind: CacheObjectKind::PromptSegment,
        ttl_ms: 1000,
        flags: flags[(choice >> 2) as usize % flags.len()],
        ..CachePut::default()
    }
}

/// A body that names one of those objects.
fn naming(choice: u32) -> Bytes {
    let mut block = [0; ObjectReference::SIZE];
    ObjectReference::from(put(choice).identity())
        .encode(&mut block)
        .expect("a valid reference");
    let regions = BodyRegions {
        object_references: Bytes::copy_from_slice(&block),
        ..BodyRegions::default()
    };
    regions.encode().expect("a short body")
}
