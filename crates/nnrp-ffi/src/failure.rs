//! Why a call failed, before its caller is told.

use crate::handle::NnrpHandle;
use crate::layout::NnrpError;
use crate::status::*;

/// A failed call before it is written to the caller's [`NnrpError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Failure {
    pub(crate) status: NnrpStatus,
    /// Error code of the wire.
    pub(crate) protocol_code: u32,
    /// Meaning depends on the status.
    pub(crate) detail: u32,
    pub(crate) connection: NnrpHandle,
    pub(crate) session: NnrpHandle,
    /// Id on the wire.
    pub(crate) session_id: u32,
    pub(crate) frame_id: u32,
}

impl Failure {
    pub(crate) fn new(status: NnrpStatus) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// A value outside its range; parameters count from 1.
    pub(crate) fn argument(parameter: u32) -> Self {
        Self {
            detail: parameter,
            ..Self::new(NNRP_STATUS_INVALID_ARGUMENT)
        }
    }

    /// A required pointer that is NULL; parameters count from 1.
    pub(crate) fn null(parameter: u32) -> Self {
        Self {
            detail: parameter,
            ..Self::new(NNRP_STATUS_NULL_POINTER)
        }
    }

    /// A handle that names nothing of the wanted kind.
    pub(crate) fn handle() -> Self {
        Self::new(NNRP_STATUS_INVALID_HANDLE)
    }

    /// Memory of the caller that should have been `needed` bytes.
    pub(crate) fn too_small(needed: usize) -> Self {
        let detail = u32::try_from(needed).unwrap_or(u32::MAX);
        Self {
            detail,
            ..Self::new(NNRP_STATUS_BUFFER_TOO_SMALL)
        }
    }

    /// As the caller sees it.
    pub(crate) fn diagnosis(&self) -> NnrpError {
        NnrpError {
            status: self.status,
            family: family_of(self.status),
            protocol_code: self.protocol_code,
            detail: self.detail,
            connection: self.connection,
            session: self.session,
            operation_id: u64::from(self.frame_id),
            session_id: self.session_id,
            frame_id: self.frame_id,
            ..NnrpError::default()
        }
    }
}
