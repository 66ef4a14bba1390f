//! `SESSION_MIGRATE` and its ack (spec 02 §2.11, §2.12, 07 §7.3).

use crate::code::TransportId;
use crate::codec_error::CodecError;
use crate::rule::Rule;
use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `SESSION_MIGRATE`.
    SessionMigrate "session_migrate" 24 {
        /// Transport in use; not unspecified.
        old_transport_id: TransportId as u32 @ 0,
        /// Transport wanted; not unspecified.
        new_transport_id: TransportId as u32 @ 4,
        /// Last frame whose result arrived.
        last_result_frame_id: u64 as u64 @ 8,
        /// The client's time, microseconds.
        client_migrate_ts_us: u64 as u64 @ 16,
    }
    checks check_transports;
}

impl SessionMigrate {
    /// The part of the migration check that needs no ack (spec 07 §7.3).
    pub fn check_move(&self) -> Result<(), CodecError> {
        if self.old_transport_id == self.new_transport_id {
            return Err(Rule::MigrateSameTransport.into());
        }
        Ok(())
    }
}

fn check_transports(migrate: &SessionMigrate) -> Result<(), CodecError> {
    if migrate.old_transport_id == TransportId::Unspecified {
        return Err(Rule::SessionMigrateOldTransportUnspecified.into());
    }
    if migrate.new_transport_id == TransportId::Unspecified {
        return Err(Rule::SessionMigrateNewTransportUnspecified.into());
    }
    Ok(())
}

fixed_structure! {
    /// Metadata of `SESSION_MIGRATE_ACK`.
    SessionMigrateAck "session_migrate_ack" 24 {
        /// 0 = accepted, anything else = refused.
        accept_code: u32 as u32 @ 0,
        /// First frame to replay.
        resume_from_frame_id: u64 as u64 @ 4,
        /// Time the old path stays usable, milliseconds.
        grace_window_ms: u32 as u32 @ 12,
        /// The server's time, microseconds.
        server_migrate_ts_us: u64 as u64 @ 16,
    }
}

impl SessionMigrateAck {
    /// The check both sides run on a request and its ack (spec 07 §7.3).
    pub fn check_against(&self, request: &SessionMigrate) -> Result<(), CodecError> {
        request.check_move()?;
        if self.resume_from_frame_id < request.last_result_frame_id {
            return Err(Rule::MigrateCursorRegressed.into());
        }
        Ok(())
    }
}
