//! `l2.*`: results, typed payloads and schema failures as an application of the C ABI sees them.

use std::collections::BTreeMap;

use nnrp::{
    NNRP_EVENT_CONNECTION_CLOSED, NNRP_EVENT_SESSION_CLOSED, NNRP_INSTALLED_ALREADY,
    NNRP_INSTALLED_NEW,
};
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::code::TransportId;
use nnrp_core::flags::SchemaFlags;
use nnrp_core::schema::SchemaDescriptor;

use super::super::abi::{self, Body, Commands, Consumption, Observed, Pump};
use super::super::dialogue::PARTIAL;
use super::super::server::Server;
use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, holds, needed, same, wrong};
use super::super::wire::{PATIENCE, on_sockets};
use super::exchange::token_body;
use super::schema::{schema, token_payload};

/// Room for every body of these cases.
const ARENA: usize = 4096;
/// Room for none of them.
const NO_ARENA: usize = 16;
const PARTIAL_CLASS: u32 = 1;
const COMPLETE_CLASS: u32 = 0;

/// `l2.result_push.basic.event_pump.single_terminal.validation`
pub(in super::super) fn single_terminal(subject: &dyn Subject) -> Verdict {
    for consumption in [Consumption::Callback, Consumption::Polling] {
        let events = with_client(subject, consumption, ARENA, |client, events| {
            let body = token_body()?;
            for verb in [0, PARTIAL, 0, PARTIAL] {
                client.submit(verb, 2, &body)?;
            }
            let mut seen = results(events, 6)?;
            client.shut_down()?;
            seen.extend(until_the_end(events)?);
            Ok(seen)
        })?;
        let mut terminal = BTreeMap::new();
        for result in events.iter().filter(|event| event.is_result()) {
            let count = terminal.entry(result.frame_id).or_insert(0);
            *count += u32::from(result.result_class != PARTIAL_CLASS);
        }
        let wanted = BTreeMap::from([(1, 1), (2, 1), (3, 1), (4, 1)]);
        let what = format!("terminal results by frame, {consumption:?}");
        same(&what, terminal, wanted)?;
    }
    Ok(())
}

/// `l2.payload.typed.callback_polling.descriptor_consistency.validation`
pub(in super::super) fn descriptor_consistency(subject: &dyn Subject) -> Verdict {
    let mut seen = Vec::new();
    for consumption in [Consumption::Callback, Consumption::Polling] {
        let events = with_client(subject, consumption, ARENA, |client, events| {
            let body = token_body()?;
            for _ in 0..3 {
                client.submit(0, 2, &body)?;
            }
            results(events, 3)
        })?;
        for event in &events {
            let what = format!("typed payload frames, {consumption:?}");
            same(&what, event.payload_frame_count, 2)?;
            tokens(event)?;
        }
        seen.push(events);
    }
    let polled = seen.pop();
    let what = "what the callback leads to is what polling finds";
    same(what, seen.pop(), polled)
}

/// `l2.payload.typed.buffer_ownership.relative_region.validation`
pub(in super::super) fn relative_region(subject: &dyn Subject) -> Verdict {
    for (arena, in_buffer) in [(ARENA, false), (NO_ARENA, true)] {
        let events = with_client(subject, Consumption::Polling, arena, |client, events| {
            let body = token_body()?;
            for _ in 0..3 {
                client.submit(0, 2, &body)?;
            }
            results(events, 3)
        })?;
        // The connection and its queue are gone; what was taken out of them is the application's.
        for event in &events {
            let found = matches!(event.body, Body::Buffer(_));
            same("whether the body has a buffer", found, in_buffer)?;
            let offsets = event.frames()?.into_iter().map(|(_, offset, _)| offset);
            let what = "offsets count from the start of the frame region";
            same(what, offsets.collect::<Vec<_>>(), vec![0, 2])?;
            tokens(event)?;
        }
    }
    Ok(())
}

/// `l2.profile.token.partial.callback_polling.validation`
pub(in super::super) fn token_partial(subject: &dyn Subject) -> Verdict {
    for consumption in [Consumption::Callback, Consumption::Polling] {
        let events = with_client(subject, consumption, ARENA, |client, events| {
            client.submit(PARTIAL, 2, &token_body()?)?;
            results(events, 2)
        })?;
        let classes: Vec<u32> = events.iter().map(|event| event.result_class).collect();
        let what = format!("partial, then terminal, {consumption:?}");
        same(&what, classes, vec![PARTIAL_CLASS, COMPLETE_CLASS])?;
        events.iter().try_for_each(tokens)?;
    }
    Ok(())
}

/// `l2.schema.registry.conflict_error_mapping.validation`
pub(in super::super) fn conflict_mapping(subject: &dyn Subject) -> Verdict {
    let mut registry = subject.foreign_schemas()?;
    let first = schema(0x20, 1, 1, 0x11);
    let outcome = registry.install(&first);
    same("a schema", outcome, Ok(NNRP_INSTALLED_NEW))?;
    let outcome = registry.install(&first);
    same("the same", outcome, Ok(NNRP_INSTALLED_ALREADY))?;
    for (what, conflicting, code) in [
        ("another hash", schema(0x20, 1, 1, 0x12), 0x0004_0003),
        ("another profile", schema(0x20, 1, 2, 0x11), 0x0004_0003),
        (
            "a profile that is not assigned",
            schema(0x21, 1, 0xffff, 1),
            0x0004_0006,
        ),
    ] {
        same(what, registry.install(&conflicting), Err(code))?;
    }
    same("removing it", registry.remove(0x20, 1), Ok(()))?;
    same(
        "removing it again",
        registry.remove(0x20, 1),
        Err(0x0004_0002),
    )
}

/// `l2.schema.registry.error_mapping.critical_unknown.validation`
pub(in super::super) fn critical_unknown(subject: &dyn Subject) -> Verdict {
    let mut registry = subject.foreign_schemas()?;
    let critical = SchemaDescriptor {
        schema_flags: SchemaFlags::CRITICAL,
        ..schema(0x30, 2, 2, 0x33)
    };
    let payload = |schema_id, schema_version, profile_id| TypedPayloadDescriptor {
        profile_id,
        schema_id,
        schema_version,
        ..token_payload()
    };
    let what = "a critical schema that is not known";
    let bound = registry.check_binding(&payload(0x30, 2, 2));
    same(what, bound, Err(0x0004_0001))?;
    same(
        "installing it",
        registry.install(&critical),
        Ok(NNRP_INSTALLED_NEW),
    )?;
    for (what, payload, wanted) in [
        ("once it is known", payload(0x30, 2, 2), Ok(())),
        (
            "another version of it",
            payload(0x30, 3, 2),
            Err(0x0004_0002),
        ),
        ("for another profile", payload(0x30, 2, 1), Err(0x0004_0004)),
        (
            "a profile that is not assigned",
            payload(0x30, 2, 9),
            Err(0x0004_0006),
        ),
        ("the schema 0", payload(0, 0, 2), Err(0x0004_0001)),
    ] {
        same(what, registry.check_binding(&payload), wanted)?;
    }
    Ok(())
}

/// Runs `case` as an application of the C ABI, on a thread of its own, against an echo server.
fn with_client(
    subject: &dyn Subject,
    consumption: Consumption,
    arena: usize,
    case: impl FnOnce(&Commands, &mut dyn Pump) -> Result<Vec<Observed>, Failure> + Send + 'static,
) -> Result<Vec<Observed>, Failure> {
    let mut seen = Vec::new();
    on_sockets(async {
        let server = Server::start(subject, TransportId::Tcp, |_| {}).await?;
        let (client, events) = abi::connect(server.endpoint(), consumption, arena)?;
        let mut events = subject.pump(consumption, events);
        let application = tokio::task::spawn_blocking(move || case(&client, events.as_mut()));
        seen = needed("a thread for the application", application.await)??;
        Ok(())
    })?;
    Ok(seen)
}

/// The next results; other events are of no interest, but an end is.
fn results(events: &mut dyn Pump, count: usize) -> Result<Vec<Observed>, Failure> {
    let mut results = Vec::new();
    while results.len() < count {
        let event = next(events)?;
        holds("the session goes on", !is_end(&event))?;
        results.extend(Some(event).filter(Observed::is_result));
    }
    Ok(results)
}

fn until_the_end(events: &mut dyn Pump) -> Result<Vec<Observed>, Failure> {
    let mut rest = Vec::new();
    loop {
        let event = next(events)?;
        if is_end(&event) {
            return Ok(rest);
        }
        rest.push(event);
    }
}

fn next(events: &mut dyn Pump) -> Result<Observed, Failure> {
    let next = events.next(PATIENCE);
    next.map_or_else(|| wrong("no event comes"), Ok)
}

fn is_end(event: &Observed) -> bool {
    [NNRP_EVENT_SESSION_CLOSED, NNRP_EVENT_CONNECTION_CLOSED].contains(&event.kind)
}

/// A part, then the end, byte for byte.
fn tokens(event: &Observed) -> Verdict {
    let frames = event.frames()?.into_iter();
    let found: Vec<(u32, Vec<u8>)> = frames.map(|(flags, _, bytes)| (flags, bytes)).collect();
    let wanted = vec![(2, b"he".to_vec()), (1, b"llo".to_vec())];
    same("the typed payload", found, wanted)
}
