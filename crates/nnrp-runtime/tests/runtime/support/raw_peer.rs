//! A peer that sends and receives packets as they are.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use nnrp_core::message::Message;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{FrameDecoder, Header, Limits, MessageType, Packet};
use nnrp_runtime::{
    ConnectionHandle, ConnectionOptions, Event, EventSink, Exchange, ListenerHandle, connect,
};
use nnrp_transport_provider::{Link, Listener, MemoryTransport, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;

use super::recorder::Recorder;
use super::{memory_endpoint, within};

/// Our client connection, without hello, to a peer that speaks raw packets.
pub(crate) async fn client_of_raw_server(
    options: ConnectionOptions,
) -> (ConnectionHandle, Arc<Recorder>, RawPeer) {
    let options = ConnectionOptions {
        exchange: Exchange::OpenFirst,
        ..options
    };
    let endpoint = memory_endpoint();
    let mut listener = MemoryTransport.listen(&endpoint).await.expect("listen");
    let events = Recorder::new(1000);
    let sink: Arc<dyn EventSink> = Arc::<Recorder>::clone(&events);
    let connection = connect(endpoint, options, sink, &Handle::current());
    let peer = RawPeer::accept(listener.as_mut()).await;
    assert!(matches!(events.next().await, Event::Connected { .. }));
    (connection, events, peer)
}

/// A link without a machine.
pub(crate) struct RawPeer {
    pub(crate) link: Link,
    decoder: FrameDecoder,
    buffer: BytesMut,
}

impl RawPeer {
    pub(crate) async fn connect(listener: &ListenerHandle) -> Self {
        Self::new(
            MemoryTransport
                .connect(listener.endpoint())
                .await
                .expect("connect"),
        )
    }

    pub(crate) async fn accept(listener: &mut dyn Listener) -> Self {
        Self::new(
            listener
                .accept()
                .await
                .expect("accept")
                .attach()
                .await
                .expect("attach"),
        )
    }

    fn new(link: Link) -> Self {
        Self {
            link,
            decoder: FrameDecoder::new(),
            buffer: BytesMut::new(),
        }
    }

    pub(crate) async fn send(&mut self, packet: &Packet) {
        let mut bytes = BytesMut::new();
        packet.encode_into(&mut bytes);
        self.send_bytes(&bytes).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        within(self.link.writer.write_all(bytes))
            .await
            .expect("write");
    }

    /// The next packet; `None` at the end of the stream.
    pub(crate) async fn receive(&mut self) -> Option<Packet> {
        loop {
            let packet = self
                .decoder
                .decode(&mut self.buffer, &Limits::default())
                .expect("a packet");
            if packet.is_some() {
                return packet;
            }
            let read = within(self.link.reader.read_buf(&mut self.buffer)).await;
            if matches!(read, Ok(0) | Err(_)) {
                return None;
            }
        }
    }

    /// The next packet, which is of this type.
    pub(crate) async fn expect(&mut self, message_type: MessageType) -> Packet {
        let packet = self.receive().await.expect("a packet before the end");
        assert_eq!(packet.header().message_type, message_type);
        packet
    }

    /// As a client: says hello and takes its answer.
    pub(crate) async fn greet(&mut self) {
        self.send(&packet_of(0, 0, &hello(), Bytes::new())).await;
        self.expect(MessageType::ServerHelloAck).await;
    }

    /// As a client: opens a session.
    pub(crate) async fn open(&mut self, id: u32) -> SessionOpenAck {
        let open = SessionOpen {
            requested_session_id: id,
            profile_id: 2,
            schema_id: 0x1001,
            schema_version: 3,
            max_in_flight_operations: 256,
            ..SessionOpen::default()
        };
        self.send(&packet_of(0, 0, &open, Bytes::new())).await;
        let ack = self.expect(MessageType::SessionOpenAck).await;
        SessionOpenAck::decode(ack.metadata()).expect("an ack")
    }

    /// As a server: accepts the session that is asked for, with these limits.
    pub(crate) async fn admit(&mut self, id: u32, max_in_flight: u16) {
        self.expect(MessageType::SessionOpen).await;
        let ack = SessionOpenAck {
            session_id: id,
            accepted_profile_id: 2,
            max_in_flight_operations: max_in_flight,
            granted_operation_credit: max_in_flight,
            ..SessionOpenAck::default()
        };
        self.send(&packet_of(id, 0, &ack, Bytes::new())).await;
    }

    pub(crate) async fn submit(&mut self, session_id: u32, frame_id: u32, body: &'static [u8]) {
        let packet = packet_of(
            session_id,
            frame_id,
            &FrameSubmit::default(),
            Bytes::from_static(body),
        );
        self.send(&packet).await;
    }
}

/// The hello of a client of token sessions.
pub(crate) fn hello() -> ClientHello {
    ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 0b10,
        supported_payload_kind_bitmap: 0b10,
        ..ClientHello::default()
    }
}

pub(crate) fn packet_of<M: Message + Debug>(
    session_id: u32,
    frame_id: u32,
    message: &M,
    body: Bytes,
) -> Packet {
    let header = Header {
        session_id,
        frame_id,
        ..Header::new(M::MESSAGE_TYPE)
    };
    Packet::with_message(header, message, body).expect("it can be encoded")
}
