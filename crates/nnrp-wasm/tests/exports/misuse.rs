//! What a host does wrong: each mistake has its own code, and nothing else changes.

use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::schema::SchemaDescriptor;
use nnrp_core::{Header, MessageType};

use super::host_client::{HostClient, encoded, hello};
use super::link::Link;
use super::module::{
    nnrp_wasm_client_command, nnrp_wasm_client_deadline, nnrp_wasm_client_detach,
    nnrp_wasm_client_events, nnrp_wasm_client_free, nnrp_wasm_client_in_flight,
    nnrp_wasm_client_receive, nnrp_wasm_client_resume, nnrp_wasm_client_state,
    nnrp_wasm_client_tick, nnrp_wasm_client_transmit, nnrp_wasm_client_transport_ended,
    nnrp_wasm_input, outcome, output, refused, set_inputs,
};
use super::record::Kind;

#[test]
fn a_client_that_was_freed_is_unknown_to_every_call() {
    let client = HostClient::with_hello("{}", None).number;
    let head = Header::new(MessageType::Ping).to_bytes();
    let calls: [fn(u32) -> u32; 8] = [
        |client| nnrp_wasm_client_receive(client, 1),
        |client| nnrp_wasm_client_transport_ended(client, 1, 1),
        |client| nnrp_wasm_client_transmit(client),
        |client| nnrp_wasm_client_events(client, 1),
        |client| nnrp_wasm_client_tick(client, 1),
        |client| nnrp_wasm_client_command(client, 1),
        |client| nnrp_wasm_client_resume(client, 1, 1),
        |client| nnrp_wasm_client_detach(client, 1),
    ];
    for unknown in [0, client, u32::MAX] {
        for call in calls {
            set_inputs(&[&head]);
            let failure = refused(outcome(call(unknown)));
            assert_eq!(failure, ("usage".into(), "UnknownClient".into()));
        }
        assert_eq!(nnrp_wasm_client_free(unknown), 0);
        assert_eq!(nnrp_wasm_client_deadline(unknown), u64::MAX);
        assert_eq!(nnrp_wasm_client_state(unknown), 0);
        assert_eq!(nnrp_wasm_client_in_flight(unknown, 1), 0);
    }
}

#[test]
fn numbers_of_clients_are_not_given_twice() {
    let first = HostClient::with_hello("{}", None).number;
    let second = HostClient::with_hello("{}", None);
    assert_ne!(second.number, first);
}

#[test]
fn options_that_cannot_be_read_make_no_client() {
    let made = |arguments: [&[u8]; 4]| refused(HostClient::try_new(arguments, 1).map(|_| 1));
    let usage = |name: &str| ("usage".to_owned(), name.to_owned());
    let codec = |name: &str| ("codec".to_owned(), name.to_owned());
    assert_eq!(made([b"", b"", b"", b""]), usage("InvalidOptions"));
    assert_eq!(made([b"\xff", b"", b"", b""]), usage("NotText"));
    assert_eq!(made([b"{}", b"", b"", &[1]]), usage("InvalidOptions"));
    assert_eq!(made([b"{}", &[1], b"", b""]), codec("SourceTooShort"));
    // No version is at most 0.
    let mut none = encoded(&hello());
    none[1] = 0;
    assert_eq!(made([b"{}", &none, b"", b""]).0, "codec");
    let schema = [0; SchemaDescriptor::SIZE + 1];
    assert_eq!(made([b"{}", b"", &schema, b""]).0, "codec");
    let mut many = [0; SchemaDescriptor::SIZE];
    SchemaDescriptor::token_delta()
        .encode(&mut many)
        .expect("valid");
    let offered = made([b"{}", &encoded(&hello()), &many.repeat(4096), b""]);
    assert_eq!(offered, codec("MessageLengthOverflow"));
}

#[test]
fn there_is_no_memory_beyond_the_slots_and_the_longest_argument() {
    assert!(nnrp_wasm_input(4, 1).is_null());
    assert!(nnrp_wasm_input(0, u32::MAX).is_null());
    assert!(!nnrp_wasm_input(3, 1).is_null());
}

#[test]
fn an_argument_is_not_seen_by_the_call_after_the_next() {
    let client = HostClient::with_hello("{}", None);
    let ping = Header::new(MessageType::Ping).to_bytes();
    set_inputs(&[&ping]);
    assert_eq!(nnrp_wasm_client_command(client.number, 1), 1);
    let again = outcome(nnrp_wasm_client_command(client.number, 1));
    assert_eq!(refused(again), ("codec".into(), "SourceTooShort".into()));
}

#[test]
fn bytes_after_the_end_of_the_transport_belong_elsewhere() {
    let client = HostClient::with_hello("{}", None);
    client.end_transport(true);
    assert_eq!(
        refused(client.receive(b"late")),
        ("usage".into(), "TransportEnded".into())
    );
}

#[test]
fn a_host_that_fetches_no_events_cannot_fill_the_memory() {
    let options = r#"{"limits":{"queuedEvents":1,"bodyBytes":1024}}"#;
    let mut link = Link::new(options, Some(&hello()));
    link.drive();
    // One event waits, and there is no room for another: what arrives is kept, but not for ever.
    let zeros = vec![0; 1 << 20];
    let filled = (0..64).find_map(|_| link.client.receive(&zeros).err());
    let failure = filled.expect("an end to the patience");
    assert_eq!(
        (&failure["family"], &failure["name"]),
        (&"usage".into(), &"ReceiveBufferFull".into())
    );
    let kinds: Vec<Kind> = link
        .client
        .events()
        .iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [Kind::HelloAcknowledged, Kind::ConnectionEnded],
        "zeros are no packet"
    );
}

#[test]
fn sessions_and_frames_that_do_not_exist_are_named() {
    let link = Link::greeted();
    let client = &link.client;
    let submit = refused(client.submit(7, b"x"));
    assert_eq!(submit, ("command".into(), "UnknownSession".into()));
    let cancel = client.plain_command(MessageType::FrameCancel, 7, 1);
    let failure = cancel.expect_err("no session");
    assert_eq!(failure["detail"]["session_id"], 7);
    let close = client.plain_command(MessageType::SessionClose, 7, 0);
    assert_eq!(refused(close).1, "UnknownSession");
    assert_eq!(refused(client.detach(7)).1, "UnknownSession");
}

#[test]
fn limits_of_the_options_hold() {
    let options = r#"{"limits":{"sessions":1,"bodyBytes":64}}"#;
    let mut link = Link::new(options, Some(&hello()));
    link.drive();
    link.expect_one(Kind::HelloAcknowledged);
    let session = link.open(0);
    assert_eq!(refused(link.client.open(0)).1, "TooManySessions");
    let long = link
        .client
        .command(session, &FrameSubmit::default(), &[0; 65]);
    let failure = long.expect_err("too long");
    assert_eq!(failure["name"], "BodyTooLarge");
    assert_eq!(
        (&failure["detail"]["actual"], &failure["detail"]["allowed"]),
        (&65.into(), &64.into())
    );
}

#[test]
fn a_successful_call_leaves_no_failure_behind() {
    let client = HostClient::with_hello("{}", None);
    assert!(client.submit(7, b"x").is_err());
    client.tick();
    assert_eq!(output(), b"");
}
