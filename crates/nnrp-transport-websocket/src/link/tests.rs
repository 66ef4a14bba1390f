//! Links over pipes of this process: what is bounded, what ends, and what a hostile peer gets.

use super::*;
use nnrp_transport_provider::CloseCode;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex, split};

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server's end of a link, and the raw other end; the pipe between them holds so many bytes.
fn server(pipe: usize) -> (Link, DuplexStream) {
    over(Role::Server, pipe)
}

fn over(role: Role, pipe: usize) -> (Link, DuplexStream) {
    let (near, far) = duplex(pipe);
    (framed(carrier(near), role, BytesMut::new()), far)
}

fn carrier(pipe: DuplexStream) -> Link {
    let (reader, writer) = split(pipe);
    Link {
        reader: Box::new(reader),
        writer: Box::new(writer),
        peer: "a pipe".into(),
        alpn: None,
        control: None,
    }
}

/// A masked frame of at most 125 bytes; the mask is zero.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short one") | 0x80;
    [&[first, length, 0, 0, 0, 0], payload].concat()
}

async fn within<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, step)
        .await
        .expect("it happens in time")
}

async fn raw<const N: usize>(far: &mut DuplexStream) -> [u8; N] {
    let mut bytes = [0; N];
    within(far.read_exact(&mut bytes)).await.expect("raw bytes");
    bytes
}

#[tokio::test]
async fn each_violation_is_answered_with_its_code_and_an_error() {
    for (bytes, code) in [
        (frame(0x81, b"text"), 1003_u16),
        (frame(0xc2, b"compressed"), 1002),
        (frame(0x83, b""), 1002),
        (frame(0x80, b"continues nothing"), 1002),
        (frame(0x09, b"half a ping"), 1002),
        (vec![0x82, 0x04, 1, 2, 3, 4], 1002),
        (vec![0x89, 0xfe, 0, 200, 0, 0, 0, 0], 1002),
        (
            vec![0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            1002,
        ),
        (frame(0x88, &[3]), 1002),
        (frame(0x88, b"\x03\xe8\xff\xff"), 1007),
    ] {
        let (mut link, mut far) = server(4096);
        far.write_all(&bytes).await.expect("write");
        let error = within(link.reader.read(&mut [0; 100]))
            .await
            .expect_err("a violation");
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{bytes:x?}");
        let [first, length, code_bytes @ ..]: [u8; 4] = raw(&mut far).await;
        assert_eq!(
            (first, length, u16::from_be_bytes(code_bytes)),
            (0x88, 2, code),
            "{bytes:x?}"
        );
        let refused = link
            .writer
            .write(b"more")
            .await
            .expect_err("the direction is over");
        assert_eq!(refused.kind(), ErrorKind::BrokenPipe);
    }
}

#[tokio::test]
async fn a_socket_that_ends_without_a_close_frame_is_no_orderly_end() {
    for sent in [&b""[..], b"\x82", b"\x82\x85\0\0\0\0ear"] {
        let (mut link, mut far) = server(4096);
        far.write_all(sent).await.expect("write");
        drop(far);
        let mut heard = Vec::new();
        let error = within(link.reader.read_to_end(&mut heard))
            .await
            .expect_err("cut short");
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
}

#[tokio::test]
async fn a_close_ends_one_direction_and_its_code_comes_back_with_the_other() {
    let (mut link, mut far) = server(4096);
    far.write_all(&[frame(0x82, b"last"), frame(0x88, b"\x0b\xb8ok")].concat())
        .await
        .expect("write");
    let mut heard = Vec::new();
    within(link.reader.read_to_end(&mut heard))
        .await
        .expect("an orderly end");
    assert_eq!(heard, b"last");
    link.writer
        .write_all(b"answer")
        .await
        .expect("this direction is open");
    link.writer.shutdown().await.expect("shutdown");
    assert_eq!(
        &raw::<12>(&mut far).await,
        b"\x82\x06answer\x88\x02\x0b\xb8"
    );
    assert_eq!(link.control.expect("a control").peer_code(), Some(3000));
}

#[tokio::test]
async fn a_dropped_writer_answers_a_close_and_otherwise_ends_the_socket() {
    let (mut link, mut far) = server(4096);
    far.write_all(&frame(0x88, b"")).await.expect("write");
    assert_eq!(
        within(link.reader.read(&mut [0; 10]))
            .await
            .expect("the end"),
        0
    );
    drop(link.writer);
    assert_eq!(raw::<2>(&mut far).await, [0x88, 0]);
    let (link, mut far) = server(4096);
    drop(link);
    assert_eq!(within(far.read(&mut [0; 10])).await.expect("the end"), 0);
}

#[tokio::test]
async fn an_abort_tells_the_code_and_ends_both_directions() {
    let (mut link, mut far) = server(4096);
    let control = link.control.clone().expect("a control");
    let reading = tokio::spawn(async move { link.reader.read(&mut [0; 10]).await });
    tokio::task::yield_now().await;
    control.abort(CloseCode::Limit);
    control.abort(CloseCode::Protocol);
    let error = within(reading)
        .await
        .expect("no panic")
        .expect_err("aborted");
    assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
    assert_eq!(raw::<4>(&mut far).await, *b"\x88\x02\x0f\xa3");
    assert_eq!(
        link.writer
            .write(b"more")
            .await
            .expect_err("aborted")
            .kind(),
        ErrorKind::BrokenPipe
    );
}

#[tokio::test]
async fn what_waits_for_a_peer_that_does_not_read_is_bounded() {
    let (mut link, _far) = server(1000);
    let block = vec![7; 1 << 20];
    let mut accepted = 0;
    poll_fn(|cx| {
        while let std::task::Poll::Ready(written) =
            Pin::new(&mut link.writer).poll_write(cx, &block)
        {
            accepted += written.expect("write");
        }
        std::task::Poll::Ready(())
    })
    .await;
    assert!(accepted < 200_000, "{accepted} bytes were taken");
}

#[tokio::test]
async fn of_many_pings_to_a_peer_that_does_not_read_the_last_is_answered() {
    let (mut link, mut far) = server(64);
    let reading = tokio::spawn(async move { link.reader.read(&mut [0; 10]).await });
    for number in 0..10_000_u16 {
        within(far.write_all(&frame(0x89, &number.to_be_bytes())))
            .await
            .expect("write");
    }
    far.write_all(&frame(0x82, b"end")).await.expect("write");
    let mut last = [0, 0];
    let mut answers = 0;
    while last != 9_999_u16.to_be_bytes() {
        let [first, length, number @ ..]: [u8; 4] = raw(&mut far).await;
        assert_eq!((first, length), (0x8a, 2));
        assert!(number > last || answers == 0, "{number:?} after {last:?}");
        (last, answers) = (number, answers + 1);
    }
    assert!(answers < 1000, "{answers} answers");
    assert_eq!(within(reading).await.expect("no panic").expect("read"), 3);
}

/// Both ends of a link over a pipe that holds so many bytes.
fn pair(pipe: usize) -> (Link, Link) {
    let (client, far) = over(Role::Client, pipe);
    (client, framed(carrier(far), Role::Server, BytesMut::new()))
}

#[tokio::test]
async fn frames_that_stall_half_way_keep_every_byte() {
    for turned in [false, true] {
        let (client, server) = pair(100);
        let (mut near, mut far) = if turned {
            (server, client)
        } else {
            (client, server)
        };
        let sent: Vec<u8> = (0..=250).cycle().take(300_000).collect();
        let writing = async {
            near.writer.write_all(&sent).await.expect("write");
            near.writer.shutdown().await.expect("shutdown");
        };
        let mut heard = Vec::new();
        let reading = async {
            far.reader.read_to_end(&mut heard).await.expect("read");
            far.writer.shutdown().await.expect("shutdown");
        };
        let mut nothing = Vec::new();
        let idle = near.reader.read_to_end(&mut nothing);
        let all = async { tokio::join!(writing, reading, idle) };
        let ((), (), end) = within(all).await;
        assert_eq!(end.expect("an orderly end"), 0);
        assert!(heard == sent);
    }
}

#[tokio::test]
async fn a_client_masks_with_a_key_of_its_own_for_each_frame() {
    let (mut link, mut far) = over(Role::Client, 4096);
    let mut keys = std::collections::HashSet::new();
    for _ in 0..100 {
        link.writer.write_all(b"same").await.expect("write");
        link.writer.flush().await.expect("flush");
        let [first, length, rest @ ..]: [u8; 10] = raw(&mut far).await;
        assert_eq!((first, length), (0x82, 0x84));
        let (key, payload) = rest.split_first_chunk::<4>().expect("a key");
        let unmasked: Vec<u8> = payload
            .iter()
            .zip(key)
            .map(|(byte, key)| byte ^ key)
            .collect();
        assert_eq!(unmasked, b"same");
        keys.insert(*key);
    }
    assert!(keys.len() > 98);
}
