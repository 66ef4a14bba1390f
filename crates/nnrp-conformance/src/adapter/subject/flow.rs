//! A client's machine with two open sessions, for cases about credit: packets in, what may be submitted out.

use bytes::Bytes;
use nnrp_core::connection::client::{ClientConfig, ClientConnection, ClientEvent};
use nnrp_core::connection::{CommandError, FrameContext};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::Message;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, Packet, Timestamp};

use super::super::verdict::{Failure, good, wrong};

const NOW: Timestamp = Timestamp::from_micros(0);

/// A client with the open sessions 42 and 43, frame 1 unanswered in each.
pub trait Flow {
    /// A `FLOW_UPDATE` with this header session arrived; whether it was applied.
    fn apply(&mut self, session_id: u32, update: &FlowUpdate) -> Result<bool, Failure>;
    /// Whether a frame of the session may be submitted; it is, if so.
    fn submit(&mut self, session_id: u32) -> Result<bool, Failure>;
}

pub(super) fn machine() -> Result<Box<dyn Flow>, Failure> {
    let config = ClientConfig {
        hello: Some(hello()),
        ..ClientConfig::default()
    };
    let mut client = good("a client's machine", new(config))?;
    take(&mut client, 0, &hello_ack())?;
    for session_id in [42, 43] {
        let open = SessionOpen {
            requested_session_id: session_id,
            max_in_flight_operations: 64,
            ..SessionOpen::default()
        };
        let opened = client.open_session(NOW, &open, Bytes::new());
        if let Err(error) = opened {
            return wrong(format!("opening session {session_id}: {error:?}"));
        }
        let ack = SessionOpenAck {
            session_id,
            max_in_flight_operations: 64,
            ..SessionOpenAck::default()
        };
        take(&mut client, session_id, &ack)?;
    }
    while client.poll_event().is_some() {}
    for session_id in [42, 43] {
        if !Flow::submit(&mut client, session_id)? {
            return wrong(format!(
                "the first submit of session {session_id} has to wait"
            ));
        }
    }
    Ok(Box::new(client))
}

impl Flow for ClientConnection {
    fn apply(&mut self, session_id: u32, update: &FlowUpdate) -> Result<bool, Failure> {
        take(self, session_id, update)?;
        while let Some(event) = self.poll_event() {
            if let ClientEvent::FlowUpdated { applied, .. } = event {
                return Ok(applied);
            }
        }
        wrong("a flow update was not told of")
    }

    fn submit(&mut self, session_id: u32) -> Result<bool, Failure> {
        let metadata = FrameSubmit {
            payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
            ..FrameSubmit::default()
        };
        match self.submit(session_id, &metadata, FrameContext::default(), Bytes::new()) {
            Ok(_) => Ok(true),
            Err(CommandError::WouldBlock(_)) => Ok(false),
            Err(error) => wrong(format!("a submit in session {session_id}: {error:?}")),
        }
    }
}

fn new(config: ClientConfig) -> Result<ClientConnection, String> {
    ClientConnection::new(config, NOW).map_err(|error| format!("{error:?}"))
}

fn take<M: Message>(
    client: &mut ClientConnection,
    session_id: u32,
    message: &M,
) -> Result<(), Failure> {
    let header = Header {
        session_id,
        ..Header::new(M::MESSAGE_TYPE)
    };
    let packet = good(
        "a packet",
        Packet::with_message(header, message, Bytes::new()),
    )?;
    let what = format!("a {}", M::MESSAGE_TYPE.name());
    good(&what, client.handle_packet(NOW, packet))
}

fn hello() -> ClientHello {
    ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 3,
        supported_payload_kind_bitmap: PayloadKinds::ALL.bits(),
        ..ClientHello::default()
    }
}

fn hello_ack() -> ServerHelloAck {
    ServerHelloAck {
        selected_version_major: 1,
        accepted_profile_bitmap: 3,
        accepted_payload_kind_bitmap: PayloadKinds::ALL.bits(),
        max_concurrent_frames: 64,
        ..ServerHelloAck::default()
    }
}
