//! The facts that hold for every transport; a transport crate instantiates them with [`transport_contract!`](crate::transport_contract).

// Panicking is how a fact fails.
#![allow(clippy::missing_panics_doc)]

use std::future::{Future, poll_fn};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    CoalescingWriter, Endpoint, Link, Listener, Transport, TransportError, TransportErrorKind,
};

/// How the suite reaches the transport under test.
pub trait Fixture: Sync {
    /// The transport under test.
    fn transport(&self) -> &dyn Transport;

    /// An endpoint nobody listens on; `test` is unique in the process.
    fn free_endpoint(&self, test: &str) -> Endpoint;
}

/// Longest wait for anything the suite expects to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// Expands to one `#[tokio::test]` per fact, run against the given [`Fixture`] value.
#[macro_export]
macro_rules! transport_contract {
    ($fixture:expr) => {
        $crate::transport_contract! { @facts $fixture,
            bytes_arrive_in_order_in_both_directions,
            a_listener_names_the_endpoint_it_really_bound,
            an_endpoint_that_is_taken_cannot_be_bound_twice,
            an_endpoint_nobody_listens_on_refuses_at_once,
            a_dropped_listener_frees_its_endpoint,
            an_endpoint_of_another_transport_is_refused,
            shutting_down_one_direction_leaves_the_other_open,
            a_dropped_link_ends_the_peers_reading,
            a_peer_that_does_not_read_stops_the_writer,
            a_cancelled_accept_loses_no_peer,
            accepting_does_not_wait_for_the_first_byte,
            large_and_small_packets_mixed_keep_every_byte,
        }
    };
    (@facts $fixture:expr, $($fact:ident,)+) => {
        mod transport_contract {
            $(
                #[tokio::test]
                async fn $fact() {
                    $crate::contract::$fact(&$fixture).await;
                }
            )+
        }
    };
}

/// What one side writes the other reads, both ways.
pub async fn bytes_arrive_in_order_in_both_directions(fixture: &dyn Fixture) {
    let (mut near, mut far) = pair(fixture, "both-directions").await;
    write(&mut near, b"question").await;
    write(&mut far, b"answer").await;
    assert_eq!(read(&mut far, 8).await, b"question");
    assert_eq!(read(&mut near, 6).await, b"answer");
}

/// Port 0 becomes a real port; a name stays.
pub async fn a_listener_names_the_endpoint_it_really_bound(fixture: &dyn Fixture) {
    let mut listener = listen(fixture, "real-endpoint").await;
    let endpoint = listener.endpoint().clone();
    assert!(!endpoint.to_string().ends_with(":0"));
    let (near, far) = tokio::join!(
        within(fixture.transport().connect(&endpoint)),
        within(attach_next(listener.as_mut()))
    );
    near.expect("the named endpoint can be reached");
    far.expect("attach");
}

/// The second bind of a live endpoint fails.
pub async fn an_endpoint_that_is_taken_cannot_be_bound_twice(fixture: &dyn Fixture) {
    let listener = listen(fixture, "taken").await;
    let error = within(fixture.transport().listen(listener.endpoint()))
        .await
        .err()
        .expect("taken");
    assert_eq!(error.kind(), TransportErrorKind::Listen);
    assert_eq!(error.io_error().kind(), std::io::ErrorKind::AddrInUse);
}

/// Connecting to nobody is a typed refusal.
pub async fn an_endpoint_nobody_listens_on_refuses_at_once(fixture: &dyn Fixture) {
    let endpoint = listen(fixture, "nobody").await.endpoint().clone();
    let error = within(fixture.transport().connect(&endpoint))
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(
        error.io_error().kind(),
        std::io::ErrorKind::ConnectionRefused
    );
}

/// Dropping a listener gives its endpoint back.
pub async fn a_dropped_listener_frees_its_endpoint(fixture: &dyn Fixture) {
    let endpoint = listen(fixture, "freed").await.endpoint().clone();
    within(fixture.transport().listen(&endpoint))
        .await
        .expect("free again");
}

/// A transport serves its own scheme only.
pub async fn an_endpoint_of_another_transport_is_refused(fixture: &dyn Fixture) {
    let foreign = match fixture.free_endpoint("foreign") {
        Endpoint::Memory { .. } => Endpoint::Tcp {
            host: "127.0.0.1".into(),
            port: 1,
        },
        _ => Endpoint::Memory {
            name: "foreign".into(),
        },
    };
    let connect = within(fixture.transport().connect(&foreign))
        .await
        .expect_err("foreign");
    let listen = within(fixture.transport().listen(&foreign))
        .await
        .err()
        .expect("foreign");
    assert_eq!(connect.kind(), TransportErrorKind::UnsupportedEndpoint);
    assert_eq!(listen.kind(), TransportErrorKind::UnsupportedEndpoint);
}

/// A half-closed link still carries the answer.
pub async fn shutting_down_one_direction_leaves_the_other_open(fixture: &dyn Fixture) {
    let (mut near, mut far) = pair(fixture, "half-close").await;
    near.writer.write_all(b"last words").await.expect("write");
    near.writer.shutdown().await.expect("shutdown");
    let mut heard = Vec::new();
    within(far.reader.read_to_end(&mut heard))
        .await
        .expect("end of stream");
    assert_eq!(heard, b"last words");
    write(&mut far, b"answer").await;
    assert_eq!(read(&mut near, 6).await, b"answer");
}

/// A vanished peer is noticed by reading.
pub async fn a_dropped_link_ends_the_peers_reading(fixture: &dyn Fixture) {
    let (near, mut far) = pair(fixture, "dropped").await;
    drop(near);
    let outcome = within(far.reader.read(&mut [0; 1])).await;
    assert!(matches!(outcome, Ok(0) | Err(_)), "{outcome:?}");
}

/// What is in flight is bounded.
pub async fn a_peer_that_does_not_read_stops_the_writer(fixture: &dyn Fixture) {
    let (mut near, far) = pair(fixture, "backpressure").await;
    let block = vec![0; 1024 * 1024];
    let flood = async {
        // More than any socket buffer holds.
        for _ in 0..256 {
            near.writer.write_all(&block).await.expect("write");
        }
    };
    let stopped = tokio::time::timeout(Duration::from_millis(500), flood).await;
    assert!(stopped.is_err(), "256 MiB were taken although nobody read");
    drop(far);
}

/// An accept that is dropped while waiting takes nobody along.
pub async fn a_cancelled_accept_loses_no_peer(fixture: &dyn Fixture) {
    let mut listener = listen(fixture, "cancelled-accept").await;
    let _ = tokio::time::timeout(Duration::from_millis(1), listener.accept()).await;
    let endpoint = listener.endpoint().clone();
    let near = fixture.transport().connect(&endpoint);
    let (near, far) = tokio::join!(near, within(attach_next(listener.as_mut())));
    near.expect("connect");
    far.expect("accept");
}

/// A silent peer is accepted like any other.
pub async fn accepting_does_not_wait_for_the_first_byte(fixture: &dyn Fixture) {
    let (_silent, _far) = pair(fixture, "silent").await;
}

/// The coalescing writer over this transport changes no byte.
pub async fn large_and_small_packets_mixed_keep_every_byte(fixture: &dyn Fixture) {
    let (near, mut far) = pair(fixture, "mixed").await;
    let mut writer = CoalescingWriter::new(near.writer);
    let mut expected = Vec::new();
    for round in 0..200_usize {
        let head = vec![u8::try_from(round).expect("below 256"); 40];
        let body = vec![0x5a; if round % 10 == 0 { 70_000 } else { round }];
        expected.extend_from_slice(&head);
        expected.extend_from_slice(&body);
        writer.push(|batch| batch.extend_from_slice(&head), Bytes::from(body));
    }
    let write = async {
        poll_fn(|cx| writer.poll_flush(cx)).await.expect("flush");
        poll_fn(|cx| writer.poll_shutdown(cx))
            .await
            .expect("shutdown");
    };
    let mut heard = Vec::new();
    let (count, ()) = tokio::join!(within(far.reader.read_to_end(&mut heard)), write);
    assert_eq!(count.expect("read"), expected.len());
    assert!(heard == expected, "the bytes differ");
}

async fn listen(fixture: &dyn Fixture, test: &str) -> Box<dyn Listener> {
    within(fixture.transport().listen(&fixture.free_endpoint(test)))
        .await
        .expect("listen")
}

async fn pair(fixture: &dyn Fixture, test: &str) -> (Link, Link) {
    pair_with(fixture.transport(), &fixture.free_endpoint(test))
        .await
        .expect("a pair of links")
}

/// A link and its other end, over a listener that goes away afterwards.
pub async fn pair_with(
    transport: &dyn Transport,
    endpoint: &Endpoint,
) -> Result<(Link, Link), TransportError> {
    let mut listener = within(transport.listen(endpoint)).await?;
    let endpoint = listener.endpoint().clone();
    let near = within(transport.connect(&endpoint));
    let (near, far) = tokio::join!(near, within(attach_next(listener.as_mut())));
    // The connecting side knows more about why there is no link.
    Ok((near?, far?))
}

/// A handshake needs both sides at once, so this runs beside the connecting.
async fn attach_next(listener: &mut dyn Listener) -> Result<Link, TransportError> {
    listener.accept().await?.attach().await
}

async fn write(link: &mut Link, bytes: &[u8]) {
    within(link.writer.write_all(bytes)).await.expect("write");
    within(link.writer.flush()).await.expect("flush");
}

async fn read(link: &mut Link, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    within(link.reader.read_exact(&mut bytes))
        .await
        .expect("read");
    bytes
}

async fn within<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, step)
        .await
        .expect("the transport stands still")
}
