//! Handshakes byte by byte, against a listener and against a client.

use super::*;
use nnrp_transport_provider::security::ServerSecurity;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const GOOD: &str = "GET /nnrp HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A listener at `/nnrp`, and a raw client of it.
async fn knock(origins: Origins) -> (Box<dyn Incoming>, TcpStream) {
    let security = Security::server(ServerSecurity {
        origins,
        ..ServerSecurity::default()
    });
    let transport = WebSocketTransport::new(security);
    let any_port = endpoint("nnrp+ws://127.0.0.1:0/nnrp");
    let mut listener = transport.listen(&any_port).await.expect("listen");
    let (_, port) = listener.endpoint().address().expect("a port");
    let client = TcpStream::connect(("127.0.0.1", port)).await;
    let incoming = listener.accept().await.expect("accept");
    (incoming, client.expect("connect"))
}

/// The answer to these bytes, and what became of the listener's side.
async fn answer_to(request: &[u8], origins: Origins) -> (String, Result<Link, TransportError>) {
    let (incoming, mut client) = knock(origins).await;
    client.write_all(request).await.expect("write");
    let attached = within(incoming.attach()).await;
    let mut answer = Vec::new();
    if attached.is_err() {
        within(client.read_to_end(&mut answer))
            .await
            .expect("the answer");
    } else {
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(within(client.read_u8()).await.expect("the answer"));
        }
    }
    (String::from_utf8(answer).expect("text"), attached)
}

fn with(line: &str) -> String {
    GOOD.replace("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"))
}

#[tokio::test]
async fn a_good_request_is_answered_as_the_standard_says() {
    for (request, subprotocol) in [
        (GOOD.to_owned(), false),
        (GOOD.replace("/nnrp", "/nnrp?token=1"), false),
        (GOOD.replace("websocket", "WebSocket"), false),
        (with("Sec-WebSocket-Protocol: nnrp.1"), true),
        (with("Sec-WebSocket-Protocol: other, nnrp.1"), true),
        (with("Sec-WebSocket-Extensions: permessage-deflate"), false),
        (with("Origin: http://localhost:8000"), false),
    ] {
        let (answer, attached) = answer_to(request.as_bytes(), Origins::SameHost).await;
        attached.expect(&answer);
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        let chosen = answer.contains("\r\nSec-WebSocket-Protocol: nnrp.1\r\n");
        assert_eq!(chosen, subprotocol, "{answer}");
        assert!(!answer.contains("Extensions"), "{answer}");
    }
}

#[tokio::test]
async fn every_other_request_is_refused_with_its_status() {
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let many: String = "X-Field: 1\r\n".repeat(70);
    for (request, status) in [
        ("NNRP\x01\x00\x28\x07".to_owned(), 400),
        ("\x16\x03\x01\x02\x00\x01".to_owned(), 400),
        (GOOD.replace("HTTP/1.1", "HTTP/1.0"), 400),
        (GOOD.replace("Host: 127.0.0.1\r\n", ""), 400),
        (with("Host: other"), 400),
        (with("Content-Length: 5"), 400),
        (with("Transfer-Encoding: chunked"), 400),
        (GOOD.replace(key, ""), 400),
        (GOOD.replace("ZQ==", "Z==="), 400),
        (GOOD.replace("Q==\r\n", "Q=\r\n"), 400),
        (with(key.trim_end()), 400),
        (with("Sec-WebSocket-Protocol: mqtt, chat"), 400),
        (with("Origin: https://evil.example"), 403),
        (with("Origin: null"), 403),
        (GOOD.replace("/nnrp", "/other"), 404),
        (GOOD.replace("/nnrp", "/nnrp/"), 404),
        (GOOD.replace("GET", "POST"), 405),
        (GOOD.replace("Upgrade: websocket\r\n", ""), 426),
        (GOOD.replace("keep-alive, Upgrade", "keep-alive"), 426),
        (GOOD.replace("Version: 13", "Version: 8"), 426),
        (format!("GET /nnrp HTTP/1.1\r\n{many}\r\n"), 431),
        (format!("GET /{}", "a".repeat(8192 - 5)), 431),
    ] {
        let (answer, attached) = answer_to(request.as_bytes(), Origins::SameHost).await;
        let error = attached.expect_err(&request);
        assert_eq!(error.kind(), TransportErrorKind::Accept);
        let start = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&start), "{request}: {answer}");
        assert!(answer.contains("close\r\n"), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let length = format!("Content-Length: {}", body.len());
        assert!(head.contains(&length), "{answer}");
        assert!(error.to_string().ends_with(body.trim_end()), "{error}");
    }
}

#[tokio::test]
async fn a_listed_origin_is_let_in_and_any_if_the_server_wants() {
    let request = with("Origin: https://app.example");
    let listed = Origins::Listed(vec!["https://app.example".into()]);
    for origins in [listed, Origins::Any] {
        let (answer, attached) = answer_to(request.as_bytes(), origins).await;
        attached.expect(&answer);
    }
}

#[tokio::test]
async fn a_head_in_single_bytes_is_read_and_half_a_head_is_the_end_of_the_stream() {
    for (end, expected) in [(GOOD.len(), true), (GOOD.len() - 1, false), (0, false)] {
        let (incoming, mut client) = knock(Origins::SameHost).await;
        client.set_nodelay(true).expect("nodelay");
        let attaching = tokio::spawn(incoming.attach());
        for byte in &GOOD.as_bytes()[..end] {
            client.write_all(&[*byte]).await.expect("write");
            tokio::task::yield_now().await;
        }
        client.shutdown().await.expect("shutdown");
        let attached = within(attaching).await.expect("no panic");
        assert_eq!(attached.is_ok(), expected);
        if let Err(error) = attached {
            assert_eq!(error.io_error().kind(), std::io::ErrorKind::UnexpectedEof);
        }
    }
}

#[tokio::test]
async fn frames_that_come_with_the_request_are_not_lost() {
    let (incoming, mut client) = knock(Origins::SameHost).await;
    // "early" under a mask of zeros.
    let frame = b"\x82\x85\0\0\0\0early";
    let request = [GOOD.as_bytes(), frame].concat();
    client.write_all(&request).await.expect("write");
    let mut link = within(incoming.attach()).await.expect("attach");
    let mut heard = [0; 5];
    within(link.reader.read_exact(&mut heard))
        .await
        .expect("read");
    assert_eq!(&heard, b"early");
}

/// What a client makes of this answer; `ACCEPT` in it becomes the right proof.
async fn client_hears(answer: &str) -> Result<Link, TransportError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = listener.local_addr().expect("an address").port();
    let serve = async {
        let (mut server, _) = listener.accept().await.expect("accept");
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(server.read_u8().await.expect("the request"));
        }
        let request = String::from_utf8(request).expect("text");
        assert!(request.starts_with("GET /a?b HTTP/1.1\r\n"), "{request}");
        let host = format!("\r\nHost: 127.0.0.1:{port}\r\n");
        assert!(request.contains(&host), "{request}");
        assert!(
            request.contains("\r\nSec-WebSocket-Protocol: nnrp.1\r\n"),
            "{request}"
        );
        let (_, key) = request.split_once("Sec-WebSocket-Key: ").expect("a key");
        let (key, _) = key.split_once("\r\n").expect("a line");
        let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
        let answer = answer.replace("ACCEPT", &accept);
        server.write_all(answer.as_bytes()).await.expect("write");
        server.shutdown().await.expect("shutdown");
        server
    };
    let transport = WebSocketTransport::default();
    let endpoint = endpoint(&format!("nnrp+ws://127.0.0.1:{port}/a?b"));
    let both = async { tokio::join!(transport.connect(&endpoint), serve) };
    let (link, _server) = within(both).await;
    link
}

const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n\r\n";

#[tokio::test]
async fn a_client_takes_a_right_answer_with_and_without_the_subprotocol() {
    client_hears(SWITCHING).await.expect("none chosen");
    let chosen = SWITCHING.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: nnrp.1\r\n\r\n");
    client_hears(&chosen).await.expect("ours chosen");
}

#[tokio::test]
async fn a_client_says_what_is_wrong_with_any_other_answer() {
    let plus = |line: &str| SWITCHING.replace("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"));
    for (answer, message) in [
        ("NNRP\x01\0".to_owned(), "does not speak HTTP"),
        (
            "HTTP/1.1 403 Forbidden\r\n\r\n".to_owned(),
            "answers 403 Forbidden",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "answers 200 OK",
        ),
        (
            SWITCHING.replace("Upgrade: websocket\r\n", ""),
            "does not upgrade",
        ),
        (
            SWITCHING.replace("Connection: Upgrade\r\n", ""),
            "does not upgrade",
        ),
        (
            SWITCHING.replace("ACCEPT", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            "Sec-WebSocket-Accept",
        ),
        (
            plus("Sec-WebSocket-Extensions: permessage-deflate"),
            "extension",
        ),
        (plus("Sec-WebSocket-Protocol: chat"), "subprotocol"),
        (format!("HTTP/1.1 101 {}", "x".repeat(9000)), "8 KiB"),
    ] {
        let error = client_hears(&answer).await.expect_err(&answer);
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert!(error.to_string().contains(message), "{answer}: {error}");
    }
}
