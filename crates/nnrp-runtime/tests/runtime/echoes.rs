//! A server whose application answers every submit at once with its own body.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use nnrp_runtime::{Answer, ConnectionHandle, Event, EventSink, ListenerEnd, ListenerSink};

/// Answers what arrives on one connection.
struct Echo(ConnectionHandle);

impl EventSink for Echo {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        for event in events.drain(..) {
            if let Event::Submit {
                session,
                header,
                body,
                ..
            } = event
            {
                let answer = Answer {
                    frame_id: header.frame_id,
                    body,
                    ..Answer::default()
                };
                // A session that leaves meanwhile asks again elsewhere.
                let _sent = self.0.send_results(session, [answer]);
            }
        }
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// The sink of a listener all of whose connections echo.
pub(crate) struct Echoes;

impl ListenerSink for Echoes {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        Arc::new(Echo(connection.clone()))
    }

    fn closed(&self, _: ListenerEnd) {}
}
