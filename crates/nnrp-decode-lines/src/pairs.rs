//! The lines of a request and its answer: both, and the checks of one against the other.

use nnrp_core::CodecError;
use nnrp_core::lifecycle::ConnectionLifecycle;
use nnrp_core::message::FixedFields;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::migrate::{SessionMigrate, SessionMigrateAck};
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::resume::{self, ResumeOutcome};

use super::error::{write_check, write_codec_error, write_step};
use super::fields::write_structure;
use super::json::Json;

pub(super) fn write_hello(json: &mut Json, bytes: &[u8]) {
    if let Some((hello, ack)) = write_pair::<ClientHello, ServerHelloAck>(json, bytes) {
        write_check(json.key("c"), ack.check_against(&hello));
    }
}

pub(super) fn write_open(json: &mut Json, bytes: &[u8]) {
    let Some((open, ack)) = write_pair::<SessionOpen, SessionOpenAck>(json, bytes) else {
        return;
    };
    write_check(json.key("c"), resume::check_request(&open));
    write_outcome(json.key("r"), resume::check_ack(&open, &ack));
    let mut lifecycle = ConnectionLifecycle::new();
    write_step(json.key("l1"), lifecycle.apply_open_ack(&ack));
    write_step(json.key("l2"), lifecycle.apply_open_ack(&ack));
    json.key("sessions")
        .number(lifecycle.session_count() as u64);
}

pub(super) fn write_migrate(json: &mut Json, bytes: &[u8]) {
    if let Some((request, ack)) = write_pair::<SessionMigrate, SessionMigrateAck>(json, bytes) {
        write_check(json.key("c"), ack.check_against(&request));
    }
}

/// Writes both structures; returns them if both decoded.
fn write_pair<A: FixedFields, B: FixedFields>(json: &mut Json, bytes: &[u8]) -> Option<(A, B)> {
    let (first, second) = bytes.split_at(A::SIZE.min(bytes.len()));
    let (first, second) = (A::decode(first), B::decode(second));
    write_structure(json.key("a"), &first);
    write_structure(json.key("b"), &second);
    first.ok().zip(second.ok())
}

fn write_outcome(json: &mut Json, outcome: Result<ResumeOutcome, CodecError>) {
    let (name, window_ms) = match outcome {
        Ok(ResumeOutcome::Fresh) => ("fresh", 0),
        Ok(ResumeOutcome::Enabled { window_ms }) => ("resume_enabled", window_ms),
        Ok(ResumeOutcome::Resumed { window_ms }) => ("resumed", window_ms),
        Ok(ResumeOutcome::Rejected) => ("resume_rejected", 0),
        Err(error) => return write_codec_error(json, &error),
    };
    json.list(|json| {
        json.text(name);
        json.number(window_ms.into());
    });
}
