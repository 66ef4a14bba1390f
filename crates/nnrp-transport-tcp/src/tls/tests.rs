//! Tests of TLS between two links of this transport: the contract, ALPN, trust, and what strangers get.

use nnrp_transport_provider::contract::{Fixture, pair_with};
use nnrp_transport_provider::security::{Alpn, ClientSecurity, SelfSigned, ServerSecurity, Trust};
use tokio::io::AsyncReadExt;

use super::*;

struct Tls(TlsTransport);

static FIXTURE: std::sync::LazyLock<Tls> = std::sync::LazyLock::new(|| {
    let certificate = SelfSigned::generate("localhost").expect("a certificate");
    Tls(transport(
        &certificate,
        Trust::Roots(vec![certificate.root.clone()]),
        Alpn::Binding,
        Alpn::Binding,
    ))
});

impl Fixture for Tls {
    fn transport(&self) -> &dyn Transport {
        &self.0
    }

    fn free_endpoint(&self, _test: &str) -> Endpoint {
        Endpoint::tls("127.0.0.1:0").expect("an endpoint")
    }
}

nnrp_transport_provider::transport_contract!(*super::FIXTURE);

fn transport(
    certificate: &SelfSigned,
    trust: Trust,
    offered: Alpn,
    selected: Alpn,
) -> TlsTransport {
    let client = ClientSecurity {
        trust,
        server_name: Some("localhost".into()),
        alpn: offered,
    };
    let server = ServerSecurity {
        identity: Some(certificate.identity.clone()),
        alpn: selected,
        ..ServerSecurity::default()
    };
    TlsTransport::new(Security::new(client, server))
}

async fn negotiated(offered: Alpn, selected: Alpn) -> Result<Option<String>, TransportError> {
    let certificate = SelfSigned::generate("localhost").expect("a certificate");
    let trust = Trust::Roots(vec![certificate.root.clone()]);
    let transport = transport(&certificate, trust, offered, selected);
    let (near, far) = pair_with(&transport, &FIXTURE.free_endpoint("")).await?;
    assert_eq!(near.alpn, far.alpn);
    Ok(near.alpn)
}

#[tokio::test]
async fn peers_with_the_token_and_without_one_are_served_on_one_port() {
    let token = |name: &str| Some(name.to_owned());
    let agreed = |outcome: Result<Option<String>, TransportError>| outcome.expect("agreed");
    assert_eq!(
        agreed(negotiated(Alpn::Binding, Alpn::Binding).await),
        token("nnrp/1-tcp")
    );
    assert_eq!(agreed(negotiated(Alpn::None, Alpn::Binding).await), None);
    let own = Alpn::Token("own".into());
    assert_eq!(
        agreed(negotiated(own.clone(), own.clone()).await),
        token("own")
    );
    negotiated(own, Alpn::Binding)
        .await
        .expect_err("a foreign token is refused");
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused_unless_anyone_is_trusted() {
    let shown = SelfSigned::generate("localhost").expect("a certificate");
    let trusted = SelfSigned::generate("localhost").expect("a certificate");
    let endpoint = FIXTURE.free_endpoint("");
    let strict = transport(
        &shown,
        Trust::Roots(vec![trusted.root]),
        Alpn::Binding,
        Alpn::Binding,
    );
    let error = pair_with(&strict, &endpoint)
        .await
        .expect_err("unknown issuer");
    assert!(error.to_string().contains("certificate"), "{error}");
    let lax = transport(
        &shown,
        Trust::DangerouslyAnyone,
        Alpn::Binding,
        Alpn::Binding,
    );
    pair_with(&lax, &endpoint).await.expect("anyone");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let certificate = SelfSigned::generate("example.org").expect("a certificate");
    let trust = Trust::Roots(vec![certificate.root.clone()]);
    let transport = transport(&certificate, trust, Alpn::Binding, Alpn::Binding);
    let error = pair_with(&transport, &FIXTURE.free_endpoint(""))
        .await
        .expect_err("another name");
    assert!(
        error.to_string().contains("NotValidForName")
            || error.to_string().contains("not valid for"),
        "{error}"
    );
}

#[tokio::test]
async fn without_certificate_nothing_listens_and_the_message_says_what_is_missing() {
    let bare = TlsTransport::default();
    let error = bare
        .listen(&FIXTURE.free_endpoint(""))
        .await
        .err()
        .expect("no identity");
    assert_eq!(error.kind(), TransportErrorKind::Listen);
    assert!(
        error.to_string().contains("needs a certificate chain"),
        "{error}"
    );
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_fails_its_own_handshake_only() {
    let mut listener = FIXTURE
        .0
        .listen(&FIXTURE.free_endpoint(""))
        .await
        .expect("listen");
    let (host, port) = listener.endpoint().address().expect("an address");
    let mut stranger = tokio::net::TcpStream::connect((host, port))
        .await
        .expect("connect");
    tokio::io::AsyncWriteExt::write_all(&mut stranger, b"NNRP")
        .await
        .expect("write");
    tokio::io::AsyncWriteExt::write_all(&mut stranger, &[0; 64])
        .await
        .expect("write");
    let incoming = listener.accept().await.expect("accept");
    incoming.attach().await.expect_err("no TLS");
    let endpoint = listener.endpoint().clone();
    let (near, far) = tokio::join!(FIXTURE.0.connect(&endpoint), async {
        listener.accept().await.expect("accept").attach().await
    });
    drop((near.expect("connect"), far.expect("attach")));
}

#[tokio::test]
async fn a_stream_cut_short_is_no_end_of_stream() {
    let (near, mut far) = pair_with(&FIXTURE.0, &FIXTURE.free_endpoint(""))
        .await
        .expect("pair");
    // Dropping sends no closing alert.
    drop(near);
    let error = far.reader.read(&mut [0; 1]).await.expect_err("cut short");
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}
