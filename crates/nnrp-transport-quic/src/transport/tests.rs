//! Tests of QUIC between two links of this transport: the contract, ALPN, codes, trust.

use std::sync::LazyLock;

use nnrp_transport_provider::CloseCode;
use nnrp_transport_provider::contract::{Fixture, pair_with};
use nnrp_transport_provider::security::{ClientSecurity, SelfSigned, ServerSecurity, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

struct Quic(QuicTransport);

static FIXTURE: LazyLock<Quic> = LazyLock::new(|| Quic(transport(Alpn::Binding, Alpn::Binding)));

impl Fixture for Quic {
    fn transport(&self) -> &dyn Transport {
        &self.0
    }

    fn free_endpoint(&self, _test: &str) -> Endpoint {
        Endpoint::quic("127.0.0.1:0").expect("an endpoint")
    }
}

nnrp_transport_provider::transport_contract!(*super::FIXTURE);

fn transport(offered: Alpn, selected: Alpn) -> QuicTransport {
    let certificate = SelfSigned::generate("localhost").expect("a certificate");
    let client = ClientSecurity {
        trust: Trust::Roots(vec![certificate.root]),
        server_name: Some("localhost".into()),
        alpn: offered,
    };
    let server = ServerSecurity {
        identity: Some(certificate.identity),
        alpn: selected,
        ..ServerSecurity::default()
    };
    QuicTransport::new(Security::new(client, server))
}

async fn pair(transport: &QuicTransport) -> Result<(Link, Link), TransportError> {
    pair_with(transport, &FIXTURE.free_endpoint("")).await
}

#[tokio::test]
async fn peers_with_the_token_and_without_one_are_served_on_one_port() {
    let own = || Alpn::Token("own".into());
    for (offered, selected, agreed) in [
        (Alpn::Binding, Alpn::Binding, Some("nnrp/1")),
        (Alpn::None, Alpn::Binding, None),
        (Alpn::None, Alpn::None, None),
        (own(), own(), Some("own")),
    ] {
        let (near, far) = pair(&transport(offered, selected)).await.expect("agreed");
        assert_eq!(
            (near.alpn.as_deref(), far.alpn.as_deref()),
            (agreed, agreed)
        );
    }
    pair(&transport(own(), Alpn::Binding))
        .await
        .expect_err("a foreign token is refused");
}

#[tokio::test]
async fn a_server_that_knows_no_token_is_asked_again_without_one() {
    let transport = transport(Alpn::Binding, Alpn::None);
    let mut listener = transport
        .listen(&FIXTURE.free_endpoint(""))
        .await
        .expect("listen");
    let endpoint = listener.endpoint().clone();
    let serving = async {
        let refused = listener
            .accept()
            .await
            .expect("the first try")
            .attach()
            .await;
        refused.expect_err("one-sided ALPN is fatal in QUIC");
        listener
            .accept()
            .await
            .expect("the second try")
            .attach()
            .await
    };
    let (near, far) = tokio::join!(transport.connect(&endpoint), serving);
    assert_eq!(
        (near.expect("connect").alpn, far.expect("attach").alpn),
        (None, None)
    );
}

#[tokio::test]
async fn what_was_written_before_the_shutdown_arrives_although_the_link_is_dropped_after_it() {
    for _ in 0..20 {
        let (mut near, mut far) = pair(&FIXTURE.0).await.expect("pair");
        near.writer.write_all(b"open").await.expect("write");
        let mut question = [0; 4];
        far.reader.read_exact(&mut question).await.expect("read");
        far.writer.write_all(b"refused").await.expect("write");
        far.writer.shutdown().await.expect("acknowledged");
        drop(far);
        let mut answer = Vec::new();
        near.reader
            .read_to_end(&mut answer)
            .await
            .expect("the refusal");
        assert_eq!(answer, b"refused");
    }
}

#[tokio::test]
async fn an_abort_tells_the_peer_the_code() {
    let (mut near, far) = pair(&FIXTURE.0).await.expect("pair");
    far.control
        .as_ref()
        .expect("QUIC has codes")
        .abort(CloseCode::Limit);
    let error = near.reader.read(&mut [0; 1]).await.expect_err("aborted");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(error.to_string().contains("limit reached"), "{error}");
    let control = near.control.expect("QUIC has codes");
    assert_eq!(
        control.peer_code(),
        Some(u64::from(CloseCode::Limit.wire_value()))
    );
}

#[tokio::test]
async fn ipv6_is_spoken() {
    let endpoint = Endpoint::quic("[::1]:0").expect("an endpoint");
    let (near, far) = pair_with(&FIXTURE.0, &endpoint)
        .await
        .expect("IPv6 on loopback");
    assert!(near.peer.starts_with("[::1]:"), "{}", near.peer);
    drop(far);
}

#[tokio::test]
async fn without_certificate_nothing_listens() {
    let error = QuicTransport::default()
        .listen(&FIXTURE.free_endpoint(""))
        .await
        .err();
    let error = error.expect("no identity");
    assert!(
        error.to_string().contains("needs a certificate chain"),
        "{error}"
    );
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused() {
    let stranger = SelfSigned::generate("localhost").expect("a certificate");
    let server = FIXTURE.0.security.of_server().clone();
    let client = ClientSecurity {
        trust: Trust::Roots(vec![stranger.root]),
        ..FIXTURE.0.security.of_client().clone()
    };
    let error = pair(&QuicTransport::new(Security::new(client, server))).await;
    let error = error.expect_err("unknown issuer");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn connections_of_one_runtime_share_a_socket_as_long_as_one_of_them_writes() {
    let (mut local_ports, mut kept) = (std::collections::BTreeSet::new(), Vec::new());
    for _ in 0..3 {
        let (near, far) = pair(&FIXTURE.0).await.expect("pair");
        local_ports.insert(far.peer);
        // What is left of a link in use.
        kept.push((near.writer, far.reader));
    }
    assert_eq!(local_ports.len(), 1, "{local_ports:?}");
    drop(kept);
}
