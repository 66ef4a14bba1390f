//! `l0.session_*`, `l0.session_resume*`, `l0.flow_update.*`: vectors byte for byte, reserved fields and bits one by one.

use nnrp_core::Header;
use nnrp_core::flags::SessionFlags;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::session::{SessionOpen, SessionOpenAck};
use nnrp_core::resume::ResumeOutcome;

use super::super::subject::Subject;
use super::super::verdict::{Failure, Verdict, good, same};
use super::field::{reserved, unknown_flags};
use super::rule::judged;
use super::vector::{bytes_of, golden, round_trip, with_number};

const OPEN: &str = "preview3.metadata.session_open.default_context";
const OPEN_ACK: &str = "preview3.metadata.session_open_ack.opened";
const RESUMED: &str = "l0.preview3.session_open_ack.resumed.golden";
const FLOW_SESSION: &str = "preview3.packet.flow_update.session_hard";

/// `l0.session_open.metadata.golden`
pub(in super::super) fn session_open(subject: &dyn Subject) -> Verdict {
    golden(subject, OPEN)
}

/// `l0.session_open_ack.metadata.golden`
pub(in super::super) fn session_open_ack(subject: &dyn Subject) -> Verdict {
    golden(subject, OPEN_ACK)
}

/// `l0.session_close.metadata.golden`
pub(in super::super) fn session_close(subject: &dyn Subject) -> Verdict {
    golden(subject, "x.metadata.session_close.abort")
}

/// `l0.session_close_ack.metadata.golden`
pub(in super::super) fn session_close_ack(subject: &dyn Subject) -> Verdict {
    golden(subject, "preview3.metadata.session_close_ack.draining")
}

/// `l0.session_open.reserved_fields.reject`
pub(in super::super) fn session_open_reserved(subject: &dyn Subject) -> Verdict {
    let (structure, bytes) = ("SESSION_OPEN", bytes_of(OPEN)?);
    let name = "session_open.reserved0";
    reserved(subject, structure, &bytes, (22, 2), name)?;
    unknown_flags(subject, structure, &bytes, (7, 1), 4)
}

/// `l0.session_open_ack.reserved_fields.reject`
pub(in super::super) fn session_open_ack_reserved(subject: &dyn Subject) -> Verdict {
    let bytes = bytes_of(OPEN_ACK)?;
    unknown_flags(subject, "SESSION_OPEN_ACK", &bytes, (52, 4), 5)
}

/// `l0.session_resume.metadata.golden`
pub(in super::super) fn session_resume(subject: &dyn Subject) -> Verdict {
    golden(subject, OPEN)?;
    let open = request()?;
    same("resume_token_bytes", open.resume_token_bytes, 16)?;
    let checked = subject.check_resume_request(&open);
    good("the resume request", checked)?;
    let without_flag = SessionOpen {
        session_flags: SessionFlags::NONE,
        ..open
    };
    let refused = subject.check_resume_request(&without_flag);
    let what = "a token without allow_resume";
    judged(what, "resume", refused, Err("flag_missing"))
}

/// `l0.session_resume_ack.resumed.golden`
pub(in super::super) fn resumed(subject: &dyn Subject) -> Verdict {
    golden(subject, RESUMED)?;
    let ack = good("the ack", SessionOpenAck::decode(&bytes_of(RESUMED)?))?;
    let outcome = good("resumed", subject.check_resume_ack(&request()?, &ack))?;
    let window_ms = 120_000;
    same("the outcome", outcome, ResumeOutcome::Resumed { window_ms })
}

/// `l0.session_resume_ack.rejected.golden`
pub(in super::super) fn rejected(subject: &dyn Subject) -> Verdict {
    // The ack of the published server to the resume of a session that it does not know.
    let packet = bytes_of("x.packet.session_open_ack.profile_unsupported")?;
    let ack = with_number(&packet[40..], (4, 2), 2);
    let bytes = with_number(&ack, (48, 4), 0x0001_0006);
    let fields = [
        ("metadata.session_id", 0),
        ("metadata.accepted_profile_id", 2),
        ("metadata.accepted_priority_class", 1),
        ("metadata.session_status", 1),
        ("metadata.schema_id", 0x1001),
        ("metadata.schema_version", 3),
        ("metadata.granted_operation_credit", 2),
        ("metadata.max_in_flight_operations", 4),
        ("metadata.lease_ttl_ms", 30_000),
        ("metadata.resume_window_ms", 120_000),
        ("metadata.resume_token_bytes", 0),
        ("metadata.session_extension_bytes", 0),
        ("metadata.server_session_tag", 0),
        ("metadata.route_scope_id", 0),
        ("metadata.session_error_code", 0x0001_0006),
        ("metadata.session_flags_ack", 0),
    ];
    let what = "the ack of a rejected resume";
    round_trip(subject, what, "SESSION_OPEN_ACK", &bytes, &fields)?;
    let ack = good("the ack", SessionOpenAck::decode(&bytes))?;
    let outcome = good("rejected", subject.check_resume_ack(&request()?, &ack))?;
    same("the outcome", outcome, ResumeOutcome::Rejected)
}

/// `l0.flow_update.packet.golden`
pub(in super::super) fn flow_session(subject: &dyn Subject) -> Verdict {
    flow_golden(subject, FLOW_SESSION, &bytes_of(FLOW_SESSION)?)?;
    golden(subject, FLOW_SESSION)
}

/// `l0.flow_update.connection.packet.golden`
pub(in super::super) fn flow_connection(subject: &dyn Subject) -> Verdict {
    const ID: &str = "preview3.packet.flow_update.connection_grant";
    flow_golden(subject, ID, &bytes_of(ID)?)?;
    golden(subject, ID)
}

/// `l0.flow_update.operation.packet.golden`
pub(in super::super) fn flow_operation(subject: &dyn Subject) -> Verdict {
    // The metadata vector of operation scope under the header of the session's.
    let metadata = bytes_of("x.metadata.flow_update.operation")?;
    let session = bytes_of(FLOW_SESSION)?;
    let packet = [&session[..40], &metadata].concat();
    flow_golden(subject, "operation scope", &packet)?;
    let fields = [
        ("header.message_type", 0x17),
        ("header.flags", 0),
        ("header.meta_len", 32),
        ("header.body_len", 0),
        ("header.session_id", 42),
        ("header.frame_id", 0),
        ("header.view_id", 0),
        ("header.route_id", 9),
        ("header.trace_id", 0x1122_3344_5566_7788),
        ("metadata.scope_kind", 2),
        ("metadata.update_reason", 3),
        ("metadata.backpressure_level", 0),
        ("metadata.connection_credit", 0),
        ("metadata.session_credit", 0),
        ("metadata.operation_credit", 3),
        ("metadata.operation_id", 73_588_229_205),
        ("metadata.retry_after_ms", 0),
        ("metadata.credit_epoch", 9),
        ("metadata.flow_flags", 1),
    ];
    round_trip(subject, "operation scope", "packet", &packet, &fields)
}

/// `l0.flow_update.reserved_flags.reject`
pub(in super::super) fn flow_reserved(subject: &dyn Subject) -> Verdict {
    let packet = bytes_of(FLOW_SESSION)?;
    let (structure, bytes) = ("FLOW_UPDATE", &packet[40..]);
    unknown_flags(subject, structure, bytes, (28, 4), 4)?;
    reserved(subject, structure, bytes, (3, 1), "flow_update.reserved0")?;
    reserved(subject, structure, bytes, (10, 2), "flow_update.reserved1")
}

fn flow_golden(subject: &dyn Subject, what: &str, packet: &[u8]) -> Verdict {
    let header = good(what, Header::decode(packet))?;
    let update = good(what, FlowUpdate::decode(&packet[40..]))?;
    good(what, subject.check_flow_routing(&header, &update))
}

fn request() -> Result<SessionOpen, Failure> {
    good("the request", SessionOpen::decode(&bytes_of(OPEN)?))
}
