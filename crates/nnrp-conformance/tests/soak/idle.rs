//! Sessions in which nothing is said for longer than QUIC stacks wait by default: they still work, with and without a hello.

use std::time::Duration;

use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    ConnectionOptions, NnrpClient, NnrpClientConfig, NnrpClientSession, RuntimeTransportKind,
};
use nnrp_transport_provider::Security;
use nnrp_transport_provider::security::{ClientSecurity, ServerSecurity, Trust};
use tokio::time::timeout;

use crate::support::{Echo, Peer};
use crate::{PATIENCE, scale};

/// How long at full scale; 30 s of silence end a QUIC connection that nothing keeps alive.
const FULL: Duration = Duration::from_secs(31);

/// Where the server listens beside TCP.
const OTHERS: [&str; 3] = [
    "nnrp+tls://127.0.0.1:0",
    "nnrp+quic://127.0.0.1:0",
    "nnrp+ws://127.0.0.1:0",
];

/// A client of ours, which says hello, and its session.
async fn greeting_session(echo: &Echo) -> (NnrpClient, NnrpClientSession) {
    let root = std::fs::read(echo.root()).expect("the certificate that the server wrote");
    let client = ClientSecurity {
        trust: Trust::Roots(vec![root]),
        server_name: Some("localhost".into()),
        ..ClientSecurity::default()
    };
    let connection = ConnectionOptions {
        security: Security::new(client, ServerSecurity::default()),
        ..ConnectionOptions::default()
    };
    let transport = if echo.uri().starts_with("nnrp+quic") {
        RuntimeTransportKind::Quic
    } else {
        RuntimeTransportKind::Tcp
    };
    let config = NnrpClientConfig::default()
        .with_transport(transport)
        .with_connection(connection);
    let endpoint = echo.uri().parse().expect("an endpoint");
    let connected = timeout(PATIENCE, NnrpClient::connect(endpoint, config)).await;
    let client = connected.expect("in time").expect("connect");
    let session = timeout(PATIENCE, client.open_session()).await;
    (client, session.expect("in time").expect("open"))
}

async fn echoes(session: &NnrpClientSession, body: &'static str) {
    let submitted = session.submit(FrameSubmit::default(), body).await;
    submitted.expect("an open session");
    let result = timeout(PATIENCE, session.await_result()).await;
    assert_eq!(result.expect("in time").expect("a result").body, body);
}

#[tokio::test]
async fn a_session_that_is_idle_for_31_seconds_still_works() {
    let listen = OTHERS.map(|uri| ["--listen", uri]).concat();
    let mut echo = Echo::start(&listen);
    let (mut plain, mut greeting): (Vec<Peer>, Vec<_>) = (Vec::new(), Vec::new());
    for id in 1..=OTHERS.len() + 1 {
        if id > 1 {
            echo.listen_to_next();
        }
        plain.push(echo.session(u32::try_from(id).expect("few")));
        greeting.push(greeting_session(&echo).await);
    }
    for (_, session) in &greeting {
        echoes(session, "before").await;
    }
    let idle = FULL.mul_f64(scale());
    tokio::time::sleep(idle).await;
    for (peer, id) in plain.iter_mut().zip(1..) {
        peer.submit(id, 1, 0, b"after");
        peer.expect_echo(id, 1, b"after");
    }
    for (_, session) in &greeting {
        echoes(session, "after").await;
    }
    let sessions = plain.len() + greeting.len();
    println!("counted: {sessions} sessions idle for {} s", idle.as_secs());
}
