//! What the application of the client does and sees: each open and each frame has one answer.

use std::collections::BTreeSet;

use bytes::Bytes;
use nnrp_core::code::{PROFILE_TOKEN, SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION, TransportId};
use nnrp_core::connection::FrameContext;
use nnrp_core::connection::client::ClientEvent;
use nnrp_core::message::cache::CacheInvalidate;
use nnrp_core::message::migrate::SessionMigrate;
use nnrp_core::message::patch::SessionPatch;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;

use super::Pair;
use super::inputs::put;

impl Pair {
    pub(super) fn open(&mut self, requested_session_id: u32) {
        let open = SessionOpen {
            requested_session_id,
            profile_id: PROFILE_TOKEN,
            schema_id: SCHEMA_TOKEN_DELTA,
            schema_version: SCHEMA_TOKEN_DELTA_VERSION,
            ..SessionOpen::default()
        };
        if let Ok(ticket) = self.client.open_session(self.now, &open, Bytes::new()) {
            assert!(self.opens.insert(ticket), "tickets are unique");
        }
    }

    /// Submits in a session of which the application has been told.
    pub(super) fn submit(&mut self, session: u32, body: Bytes) {
        let Some(waiting) = self.waiting.get_mut(&session) else {
            return;
        };
        let context = FrameContext::default();
        let submitted = self
            .client
            .submit(session, &FrameSubmit::default(), context, body);
        if let Ok(frame) = submitted {
            assert!(waiting.insert(frame), "frame ids are unique");
        }
    }

    pub(super) fn request(&mut self, session: u32, choice: u32) {
        let _ = match choice % 8 {
            0 => self.client.close_session(self.now, session),
            1 => {
                let patch = SessionPatch::default();
                self.client
                    .patch_session(self.now, session, &patch, Bytes::new())
            }
            2 => {
                let migrate = SessionMigrate {
                    old_transport_id: TransportId::Tcp,
                    new_transport_id: TransportId::Quic,
                    ..SessionMigrate::default()
                };
                self.client.migrate_session(self.now, session, &migrate)
            }
            3 => self.client.ping(self.now),
            4 => self
                .client
                .probe(self.now, choice, Bytes::from_static(b"padding")),
            5 => {
                let object = Bytes::from(vec![0; choice as usize * 40]);
                self.client
                    .put_object(self.now, session, &put(choice), object)
            }
            6 => {
                let everything = CacheInvalidate::default();
                self.client.invalidate_objects(session, &everything)
            }
            _ => self.client.cancel(session, choice),
        };
    }

    pub(super) fn take_client_event(&mut self) -> bool {
        let event = self.client.poll_event();
        if let Some(event) = &event {
            self.see(event);
        }
        event.is_some()
    }

    fn see(&mut self, event: &ClientEvent) {
        match event {
            ClientEvent::SessionOpened {
                ticket, session_id, ..
            } => {
                assert!(self.opens.remove(ticket), "an open is answered once");
                let fresh = self.waiting.insert(*session_id, BTreeSet::new());
                assert!(fresh.is_none(), "a session is opened once");
            }
            ClientEvent::OpenRefused { ticket, .. } | ClientEvent::OpenFailed { ticket, .. } => {
                assert!(self.opens.remove(ticket), "an open is answered once");
            }
            ClientEvent::Result {
                session_id,
                frame_id,
                metadata,
                ..
            } => {
                self.answered(*session_id, *frame_id, metadata.is_terminal());
            }
            ClientEvent::ResultDropped {
                session_id,
                frame_id,
                ..
            } => {
                self.answered(*session_id, *frame_id, true);
            }
            ClientEvent::SessionEnded { session_id, .. } => {
                assert!(
                    self.waiting.remove(session_id).is_some(),
                    "a session ends once"
                );
            }
            _ => {}
        }
    }

    fn answered(&mut self, session: u32, frame: u32, terminal: bool) {
        let waiting = self.waiting.get_mut(&session).expect("the session is open");
        // An answer to a frame that was never submitted is delivered as well: the application is
        // the one to say that the server errs.
        assert!(
            waiting.contains(&frame) || self.damaged,
            "only a waiting frame is answered"
        );
        if terminal {
            waiting.remove(&frame);
        }
    }
}
