//! `host:port` in, a session out: what a server binds and a client connects to, transport by transport.

#![cfg(all(feature = "tls", feature = "quic"))]

use std::time::Duration;

use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    ConnectionOptions, ListenOptions, NnrpClient, NnrpClientConfig, NnrpServer, NnrpServerConfig,
    NnrpServerSession, RuntimeError, RuntimeTransportKind,
};
use nnrp_transport_provider::security::{ClientSecurity, SelfSigned, ServerSecurity, Trust};
use nnrp_transport_provider::{Endpoint, Security};

/// Longest wait for what must happen: generous, because a busy machine is no fault of the runtime.
const PATIENCE: Duration = Duration::from_mins(2);

async fn within<T>(step: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(PATIENCE, step).await;
    outcome.expect("it happens in time")
}

/// Configurations of both sides for a transport; the client trusts the server's certificate.
fn both(transport: RuntimeTransportKind) -> (NnrpServerConfig, NnrpClientConfig) {
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
    let connection = ConnectionOptions {
        security: Security::new(client, server),
        ..ConnectionOptions::default()
    };
    let listen = ListenOptions {
        connection: connection.clone(),
        ..ListenOptions::default()
    };
    (
        NnrpServerConfig::default()
            .with_transport(transport)
            .with_listen(listen),
        NnrpClientConfig::default()
            .with_transport(transport)
            .with_connection(connection),
    )
}

/// `host:port` of a bound endpoint.
fn address_of(server: &NnrpServer) -> String {
    let endpoint = server.endpoint().to_string();
    let (_, address) = endpoint.split_once("://").expect("scheme://host:port");
    address.to_owned()
}

/// One prompt and its answer, then the end in order.
async fn exchange(client: &NnrpClient, server: &NnrpServer) {
    let (session, accepted) = tokio::join!(within(client.open_session()), within(server.accept()));
    let (session, accepted) = (session.expect("open"), accepted.expect("accept"));
    let submit = session.submit(FrameSubmit::default(), "prompt").await;
    answer(&accepted, submit.expect("submit")).await;
    let result = within(session.await_result()).await.expect("a result");
    assert_eq!(&result.body[..], b"answer to prompt");
    let (closed, _) = tokio::join!(within(session.close()), within(accepted.receive_close()));
    closed.expect("close");
}

async fn answer(session: &NnrpServerSession, frame_id: u32) {
    let submit = within(session.receive_submit()).await.expect("a submit");
    assert_eq!(submit.frame_id, frame_id);
    let body = [b"answer to ", &submit.body[..]].concat();
    let sent = session.send_result(frame_id, ResultPush::default(), body);
    sent.await.expect("send");
}

#[tokio::test]
async fn a_client_reaches_over_quic_the_address_that_a_server_has_bound() {
    let (at, to) = both(RuntimeTransportKind::Quic);
    let server = NnrpServer::bind_quic("127.0.0.1:0", at)
        .await
        .expect("bind");
    assert!(matches!(
        server.endpoint(),
        Endpoint::Quic { port: 1.., .. }
    ));
    let address = address_of(&server);
    let client = within(NnrpClient::connect_quic(&address, to));
    let client = client.await.expect("connect");
    exchange(&client, &server).await;
}

#[tokio::test]
async fn two_addresses_of_one_server_accept_each_its_own_clients() {
    let (at_quic, to_quic) = both(RuntimeTransportKind::Quic);
    let quic = NnrpServer::bind_quic("127.0.0.1:0", at_quic)
        .await
        .expect("bind");
    let endpoint = Endpoint::tcp("127.0.0.1:0").expect("an endpoint");
    let tcp = quic.bind_beside(endpoint, NnrpServerConfig::default());
    let tcp = tcp.await.expect("bind beside");
    let address = address_of(&tcp);
    let over_tcp = within(NnrpClient::connect_tcp(
        &address,
        NnrpClientConfig::default(),
    ));
    let over_tcp = over_tcp.await.expect("connect");
    let address = address_of(&quic);
    let over_quic = within(NnrpClient::connect_quic(&address, to_quic));
    let over_quic = over_quic.await.expect("connect");
    exchange(&over_tcp, &tcp).await;
    exchange(&over_quic, &quic).await;
}

#[tokio::test]
async fn a_configuration_for_another_transport_is_refused_before_any_socket() {
    let tcp = NnrpServerConfig::default();
    let refused = NnrpServer::bind_quic("127.0.0.1:0", tcp.clone()).await;
    assert_refused(refused, "Tcp");
    let quic = tcp.with_transport(RuntimeTransportKind::Quic);
    assert_refused(NnrpServer::bind_tcp("127.0.0.1:0", quic).await, "Quic");
    // Nobody has to listen for this answer.
    let client = NnrpClient::connect_quic("127.0.0.1:1", NnrpClientConfig::default());
    assert_refused(client.await, "Tcp");
}

fn assert_refused<T: std::fmt::Debug>(outcome: Result<T, RuntimeError>, configured: &str) {
    let Err(RuntimeError::UnsupportedTransport(message)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(message.ends_with(configured), "{message}");
}

#[tokio::test]
async fn an_address_without_a_port_is_named_as_such() {
    for address in ["localhost", "localhost:", "localhost:70000", ":80", ""] {
        let tcp = NnrpServer::bind_tcp(address, NnrpServerConfig::default()).await;
        assert!(
            matches!(tcp, Err(RuntimeError::Endpoint(_))),
            "{address}: {tcp:?}"
        );
        let quic = NnrpClient::connect_quic(address, NnrpClientConfig::default()).await;
        assert!(
            matches!(quic, Err(RuntimeError::Endpoint(_))),
            "{address}: {quic:?}"
        );
    }
}
