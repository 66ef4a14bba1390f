//! A server machine under any order of packets, commands and time keeps its promises.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::code::{PROFILE_TOKEN, SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION};
use nnrp_core::connection::client::{ClientConfig, ClientConnection};
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent};
use nnrp_core::connection::{FrameContext, OpenTicket};
use nnrp_core::directory::Admission;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::migrate::SessionMigrateAck;
use nnrp_core::message::patch::SessionPatchAck;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::{Header, Limits, MessageType, MetadataBytes, Packet, Timestamp};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    metadata_bytes: 4096,
    body_bytes: 1 << 20,
    sessions: 3,
    operations_in_flight: 4,
    concurrent_frames: 6,
    finished_operations: 8,
    queued_events: 6,
    queued_event_bytes: 4096,
    outgoing_packets: 6,
    outgoing_bytes: 4096,
    retained_bytes: 4096,
    control_packets_per_second: 1000,
    cached_objects: 3,
    cached_bytes: 4096,
};

#[derive(Clone, Debug)]
enum Step {
    Packet {
        message_type: MessageType,
        session_id: u32,
        frame_id: u32,
        body_len: usize,
    },
    Hello,
    Open(u32),
    TakeEvent,
    Transmit,
    Admit(u32),
    Refuse,
    Answer {
        session_id: u32,
        frame_id: u32,
        partial: bool,
    },
    Drop {
        session_id: u32,
        frame_id: u32,
    },
    AnswerRequest(u32),
    Wait(u64),
    EndOfStream,
}

fn any_step() -> impl Strategy<Value = Step> {
    let session = 0u32..4;
    let frame = 0u32..12;
    prop_oneof![
        6 => (proptest::sample::select(MessageType::ALL), session.clone(), frame.clone(), 0usize..3000)
            .prop_map(|(message_type, session_id, frame_id, body_len)| {
                Step::Packet { message_type, session_id, frame_id, body_len }
            }),
        12 => (1u32..4, frame.clone(), 0usize..3000).prop_map(|(session_id, frame_id, body_len)| {
            Step::Packet { message_type: MessageType::FrameSubmit, session_id, frame_id, body_len }
        }),
        2 => Just(Step::Hello),
        6 => session.clone().prop_map(Step::Open),
        12 => Just(Step::TakeEvent),
        12 => Just(Step::Transmit),
        8 => session.clone().prop_map(Step::Admit),
        1 => Just(Step::Refuse),
        8 => (session.clone(), frame.clone(), any::<bool>()).prop_map(
            |(session_id, frame_id, partial)| Step::Answer { session_id, frame_id, partial }
        ),
        4 => (session.clone(), frame)
            .prop_map(|(session_id, frame_id)| Step::Drop { session_id, frame_id }),
        6 => session.prop_map(Step::AnswerRequest),
        2 => (0u64..3_000_000).prop_map(Step::Wait),
        1 => Just(Step::EndOfStream),
    ]
}

/// What an observer outside the machine has seen.
#[derive(Default)]
struct Observer {
    ticket: Option<OpenTicket>,
    opened: HashSet<u32>,
    ended: HashMap<u32, usize>,
    submitted: HashSet<(u32, u32)>,
    answered: HashSet<(u32, u32)>,
    close_acked: HashSet<u32>,
}

impl Observer {
    fn see_event(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::OpenRequested { ticket, .. } => self.ticket = Some(*ticket),
            ServerEvent::SessionEnded { session_id, .. } => {
                *self.ended.entry(*session_id).or_default() += 1;
            }
            _ => {}
        }
    }

    fn see_packet(&mut self, packet: &Packet) {
        let Header {
            message_type,
            session_id,
            frame_id,
            ..
        } = *packet.header();
        if message_type == MessageType::Pong {
            return; // It has the ids of its ping, whatever they were.
        }
        assert!(
            session_id == 0 || !self.close_acked.contains(&session_id),
            "nothing is said in a session after its close ack"
        );
        let terminal = match message_type {
            MessageType::ResultDrop => true,
            MessageType::ResultPush => ResultPush::decode(packet.metadata())
                .expect("a valid result")
                .is_terminal(),
            MessageType::SessionCloseAck => {
                self.close_acked.insert(session_id);
                return;
            }
            _ => return,
        };
        assert!(
            self.submitted.contains(&(session_id, frame_id)),
            "only submits are answered"
        );
        assert!(
            !self.answered.contains(&(session_id, frame_id)),
            "and nothing after the answer"
        );
        if terminal {
            self.answered.insert((session_id, frame_id));
        }
    }
}

fn packet(message_type: MessageType, session_id: u32, frame_id: u32, body_len: usize) -> Packet {
    let meta_len = match message_type {
        MessageType::FrameSubmit => 72,
        MessageType::SessionPatch => 36,
        MessageType::SessionMigrate | MessageType::SessionClose => 24,
        MessageType::Ping | MessageType::Close | MessageType::FrameCancel => 0,
        _ => 64,
    };
    let mut metadata = vec![0; meta_len];
    if message_type == MessageType::SessionMigrate {
        (metadata[0], metadata[4]) = (1, 2);
    }
    let has_body = message_type == MessageType::FrameSubmit;
    let body = Bytes::from(vec![0; if has_body { body_len } else { 0 }]);
    let header = Header {
        session_id,
        frame_id,
        ..Header::new(message_type)
    };
    Packet::new(header, MetadataBytes::from(Bytes::from(metadata)), body).expect("short")
}

fn open_packet(requested_session_id: u32) -> Packet {
    let open = SessionOpen {
        requested_session_id,
        profile_id: PROFILE_TOKEN,
        schema_id: SCHEMA_TOKEN_DELTA,
        schema_version: SCHEMA_TOKEN_DELTA_VERSION,
        ..SessionOpen::default()
    };
    let header = Header::new(MessageType::SessionOpen);
    Packet::with_message(header, &open, Bytes::new()).expect("short")
}

fn hello_packet() -> Packet {
    let hello = ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 2,
        supported_payload_kind_bitmap: 2,
        ..ClientHello::default()
    };
    let header = Header::new(MessageType::ClientHello);
    Packet::with_message(header, &hello, Bytes::new()).expect("short")
}

fn run(steps: Vec<Step>) {
    let config = Arc::new(ServerConfig {
        limits: LIMITS,
        ..ServerConfig::default()
    });
    let mut now = Timestamp::from_micros(0);
    let mut server = ServerConnection::new(config, now);
    let mut seen = Observer::default();
    for step in steps {
        let incoming = match &step {
            Step::Packet {
                message_type,
                session_id,
                frame_id,
                body_len,
            } => Some(packet(*message_type, *session_id, *frame_id, *body_len)),
            Step::Hello => Some(hello_packet()),
            Step::Open(id) => Some(open_packet(*id)),
            _ => None,
        };
        if let Some(packet) = incoming.filter(|_| server.wants_packet()) {
            let header = *packet.header();
            if header.message_type == MessageType::FrameSubmit {
                seen.submitted.insert((header.session_id, header.frame_id));
            }
            let _ = server.handle_packet(now, packet);
        }
        command(&mut server, &mut seen, &mut now, &step);
        if let Some(deadline) = server.next_timeout() {
            let _ = server.handle_timeout(now.min(deadline));
        }
    }
    server.handle_transport_lost();
    while let Some(event) = server.poll_event() {
        seen.see_event(&event);
    }
    assert!(server.is_finished() && server.next_timeout().is_none());
    for session_id in &seen.opened {
        assert_eq!(
            seen.ended.get(session_id),
            Some(&1),
            "session {session_id} ends once"
        );
    }
    assert_eq!(
        seen.ended.len(),
        seen.opened.len(),
        "only what was opened ends"
    );
}

fn command(server: &mut ServerConnection, seen: &mut Observer, now: &mut Timestamp, step: &Step) {
    let context = FrameContext::default();
    match *step {
        Step::TakeEvent => {
            if let Some(event) = server.poll_event() {
                seen.see_event(&event);
            }
        }
        Step::Transmit => {
            if let Some(packet) = server.poll_transmit() {
                seen.see_packet(&packet);
            }
        }
        Step::Admit(id) => {
            let Some(ticket) = seen.ticket else { return };
            if server.admit(*now, ticket, Admission::unshared(id)).is_ok() {
                seen.opened.insert(id);
            }
        }
        Step::Refuse => {
            let Some(ticket) = seen.ticket else { return };
            let code = nnrp_core::code::SessionErrorCode::AUTH_FAILED;
            let _ = server.refuse(*now, ticket, code);
        }
        Step::Answer {
            session_id,
            frame_id,
            partial,
        } => {
            let result_class = if partial {
                nnrp_core::code::ResultClass::Partial
            } else {
                nnrp_core::code::ResultClass::Complete
            };
            let result = ResultPush {
                result_class,
                ..ResultPush::default()
            };
            let body = Bytes::from_static(&[0; 700]);
            let _ = server.push_result(*now, session_id, frame_id, context, &result, body);
        }
        Step::Drop {
            session_id,
            frame_id,
        } => {
            let _ = server.push_drop(*now, session_id, frame_id);
        }
        Step::AnswerRequest(id) => {
            let _ = server.answer_patch(*now, id, &SessionPatchAck::default());
            let _ = server.answer_migrate(*now, id, &SessionMigrateAck::default());
            let _ = server.answer_close(*now, id);
        }
        Step::Wait(micros) => {
            *now = now.after(Duration::from_micros(micros));
            let _ = server.handle_timeout(*now);
        }
        Step::EndOfStream => server.handle_end_of_stream(*now),
        Step::Packet { .. } | Step::Hello | Step::Open(_) => {}
    }
}

/// Steps of one order, and packets of one client: a step takes a thousand times as long under miri.
const MOST_STEPS: usize = if cfg!(miri) { 20 } else { 200 };
const MOST_PACKETS: usize = if cfg!(miri) { 6 } else { 40 };

proptest! {
    #[test]
    fn each_session_ends_once_and_each_frame_is_answered_at_most_once(
        steps in proptest::collection::vec(any_step(), 1..MOST_STEPS)
    ) {
        let mut opening = vec![Step::Open(1), Step::TakeEvent, Step::Admit(1)];
        opening.extend(steps);
        run(opening);
    }

    #[test]
    fn the_same_holds_with_several_sessions(
        steps in proptest::collection::vec(any_step(), 1..MOST_STEPS)
    ) {
        let mut opening = vec![Step::Hello];
        for id in 1..3 {
            opening.extend([Step::Open(id), Step::TakeEvent, Step::Admit(id)]);
        }
        opening.extend(steps);
        run(opening);
    }

    #[test]
    fn no_packet_makes_a_client_panic(
        packets in proptest::collection::vec(
            (proptest::sample::select(MessageType::ALL), 0u32..3, 0u32..4,
             proptest::collection::vec(0u8..4, 0..90)),
            1..MOST_PACKETS,
        )
    ) {
        let now = Timestamp::from_micros(0);
        let mut client = ClientConnection::new(ClientConfig::default(), now).expect("no hello");
        client.open_session(now, &SessionOpen::default(), Bytes::new()).expect("open");
        for (message_type, session_id, frame_id, metadata) in packets {
            let header = Header { session_id, frame_id, ..Header::new(message_type) };
            let metadata = MetadataBytes::from(Bytes::from(metadata));
            let packet = Packet::new(header, metadata, Bytes::new()).expect("short");
            let _ = client.handle_packet(now, packet);
            while client.poll_event().is_some() {}
        }
    }
}
