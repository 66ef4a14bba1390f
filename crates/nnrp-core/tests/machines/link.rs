//! A client machine and a server machine joined by a wire of bytes, under a virtual clock.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::code::CacheObjectKind;
use nnrp_core::connection::client::{ClientConfig, ClientConnection, ClientEvent};
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent};
use nnrp_core::connection::{CommandError, FrameContext};
use nnrp_core::directory::{Admission, Decision, DirectoryConfig, OpenRequest, SessionDirectory};
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{FrameDecoder, Limits, Packet, ProtocolError, Timestamp};

/// One direction of the wire.
#[derive(Default)]
struct Pipe {
    buffer: BytesMut,
    decoder: FrameDecoder,
    ended: bool,
}

/// Both machines and what lies between them.
pub(crate) struct Link {
    pub(crate) client: ClientConnection,
    pub(crate) server: ServerConnection,
    pub(crate) now: Timestamp,
    pub(crate) client_error: Option<ProtocolError>,
    pub(crate) server_error: Option<ProtocolError>,
    pub(crate) directory: SessionDirectory,
    to_server: Pipe,
    to_client: Pipe,
}

impl Link {
    pub(crate) fn new(client: ClientConfig, server: ServerConfig) -> Self {
        let now = Timestamp::from_micros(1_000_000);
        Self {
            client: ClientConnection::new(client, now).expect("a valid hello"),
            server: ServerConnection::new(Arc::new(server), now),
            now,
            client_error: None,
            server_error: None,
            directory: SessionDirectory::new(DirectoryConfig::default()),
            to_server: Pipe::default(),
            to_client: Pipe::default(),
        }
    }

    /// Both machines with their default configuration.
    pub(crate) fn plain() -> Self {
        Self::new(ClientConfig::default(), ServerConfig::default())
    }

    /// Machines of which the client says hello first.
    pub(crate) fn with_hello() -> Self {
        let client = ClientConfig {
            hello: Some(hello()),
            ..ClientConfig::default()
        };
        Self::new(client, ServerConfig::default())
    }

    /// Moves bytes until both machines are quiet.
    pub(crate) fn drive(&mut self) {
        loop {
            let client = self.client_to_server();
            let server = self.server_to_client();
            if !client && !server {
                return;
            }
        }
    }

    /// Lets time pass, then moves bytes. Fires each machine's timers.
    pub(crate) fn advance(&mut self, duration: Duration) {
        self.now = self.now.after(duration);
        if let Err(error) = self.client.handle_timeout(self.now) {
            self.client_error = Some(error);
        }
        if let Err(error) = self.server.handle_timeout(self.now) {
            self.server_error = Some(error);
        }
        self.drive();
    }

    /// Puts bytes nobody's machine made on the way to the server.
    pub(crate) fn inject_to_server(&mut self, packet: &Packet) {
        packet.encode_into(&mut self.to_server.buffer);
        self.drive();
    }

    /// The same towards the client.
    pub(crate) fn inject_to_client(&mut self, packet: &Packet) {
        packet.encode_into(&mut self.to_client.buffer);
        self.drive();
    }

    pub(crate) fn client_events(&mut self) -> Vec<ClientEvent> {
        std::iter::from_fn(|| self.client.poll_event()).collect()
    }

    pub(crate) fn server_events(&mut self) -> Vec<ServerEvent> {
        std::iter::from_fn(|| self.server.poll_event()).collect()
    }

    /// Opens a session of the default kind and returns its id.
    pub(crate) fn open(&mut self, requested: u32) -> u32 {
        self.open_with(&default_open(requested));
        let opened = self
            .client_events()
            .into_iter()
            .find_map(|event| match event {
                ClientEvent::SessionOpened { session_id, .. } => Some(session_id),
                _ => None,
            });
        opened.expect("the session opens")
    }

    /// Asks for a session and admits it; its events wait.
    pub(crate) fn open_with(&mut self, open: &SessionOpen) {
        self.client
            .open_session(self.now, open, Bytes::new())
            .expect("open");
        self.drive();
        self.admit_all();
        self.drive();
    }

    /// Submits a frame for which there is room.
    pub(crate) fn submit(&mut self, session_id: u32, body: &'static [u8]) -> u32 {
        self.try_submit(session_id, body).expect("there is room")
    }

    /// Submits a frame.
    pub(crate) fn try_submit(
        &mut self,
        session_id: u32,
        body: &'static [u8],
    ) -> Result<u32, CommandError> {
        let metadata = FrameSubmit {
            latency_budget_ms: 25,
            ..FrameSubmit::default()
        };
        let context = FrameContext::default();
        self.client
            .submit(session_id, &metadata, context, Bytes::from_static(body))
    }

    /// Answers every open that waits, by the directory.
    pub(crate) fn admit_all(&mut self) -> Vec<Admission> {
        let mut admitted = Vec::new();
        for event in self.server_events() {
            let ServerEvent::OpenRequested { ticket, open, .. } = event else {
                continue;
            };
            match self.directory.admit(&OpenRequest::plain(&open), self.now) {
                Ok(Decision::Admit(admission)) => {
                    self.server
                        .admit(self.now, ticket, admission)
                        .expect("admit");
                    admitted.push(admission);
                }
                Ok(other) => panic!("nothing is resumed here: {other:?}"),
                Err(code) => self.server.refuse(self.now, ticket, code).expect("refuse"),
            }
        }
        admitted
    }

    /// Answers a frame with a complete result.
    pub(crate) fn answer(&mut self, session_id: u32, frame_id: u32, body: Bytes) {
        let result = ResultPush::default();
        let context = FrameContext::default();
        self.server
            .push_result(self.now, session_id, frame_id, context, &result, body)
            .expect("the frame is unanswered");
    }

    fn client_to_server(&mut self) -> bool {
        let mut moved = false;
        while let Some(packet) = self.client.poll_transmit() {
            packet.encode_into(&mut self.to_server.buffer);
            moved = true;
        }
        while self.server.wants_packet() {
            match self
                .to_server
                .decoder
                .decode(&mut self.to_server.buffer, &Limits::default())
            {
                Ok(Some(packet)) => {
                    moved = true;
                    if let Err(error) = self.server.handle_packet(self.now, packet) {
                        self.server_error = Some(error);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    self.server.handle_stream_error(self.now, error);
                    self.server_error = Some(error);
                }
            }
        }
        let drained = self.to_server.buffer.is_empty();
        if self.client.should_end_write() && drained && !self.to_server.ended {
            self.to_server.ended = true;
            self.server.handle_end_of_stream(self.now);
            moved = true;
        }
        moved
    }

    fn server_to_client(&mut self) -> bool {
        let mut moved = false;
        while let Some(packet) = self.server.poll_transmit() {
            packet.encode_into(&mut self.to_client.buffer);
            moved = true;
        }
        while self.client.wants_packet() {
            match self
                .to_client
                .decoder
                .decode(&mut self.to_client.buffer, &Limits::default())
            {
                Ok(Some(packet)) => {
                    moved = true;
                    if let Err(error) = self.client.handle_packet(self.now, packet) {
                        self.client_error = Some(error);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    self.client.handle_stream_error(error);
                    self.client_error = Some(error);
                }
            }
        }
        let drained = self.to_client.buffer.is_empty();
        if self.server.should_end_write() && drained && !self.to_client.ended {
            self.to_client.ended = true;
            self.client.handle_end_of_stream();
            moved = true;
        }
        moved
    }
}

/// What a published client asks for by default, under another id.
pub(crate) fn default_open(requested_session_id: u32) -> SessionOpen {
    SessionOpen {
        requested_session_id,
        profile_id: nnrp_core::code::PROFILE_TOKEN,
        schema_id: nnrp_core::code::SCHEMA_TOKEN_DELTA,
        schema_version: nnrp_core::code::SCHEMA_TOKEN_DELTA_VERSION,
        default_deadline_ms: 500,
        max_in_flight_operations: 4,
        lease_ttl_hint_ms: 30_000,
        client_session_tag: requested_session_id.into(),
        ..SessionOpen::default()
    }
}

/// The hello of a client of ours.
pub(crate) fn hello() -> ClientHello {
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
