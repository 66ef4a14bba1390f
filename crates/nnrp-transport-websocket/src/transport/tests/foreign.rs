//! The transport against the WebSocket of others (tungstenite), on either side.

use super::*;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as Code;
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};

type Foreign = WebSocketStream<TcpStream>;

/// The link that a listener has with a foreign client.
async fn with_client() -> (Link, Foreign) {
    let transport = WebSocketTransport::default();
    let any_port = endpoint("nnrp+ws://127.0.0.1:0");
    let mut listener = transport.listen(&any_port).await.expect("listen");
    let (_, port) = listener.endpoint().address().expect("a port");
    let attach = async { listener.accept().await.expect("accept").attach().await };
    let connect = async {
        let stream = TcpStream::connect(("127.0.0.1", port)).await;
        let stream = stream.expect("connect");
        let handshake = client_async(format!("ws://127.0.0.1:{port}/"), stream);
        handshake.await.expect("handshake").0
    };
    let (link, client) = within(async { tokio::join!(attach, connect) }).await;
    (link.expect("attach"), client)
}

/// The link that a client has with a foreign server.
async fn with_server() -> (Link, Foreign) {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = socket.local_addr().expect("an address").port();
    let endpoint = endpoint(&format!("nnrp+ws://127.0.0.1:{port}/path"));
    let transport = WebSocketTransport::default();
    let accept = async {
        let (stream, _) = socket.accept().await.expect("accept");
        accept_async(stream).await.expect("handshake")
    };
    let both = async { tokio::join!(transport.connect(&endpoint), accept) };
    let (link, server) = within(both).await;
    (link.expect("connect"), server)
}

fn pattern(length: usize) -> Vec<u8> {
    (0..=250_u8).cycle().take(length).collect()
}

/// What the other side says until it has ended the connection.
async fn rest_of(foreign: &mut Foreign) -> Vec<u8> {
    let mut heard = Vec::new();
    while let Some(message) = foreign.next().await {
        match message.expect("a message") {
            Message::Binary(bytes) => heard.extend_from_slice(&bytes),
            Message::Close(frame) => {
                assert!(frame.is_none_or(|frame| frame.code == Code::Normal));
            }
            other => panic!("{other}"),
        }
    }
    heard
}

#[tokio::test]
async fn messages_of_a_foreign_client_are_one_stream_and_the_stream_is_its_messages() {
    let (mut link, mut client) = with_client().await;
    let sent = pattern(3_000_000);
    let serve = async {
        let mut heard = Vec::new();
        link.reader.read_to_end(&mut heard).await.expect("read");
        link.writer.write_all(&heard).await.expect("write");
        link.writer.shutdown().await.expect("shutdown");
        drop(link);
    };
    let call = async {
        let mut rest = sent.as_slice();
        for length in [0, 1, 129, 70_000, 2_000_000] {
            let (message, behind) = rest.split_at(length);
            let message = Message::binary(message.to_vec());
            client.send(message).await.expect("send");
            rest = behind;
        }
        let last = Message::binary(rest.to_vec());
        client.send(last).await.expect("send");
        client.close(None).await.expect("close");
        rest_of(&mut client).await
    };
    let ((), heard) = within(async { tokio::join!(serve, call) }).await;
    assert!(heard == sent, "{} of {} bytes", heard.len(), sent.len());
}

#[tokio::test]
async fn a_foreign_server_hears_and_is_heard() {
    let (mut link, mut server) = with_server().await;
    let sent = pattern(500_000);
    let serve = async {
        let heard = rest_of(&mut server).await;
        assert!(heard == sent, "{} of {} bytes", heard.len(), sent.len());
    };
    let call = async {
        link.writer.write_all(&sent).await.expect("write");
        link.writer.shutdown().await.expect("shutdown");
        let mut heard = Vec::new();
        link.reader.read_to_end(&mut heard).await.expect("an end");
        drop(link);
        assert!(heard.is_empty());
    };
    within(async { tokio::join!(serve, call) }).await;
    let (mut link, mut server) = with_server().await;
    let saying = async {
        server
            .send(Message::binary(pattern(400_000)))
            .await
            .expect("send");
        server.close(None).await.expect("close");
        rest_of(&mut server).await
    };
    let hear = async {
        let mut heard = Vec::new();
        link.reader.read_to_end(&mut heard).await.expect("read");
        link.writer.shutdown().await.expect("shutdown");
        drop(link);
        heard
    };
    let (answer, heard) = within(async { tokio::join!(saying, hear) }).await;
    assert!(answer.is_empty() && heard == pattern(400_000));
}

#[tokio::test]
async fn pings_are_answered_while_the_application_only_reads() {
    for (mut link, mut foreign) in [with_client().await, with_server().await] {
        let reading = async {
            let mut heard = Vec::new();
            link.reader.read_to_end(&mut heard).await.expect("read");
            heard
        };
        let asking = async {
            for round in 0..20_u8 {
                let ping = Message::Ping(vec![round; 125].into());
                foreign.send(ping).await.expect("ping");
                let answer = foreign.next().await.expect("more").expect("a pong");
                assert_eq!(answer, Message::Pong(vec![round; 125].into()));
            }
            let data = Message::binary(&b"data"[..]);
            foreign.send(data).await.expect("send");
            foreign.close(None).await.expect("close");
        };
        let (heard, ()) = within(async { tokio::join!(reading, asking) }).await;
        assert_eq!(heard, b"data");
    }
}

#[tokio::test]
async fn a_text_message_ends_the_connection_with_the_code_for_it() {
    let (mut link, mut client) = with_client().await;
    client.send(Message::text("hello")).await.expect("send");
    let error = within(link.reader.read(&mut [0; 10])).await;
    let error = error.expect_err("text");
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(error.to_string().contains("text"), "{error}");
    let answer = within(client.next()).await.expect("more");
    let Message::Close(Some(frame)) = answer.expect("a close") else {
        panic!("no close")
    };
    assert_eq!(frame.code, Code::Unsupported);
}
