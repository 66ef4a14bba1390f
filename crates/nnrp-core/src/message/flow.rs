//! `FLOW_UPDATE` and its routing check (spec 03 §3.6).

use crate::code::{BackpressureLevel, FlowScopeKind, FlowUpdateReason};
use crate::codec_error::CodecError;
use crate::flags::FlowFlags;
use crate::header::Header;
use crate::message_type::MessageType;
use crate::rule::Rule;
use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `FLOW_UPDATE`.
    FlowUpdate "flow_update" 32 {
        /// What the update is about.
        scope_kind: FlowScopeKind as u8 @ 0,
        /// Why it was sent.
        update_reason: FlowUpdateReason as u8 @ 1,
        /// How urgent it is.
        backpressure_level: BackpressureLevel as u8 @ 2,
        /// Window of the connection.
        connection_credit: u16 as u16 @ 4,
        /// Window of the session.
        session_credit: u16 as u16 @ 6,
        /// Window of the operation.
        operation_credit: u16 as u16 @ 8,
        /// Target of operation scope.
        operation_id: u64 as u64 @ 12,
        /// Suggested wait, milliseconds.
        retry_after_ms: u32 as u32 @ 20,
        /// Sequence number of updates of the scope.
        credit_epoch: u32 as u32 @ 24,
        /// Which fields count.
        flow_flags: FlowFlags as u32 @ 28,
    }
    reserved {
        reserved0: u8 @ 3,
        reserved1: u16 @ 10,
    }
}

impl FlowUpdate {
    /// The check of scope against header, run by receivers and, before emitting, by senders.
    pub fn check_routing(&self, header: &Header) -> Result<(), CodecError> {
        if header.message_type != MessageType::FlowUpdate {
            return Err(Rule::FlowUpdateNotFlowUpdateHeader.into());
        }
        self.check_scope(header.session_id)?;
        let retry_counts = self.flow_flags.contains(FlowFlags::RETRY_AFTER_VALID);
        if self.retry_after_ms != 0 && !retry_counts {
            return Err(Rule::FlowUpdateRetryAfterFlagMissing.into());
        }
        Ok(())
    }

    fn check_scope(&self, session_id: u32) -> Result<(), CodecError> {
        let (fits, rule) = match self.scope_kind {
            FlowScopeKind::Connection => (
                session_id == 0
                    && self.session_credit == 0
                    && self.operation_credit == 0
                    && self.operation_id == 0,
                Rule::FlowUpdateConnectionScopeFields,
            ),
            FlowScopeKind::Session => (
                session_id != 0
                    && self.connection_credit == 0
                    && self.operation_credit == 0
                    && self.operation_id == 0,
                Rule::FlowUpdateSessionScopeFields,
            ),
            FlowScopeKind::Operation => (
                session_id != 0 && self.operation_id != 0,
                Rule::FlowUpdateOperationScopeFields,
            ),
        };
        if fits { Ok(()) } else { Err(rule.into()) }
    }

    /// The credit of the update's scope, if the update says that it counts.
    #[must_use]
    pub fn credit(&self) -> Option<u16> {
        let credit = match self.scope_kind {
            FlowScopeKind::Connection => self.connection_credit,
            FlowScopeKind::Session => self.session_credit,
            FlowScopeKind::Operation => self.operation_credit,
        };
        self.flow_flags
            .contains(FlowFlags::CREDIT_VALID)
            .then_some(credit)
    }
}
