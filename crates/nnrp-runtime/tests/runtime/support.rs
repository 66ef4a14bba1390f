//! A sink that records, peers that speak raw packets, and endpoints nobody else uses.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::message::Message;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{FrameDecoder, Header, Limits, MessageType, Packet};
use nnrp_runtime::{
    ConnectionHandle, ConnectionOptions, Event, EventSink, Exchange, ListenOptions, ListenerEnd,
    ListenerHandle, ListenerSink, connect, listen,
};
use nnrp_transport_provider::security::{ClientSecurity, SelfSigned, ServerSecurity, Trust};
use nnrp_transport_provider::{Endpoint, Link, Listener, MemoryTransport, Security, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// Longest wait for what must happen; virtual seconds where time is paused.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) fn memory_endpoint() -> Endpoint {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    Endpoint::Memory {
        name: format!("runtime-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
    }
}

pub(crate) fn tcp_endpoint() -> Endpoint {
    Endpoint::Tcp {
        host: "127.0.0.1".into(),
        port: 0,
    }
}

/// Both ends of TLS and QUIC, with a certificate of their own.
pub(crate) fn security() -> Security {
    let certificate = SelfSigned::generate("localhost").expect("a certificate");
    let client = ClientSecurity {
        trust: Trust::Roots(vec![certificate.root]),
        server_name: Some("localhost".into()),
        ..ClientSecurity::default()
    };
    let server = ServerSecurity {
        identity: Some(certificate.identity),
        ..ServerSecurity::default()
    };
    Security::new(client, server)
}

pub(crate) async fn within<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, step)
        .await
        .expect("it happens in time")
}

/// Records events; takes at most `capacity` of traffic until they are taken out.
#[derive(Debug)]
pub(crate) struct Recorder {
    capacity: usize,
    state: Mutex<Recorded>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Recorded {
    events: VecDeque<Event>,
    task: Option<Waker>,
}

impl Recorder {
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity,
            state: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// The next event.
    pub(crate) async fn next(&self) -> Event {
        within(async {
            loop {
                let changed = self.changed.notified();
                if let Some(event) = self.take() {
                    return event;
                }
                changed.await;
            }
        })
        .await
    }

    /// The next event for which `select` is something; those before it are dropped.
    pub(crate) async fn find<T>(&self, mut select: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = select(self.next().await) {
                return found;
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().events.len()
    }

    fn take(&self) -> Option<Event> {
        let mut state = self.lock();
        let event = state.events.pop_front()?;
        if let Some(task) = state.task.take() {
            task.wake();
        }
        Some(event)
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorded {
    fn traffic(&self) -> usize {
        self.events
            .iter()
            .filter(|event| event.is_traffic())
            .count()
    }
}

impl EventSink for Recorder {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        let mut state = self.lock();
        while let Some(event) = events.front() {
            if event.is_traffic() && state.traffic() >= self.capacity {
                break;
            }
            state.events.extend(events.pop_front());
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.traffic() < self.capacity {
            return Poll::Ready(());
        }
        state.task = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// A listener's sink: every connection gets the same recorder; the handles are kept.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) events: Arc<Recorder>,
    connections: Mutex<Vec<ConnectionHandle>>,
    pub(crate) ends: Mutex<Vec<ListenerEnd>>,
}

impl ListenerSink for Server {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        self.connections
            .lock()
            .expect("not poisoned")
            .push(connection.clone());
        Arc::<Recorder>::clone(&self.events)
    }

    fn closed(&self, reason: ListenerEnd) {
        self.ends.lock().expect("not poisoned").push(reason);
    }
}

impl Server {
    /// The handle of the connection that was accepted last.
    pub(crate) fn connection(&self) -> ConnectionHandle {
        self.connections
            .lock()
            .expect("not poisoned")
            .last()
            .expect("a connection")
            .clone()
    }

    pub(crate) async fn start(
        options: ListenOptions,
        capacity: usize,
    ) -> (Arc<Self>, ListenerHandle) {
        Self::start_at(memory_endpoint(), options, capacity).await
    }

    pub(crate) async fn start_at(
        endpoint: Endpoint,
        options: ListenOptions,
        capacity: usize,
    ) -> (Arc<Self>, ListenerHandle) {
        let server = Arc::new(Self {
            events: Recorder::new(capacity),
            connections: Mutex::default(),
            ends: Mutex::default(),
        });
        let sink: Arc<dyn ListenerSink> = Arc::<Self>::clone(&server);
        let listener = listen(endpoint, options, sink, Arc::new(Handle::current()))
            .await
            .expect("listen");
        (server, listener)
    }
}

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

/// A peer that sends and receives packets as they are.
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
