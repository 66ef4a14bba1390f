//! Schemas in the hello: what a client offers, what the server answers, and which sessions may use them.

use crate::events::Events;
use crate::pair::{connect, listen_at, memory_uri, open_session, options_of, set_bytes};
use nnrp::*;
use std::ptr;

fn schema(schema_id: u32, schema_version: u32, schema_hash: u64) -> Vec<u8> {
    let schema = NnrpSchema {
        struct_size: 48,
        schema_id,
        schema_version,
        profile_id: NNRP_PROFILE_TOKEN,
        min_version_major: 1,
        max_version_major: 1,
        schema_hash,
        ..NnrpSchema::default()
    };
    let mut form = vec![0; 32];
    // SAFETY: all pointers are to live memory of the stated size.
    let status =
        unsafe { nnrp_schema_write(&raw const schema, form.as_mut_ptr(), 32, ptr::null_mut()) };
    assert_eq!(status, NNRP_STATUS_OK);
    form
}

/// The answers to an offer of a known schema, the same with another content, and an unknown one.
fn answers(listener_numbers: &[(u32, u64)]) -> (Vec<NnrpSchemaAnswer>, Events, NnrpHandle, Events) {
    let server = Events::new(1024, 1 << 16);
    let known = options_of(listener_numbers);
    set_bytes(
        known,
        NNRP_BYTES_OPTION_SCHEMA_DESCRIPTORS,
        &schema(50, 1, 500),
    );
    let (_, uri) = listen_at(server.queue, &memory_uri(), known);
    let mut client = Events::new(1024, 1 << 16);
    let offer = options_of(&[]);
    let offered = [schema(50, 1, 500), schema(50, 1, 501), schema(60, 2, 600)].concat();
    set_bytes(offer, NNRP_BYTES_OPTION_SCHEMA_DESCRIPTORS, &offered);
    let connection = connect(client.queue, &uri, offer);
    client.expect(NNRP_EVENT_CONNECTED);
    let (_, body) = client.expect_body(NNRP_EVENT_GREETED);
    let (forms, rest) = body.as_chunks::<24>();
    assert!(rest.is_empty());
    // SAFETY: an answer consists of integers, so that all bytes are a value.
    let read =
        |form: &[u8; 24]| unsafe { form.as_ptr().cast::<NnrpSchemaAnswer>().read_unaligned() };
    (forms.iter().map(read).collect(), client, connection, server)
}

fn refusals(answers: &[NnrpSchemaAnswer]) -> Vec<(u32, u64, u32)> {
    let answers = answers.iter();
    answers
        .map(|one| (one.schema_id, one.schema_hash, one.refusal))
        .collect()
}

#[test]
fn each_offered_schema_is_answered_in_its_place() {
    let (answers, ..) = answers(&[]);
    assert_eq!(
        refusals(&answers),
        [
            (50, 500, 0),
            (50, 501, NNRP_SCHEMA_ERROR_HASH_CONFLICT),
            (60, 600, NNRP_SCHEMA_ERROR_UNKNOWN)
        ]
    );
    assert_eq!(
        (answers[2].schema_version, answers[2].profile_id),
        (2, NNRP_PROFILE_TOKEN)
    );
}

#[test]
fn a_session_uses_what_was_accepted_and_nothing_else() {
    let (_, mut client, connection, _server) = answers(&[]);
    let with = |id: u64, version: u64| {
        options_of(&[
            (NNRP_OPTION_SCHEMA_ID, id),
            (NNRP_OPTION_SCHEMA_VERSION, version),
        ])
    };
    let session = open_session(connection, with(50, 1));
    assert_eq!(client.expect(NNRP_EVENT_SESSION_OPENED).session, session);
    let refused = open_session(connection, with(60, 2));
    let closed = client.expect(NNRP_EVENT_SESSION_CLOSED);
    assert_eq!(
        (closed.session, closed.status),
        (refused, NNRP_STATUS_SESSION_REJECTED)
    );
    assert_eq!(closed.protocol_code, NNRP_SESSION_ERROR_SCHEMA_UNSUPPORTED);
    // The default schema is accepted as before.
    let session = open_session(connection, 0);
    assert_eq!(client.expect(NNRP_EVENT_SESSION_OPENED).session, session);
}

#[test]
fn a_server_that_installs_what_is_offered_serves_it() {
    let install = [(NNRP_OPTION_INSTALL_OFFERED_SCHEMAS, 1)];
    let (answers, mut client, connection, _server) = answers(&install);
    assert_eq!(refusals(&answers)[2], (60, 600, 0));
    let wanted = [(NNRP_OPTION_SCHEMA_ID, 60), (NNRP_OPTION_SCHEMA_VERSION, 2)];
    let session = open_session(connection, options_of(&wanted));
    assert_eq!(client.expect(NNRP_EVENT_SESSION_OPENED).session, session);
}

#[test]
fn bytes_that_are_no_schemas_are_refused_where_they_are_used() {
    let options = options_of(&[]);
    set_bytes(options, NNRP_BYTES_OPTION_SCHEMA_DESCRIPTORS, &[0; 33]);
    let events = Events::new(64, 64);
    let (uri, mut connection, mut error) = (memory_uri(), 0, NnrpError::default());
    // SAFETY: all pointers are to live memory of the stated size.
    let status = unsafe {
        let text = uri.as_ptr().cast();
        nnrp_connect(
            events.queue,
            text,
            uri.len(),
            options,
            &raw mut connection,
            &raw mut error,
        )
    };
    assert_eq!(status, NNRP_STATUS_INVALID_OPTION);
    assert_eq!(error.detail, NNRP_BYTES_OPTION_SCHEMA_DESCRIPTORS);
}

#[test]
fn what_a_client_tells_of_itself_in_the_hello_is_answered_in_the_greeting() {
    let server = Events::new(1024, 1 << 16);
    let (_, uri) = listen_at(server.queue, &memory_uri(), 0);
    let greeting = |options: &[(u32, u64)]| {
        let mut client = Events::new(1024, 1 << 16);
        connect(client.queue, &uri, options_of(options));
        client.expect(NNRP_EVENT_CONNECTED);
        client.expect(NNRP_EVENT_GREETED);
        client.record::<NnrpGreeting>()
    };
    let silent = greeting(&[]);
    assert_eq!((silent.transport_policy, silent.loss_tolerance), (0, 0));
    let told = greeting(&[
        (
            NNRP_OPTION_HELLO_TRANSPORT_POLICY,
            u64::from(NNRP_POLICY_PREFER_TCP),
        ),
        (
            NNRP_OPTION_HELLO_PREFERRED_TRANSPORT,
            u64::from(NNRP_TRANSPORT_TCP),
        ),
        (NNRP_OPTION_HELLO_LOSS_TOLERANCE, 1),
        (
            NNRP_OPTION_HELLO_PAYLOAD_KINDS,
            u64::from(NNRP_PAYLOAD_TOKEN_CHUNK),
        ),
    ]);
    assert_ne!((told.transport_policy, told.loss_tolerance), (0, 0));
}
