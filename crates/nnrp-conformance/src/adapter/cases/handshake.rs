//! `l1.handshake.*`: the windows and subsets of the hello exchange (spec 02 §2.1, §2.2).

use bytes::Bytes;
use nnrp_core::code::TransportId;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::session::SessionOpen;
use nnrp_core::{Header, MessageType, Packet};
use nnrp_runtime::{Exchange, Security};

use super::super::dialogue;
use super::super::server::{Server, client, try_client};
use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, good, holds, needed, same};
use super::super::wire::{Scripted, on_sockets};
use super::rule::judged;
use super::vector::{Place, accepts, bytes_of, golden, refuses, with_number};

const HELLO: &str = "l0.control.client_hello.golden";
const HELLO_ACK: &str = "x.metadata.server_hello_ack";

/// Where a hello has its versions, the lowest and the highest.
const VERSIONS: Place = (0, 2);
const WIRE_FORMATS: Place = (2, 2);
const PROFILES: Place = (4, 4);
const PAYLOAD_KINDS: Place = (8, 4);

/// `l1.handshake.capability_window.validation`
pub(in super::super) fn capability_window(subject: &dyn Subject) -> Verdict {
    windows(subject)?;
    subsets(subject)?;
    on_sockets(async {
        server_refuses(subject).await?;
        client_refuses(subject).await
    })
}

/// A server answers no hello that it cannot accept.
async fn server_refuses(subject: &dyn Subject) -> Verdict {
    let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
    let bytes = bytes_of(HELLO)?;
    for (what, place) in [
        ("version 0 only", VERSIONS),
        ("no wire format", WIRE_FORMATS),
        ("no profile", PROFILES),
        ("no payload kind", PAYLOAD_KINDS),
    ] {
        let changed = Bytes::from(with_number(&bytes, place, 0));
        let header = Header::new(MessageType::ClientHello);
        let packet = Packet::new(header, changed.into(), Bytes::new());
        let mut wire = server.connect().await?;
        wire.send_packet(&needed("a hello", packet)?).await?;
        while let Some(packet) = wire.next().await? {
            let acked = packet.header().message_type == MessageType::ServerHelloAck;
            holds(&format!("{what}: no hello is acked"), !acked)?;
        }
    }
    Ok(())
}

/// A client takes no ack that accepts more than it has offered.
async fn client_refuses(subject: &dyn Subject) -> Verdict {
    let good = dialogue::hello_ack();
    let more_profiles = ServerHelloAck {
        accepted_profile_bitmap: 0x80,
        ..good
    };
    let another_version = ServerHelloAck {
        selected_version_major: 2,
        ..good
    };
    for (what, ack) in [
        ("profiles that were not offered", more_profiles),
        ("a version that was not offered", another_version),
    ] {
        let mut listener = Scripted::listen(subject).await?;
        let (endpoint, security) = (listener.endpoint(), Security::default());
        let connecting = try_client(&endpoint, &security, Exchange::Hello);
        let (connected, _wire) = tokio::join!(connecting, async {
            let mut wire = listener.accept().await?;
            wire.expect(MessageType::ClientHello).await?;
            let header = Header::new(MessageType::ServerHelloAck);
            wire.send(header, &ack).await?;
            Ok::<_, Failure>(wire)
        });
        holds(&format!("{what}: refused"), connected?.is_err())?;
    }
    Ok(())
}

/// What a hello has to offer.
fn windows(subject: &dyn Subject) -> Verdict {
    let bytes = bytes_of(HELLO)?;
    for (min, max) in [(1, 1), (0, 1), (1, 255), (0, 255)] {
        let changed = with_number(&bytes, VERSIONS, min | max << 8);
        let what = format!("window {min}–{max}");
        accepts(subject, &what, "CLIENT_HELLO", &changed)?;
    }
    let unknown_kinds = with_number(&bytes, PAYLOAD_KINDS, 0xffff_ffff);
    let what = "unknown payload kinds";
    accepts(subject, what, "CLIENT_HELLO", &unknown_kinds)?;
    let (order, excludes) = ("version_window_order", "version_window_excludes_current");
    for (what, place, value, rule) in [
        ("window 2–1", VERSIONS, 0x0102, order),
        ("window 255–0", VERSIONS, 0x00ff, order),
        ("window 2–3", VERSIONS, 0x0302, excludes),
        ("window 0–0", VERSIONS, 0x0000, excludes),
        ("no wire format", WIRE_FORMATS, 0, "wire_format_missing"),
        (
            "other ones only",
            WIRE_FORMATS,
            0xfffe,
            "wire_format_missing",
        ),
        ("no profile", PROFILES, 0, "profile_bitmap_empty"),
        (
            "no payload kind",
            PAYLOAD_KINDS,
            0,
            "payload_kind_bitmap_empty",
        ),
    ] {
        let changed = with_number(&bytes, place, value);
        let error = format!("InvalidProtocolCombination client_hello.{rule}");
        refuses(subject, what, "CLIENT_HELLO", &changed, &error)?;
    }
    Ok(())
}

/// What an ack may accept of it.
fn subsets(subject: &dyn Subject) -> Verdict {
    let ack = bytes_of(HELLO_ACK)?;
    checked(subject, "the ack", &ack, Ok(()))?;
    for (offset, rule) in [
        (8, "profile"),
        (12, "payload_kind"),
        (16, "codec"),
        (20, "compression"),
        (24, "dtype"),
        (28, "layout"),
        (32, "cache_digest"),
        (36, "cache_object"),
    ] {
        let none = with_number(&ack, (offset, 4), 0);
        checked(subject, &format!("nothing of {rule}"), &none, Ok(()))?;
        // A bit that no client has offered, and one beyond the 16 of the cache bitmaps.
        for bit in [9, 31] {
            let more = with_number(&ack, (offset, 4), 1 << bit);
            let (what, rule) = (format!("{rule} bit {bit}"), format!("{rule}_not_subset"));
            checked(subject, &what, &more, Err(&rule))?;
        }
    }
    for (what, offset, value, rule) in [
        ("version 0", 0, 0, "version_outside_window"),
        ("version 2", 0, 2, "version_outside_window"),
        ("wire format 1", 1, 1, "wire_format_not_offered"),
        ("wire format 15", 1, 15, "wire_format_not_offered"),
        ("wire format 16", 1, 16, "wire_format_not_offered"),
        ("wire format 255", 1, 255, "wire_format_not_offered"),
    ] {
        let changed = with_number(&ack, (offset, 1), value);
        checked(subject, what, &changed, Err(rule))?;
    }
    Ok(())
}

fn checked(subject: &dyn Subject, what: &str, ack: &[u8], wanted: Result<(), &str>) -> Verdict {
    let ack = good(what, ServerHelloAck::decode(ack))?;
    let found = subject.check_hello_ack(&hello()?, &ack);
    judged(what, "hello_ack", found, wanted)
}

/// The hello of the vector.
fn hello() -> Result<ClientHello, Failure> {
    good("the hello", ClientHello::decode(&bytes_of(HELLO)?))
}

/// `l1.handshake.basic`
pub(in super::super) fn basic(subject: &dyn Subject) -> Verdict {
    golden(subject, HELLO)?;
    golden(subject, HELLO_ACK)?;
    on_sockets(async {
        server_answers(subject).await?;
        client_greets(subject).await
    })
}

/// A server takes a hello, accepts a part of it, and goes on with sessions.
async fn server_answers(subject: &dyn Subject) -> Verdict {
    let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
    let mut wire = server.connect().await?;
    let (header, ack) = wire.greet().await?;
    let scope = (header.session_id, header.frame_id, ack.session_id);
    same("the scope of a hello is the connection", scope, (0, 0, 0))?;
    good("the ack", subject.check_hello_ack(&dialogue::hello(), &ack))?;
    let common = ack.accepted_profile_bitmap & 3 != 0;
    holds("something in common is accepted", common)?;
    wire.open(42).await
}

/// A client says hello first, and opens a session once it is answered.
async fn client_greets(subject: &dyn Subject) -> Verdict {
    let mut listener = Scripted::listen(subject).await?;
    let endpoint = listener.endpoint();
    let security = Security::default();
    let connecting = client(&endpoint, &security, Exchange::Hello);
    let (connected, wire) = tokio::join!(connecting, async {
        let mut wire = listener.accept().await?;
        let (_, hello) = wire.expect_message::<ClientHello>().await?;
        let window = hello.min_version_major..=hello.max_version_major;
        holds("its window has the version in use", window.contains(&1))?;
        let header = Header::new(MessageType::ServerHelloAck);
        wire.send(header, &dialogue::hello_ack()).await?;
        Ok(wire)
    });
    let (connected, mut wire) = (connected?, wire?);
    let (opened, answered) = tokio::join!(connected.open_session(), async {
        let (_, open) = wire.expect_message::<SessionOpen>().await?;
        let id = open.requested_session_id;
        let header = dialogue::of_frame(MessageType::SessionOpenAck, id, 0);
        wire.send(header, &dialogue::open_ack(&open)).await?;
        Ok(id)
    });
    same(
        "the session",
        good("opening", opened)?.session_id(),
        answered?,
    )
}
