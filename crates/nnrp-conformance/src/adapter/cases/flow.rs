//! `l1.flow_update.*`: routing of each scope, epochs, and what a server emits (spec 03 §3.6, 11 §11.4).

use nnrp_core::MessageType;
use nnrp_core::code::{FlowScopeKind, FlowUpdateReason};
use nnrp_core::flags::FlowFlags;
use nnrp_core::message::flow::FlowUpdate;

use super::super::dialogue::of_frame;
use super::super::subject::{Flow, Subject};
use super::super::verdict::{Verdict, holds, same};
use super::rule::judged;

/// What the rules of this check begin with.
const FAMILY: &str = "flow_update";

/// A change of one field, in words.
type Change = (&'static str, fn(&mut FlowUpdate));

const CONNECTION_CREDIT: Change = ("connection_credit", |update| update.connection_credit = 1);
const SESSION_CREDIT: Change = ("session_credit", |update| update.session_credit = 1);
const OPERATION_CREDIT: Change = ("operation_credit", |update| update.operation_credit = 1);
const OPERATION_ID: Change = ("operation_id", |update| update.operation_id = 1);
const NO_OPERATION_ID: Change = ("operation_id 0", |update| update.operation_id = 0);

/// What an update of each scope must not say, and the rule that this breaks.
fn refused_fields(scope: FlowScopeKind) -> (&'static str, &'static [Change]) {
    match scope {
        FlowScopeKind::Connection => (
            "connection_scope_fields",
            &[SESSION_CREDIT, OPERATION_CREDIT, OPERATION_ID],
        ),
        FlowScopeKind::Session => (
            "session_scope_fields",
            &[CONNECTION_CREDIT, OPERATION_CREDIT, OPERATION_ID],
        ),
        FlowScopeKind::Operation => ("operation_scope_fields", &[NO_OPERATION_ID]),
    }
}

/// `l1.flow_update.connection.scope.validation`
pub(in super::super) fn connection_scope(subject: &dyn Subject) -> Verdict {
    one_scope(subject, 0, connection(0))
}

/// `l1.flow_update.session.scope.validation`
pub(in super::super) fn session_scope(subject: &dyn Subject) -> Verdict {
    one_scope(subject, 42, session(0))
}

/// `l1.flow_update.operation.scope.validation`
pub(in super::super) fn operation_scope(subject: &dyn Subject) -> Verdict {
    one_scope(subject, 42, operation(0))?;
    for (field, change) in [CONNECTION_CREDIT, SESSION_CREDIT] {
        let update = changed(operation(0), change);
        let what = format!("operation scope with {field}");
        routed(subject, &what, 42, &update, Ok(()))?;
    }
    Ok(())
}

/// An update that its scope allows under this header session, and everything about it that its scope forbids.
fn one_scope(subject: &dyn Subject, session_id: u32, update: FlowUpdate) -> Verdict {
    let name = format!("{} scope", update.scope_kind.name());
    let (rule, fields) = refused_fields(update.scope_kind);
    routed(subject, &name, session_id, &update, Ok(()))?;
    let other = if session_id == 0 { 42 } else { 0 };
    let what = format!("{name} with session {other} in the header");
    routed(subject, &what, other, &update, Err(rule))?;
    for (field, change) in fields {
        let what = format!("{name} with {field}");
        let update = changed(update, *change);
        routed(subject, &what, session_id, &update, Err(rule))?;
    }
    Ok(())
}

fn changed(mut update: FlowUpdate, change: fn(&mut FlowUpdate)) -> FlowUpdate {
    change(&mut update);
    update
}

/// The rules of every scope (part of `l1.flow_update.preview3`).
pub(super) fn every_scope(subject: &dyn Subject) -> Verdict {
    for (session_id, update) in [(0, connection(0)), (42, session(0)), (42, operation(0))] {
        let name = update.scope_kind.name();
        routed(subject, name, session_id, &update, Ok(()))?;
        let ping = of_frame(MessageType::Ping, session_id, 0);
        let found = subject.check_flow_routing(&ping, &update);
        judged(name, FAMILY, found, Err("not_flow_update_header"))?;
        waits(subject, name, session_id, update)?;
    }
    Ok(())
}

/// A time to wait counts under its flag only.
fn waits(subject: &dyn Subject, name: &str, session_id: u32, update: FlowUpdate) -> Verdict {
    let flagged = FlowFlags::CREDIT_VALID | FlowFlags::RETRY_AFTER_VALID;
    for (what, flow_flags, retry_after_ms, wanted) in [
        (
            "a wait without its flag",
            FlowFlags::CREDIT_VALID,
            100,
            Err("retry_after_flag_missing"),
        ),
        ("a wait", flagged, 100, Ok(())),
        ("no wait", flagged, 0, Ok(())),
    ] {
        let update = FlowUpdate {
            flow_flags,
            retry_after_ms,
            ..update
        };
        let what = format!("{name}, {what}");
        routed(subject, &what, session_id, &update, wanted)?;
    }
    Ok(())
}

/// A scope in words, the session in its header, and its update of an epoch.
type Scope = (&'static str, u32, fn(u32) -> FlowUpdate);

/// Epochs on a client's machine (part of `l1.flow_update.credit_epoch.monotonicity.validation`).
pub(super) fn epochs(subject: &dyn Subject) -> Verdict {
    let mut flow = subject.flow()?;
    // Each scope counts by itself: the later ones begin below what the earlier ones have come to.
    let scopes: [Scope; 5] = [
        ("connection", 0, connection),
        ("session 42", 42, session),
        ("session 43", 43, session),
        ("operation 1 of 42", 42, operation),
        ("operation 1 of 43", 43, operation),
    ];
    for (nth, (what, session_id, update)) in (0..).zip(scopes) {
        let first = 50 - nth * 10;
        for (step, epoch, wanted) in [
            ("the first", first, true),
            ("an older one", first - 1, false),
            ("the same again", first, false),
            ("a newer one", first + 1, true),
            ("the first again", first, false),
            ("the newest", u32::MAX - nth, true),
            ("an old one after it", first + 2, false),
        ] {
            let applied = flow.apply(session_id, &update(epoch))?;
            same(&format!("{what}: {step}, epoch {epoch}"), applied, wanted)?;
        }
    }
    windows(subject.flow()?.as_mut())
}

/// A stale window is not in effect.
fn windows(flow: &mut dyn Flow) -> Verdict {
    let window = |credit, epoch| FlowUpdate {
        session_credit: credit,
        ..session(epoch)
    };
    flow.apply(42, &window(1, 5))?;
    holds("a full window stops submits", !flow.submit(42)?)?;
    flow.apply(42, &window(9, 4))?;
    holds("an older window opens nothing", !flow.submit(42)?)?;
    holds("another session goes on", flow.submit(43)?)?;
    flow.apply(42, &window(9, 6))?;
    holds("a newer window does", flow.submit(42)?)
}

fn connection(credit_epoch: u32) -> FlowUpdate {
    FlowUpdate {
        connection_credit: 64,
        credit_epoch,
        ..of_scope(FlowScopeKind::Connection)
    }
}

fn session(credit_epoch: u32) -> FlowUpdate {
    FlowUpdate {
        session_credit: 64,
        credit_epoch,
        ..of_scope(FlowScopeKind::Session)
    }
}

fn operation(credit_epoch: u32) -> FlowUpdate {
    FlowUpdate {
        operation_id: 1,
        operation_credit: 3,
        credit_epoch,
        ..of_scope(FlowScopeKind::Operation)
    }
}

fn of_scope(scope_kind: FlowScopeKind) -> FlowUpdate {
    FlowUpdate {
        scope_kind,
        update_reason: FlowUpdateReason::Grant,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    }
}

/// What the routing check has to say of an update under a header of this session.
fn routed(
    subject: &dyn Subject,
    what: &str,
    session_id: u32,
    update: &FlowUpdate,
    wanted: Result<(), &str>,
) -> Verdict {
    let header = of_frame(MessageType::FlowUpdate, session_id, 0);
    let found = subject.check_flow_routing(&header, update);
    judged(what, FAMILY, found, wanted)
}
