//! How a client begins: with a hello, and without one at servers that know none; and what a hello allows.

use bytes::Bytes;
use nnrp_core::MessageType;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    CommandError, ConnectionOptions, Event, Exchange, NnrpClient, NnrpClientConfig,
    NnrpClientSession, NnrpServer, NnrpServerConfig, NnrpServerSession, SessionOptions, connect,
};
use nnrp_transport_provider::{Endpoint, Security, Transport};
use nnrp_transport_quic::QuicTransport;
use nnrp_transport_tcp::{TcpTransport, TlsTransport};
use tokio::runtime::Handle;

use crate::support::raw_peer::RawPeer;
use crate::support::recorder::Recorder;
use crate::support::{memory_endpoint, security, tcp_endpoint, within};

/// A server that ends every connection which begins with a hello, as published servers do.
async fn opens_where_a_hello_is_refused(
    transport: &dyn Transport,
    endpoint: &Endpoint,
    security: Security,
) {
    let mut listener = transport.listen(endpoint).await.expect("listen");
    let endpoint = listener.endpoint().clone();
    let events = Recorder::new(10);
    let options = ConnectionOptions {
        security,
        ..ConnectionOptions::default()
    };
    for first_attempt in [true, false] {
        let executor = Handle::current();
        let connection = connect(endpoint.clone(), options.clone(), events.clone(), &executor);
        connection
            .open_session(&SessionOptions::default())
            .expect("before the transport is up");
        if first_attempt {
            let mut refused = within(RawPeer::accept(listener.as_mut())).await;
            refused.expect(MessageType::ClientHello).await;
        }
        // What the server does not know is remembered, so the next connection begins like this.
        let mut peer = within(RawPeer::accept(listener.as_mut())).await;
        peer.admit(7, 4).await;
        let opened = events.find(|event| match event {
            Event::SessionOpened { ack, .. } => Some(ack.session_id),
            _ => None,
        });
        assert_eq!(within(opened).await, 7);
    }
}

#[tokio::test]
async fn a_server_without_hello_is_met_with_an_open_over_tcp() {
    let endpoint = tcp_endpoint();
    opens_where_a_hello_is_refused(&TcpTransport, &endpoint, Security::default()).await;
}

#[tokio::test]
async fn a_server_without_hello_is_met_with_an_open_over_tls() {
    let endpoint: Endpoint = "nnrp+tls://127.0.0.1:0".parse().expect("an endpoint");
    let security = security();
    let transport = TlsTransport::new(security.clone());
    opens_where_a_hello_is_refused(&transport, &endpoint, security).await;
}

#[tokio::test]
async fn a_server_without_hello_is_met_with_an_open_over_quic() {
    let endpoint = Endpoint::quic("127.0.0.1:0").expect("an endpoint");
    let security = security();
    let transport = QuicTransport::new(security.clone());
    opens_where_a_hello_is_refused(&transport, &endpoint, security).await;
}

#[tokio::test]
async fn a_client_that_insists_on_its_hello_does_not_open_without_one() {
    let endpoint = tcp_endpoint();
    let mut listener = TcpTransport.listen(&endpoint).await.expect("listen");
    let options = ConnectionOptions {
        exchange: Exchange::Hello,
        ..ConnectionOptions::default()
    };
    let events = Recorder::new(10);
    let endpoint = listener.endpoint().clone();
    connect(endpoint, options, events.clone(), &Handle::current());
    let mut refused = within(RawPeer::accept(listener.as_mut())).await;
    refused.expect(MessageType::ClientHello).await;
    drop(refused);
    let closed = events.find(|event| matches!(event, Event::ConnectionClosed { .. }).then_some(()));
    within(closed).await;
}

async fn server_and_client() -> (NnrpServer, NnrpClient) {
    let server = NnrpServer::bind(memory_endpoint(), NnrpServerConfig::default())
        .await
        .expect("bind");
    let client = client_of(&server).await;
    (server, client)
}

async fn client_of(server: &NnrpServer) -> NnrpClient {
    let config = NnrpClientConfig::default();
    within(NnrpClient::connect(server.endpoint().clone(), config))
        .await
        .expect("connect")
}

async fn open(
    client: &NnrpClient,
    server: &NnrpServer,
    options: &SessionOptions,
) -> (NnrpClientSession, NnrpServerSession) {
    let both = async { tokio::join!(client.open_session_with(options), server.accept()) };
    let (client, server) = within(both).await;
    (client.expect("open"), server.expect("accept"))
}

async fn answer(server: &NnrpServerSession) -> u32 {
    let submit = within(server.receive_submit()).await.expect("a submit");
    server
        .send_result(submit.frame_id, ResultPush::default(), submit.body)
        .await
        .expect("send");
    submit.frame_id
}

#[tokio::test]
async fn sessions_of_one_connection_live_and_end_apart() {
    let (server, client) = server_and_client().await;
    let options = SessionOptions::default();
    let (first, first_server) = open(&client, &server, &options).await;
    let (second, second_server) = open(&client, &server, &options).await;
    assert_ne!(first.session_id(), second.session_id());
    for (session, body) in [(&first, "first"), (&second, "second")] {
        session
            .submit(FrameSubmit::default(), body)
            .await
            .expect("submit");
    }
    answer(&second_server).await;
    answer(&first_server).await;
    let result = within(first.await_result()).await.expect("a result");
    assert_eq!(result.body, Bytes::from_static(b"first"));
    within(first.close()).await.expect("close");
    let result = within(second.await_result()).await.expect("a result");
    assert_eq!(result.body, Bytes::from_static(b"second"));
    within(client.ping()).await.expect("a pong");
    assert_eq!(server.connection_count(), 1);
}

#[tokio::test]
async fn a_session_taken_off_its_connection_goes_on_over_another_one() {
    let (server, client) = server_and_client().await;
    let options = SessionOptions {
        allow_resume: true,
        ..SessionOptions::default()
    };
    let (session, first_server) = open(&client, &server, &options).await;
    let id = session.session_id();
    let mut frames = Vec::new();
    for body in ["one", "two"] {
        let frame = session.submit(FrameSubmit::default(), body).await;
        frames.push(frame.expect("submit"));
    }
    // The answer to one of them is under way or arrived when the session leaves.
    assert_eq!(answer(&first_server).await, frames[0]);
    let earlier = session.detach().expect("a resumable session");
    let elsewhere = client_of(&server).await;
    let both = async { tokio::join!(elsewhere.resume_session(earlier), server.accept()) };
    let (session, second_server) = within(both).await;
    let (session, second_server) = (session.expect("resume"), second_server.expect("accept"));
    assert_eq!(session.session_id(), id);
    assert_eq!(answer(&second_server).await, frames[1]);
    let mut answered = Vec::new();
    while !answered.contains(&frames[1]) {
        let result = within(session.await_result()).await.expect("a result");
        answered.push(result.frame_id);
    }
    // The first one came before the session left, or comes here: never both times here.
    let expected = &frames[2 - answered.len()..];
    assert_eq!(answered, expected);
}

#[tokio::test]
async fn a_session_that_does_not_allow_it_cannot_be_taken_off_its_connection() {
    let (server, client) = server_and_client().await;
    let (session, _server) = open(&client, &server, &SessionOptions::default()).await;
    let error = session.detach().expect_err("not resumable");
    assert!(
        matches!(
            error,
            nnrp_runtime::RuntimeError::Command(CommandError::WrongState(_))
        ),
        "{error:?}"
    );
}
