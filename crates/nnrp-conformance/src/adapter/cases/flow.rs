//! `l1.flow_update.*`: routing of each scope, epochs, and what a server emits (spec 03 §3.6, 11 §11.4).

use nnrp_core::code::{FlowScopeKind, FlowUpdateReason};
use nnrp_core::flags::FlowFlags;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::{Header, MessageType};

use super::super::case::{Verdict, holds, same};
use super::super::subject::{Flow, Subject};
use crate::vectors::codec_error;

/// `l1.flow_update.connection.scope.validation`
pub(in super::super) fn connection_scope(subject: &dyn Subject) -> Verdict {
    let update = FlowUpdate {
        connection_credit: 6,
        ..of_scope(FlowScopeKind::Connection)
    };
    let rule = "connection_scope_fields";
    routed(subject, "connection scope", 0, update, "ok")?;
    routed(subject, "with a session in the header", 42, update, rule)?;
    for (what, update) in [
        (
            "with session_credit",
            FlowUpdate {
                session_credit: 1,
                ..update
            },
        ),
        (
            "with operation_credit",
            FlowUpdate {
                operation_credit: 1,
                ..update
            },
        ),
        (
            "with operation_id",
            FlowUpdate {
                operation_id: 1,
                ..update
            },
        ),
    ] {
        routed(subject, what, 0, update, rule)?;
    }
    Ok(())
}

/// `l1.flow_update.session.scope.validation`
pub(in super::super) fn session_scope(subject: &dyn Subject) -> Verdict {
    let update = FlowUpdate {
        session_credit: 6,
        ..of_scope(FlowScopeKind::Session)
    };
    let rule = "session_scope_fields";
    routed(subject, "session scope", 42, update, "ok")?;
    routed(subject, "without a session in the header", 0, update, rule)?;
    for (what, update) in [
        (
            "with connection_credit",
            FlowUpdate {
                connection_credit: 1,
                ..update
            },
        ),
        (
            "with operation_credit",
            FlowUpdate {
                operation_credit: 1,
                ..update
            },
        ),
        (
            "with operation_id",
            FlowUpdate {
                operation_id: 1,
                ..update
            },
        ),
    ] {
        routed(subject, what, 42, update, rule)?;
    }
    Ok(())
}

/// `l1.flow_update.operation.scope.validation`
pub(in super::super) fn operation_scope(subject: &dyn Subject) -> Verdict {
    let update = FlowUpdate {
        operation_credit: 6,
        operation_id: 1,
        ..of_scope(FlowScopeKind::Operation)
    };
    let rule = "operation_scope_fields";
    routed(subject, "operation scope", 42, update, "ok")?;
    routed(subject, "without a session in the header", 0, update, rule)?;
    let nameless = FlowUpdate {
        operation_id: 0,
        ..update
    };
    routed(subject, "without an operation", 42, nameless, rule)?;
    for (what, update) in [
        (
            "with connection_credit",
            FlowUpdate {
                connection_credit: 1,
                ..update
            },
        ),
        (
            "with session_credit",
            FlowUpdate {
                session_credit: 1,
                ..update
            },
        ),
    ] {
        routed(subject, what, 42, update, "ok")?;
    }
    Ok(())
}

/// The rules of every scope (part of `l1.flow_update.preview3`).
pub(super) fn every_scope(subject: &dyn Subject) -> Verdict {
    for (scope, session_id) in [
        (FlowScopeKind::Connection, 0),
        (FlowScopeKind::Session, 42),
        (FlowScopeKind::Operation, 42),
    ] {
        let update = FlowUpdate {
            operation_id: u64::from(scope == FlowScopeKind::Operation),
            ..of_scope(scope)
        };
        let name = scope.name();
        routed(subject, name, session_id, update, "ok")?;
        let header = Header {
            session_id,
            ..Header::new(MessageType::Ping)
        };
        let found = said(subject, &header, &update);
        same(name, found, broken("not_flow_update_header"))?;
        let waiting = FlowUpdate {
            retry_after_ms: 100,
            ..update
        };
        let what = format!("{name}, a wait without its flag");
        routed(
            subject,
            &what,
            session_id,
            waiting,
            "retry_after_flag_missing",
        )?;
        let flagged = FlowUpdate {
            flow_flags: FlowFlags::CREDIT_VALID | FlowFlags::RETRY_AFTER_VALID,
            ..waiting
        };
        routed(
            subject,
            &format!("{name}, a wait"),
            session_id,
            flagged,
            "ok",
        )?;
        let none = FlowUpdate {
            retry_after_ms: 0,
            ..flagged
        };
        routed(subject, &format!("{name}, no wait"), session_id, none, "ok")?;
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

fn routed(
    subject: &dyn Subject,
    what: &str,
    session_id: u32,
    update: FlowUpdate,
    rule: &str,
) -> Verdict {
    let header = Header {
        session_id,
        ..Header::new(MessageType::FlowUpdate)
    };
    let wanted = match rule {
        "ok" => rule.to_owned(),
        rule => broken(rule),
    };
    same(what, said(subject, &header, &update), wanted)
}

fn said(subject: &dyn Subject, header: &Header, update: &FlowUpdate) -> String {
    let checked = subject.check_flow_routing(header, update);
    checked.map_or_else(|error| codec_error(&error), |()| "ok".to_owned())
}

fn broken(rule: &str) -> String {
    format!("InvalidProtocolCombination flow_update.{rule}")
}
