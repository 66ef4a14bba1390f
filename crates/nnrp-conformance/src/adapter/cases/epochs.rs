//! `l1.flow_update.credit_epoch`: newer updates count, older ones do not, each scope by itself (spec 11 §11.4).

use bytes::Bytes;
use nnrp_core::MessageType;
use nnrp_core::code::FlowScopeKind;
use nnrp_core::flags::{FlowFlags, PayloadKinds};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{CommandError, NnrpClientSession, RuntimeError};

use super::super::dialogue::of_frame;
use super::super::subject::Subject;
use super::super::verdict::{Verdict, same, wrong};
use super::super::wire::{Scripted, on_sockets};
use super::flow;
use super::session::{connected, round_trip};

/// `l1.flow_update.credit_epoch.monotonicity.validation`
pub(in super::super) fn monotonicity(subject: &dyn Subject) -> Verdict {
    flow::epochs(subject)?;
    on_sockets(async {
        let mut listener = Scripted::listen(subject).await?;
        let (_client, session, mut wire) = connected(&mut listener).await?;
        let id = session.session_id();
        // One frame stays unanswered, so that a window of one is full.
        may_submit(&session, "an open session", true)?;
        wire.expect(MessageType::FrameSubmit).await?;
        for (session_id, update, goes) in [
            (id, window(1, 5), false),
            (id, window(3, 4), false),
            (id, window(3, 5), false),
            (id, window(2, 6), true),
            (id, window(1, 5), false),
            (0, connection(2, 1), false),
            // The window of the session has room again, that of the connection has none.
            (id, window(4, 7), false),
            (0, connection(4, 2), true),
        ] {
            let header = of_frame(MessageType::FlowUpdate, session_id, 0);
            wire.send(header, &update).await?;
            round_trip(&mut wire).await?;
            let (scope, epoch) = (update.scope_kind.name(), update.credit_epoch);
            let what = format!("{scope} window {:?}, epoch {epoch}", update.credit());
            may_submit(&session, &what, goes)?;
            if goes {
                wire.expect(MessageType::FrameSubmit).await?;
            }
        }
        Ok(())
    })
}

fn may_submit(session: &NnrpClientSession, what: &str, wanted: bool) -> Verdict {
    let metadata = FrameSubmit {
        payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
        ..FrameSubmit::default()
    };
    let goes = match session.submit_nowait(metadata, Bytes::new()) {
        Ok(_) => true,
        Err(RuntimeError::Command(CommandError::WouldBlock)) => false,
        Err(error) => return wrong(format!("{what}: {error}")),
    };
    same(&format!("{what}: a submit goes"), goes, wanted)
}

fn window(session_credit: u16, credit_epoch: u32) -> FlowUpdate {
    FlowUpdate {
        scope_kind: FlowScopeKind::Session,
        session_credit,
        credit_epoch,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    }
}

fn connection(connection_credit: u16, credit_epoch: u32) -> FlowUpdate {
    FlowUpdate {
        scope_kind: FlowScopeKind::Connection,
        connection_credit,
        credit_epoch,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    }
}
