//! A client of the module joined to a server machine by bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent};
use nnrp_core::connection::{FrameContext, OpenTicket};
use nnrp_core::directory::{Decision, DirectoryConfig, OpenRequest, SessionDirectory};
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::resume::{RESUME_TOKEN_BYTES, ResumeToken};
use nnrp_core::{FrameDecoder, Limits, Packet, Timestamp};

use super::host_client::{HostClient, hello, state};
use super::record::{Kind, Record};

/// Both ends, and the sessions of the server.
pub(crate) struct Link {
    pub(crate) client: HostClient,
    pub(crate) server: ServerConnection,
    pub(crate) directory: SessionDirectory,
    /// Events of the server that no test has looked at.
    pub(crate) asked: VecDeque<ServerEvent>,
    received: BytesMut,
    decoder: FrameDecoder,
    has_ended: bool,
    server_has_ended: bool,
    /// Bytes that the client gets at once.
    pub(crate) cut: usize,
}

impl Link {
    pub(crate) fn new(options: &str, hello: Option<&ClientHello>) -> Self {
        let client = HostClient::with_hello(options, hello);
        Self::of(client, ServerConfig::default())
    }

    /// The hello is said and answered, and the event of it is taken.
    pub(crate) fn greeted() -> Self {
        let mut link = Self::new("{}", Some(&hello()));
        link.drive();
        link.expect_one(Kind::HelloAcknowledged);
        link
    }

    pub(crate) fn of(client: HostClient, config: ServerConfig) -> Self {
        let server = ServerConnection::new(Arc::new(config), Timestamp::from_micros(client.now));
        Self {
            client,
            server,
            directory: SessionDirectory::new(DirectoryConfig::default()),
            asked: VecDeque::new(),
            received: BytesMut::new(),
            decoder: FrameDecoder::new(),
            has_ended: false,
            server_has_ended: false,
            cut: usize::MAX,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.client.now)
    }

    /// Moves bytes until both ends are quiet; opens are decided, everything else waits in `asked`.
    pub(crate) fn drive(&mut self) {
        loop {
            let to_server = self.client_to_server();
            self.serve();
            let to_client = self.server_to_client();
            if !to_server && !to_client {
                return;
            }
        }
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.client.now += u64::try_from(time.as_micros()).expect("a short time");
        self.client.tick();
        self.server.handle_timeout(self.now()).expect("in time");
        self.drive();
    }

    /// Events of the client after all has moved.
    pub(crate) fn events(&mut self) -> Vec<Record> {
        self.drive();
        self.client.events()
    }

    /// The one event there is.
    pub(crate) fn expect_one(&mut self, kind: Kind) -> Record {
        let mut events = self.events();
        assert!(
            events.len() == 1 && events[0].kind == kind,
            "{kind:?} expected: {events:?}"
        );
        events.remove(0)
    }

    /// Opens a session; returns its id.
    pub(crate) fn open(&mut self, requested: u32) -> u32 {
        let ticket = self.client.open(requested).expect("an open");
        let opened = self.expect_one(Kind::SessionOpened);
        assert_eq!(opened.frame_id, ticket);
        opened.session_id
    }

    /// The frame that the server is asked about next.
    pub(crate) fn submitted(&mut self) -> (u32, u32, FrameContext, Bytes) {
        self.drive();
        match self.asked.pop_front() {
            Some(ServerEvent::Submitted {
                session_id,
                frame_id,
                context,
                body,
                ..
            }) => (session_id, frame_id, context, body),
            other => panic!("a submit expected: {other:?}"),
        }
    }

    pub(crate) fn answer(&mut self, session_id: u32, frame_id: u32, result: &ResultPush) {
        let (now, context) = (self.now(), FrameContext::default());
        let body = Bytes::from_static(b"answer");
        self.server
            .push_result(now, session_id, frame_id, context, result, body)
            .expect("an unanswered frame");
    }

    /// The server's end of the transport is cut off; the client's hears of it, too.
    pub(crate) fn lose(&mut self) {
        self.client.end_transport(false);
        self.server.handle_transport_lost();
        self.keep_sessions();
    }

    /// Another connection of the same host to the same server.
    pub(crate) fn again(&mut self) {
        self.client = HostClient::with_hello("{}", Some(&hello()));
        let config = Arc::new(ServerConfig::default());
        self.server = ServerConnection::new(config, self.now());
        self.received.clear();
        (self.has_ended, self.server_has_ended) = (false, false);
        self.drive();
        self.expect_one(Kind::HelloAcknowledged);
    }

    /// What the server's connection leaves behind waits in the directory.
    pub(crate) fn keep_sessions(&mut self) {
        let now = self.now();
        while let Some(event) = self.server.poll_event() {
            if let ServerEvent::SessionEnded {
                admission,
                continuity,
                ..
            } = event
            {
                self.directory.detach(&admission, continuity, now);
            }
        }
    }

    fn client_to_server(&mut self) -> bool {
        let bytes = self.client.transmit();
        self.received.extend_from_slice(&bytes);
        let mut moved = !bytes.is_empty();
        while self.server.wants_packet() {
            let packet = self.decoder.decode(&mut self.received, &Limits::default());
            let Some(packet) = packet.expect("packets of the module") else {
                break;
            };
            moved = true;
            let handled = self.server.handle_packet(self.now(), packet);
            handled.expect("what a client may send");
        }
        if self.client.has(state::SHOULD_END_WRITE) && self.received.is_empty() && !self.has_ended {
            self.has_ended = true;
            self.server.handle_end_of_stream(self.now());
            moved = true;
        }
        moved
    }

    fn server_to_client(&mut self) -> bool {
        let packets: Vec<Packet> = std::iter::from_fn(|| self.server.poll_transmit()).collect();
        let mut bytes = BytesMut::new();
        for packet in &packets {
            packet.encode_into(&mut bytes);
        }
        for piece in bytes.chunks(self.cut) {
            self.client.receive(piece).expect("room");
        }
        let ends = self.server.should_end_write() && !self.server_has_ended;
        if ends {
            self.server_has_ended = true;
            self.client.end_transport(true);
        }
        ends || !packets.is_empty()
    }

    fn serve(&mut self) {
        while let Some(event) = self.server.poll_event() {
            if let ServerEvent::OpenRequested {
                ticket,
                open,
                resume_token,
                ..
            } = event
            {
                self.decide(ticket, &open, &resume_token);
            } else {
                self.asked.push_back(event);
            }
        }
    }

    fn decide(&mut self, ticket: OpenTicket, open: &SessionOpen, presented_token: &[u8]) {
        let now = self.now();
        let fresh = ResumeToken::from_random([7; RESUME_TOKEN_BYTES]);
        let request = OpenRequest {
            open,
            presented_token,
            fresh_token: self.server.peer_said_hello().then_some(fresh),
        };
        match self.directory.admit(&request, now) {
            Ok(Decision::Admit(admission)) => {
                let admitted = self.server.admit(now, ticket, admission);
                admitted.expect("a free id");
            }
            Ok(Decision::Resume(admission, continuity)) => {
                let resumed = self
                    .server
                    .admit_resumed(now, ticket, admission, continuity);
                resumed.expect("an id that no session has");
            }
            Ok(Decision::HeldElsewhere) => panic!("the lost connection has left its session"),
            Err(code) => self.server.refuse(now, ticket, code).expect("a refusal"),
        }
    }
}
