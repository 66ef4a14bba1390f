//! What the application of the server does and sees: each session that it admits ends once.

use bytes::Bytes;
use nnrp_core::code::{ResultClass, SessionErrorCode};
use nnrp_core::connection::FrameContext;
use nnrp_core::connection::server::ServerEvent;
use nnrp_core::directory::Admission;
use nnrp_core::message::cache::CacheInvalidate;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::migrate::SessionMigrateAck;
use nnrp_core::message::patch::SessionPatchAck;
use nnrp_core::message::result::ResultPush;

use super::Pair;

impl Pair {
    pub(super) fn take_server_event(&mut self) -> bool {
        let event = self.server.poll_event();
        match &event {
            Some(ServerEvent::OpenRequested { ticket, .. }) => self.asked = Some(*ticket),
            Some(ServerEvent::SessionEnded { session_id, .. }) => {
                assert!(self.admitted.remove(session_id), "a session ends once");
            }
            _ => {}
        }
        event.is_some()
    }

    pub(super) fn decide(&mut self, session: u32, choice: u32) {
        let Some(ticket) = self.asked else { return };
        if choice.is_multiple_of(8) {
            let code = SessionErrorCode::AUTH_FAILED;
            let _ = self.server.refuse(self.now, ticket, code);
        } else {
            let admission = Admission::unshared(session);
            if self.server.admit(self.now, ticket, admission).is_ok() {
                self.admitted.insert(session);
            }
        }
    }

    pub(super) fn answer(&mut self, session: u32, choice: u32) {
        let frame = choice >> 2;
        if choice & 3 == 3 {
            let _ = self.server.push_drop(self.now, session, frame);
            return;
        }
        let result = ResultPush {
            result_class: [ResultClass::Complete, ResultClass::Partial][(choice & 1) as usize],
            ..ResultPush::default()
        };
        let context = FrameContext::default();
        let body = Bytes::from_static(&[0; 700]);
        let _ = self
            .server
            .push_result(self.now, session, frame, context, &result, body);
    }

    pub(super) fn answer_request(&mut self, session: u32) {
        let now = self.now;
        let _ = self
            .server
            .answer_patch(now, session, &SessionPatchAck::default());
        let _ = self
            .server
            .answer_migrate(now, session, &SessionMigrateAck::default());
        let _ = self.server.answer_close(now, session);
        let _ = self
            .server
            .invalidate_objects(session, &CacheInvalidate::default());
        let _ = self
            .server
            .send_flow_update(session, &FlowUpdate::default());
    }
}
